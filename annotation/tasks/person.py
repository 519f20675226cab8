"""The *person* task: a profile in plain words, a question, two answers; which fits what matters to the person?"""

from annotation.tasks.shown import Shown, drawn_order, made, shown
from schemas.annotation import Assignment, Purpose, TaskKind
from schemas.country import ComprehensionItem
from schemas.identity import content_id
from schemas.questions import Instance, Question


def person_task(instance: Instance, question: Question, profile: str, slot: str) -> tuple[Assignment, Shown]:
    """Return the task that shows the slot's rater an instance, and its texts. `profile` is in plain words."""
    order = drawn_order((question.answers[0].id, question.answers[1].id), instance.id, slot)
    return _task(instance, question, profile, slot, order)


def repeated(first: Assignment, instance: Instance, question: Question, profile: str) -> tuple[Assignment, Shown]:
    """Return the task that shows the same rater the same instance once more, half the slot later, A and B swapped."""
    task, texts = _task(instance, question, profile, first.slot, (first.answer_order[1], first.answer_order[0]))
    return task.model_copy(update={"purpose": Purpose.REPEAT, "place": first.place + 0.5}), texts


def comprehension_task(item: ComprehensionItem, slot: str) -> tuple[Assignment, Shown]:
    """Return the task that shows the slot's rater a made-up person whom one answer plainly fits."""
    subject = f"comprehension {item.id}"
    by_id = {content_id("a", text): text for text in item.answers}
    first, second = by_id
    order = drawn_order((first, second), subject, slot)
    texts = shown(item.question, (by_id[order[0]], by_id[order[1]]), profile=item.person)
    right = first if item.right == "first" else second
    return made(TaskKind.PERSON, subject, slot, order, texts, purpose=Purpose.COMPREHENSION, right=right)


def _task(
    instance: Instance, question: Question, profile: str, slot: str, order: tuple[str, str]
) -> tuple[Assignment, Shown]:
    by_id = {answer.id: answer.text for answer in question.answers}
    texts = shown(question.text, (by_id[order[0]], by_id[order[1]]), profile=profile)
    return made(TaskKind.PERSON, instance.id, slot, order, texts, instance_id=instance.id, question_id=question.id)
