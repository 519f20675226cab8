"""The tasks that look at raters, not at instances: an answer that plainly fits, one's own task again, a plain defect.

They suit opinions: none of them asks whether a rater holds what others hold.
"""

from collections.abc import Sequence

from annotation.sample.material import Material, Planned
from annotation.slots import Group
from annotation.tasks import item, person
from schemas.annotation import Assignment, TaskKind
from schemas.identity import digest, uniform
from schemas.questions import Question

FEWEST_REPEATED = 4
"""Tasks of a slot below which none comes again: it would be remembered."""


def comprehension_tasks(
    material: Material, group: Group, count: int, slot: str, known: Sequence[Assignment] = ()
) -> list[Planned]:
    """Return up to `count` tasks from the language's and the country's comprehension items, drawn by hash.

    Those `known`, given before, stay; of items that are gone none is left.
    """
    items = sorted(
        material.comprehension.get(group, ()), key=lambda one: digest("annotation-comprehension", slot, one.id)
    )
    tasks = [Planned(*person.comprehension_task(one, slot)) for one in items]
    before = {one.right for one in known}
    stay = [one for one in tasks if one.assignment.right in before]
    fresh = [one for one in tasks if one.assignment.right not in before]
    return stay + fresh[: max(0, count - len(stay))]


def repeats(
    material: Material, rated: Sequence[Assignment], share: float, known: Sequence[Assignment] = ()
) -> list[Planned]:
    """Return some of one slot's tasks again, A and B swapped, half the slot later.

    About `share` of them, at least one; none where the slot has fewer than `FEWEST_REPEATED`. Drawn by hash from the
    first half, task by task. What was repeated before (`known`) is repeated still.
    """
    before = {_subject(one) for one in known}
    stay = [one for one in rated if _subject(one) in before]
    early = sorted((one for one in rated if one.place < 1 / 2), key=lambda one: digest("annotation-repeat", one.uid))
    fresh = [one for one in early if _subject(one) not in before]
    if share == 0 or len(rated) < FEWEST_REPEATED:
        return [_again(material, one) for one in stay]
    drawn = [one for one in fresh if uniform("annotation-repeated", one.uid) < 2 * share]
    if not drawn and not stay:
        drawn = fresh[:1]
    return [_again(material, one) for one in (*stay, *drawn)]


def violation_tasks(
    material: Material,
    group: Group,
    rated: Sequence[Assignment],
    count: int,
    slot: str,
    known: Sequence[Assignment] = (),
) -> list[Planned]:
    """Return up to `count` item tasks in which one answer is another question's, those `known` first.

    Both questions are among those that the slot does not see otherwise, on other dimensions and other topics; there are
    fewer tasks, or none, where the group has not enough such questions.
    """
    owner = {answer.id: (one, answer) for one in material.questions.values() for answer in one.answers}
    pairs = [
        (material.questions[str(one.question_id)], owner[str(one.right)][1])
        for one in known
        if one.question_id in material.questions and one.right in owner
    ]
    seen = {str(one.question_id) for one in rated}
    seen |= {question.id for question, _ in pairs} | {owner[foreign.id][0].id for _, foreign in pairs}
    free = [one for one in _questions_of(material, group) if one.id not in seen]
    free.sort(key=lambda one: digest("annotation-violation", slot, one.id))
    while free and len(pairs) < count:
        question = free.pop(0)
        donor = next((one for one in free if _apart(one, question)), None)
        if donor is not None:
            free.remove(donor)
            pairs.append((question, donor.answers[0]))
    return [
        Planned(*item.violation_task(question, foreign, material.aspects[question.id], slot))
        for question, foreign in pairs
    ]


def _subject(task: Assignment) -> str | None:
    return task.instance_id or task.question_id


def _apart(one: Question, other: Question) -> bool:
    return not set(one.dimensions) & set(other.dimensions) and one.topic != other.topic


def _again(material: Material, first: Assignment) -> Planned:
    question = material.questions[str(first.question_id)]
    if first.task is TaskKind.ITEM:
        return Planned(*item.repeated(first, question, material.aspects[question.id]))
    instance = material.instances[str(first.instance_id)]
    return Planned(*person.repeated(first, instance, question, material.profiles[instance.id]))


def _questions_of(material: Material, group: Group) -> list[Question]:
    names = {
        one.question_id
        for one in material.instances.values()
        if one.country == group.country and one.language == group.language
    }
    return [material.questions[name] for name in sorted(names)]
