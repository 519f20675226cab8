"""Which questions are put to an adjudicator and why, and what they see of them."""

from collections.abc import Sequence

from annotation.slots import Group, adjudication_slot
from annotation.tasks.shown import drawn_order, shown, shown_sha256
from builder.countries.strings import rater_texts
from schemas.annotation import PREFERENCE_CODES, ItemAnnotation
from schemas.identity import content_id, digest
from schemas.labels import AdjudicationTask, AdjudicationTexts, Doubt, ItemLabel, ItemStatus, Side
from schemas.questions import Question

SHOWN_CHARACTERS = 500
"""Of a rater's comment."""


def doubts_of(label: ItemLabel) -> tuple[Doubt, ...]:
    """Return why a question needs an adjudicator, by its label of one country; empty where it does not."""
    found = {
        Doubt.FLAGGED: bool(label.flagged),
        Doubt.UNSETTLED: label.marking > 0 and not label.flagged,
        Doubt.REVERSED: label.status is ItemStatus.REVERSED,
        Doubt.UNCLEAR: label.status is ItemStatus.UNCLEAR,
    }
    return tuple(doubt for doubt, there in found.items() if there)


def adjudication_task(
    question: Question, label: ItemLabel, annotations: Sequence[ItemAnnotation], aspect: str, ask: AdjudicationTexts
) -> AdjudicationTask:
    """Return the task that shows a question with what its raters said.

    Args:
        question: of the label.
        label: of one country.
        annotations: the votes behind the label.
        aspect: the side asked for in plain words.
        ask: the adjudicator's words.
    """
    slot = adjudication_slot(Group(label.country, question.language))
    order = drawn_order((question.answers[0].id, question.answers[1].id), f"adjudication {question.id}", slot)
    by_id = {answer.id: answer.text for answer in question.answers}
    asked = question.answer_on(label.asked_side).id
    letters = {Side.ASKED: "AB"[order.index(asked)], Side.OTHER: "BA"[order.index(asked)]}
    texts = shown(
        question.text,
        (by_id[order[0]], by_id[order[1]]),
        aspect=aspect,
        claim=ask.claim.format(answer=letters[Side.ASKED]),
        said=_said(label, letters, ask),
        comments=_comments(annotations, ask),
    )
    return AdjudicationTask(
        uid=content_id("j", question.id, label.country, slot),
        slot=slot,
        country=label.country,
        language=question.language,
        question_id=question.id,
        doubts=doubts_of(label),
        answer_order=order,
        shown=texts,
        shown_sha256=shown_sha256(texts),
    )


def _said(label: ItemLabel, letters: dict[Side, str], ask: AdjudicationTexts) -> str:
    words = rater_texts(ask.language)
    lines = [ask.raters.format(count=label.ratings)]
    by_code = {letters.get(side, side.value): count for side, count in label.votes.items()}
    lines += [f"{words.preference[code]}: {by_code[code]}" for code in PREFERENCE_CODES if code in by_code]
    lines += [f"{words.item.defects[defect.value]}: {count}" for defect, count in label.defects.items()]
    return "\n".join(lines)


def _comments(annotations: Sequence[ItemAnnotation], ask: AdjudicationTexts) -> str:
    """One line each, so that nobody can write what looks like another's; in an order that says nothing."""
    written = [" ".join(one.comment.split())[:SHOWN_CHARACTERS] for one in annotations if one.comment]
    ordered = sorted((one for one in written if one), key=lambda one: digest("adjudication-comment", one))
    return "\n".join(f"– {one}" for one in ordered) or ask.no_comments
