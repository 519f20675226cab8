"""The *person* task: a profile in plain words, a question, two answers; which fits what matters to the person?"""

from annotation.slots import place_of
from annotation.tasks.shown import Shown, drawn_order, place_in_slot, shown, shown_sha256, task_uid
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
    by_id = {content_id("a", text): text for text in item.answers}
    first, second = by_id
    order = drawn_order((first, second), f"comprehension {item.id}", slot)
    texts = shown(item.question, (by_id[order[0]], by_id[order[1]]), profile=item.person)
    sha256 = shown_sha256(texts)
    uid = task_uid(f"comprehension {item.id}", slot, sha256)
    group = place_of(slot).group
    return Assignment(
        uid=uid,
        slot=slot,
        task=TaskKind.PERSON,
        purpose=Purpose.COMPREHENSION,
        country=group.country,
        language=group.language,
        instance_id=None,
        question_id=None,
        answer_order=order,
        asked_side=None,
        right=first if item.right == "first" else second,
        place=place_in_slot(uid),
        shown_sha256=sha256,
    ), texts


def _task(
    instance: Instance, question: Question, profile: str, slot: str, order: tuple[str, str]
) -> tuple[Assignment, Shown]:
    by_id = {answer.id: answer.text for answer in question.answers}
    texts = shown(question.text, (by_id[order[0]], by_id[order[1]]), profile=profile)
    sha256 = shown_sha256(texts)
    uid = task_uid(instance.id, slot, sha256)
    group = place_of(slot).group
    return Assignment(
        uid=uid,
        slot=slot,
        task=TaskKind.PERSON,
        purpose=Purpose.RATED,
        country=group.country,
        language=group.language,
        instance_id=instance.id,
        question_id=question.id,
        answer_order=order,
        asked_side=None,
        right=None,
        place=place_in_slot(uid),
        shown_sha256=sha256,
    ), texts
