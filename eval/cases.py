"""Cases, the rows of a release as a model meets them, and the complete pairs they form."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.annotation import AnnotatorKind
from schemas.errors import Defect
from schemas.identity import digest
from schemas.labels import RULED_OUT, LabelStatus, Ruling
from schemas.questions import Answer, Instance, Question, Scope
from schemas.survey import Respondent
from schemas.values import Split, ValueProfile


@dataclass(frozen=True)
class Case:
    """One instance with its texts, the person it is put to, and what raters said of it."""

    instance: Instance
    question: Question
    profile: ValueProfile
    respondent: Respondent
    label: LabelStatus
    label_kinds: tuple[AnnotatorKind, ...] = ()
    """The kinds of rater behind the label; empty where nobody rated."""
    ruling: Ruling | None = None
    """What adjudicators decided about the question."""

    @property
    def expected(self) -> Answer:
        """The answer that the survey lets us expect."""
        return next(answer for answer in self.question.answers if answer.id == self.instance.expected)

    @property
    def other(self) -> Answer:
        """The answer expected of the counterpart."""
        return next(answer for answer in self.question.answers if answer.id != self.instance.expected)


Pair = tuple[Case, Case]
"""The two cases of one match, ordered by instance id: a hash, so the place says nothing."""


def complete_pairs(cases: Iterable[Case], split: Split) -> list[Pair]:
    """Return the same-country pairs of `split` with both halves there, in the order of their pair ids.

    Raises:
        Defect: `broken-pair`, where more than two cases share a pair id or their expected answers are not opposite.
    """
    halves: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        instance = case.instance
        if instance.split is split and instance.scope is Scope.COUNTRY and instance.pair_id is not None:
            halves[instance.pair_id].append(case)
    pairs = []
    for pair_id, members in sorted(halves.items()):
        if len(members) == 1:
            continue
        first, second = _two(pair_id, members)
        pairs.append((first, second))
    return pairs


def _two(pair_id: str, members: Sequence[Case]) -> Pair:
    ordered = sorted(members, key=lambda case: case.instance.id)
    if len(ordered) == 2:  # noqa: PLR2004 - a pair
        first, second = ordered
        same_question = first.question.id == second.question.id
        if same_question and first.instance.expected != second.instance.expected:
            return first, second
    raise Defect(
        "broken-pair",
        f"pair {pair_id}",
        found=", ".join(f"{case.instance.id} expects {case.instance.expected}" for case in ordered),
        expected="two instances of one question with opposite expected answers",
    )


def pair_label(pair: Pair) -> LabelStatus | Ruling:
    """Return what people said of a pair: confirmed only where both halves are, contested where either is.

    A half that nobody could tell makes the pair `cannot_tell`; what is left is `unreviewed`, apart from the figure.
    Where the question is to be repaired or dropped it is that ruling, whatever was said of the halves: they were judged
    by a question that is not sound.
    """
    for case in pair:
        if case.ruling in RULED_OUT:
            return case.ruling
    labels = {case.label for case in pair}
    if labels == {LabelStatus.CONFIRMED}:
        return LabelStatus.CONFIRMED
    for status in (LabelStatus.CONTESTED, LabelStatus.CANNOT_TELL):
        if status in labels:
            return status
    return LabelStatus.UNREVIEWED


def drawn(pairs: Sequence[Pair], most: int) -> list[Pair]:
    """Return at most `most` pairs, drawn by a hash of the pair id; those that people reviewed come before the rest.

    A sample of annotated pairs is small, and the primary figure rests on it: a draw blind to labels would waste it. So
    would pairs whose question was ruled out: they come with the rest.
    """

    def turn(pair: Pair) -> tuple[bool, str]:
        counts = pair_label(pair) not in {LabelStatus.UNREVIEWED, *RULED_OUT}
        return not counts, digest("drawn pairs", pair[0].instance.pair_id)

    kept = sorted(pairs, key=turn)[:most]
    return sorted(kept, key=lambda pair: digest("drawn pairs", pair[0].instance.pair_id))
