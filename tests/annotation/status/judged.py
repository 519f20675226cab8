"""Made-up adjudication: labels of questions in doubt, what was asked of whom, and what they decided."""

from schemas.annotation import AnnotatorKind, ItemDefect
from schemas.labels import Adjudication, AdjudicationTask, ItemLabel, ItemStatus, Ruling, RulingReason, Side

SLOT = "KE-sw-adjudication-1"


def doubted(number: int, *, marking: int = 1) -> ItemLabel:
    """The label of a question that raters of Kenya were asked in Swahili; in doubt where somebody marked a defect."""
    return ItemLabel(
        question_id=f"q-KE-sw-{number}",
        country="KE",
        asked_side="care:high",
        status=ItemStatus.CLEAR,
        tie=False,
        votes={Side.ASKED: 2},
        ratings=2,
        soft={},
        dawid_skene=None,
        mace=None,
        unmodelled="made up",
        defects={ItemDefect.LEAK: marking} if marking else {},
        marking=marking,
        flagged=(),
        ruling=None,
        kinds=(AnnotatorKind.HUMAN,),
    )


def asked(number: int, slot: str = SLOT) -> AdjudicationTask:
    return AdjudicationTask(
        uid=f"j-{slot}-{number}",
        slot=slot,
        country=slot[:2],
        language="sw",
        question_id=f"q-KE-sw-{number}",
        doubts=(),
        answer_order=("a-1", "a-2"),
        shown={},
        shown_sha256="0" * 64,
    )


def decided(
    number: int,
    lead_time_s: float | None,
    annotator: str = "n-judge",
    slot: str = SLOT,
    kind: AnnotatorKind = AnnotatorKind.HUMAN,
) -> Adjudication:
    task = asked(number, slot)
    return Adjudication(
        id=f"d-{task.uid}-{annotator}",
        question_id=task.question_id,
        country=task.country,
        uid=task.uid,
        slot=slot,
        doubts=(),
        shown_sha256=task.shown_sha256,
        annotator=annotator,
        annotator_kind=kind,
        ruling=Ruling.KEEP,
        reason=RulingReason.SOUND,
        lead_time_s=lead_time_s,
        created_at="2026-11-29T09:00:00+00:00",
        updated_at="2026-11-29T09:00:00+00:00",
        source_id=1,
    )
