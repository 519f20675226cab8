"""What was given to raters before, written down before the first of it is sent: pairs as sampled, checks as drawn.

A push may be killed anywhere, texts and instances may change, pairs may go: whoever was to see one member of a pair
must never be given the other. So a pair's sampling, with its question and whether it is deep, is settled for good
before any of its tasks leaves, and a question that once served a pair serves no other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from annotation.sample.declared import Sampled
from mvpbench.store.journal import Journal
from schemas.annotation import Assignment, Purpose
from schemas.record import Record

SAMPLED = "sampled"
"""Kind of journal write: a pair in the sample; keys are pair ids, payloads `SampledPair` records."""
CHECK = "check"
"""Kind of journal write: a task that looks at a rater; keys are uids, payloads `Assignment` records."""


class SampledPair(Record):
    """A pair that was put into the sample."""

    pair_id: str
    question_id: str
    deep: bool


@dataclass(frozen=True)
class Given:
    """What was settled before."""

    pairs: Mapping[str, SampledPair] = field(default_factory=dict)
    checks: Mapping[str, Sequence[Assignment]] = field(default_factory=dict)
    """Slot -> its checks."""

    def of(self, slot: str, purpose: Purpose) -> list[Assignment]:
        """Return the slot's checks of one purpose."""
        return [one for one in self.checks.get(slot, ()) if one.purpose is purpose]


def read_given(journal: Journal) -> Given:
    """Return what earlier pushes settled."""
    checks: dict[str, list[Assignment]] = {}
    for record in journal.writes(CHECK):
        one = Assignment.model_validate_json(record.payload)
        checks.setdefault(one.slot, []).append(one)
    pairs = [SampledPair.model_validate_json(record.payload) for record in journal.writes(SAMPLED)]
    return Given({one.pair_id: one for one in pairs}, checks)


def write_given(journal: Journal, sampled: Iterable[Sampled], assigned: Iterable[Assignment]) -> None:
    """Write down, in one transaction, what a plan adds to what was settled before."""
    with journal.batch():
        for pair, deep in sampled:
            one = SampledPair(pair_id=str(pair[0].pair_id), question_id=pair[0].question_id, deep=deep)
            _once(journal, SAMPLED, one.pair_id, one)
        for task in assigned:
            if task.purpose is not Purpose.RATED:
                _once(journal, CHECK, task.uid, task)


def given_text(journal: Journal) -> str:
    """Return all of it as one text, for fingerprints: the plan depends on it."""
    return "\n".join(sorted(one.payload for kind in (SAMPLED, CHECK) for one in journal.writes(kind)))


def _once(journal: Journal, kind: str, key: str, record: Record) -> None:
    journal.begin_write(kind, key, record.model_dump_json())
    journal.finish_write(kind, key, "")
