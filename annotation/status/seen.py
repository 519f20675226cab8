"""What is looked at: tables, journal and packs as they are at one moment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from annotation.declare import kinds_that_count
from annotation.slots import Group
from schemas.agreement import AgreementReport
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
from schemas.labels import Adjudication, AdjudicationTask, ItemLabel
from schemas.quality import RaterQuality
from schemas.questions import Dropped
from schemas.study import ReleaseSection

Answer = Annotation | ItemAnnotation | CheckAnnotation


@dataclass(frozen=True)
class Seen:
    """All that progress is measured from."""

    study: str
    assigned: Sequence[Assignment]
    declarations: Sequence[Declaration]
    agree: Callable[[], AgreementReport]
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
    texts: Mapping[str, str] = field(default_factory=dict)
    """Question -> its text."""
    quality: Sequence[RaterQuality] = ()
    """Of every account and slot; empty before the first pull."""
    item_labels: Sequence[ItemLabel] = ()
    asked: Sequence[AdjudicationTask] = ()
    """Every question that was ever put to an adjudicator."""
    adjudications: Sequence[Adjudication] = ()
    floors: Mapping[str | None, PayFloor | None] = field(default_factory=dict)
    """Country -> the least pay, of adjudicators; raters' rows have theirs."""
    gate: ReleaseSection = field(default_factory=ReleaseSection)

    @property
    def rows(self) -> tuple[Answer, ...]:
        """Every valid answer."""
        return (*self.annotations, *self.items, *self.checks)

    @property
    def waived(self) -> frozenset[str]:
        """Uids for whose answers nobody waits."""
        return frozenset(self.declarations[-1].waived if self.declarations else ())


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
    """Return the answers that count."""
    chosen = kinds_that_count(seen.rows)
    return Counted(
        tuple(one for one in seen.annotations if one.annotator_kind in chosen),
        tuple(one for one in seen.items if one.annotator_kind in chosen),
        tuple(one for one in seen.checks if one.annotator_kind in chosen),
        tuple(sorted(chosen)),
    )
