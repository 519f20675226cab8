"""Differences that may stay: with a reason, kept in the journal, as long as they are what they were."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from annotation.sync.kept import Identity
from annotation.sync.told import MEANINGS, MENDED_BY_COMMAND
from mvpbench.store.journal import Journal
from schemas.errors import ConfigError
from schemas.identity import content_id
from schemas.reconcile import Difference, Finding

ACCEPTED = "accepted-difference"
"""Kind of journal write: a difference that may stay; keys are `<name>/<n>` (`name_of`), n counting its reasons,
payloads why; the latest reason stands. Of earlier formats, which knew one reason each, the keys are names alone."""


@dataclass(frozen=True)
class Acceptance:
    """That differences of some kinds, as they are now, may stay."""

    kinds: Collection[Difference]
    why: str

    def __post_init__(self) -> None:
        """Raise ConfigError `kind-missing`, `reason-missing` or `not-acceptable`."""
        if not self.kinds:
            raise ConfigError("kind-missing", "--why", expected="what may stay", way_out="name it, with --accept KIND")
        if not self.why.strip():
            raise ConfigError(
                "reason-missing",
                "--accept",
                found=f"--why {self.why!r}",
                expected="why it may stay: it is told beside it",
                way_out='say it, such as --accept answer-gone --why "R03 deleted a test"',
            )
        if mended := sorted(kind.value for kind in MENDED_BY_COMMAND & set(self.kinds)):
            raise ConfigError(
                "not-acceptable",
                f"--accept {mended[0]}",
                found="a difference that a command mends",
                way_out=MEANINGS[Difference(mended[0])].to_do,
            )


def accept(journal: Journal, found: Sequence[Finding], acceptance: Acceptance) -> list[str]:
    """Write down why findings may stay, and return a line for each kind of which there is none.

    Of a kind the reason is that of those that have none yet; where each has one, it replaces them.
    """
    why, lines, before = " ".join(acceptance.why.split()), [], _reasons(journal)
    with journal.batch():
        for kind in sorted(set(acceptance.kinds)):
            names = {name_of(one) for one in found if one.difference is kind}
            if not names:
                lines.append(f"{kind.value}: nothing was accepted, as no difference of this kind is left")
            for name in sorted(names - before.keys() or names):
                if before.get(name) != why:
                    key = f"{name}/{len(journal.writes(ACCEPTED, name)) + 1}"
                    journal.begin_write(ACCEPTED, key, why)
                    journal.finish_write(ACCEPTED, key, "")
    return lines


def with_reasons(journal: Journal, found: Iterable[Finding]) -> list[Finding]:
    """Return the findings, those that may stay with the reason, the latest given."""
    known = _reasons(journal)
    return [one.model_copy(update={"accepted": known.get(name_of(one))}) for one in found]


def accepted_names(journal: Journal) -> frozenset[str]:
    """Return the names of all differences that may stay."""
    return frozenset(_reasons(journal))


def earlier_version(project: str, identity: Identity, says: datetime, pulled: datetime) -> Finding:
    """Return the difference of an answer in a project (its key) of which the server says an earlier version."""
    uid, number, _ = identity
    return Finding(
        difference=Difference.ANSWER_EARLIER,
        project=project,
        subject=f"annotation {number}",
        detail=uid,
        state=f"{says.isoformat()} {pulled.isoformat()}",
    )


def _reasons(journal: Journal) -> dict[str, str]:
    """Return the latest reason of each difference that was ever accepted, by its name."""
    return {one.key.partition("/")[0]: one.payload for one in journal.writes(ACCEPTED)}


def name_of(one: Finding) -> str:
    """Return the name of a difference as it is now."""
    return content_id("difference", one.difference.value, one.project, one.subject, one.state)
