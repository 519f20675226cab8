"""What is looked at: tables, journal and packs as they are at one moment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from annotation.slots import Group
from schemas.agreement import AgreementReport, Estimate
from schemas.annotation import (
    Annotation,
    AnnotatorKind,
    Assignment,
    CheckAnnotation,
    Declaration,
    ItemAnnotation,
    Placement,
)
from schemas.country import PayFloor
from schemas.progress import RaterFlag
from schemas.questions import Dropped
from schemas.study import ReleaseSection

Answer = Annotation | ItemAnnotation | CheckAnnotation


class Agreed(NamedTuple):
    """Agreement once it may be told."""

    report: AgreementReport
    with_expected: Mapping[str | None, Estimate]
    """Country -> share of ratings that name the expected answer; None for all of them."""
    units: int
    """Instances with two ratings or more, which is what the gate counts."""


@dataclass(frozen=True)
class Seen:
    """All that progress is measured from."""

    study: str
    assigned: Sequence[Assignment]
    declarations: Sequence[Declaration]
    agree: Callable[[], Agreed]
    """Not called before the declared sample is in."""
    pulled: bool = True
    annotations: Sequence[Annotation] = ()
    items: Sequence[ItemAnnotation] = ()
    checks: Sequence[CheckAnnotation] = ()
    dropped: Sequence[Dropped] = ()
    """Answers that did not become rows."""
    deleted: int = 0
    """Answers deleted on the server, and counted."""
    has_list: bool = False
    """Whether the study has a list of raters."""
    placements: Mapping[str, Placement] = field(default_factory=dict)
    """By slot; those with a rater."""
    addressed_in: Mapping[Group, str] = field(default_factory=dict)
    """Where raters are addressed in another language than that of the texts."""
    floors: Mapping[str, PayFloor] = field(default_factory=dict)
    """By country."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Question -> its text."""
    flags: Mapping[str, Sequence[RaterFlag]] | None = None
    """Annotator -> what a table of the raters' quality says; None where there is none: then it is seen to here."""
    gate: ReleaseSection = field(default_factory=ReleaseSection)

    @property
    def rows(self) -> tuple[Answer, ...]:
        """Every valid answer."""
        return (*self.annotations, *self.items, *self.checks)


class Counted(NamedTuple):
    """The answers that count: people's, where any person answered anything; else all, for dry runs."""

    annotations: tuple[Annotation, ...]
    items: tuple[ItemAnnotation, ...]
    checks: tuple[CheckAnnotation, ...]
    kinds: tuple[AnnotatorKind, ...]

    @property
    def rows(self) -> tuple[Answer, ...]:
        """All of them."""
        return (*self.annotations, *self.items, *self.checks)


def counted(seen: Seen) -> Counted:
    """Return the answers that count.

    Stricter than agreement, which looks at the person task alone: else simulated answers in some slots could complete a
    sample of which people answered a part, and show the agreement of that part.
    """
    kinds = {one.annotator_kind for one in seen.rows}
    chosen = {AnnotatorKind.HUMAN} if AnnotatorKind.HUMAN in kinds else kinds
    return Counted(
        tuple(one for one in seen.annotations if one.annotator_kind in chosen),
        tuple(one for one in seen.items if one.annotator_kind in chosen),
        tuple(one for one in seen.checks if one.annotator_kind in chosen),
        tuple(sorted(chosen)),
    )
