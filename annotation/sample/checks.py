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


def comprehension_tasks(material: Material, group: Group, count: int, slot: str) -> list[Planned]:
    """Return up to `count` tasks from the language's and the country's comprehension items, drawn by hash."""
    items = sorted(
        material.comprehension.get(group, ()), key=lambda one: digest("annotation-comprehension", slot, one.id)
    )
    return [Planned(*person.comprehension_task(one, slot)) for one in items[:count]]


def repeats(material: Material, rated: Sequence[Assignment], share: float) -> list[Planned]:
    """Return some of one slot's tasks again, A and B swapped, half the slot later.

    About `share` of them, at least one; none where the slot has fewer than `FEWEST_REPEATED`. Drawn by hash from the
    first half, task by task, so that a larger sample repeats what a smaller one did.
    """
    early = sorted((one for one in rated if one.place < 1 / 2), key=lambda one: digest("annotation-repeat", one.uid))
    if share == 0 or len(rated) < FEWEST_REPEATED or not early:
        return []
    drawn = [one for one in early if uniform("annotation-repeated", one.uid) < 2 * share]
    return [_again(material, one) for one in drawn or early[:1]]


def violation_tasks(
    material: Material, group: Group, rated: Sequence[Assignment], count: int, slot: str
) -> list[Planned]:
    """Return up to `count` item tasks in which one answer is another question's.

    Of questions that the slot does not see otherwise, where the group has any; the foreign answer is of a question on
    other dimensions, by another writer's topic. None where no two such questions are there.
    """
    seen = {one.question_id for one in rated}
    there = _questions_of(material, group)
    unseen = [one for one in there if one.id not in seen] or there
    ranked = sorted(unseen, key=lambda one: digest("annotation-violation", slot, one.id))
    found: list[Planned] = []
    for question in ranked:
        if len(found) >= count:
            break
        others = [one for one in there if not set(one.dimensions) & set(question.dimensions)]
        others = [one for one in others if one.topic != question.topic]
        if others:
            donor = min(others, key=lambda one: digest("annotation-foreign", slot, question.id, one.id))
            aspect = material.aspects[question.id]
            found.append(Planned(*item.violation_task(question, donor.answers[0], aspect, slot)))
    return found


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
