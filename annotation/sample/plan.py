"""The plan of a study's annotation: every task of every slot, with its texts.

A pair's two instances share their texts and have opposite expected answers, so a rater who saw both would judge the
second by the first. Every person slot therefore gets exactly one member of each pair it works on: with three slots one
member of a pair (drawn by hash) has two raters and the other has one; with 2k, each has k. The item task of the same
questions goes to slots of its own. Everything is drawn by hash of what is shown to whom, so that a task sent once is
planned again as it was.
"""

from collections.abc import Callable, Iterator, Sequence

from annotation.sample.checks import comprehension_tasks, repeats, violation_tasks
from annotation.sample.declared import Pair, Sampled, sample
from annotation.sample.material import Material, Planned
from annotation.slots import Group, group_of, slot_ids
from annotation.tasks.item import item_task
from annotation.tasks.person import person_task
from schemas.annotation import Assignment, TaskKind
from schemas.identity import digest, uniform
from schemas.questions import Dropped, Instance
from schemas.study import AnnotateSection

WasSent = Callable[[str], bool]
"""Whether the task of a uid was ever sent."""


def plan(
    material: Material, section: AnnotateSection, was_sent: WasSent | None = None
) -> tuple[list[Planned], list[Dropped]]:
    """Return every task, sorted by slot and place, and every instance left out with its reason.

    Pairs of which a task was sent (`was_sent`; None: nothing was) stay in the sample as they were.
    """
    sent = _sent_pairs(material, section, was_sent) if was_sent is not None else {}
    instances = list(material.instances.values())
    sampled, dropped = sample(instances, section.pairs, section.deep_share, sent, section.countries)
    by_group: dict[Group, list[Sampled]] = {}
    for one in sampled:
        by_group.setdefault(group_of(one.pair[0]), []).append(one)
    tasks = [
        task
        for group, members in by_group.items()
        for tell in (_person_slots, _item_slots)
        for task in tell(material, section, group, members)
    ]
    return sorted(tasks, key=lambda one: (one.assignment.slot, one.assignment.place, one.assignment.uid)), dropped


def _person_slots(
    material: Material, section: AnnotateSection, group: Group, sampled: Sequence[Sampled]
) -> Iterator[Planned]:
    rated: dict[str, list[Assignment]] = {}
    for pair, deep in sampled:
        slots = slot_ids(group, TaskKind.PERSON, section.deep_slots if deep else section.slots)
        for slot, instance in _members(pair, slots):
            task = _person_task(material, instance, slot)
            rated.setdefault(slot, []).append(task.assignment)
            yield task
    for slot, assigned in rated.items():
        yield from comprehension_tasks(material, group, section.comprehension, slot)
        yield from repeats(material, assigned, section.repeats)


def _item_slots(
    material: Material, section: AnnotateSection, group: Group, sampled: Sequence[Sampled]
) -> Iterator[Planned]:
    questions = [material.questions[pair[0].question_id] for pair, _ in sampled]
    for slot in slot_ids(group, TaskKind.ITEM, section.item_slots):
        tasks = [Planned(*item_task(one, material.aspects[one.id], slot)) for one in questions]
        yield from tasks
        assigned = [one.assignment for one in tasks]
        yield from violation_tasks(material, group, assigned, section.violations, slot)
        yield from repeats(material, assigned, section.repeats)


def _person_task(material: Material, instance: Instance, slot: str) -> Planned:
    question = material.questions[instance.question_id]
    return Planned(*person_task(instance, question, material.profiles[instance.id], slot))


def _members(pair: Pair, slots: Sequence[str]) -> Iterator[tuple[str, Instance]]:
    """Yield each slot with the member it judges: a random half of the slots, by hash, gets the first member."""
    turned = sorted(slots, key=lambda slot: digest("annotation-slot", pair[0].pair_id, slot))
    larger = (len(slots) + 1) // 2
    first, second = pair if uniform("annotation-twice", pair[0].pair_id) < 1 / 2 else reversed(pair)
    for rank, slot in enumerate(turned):
        yield slot, first if rank < larger else second


def _sent_pairs(material: Material, section: AnnotateSection, was_sent: WasSent) -> dict[str, bool]:
    """Return the pairs of which a task was sent -> whether to more slots than the ordinary ones."""
    pairs: dict[str, list[Instance]] = {}
    for one in material.instances.values():
        if one.pair_id is not None:
            pairs.setdefault(one.pair_id, []).append(one)
    found: dict[str, bool] = {}
    for pair_id, members in pairs.items():
        group = group_of(members[0])
        slots = slot_ids(group, TaskKind.PERSON, max(section.slots, section.deep_slots))
        reached = {
            number
            for number, slot in enumerate(slots)
            for one in members
            if was_sent(_person_task(material, one, slot).assignment.uid)
        }
        if reached:
            found[pair_id] = max(reached) >= section.slots
    return found
