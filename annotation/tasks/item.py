"""The *item* task: no person; which answer expresses the side asked for, and is anything wrong with the texts?"""

from annotation.tasks.shown import Shown, drawn_order, made, shown
from builder.profiles.plain import asked_side
from schemas.annotation import Assignment, Purpose, TaskKind
from schemas.questions import Answer, Question


def item_task(question: Question, aspect: str, slot: str) -> tuple[Assignment, Shown]:
    """Return the task that shows the slot's rater a question, and its texts. `aspect` is the side in plain words."""
    order = drawn_order((question.answers[0].id, question.answers[1].id), question.id, slot)
    return _task(question, aspect, slot, order, {answer.id: answer.text for answer in question.answers})


def repeated(first: Assignment, question: Question, aspect: str) -> tuple[Assignment, Shown]:
    """Return the task that shows the same rater the same question once more, half the slot later, A and B swapped."""
    order = (first.answer_order[1], first.answer_order[0])
    task, texts = _task(question, aspect, first.slot, order, {answer.id: answer.text for answer in question.answers})
    return task.model_copy(update={"purpose": Purpose.REPEAT, "place": first.place + 0.5}), texts


def violation_task(question: Question, foreign: Answer, aspect: str, slot: str) -> tuple[Assignment, Shown]:
    """Return the task in which the answer that is not asked for was replaced by another question's answer."""
    kept = question.answer_on(asked_side(question))
    order = drawn_order((kept.id, foreign.id), f"violation {question.id}", slot)
    task, texts = _task(question, aspect, slot, order, {kept.id: kept.text, foreign.id: foreign.text})
    return task.model_copy(update={"purpose": Purpose.VIOLATION, "right": foreign.id}), texts


def _task(
    question: Question, aspect: str, slot: str, order: tuple[str, str], by_id: dict[str, str]
) -> tuple[Assignment, Shown]:
    texts = shown(question.text, (by_id[order[0]], by_id[order[1]]), aspect=aspect)
    return made(
        TaskKind.ITEM, question.id, slot, order, texts, question_id=question.id, asked_side=asked_side(question)
    )
