"""RaterQuality: what the work of one rater in one slot looks like. It flags, and takes nothing out."""

from enum import StrEnum

from pydantic import Field

from schemas.agreement import Estimate
from schemas.annotation import AnnotatorKind, TaskKind
from schemas.record import Record


class QualityFlag(StrEnum):
    """A reason to look at a rater's work; labels and agreement use every first-pass vote all the same."""

    COMPREHENSION = "comprehension"
    """Surely names the answer that plainly fits too rarely."""
    INCONSISTENT = "inconsistent"
    """Surely says too rarely the same of the same task with A and B swapped."""
    VIOLATIONS = "violations"
    """Surely finds planted defects too rarely."""
    TOO_FAST = "too_fast"
    """Too many tasks are surely answered faster than their texts can be read."""
    STRAIGHT_LINING = "straight_lining"
    """Says the same position more often, or longer in a row, than chance allows."""


class Checked(Record):
    """How often a check was passed."""

    passed: int
    asked: int
    share: Estimate
    """With its exact interval; undefined where too few were asked."""


class Speed(Record):
    """How long tasks took; repeats, which were read before, not among them."""

    timed: int
    """Tasks whose time and whose texts are known."""
    median_s: float | None
    too_fast: int
    """Answered in less time than reading takes."""
    share: Estimate
    """Of the timed tasks, with its exact interval; undefined where too few."""


class Positions(Record):
    """Which of the positions A and B, whose order is drawn for every task, was named, in the order of answers."""

    named: int
    """Votes of the declared sample for one of the two answers."""
    first: int
    """Votes for A."""
    longest_run: int
    p_share: float | None
    """Of the share of A, two-sided, exact; None where nothing was named."""
    p_run: float | None
    """Of the longest run, exact."""
    p: float | None
    """The smaller of both, after Holm over both tests of all raters of the study."""


class Pay(Record):
    """What the work is worth at least."""

    hours: float = Field(ge=0)
    """Of all tasks, those that look at the rater among them; of each at most ten minutes count."""
    capped: int
    """Tasks that took longer."""
    untimed: int
    """Tasks whose time the server does not know: they count for nothing here, and are to be paid."""
    currency: str | None
    floor: float | None
    """For an hour, by the country's pack."""
    as_of: str | None
    source: str
    least: float | None
    """Hours times floor."""
    undefined: str | None
    """Why there is no floor."""


class RaterQuality(Record):
    """One annotator's work in one slot."""

    annotator: str
    annotator_kind: AnnotatorKind
    slot: str
    country: str | None
    language: str
    task: TaskKind
    rated: int
    """Answers in the declared sample."""
    checks: int
    """Answers to tasks that look at the rater."""
    comprehension: Checked
    repeats: Checked
    violations: Checked
    speed: Speed
    positions: Positions
    agreement: Estimate
    """Share of others' votes on the same unit in the same country that say the same, averaged over `shared` units. No
    interval, and no reason for anything by itself: who disagrees may be right."""
    shared: int
    """Units that others rated too."""
    pay: Pay
    flags: tuple[QualityFlag, ...]
    """In the order of `QualityFlag`."""
