"""Made-up annotations and adjudications."""

from collections.abc import Sequence

from mvpbench.store.study import Study
from mvpbench.store.tables import write_table
from schemas.annotation import Annotation, AnnotatorKind, Assignment, CheckAnnotation, ItemAnnotation, ItemDefect
from schemas.labels import Adjudication, Ruling, RulingReason
from schemas.questions import Instance, Question


def made_annotation(instance: Instance, slot: int, vote: str, kind: AnnotatorKind = AnnotatorKind.HUMAN) -> Annotation:
    return Annotation(
        id=f"v-{instance.id}-{slot}-{kind}",
        instance_id=instance.id,
        uid=f"t-{instance.id}-{slot}",
        slot=f"KE-en-person-{slot}",
        annotator=f"n-{slot}-{kind}",
        annotator_kind=kind,
        vote=vote,
        created_at="2026-01-01T00:00:00+00:00",
        updated_at="2026-01-01T00:00:00+00:00",
        source_id=1,
    )


def made_item_annotation(
    question: Question,
    slot: int,
    said: str = "asked",
    *,
    defects: tuple[ItemDefect, ...] = (),
    country: str | None = "KE",
    kind: AnnotatorKind = AnnotatorKind.HUMAN,
    comment: str | None = None,
) -> ItemAnnotation:
    """`said` is a side; the side asked for is care:high."""
    by_side = {"asked": question.answer_on("care:high").id, "other": question.answer_on("care:low").id}
    return ItemAnnotation(
        id=f"v-{question.id}-{country}-{slot}-{kind}",
        question_id=question.id,
        uid=f"t-{question.id}-{country}-{slot}",
        slot=f"{country or 'ZZ'}-en-item-{slot}",
        country=country,
        annotator=f"n-{country}-{slot}-{kind}",
        annotator_kind=kind,
        asked_side="care:high",
        vote=by_side.get(said, said),
        defects=defects,
        comment=comment,
        created_at="2026-01-01T00:00:00+00:00",
        updated_at="2026-01-01T00:00:00+00:00",
        source_id=1,
    )


def made_adjudication(
    question: Question, number: int, ruling: Ruling, kind: AnnotatorKind = AnnotatorKind.HUMAN
) -> Adjudication:
    return Adjudication(
        id=f"d-{question.id}-{number}",
        question_id=question.id,
        country="KE",
        uid=f"j-{question.id}",
        slot="KE-en-adjudication-1",
        doubts=(),
        shown_sha256="0" * 64,
        annotator=f"n-judge-{number}",
        annotator_kind=kind,
        ruling=ruling,
        reason=RulingReason.LEAK,
        created_at="2026-01-01T00:00:00+00:00",
        updated_at="2026-01-01T00:00:00+00:00",
        source_id=1,
    )


def write_annotated(
    study: Study,
    annotations: Sequence[Annotation] = (),
    items: Sequence[ItemAnnotation] = (),
    checks: Sequence[CheckAnnotation] = (),
    assigned: Sequence[Assignment] = (),
) -> None:
    """Put in the tables of a push and a pull."""
    write_table(study.tables, "assignments", Assignment, assigned)
    write_table(study.tables, "annotations", Annotation, annotations)
    write_table(study.tables, "item_annotations", ItemAnnotation, items)
    write_table(study.tables, "check_annotations", CheckAnnotation, checks)
