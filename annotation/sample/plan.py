"""The plan of a study's annotation: every task of every slot, with its texts.

A pair's two instances share their texts and have opposite expected answers, so a rater who saw both would judge the
second by the first. Every person slot therefore gets exactly one member of each pair it works on: with three slots one
member of a pair (drawn by hash) has two raters and the other has one; with 2k, each has k. The item task of the same
questions goes to slots of its own. Everything is drawn by hash, and what was
drawn before it was sent stands (`annotation.sample.given`).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from annotation.sample.checks import comprehension_tasks, repeats, violation_tasks
from annotation.sample.declared import Pair, Sampled, sample
from annotation.sample.given import Given
from annotation.sample.material import Material, Planned
from annotation.slots import Group, group_of, slot_ids
from annotation.tasks.item import item_task
from annotation.tasks.person import person_task
from schemas.annotation import Assignment, Purpose, TaskKind
from schemas.identity import digest, uniform
from schemas.questions import Dropped, Instance
from schemas.study import AnnotateSection

NOTHING = Given()


class Plan(NamedTuple):
    """What is to be annotated, and by which slot."""

    tasks: list[Planned]
    """Sorted by slot and place."""
    sampled: list[Sampled]
    dropped: list[Dropped]
    """Every instance left out, with its reason."""


def plan(material: Material, section: AnnotateSection, given: Given = NOTHING) -> Plan:
    """Return the plan. What was given before stays as it was: pairs in the sample, checks in their slots."""
    instances = list(material.instances.values())
    sent = {one.pair_id: one.deep for one in given.pairs.values()}
    taken = {one.question_id for one in given.pairs.values()}
    sampled, dropped = sample(instances, section.pairs, section.deep_share, sent, taken, section.countries)
    by_group: dict[Group, list[Sampled]] = {}
    for one in sampled:
        by_group.setdefault(group_of(one.pair[0]), []).append(one)
    tasks = [
        task
        for group, members in by_group.items()
        for tell in (_person_slots, _item_slots)
        for task in tell(material, section, group, members, given)
    ]
    order = sorted(tasks, key=lambda one: (one.assignment.slot, one.assignment.place, one.assignment.uid))
    return Plan(order, sampled, dropped)


def _person_slots(
    material: Material, section: AnnotateSection, group: Group, sampled: Sequence[Sampled], given: Given
) -> Iterator[Planned]:
    rated: dict[str, list[Assignment]] = {}
    for pair, deep in sampled:
        slots = slot_ids(group, TaskKind.PERSON, section.deep_slots if deep else section.slots)
        for slot, instance in _members(pair, slots):
            task = _person_task(material, instance, slot)
            rated.setdefault(slot, []).append(task.assignment)
            yield task
    for slot, assigned in rated.items():
        known = given.of(slot, Purpose.COMPREHENSION)
        yield from comprehension_tasks(material, group, section.comprehension, slot, known)
        yield from repeats(material, assigned, section.repeats, given.of(slot, Purpose.REPEAT))


def _item_slots(
    material: Material, section: AnnotateSection, group: Group, sampled: Sequence[Sampled], given: Given
) -> Iterator[Planned]:
    questions = [material.questions[pair[0].question_id] for pair, _ in sampled]
    for slot in slot_ids(group, TaskKind.ITEM, section.item_slots):
        known = given.of(slot, Purpose.VIOLATION)
        spoilt = {one.question_id for one in known}  # its rater saw the question with a foreign answer
        tasks = [Planned(*item_task(one, material.aspects[one.id], slot)) for one in questions if one.id not in spoilt]
        yield from tasks
        assigned = [one.assignment for one in tasks]
        yield from violation_tasks(material, group, assigned, section.violations, slot, known)
        yield from repeats(material, assigned, section.repeats, given.of(slot, Purpose.REPEAT))


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
