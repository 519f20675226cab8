"""Progress by country and language, and by slot."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime

from annotation.slots import Group, in_order, place_of
from annotation.status.pace import joint_pace, slot_pace
from annotation.status.seen import Answer, Counted, Seen
from builder.survey.countries import country_name
from schemas.annotation import Assignment, Fit, Purpose, TaskKind
from schemas.progress import GroupProgress, SlotProgress, Tally, TaskProgress

NO_COUNTRY = "no country"


def group_progress(seen: Seen, counted: Counted, now: datetime) -> tuple[GroupProgress, ...]:
    """Return every group that was given tasks, by name and language."""
    tasks: dict[str, list[Assignment]] = {}
    for one in seen.assigned:
        tasks.setdefault(one.slot, []).append(one)
    answers: dict[str, list[Answer]] = {}
    for row in counted.rows:
        answers.setdefault(row.slot, []).append(row)
    groups: dict[Group, list[SlotProgress]] = {}
    for slot in in_order(tasks):
        told = _slot(slot, tasks[slot], answers.get(slot, []), seen, now)
        groups.setdefault(place_of(slot).group, []).append(told)
    uids = {row.uid for row in counted.rows}
    told_groups = [_group(group, slots, tasks, uids, seen) for group, slots in groups.items()]
    return tuple(sorted(told_groups, key=lambda one: (one.name, one.language)))


def tally(tasks: Sequence[Assignment], answered: Set[str]) -> Tally:
    """Return how many of the tasks are among those answered."""
    return Tally(assigned=len(tasks), answered=sum(one.uid in answered for one in tasks))


def _slot(slot: str, tasks: Sequence[Assignment], answers: Sequence[Answer], seen: Seen, now: datetime) -> SlotProgress:
    rated = [one for one in tasks if one.purpose is Purpose.RATED]
    uids = {one.uid for one in rated}
    first: dict[str, str] = {}
    for row in sorted(answers, key=lambda row: row.created_at):
        if row.uid in uids:
            first.setdefault(row.uid, row.created_at)
    left = uids - first.keys()
    given = seen.placements.get(slot)
    return SlotProgress(
        slot=slot,
        task=place_of(slot).task,
        rated=tally(rated, first.keys()),
        checks=tally([one for one in tasks if one.purpose is not Purpose.RATED], {row.uid for row in answers}),
        pace=slot_pace(list(first.values()), len(left - seen.waived), now, len(left & seen.waived)),
        rater=given.rater if given else None,
        rater_country=given.rater_country if given else None,
        fit=given.fit if given else (Fit.NONE if seen.has_list else None),
        annotators=tuple(sorted({row.annotator for row in answers})),
    )


def _group(
    group: Group,
    slots: Sequence[SlotProgress],
    tasks: Mapping[str, Sequence[Assignment]],
    answered: Set[str],
    seen: Seen,
) -> GroupProgress:
    return GroupProgress(
        country=group.country,
        name=NO_COUNTRY if group.country is None else country_name(group.country),
        language=group.language,
        addressed_in=seen.addressed_in.get(group),
        tasks=tuple(_task(task, slots, tasks, answered) for task in sorted({one.task for one in slots}, reverse=True)),
        checks=_sum([one.checks for one in slots]),
        slots=tuple(slots),
        pace=joint_pace([one.pace for one in slots]),
    )


def _task(
    task: TaskKind, slots: Sequence[SlotProgress], tasks: Mapping[str, Sequence[Assignment]], answered: Set[str]
) -> TaskProgress:
    mine = [one for one in slots if one.task is task]
    units: dict[str, list[bool]] = {}
    for slot in mine:
        for one in tasks[slot.slot]:
            if one.purpose is Purpose.RATED:
                units.setdefault(str(one.instance_id or one.question_id), []).append(one.uid in answered)
    whole = sum(all(there) for there in units.values())
    return TaskProgress(task=task, rated=_sum([one.rated for one in mine]), units=len(units), whole=whole)


def _sum(tallies: Sequence[Tally]) -> Tally:
    return Tally(
        assigned=sum(one.assigned for one in tallies),
        answered=sum(one.answered for one in tallies),
    )
