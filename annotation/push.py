"""`annotate push`: the sample's tasks reach their slots' projects, each once, whatever happens on the way."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from annotation.declare import Waiver, declare, pulled_answers, same_slots, waiver
from annotation.projects import open_project, projects
from annotation.sample.given import given_text, read_given, write_given
from annotation.sample.material import Planned
from annotation.sample.plan import plan
from annotation.sample.read import plain_files, profiles_in, read_material
from annotation.sample.roster import give_slots
from annotation.slots import in_order, place_of
from annotation.studio import Studio
from annotation.sync.send import Pause, Say, landed_uids, send, sent_uids
from annotation.tasks.shown import task_data
from annotation.tasks.words import rater_words
from builder.countries.places import language_subtag
from builder.run import require_fresh_until
from mvpbench.store.journal import Journal
from mvpbench.store.stage import Outside, Produced, Stage, run_stage
from mvpbench.store.study import Study, locked
from schemas.annotation import Assignment, Declaration, Fit, Placement, Purpose, Slot
from schemas.results import Outcome, PushResult, SlotWork
from schemas.wording import plural

STAGE = Stage(
    table="assignments",
    record=Assignment,
    version=3,
    inputs=("surveys", "profiles", "questions", "instances"),
    sections=("annotate",),
    makes_with="mvpbench annotate push",
)


def push(
    study: Study, studio: Studio, *, say: Say, pause: Pause = time.sleep, anew: bool = False, waive: str | None = None
) -> Outcome[PushResult]:
    """Send every task that is not on the server yet; run again, it sends none.

    `anew` replaces projects that were deleted by hand. `waive` is why nobody waits any more for tasks sent before that
    had no answer at the last pull. Raises StudyError `slots-changed` and `project-gone`, as `waiver` does, and
    ServiceError where the server fails: then the same call goes on from what landed.
    """
    require_fresh_until(study, "instances")  # raters are shown nothing that the builder would make anew
    with locked(study), Journal(study.journal) as journal:
        same_slots(journal, study.config.annotate)
        waived: Waiver | None = None if waive is None else waiver(study, sent_uids(journal), waive)
        made = plan(read_material(study), study.config.annotate, read_given(journal))
        rows = [one.assignment for one in made.tasks]
        write_given(journal, made.sampled, rows)
        counts = {f"tasks {purpose}": found for purpose, found in Counter(one.purpose.value for one in rows).items()}
        produced = Produced(rows, made.dropped, {"tasks": len(rows), **counts})
        info = run_stage(study, STAGE, assignment_files(study, journal), lambda: produced)
        declared = declare(journal, study.config.annotate, rows, waived)
        tasks = _by_slot(made.tasks)
        given = {one.slot: one for one in give_slots(study, journal, tuple(tasks))}
        groups = {place_of(slot).group for slot in tasks}
        words = {group: rater_words(group, study.root) for group in groups}  # all before anything is sent
        works, sent = [], 0
        for name, mine in tasks.items():
            group = place_of(name).group
            slot = open_project(studio, journal, name, words[group], anew=anew)
            due = _due(study, journal, slot, mine)
            sent += send(studio, journal, slot, [task_data(*one) for one in due], say, pause)
            languages = (words[group].texts.language, profiles_in(study, group.language))
            works.append(_work(studio, slot, mine, languages, given.get(name)))
        superseded = len(sent_uids(journal) - {one.uid for one in rows})
        invitation = studio.invite_link()
    return Outcome(
        result=PushResult(slots=tuple(works), invite_link=invitation),
        counts={"tasks": len(rows), "tasks sent now": sent}
        | ({"tasks superseded": superseded} if superseded else {})
        | ({"ratings waived": len(declared.waived)} if declared.waived else {}),
        dropped=info.dropped,
        summary=(*_declared(declared), *_in_words(works, invitation, superseded), *_waived(declared, rows)),
        next_step="mvpbench annotate pull",
    )


def _due(study: Study, journal: Journal, slot: Slot, tasks: Sequence[Planned]) -> Sequence[Planned]:
    """Return the tasks that belong into the slot's project: into a second one not what was answered in the first."""
    if sum(one.slot.id == slot.id for one in projects(journal)) < 2:  # noqa: PLR2004 - a second project
        return tasks
    landed = landed_uids(journal, slot)
    answered = {one.uid for one in pulled_answers(study)}
    return [one for one in tasks if one.assignment.uid in landed or one.assignment.uid not in answered]


def assignment_files(study: Study, journal: Journal) -> Mapping[str, Outside]:
    """Return on what the table depends beside other tables: words of profiles, and what was given before."""
    return {**plain_files(study), "what was given to raters": given_text(journal)}


def _by_slot(planned: Iterable[Planned]) -> dict[str, list[Planned]]:
    tasks: dict[str, list[Planned]] = {}
    for one in planned:
        tasks.setdefault(one.assignment.slot, []).append(one)
    return {slot: tasks[slot] for slot in in_order(tasks)}


def _work(
    studio: Studio, slot: Slot, tasks: Sequence[Planned], languages: tuple[str, str], given: Placement | None
) -> SlotWork:
    """`languages`: in which raters are addressed, and in which they read profiles."""
    return SlotWork(
        slot=slot.id,
        project_id=slot.project_id,
        url=f"{studio.url}/projects/{slot.project_id}/data?labeling=1",
        tasks=len(tasks),
        rated=sum(one.assignment.purpose is Purpose.RATED for one in tasks),
        addressed_in=languages[0],
        profiles_in=languages[1],
        rater=given.rater if given else None,
        fit=given.fit if given else None,
    )


def _declared(declared: Declaration) -> Iterable[str]:
    """What the sample is; a change of it is told, as whoever reads agreement later will be told."""
    ratings = f"{plural(declared.person_ratings, 'rating')} of persons, {declared.item_ratings:,} of items"
    changed = f", declared {declared.number} times now" if declared.number > 1 else ""
    yield f"declared sample: {plural(declared.pairs, 'pair')}, {ratings}{changed}"


def _in_words(works: Sequence[SlotWork], invitation: str, superseded: int) -> Iterable[str]:
    yield f"raters sign up at {invitation}"
    for one in works:
        language = language_subtag(place_of(one.slot).group.language)
        others = {"addressed": one.addressed_in, "profiles": one.profiles_in}
        instead = [f"{what} in {tag}" for what, tag in others.items() if language_subtag(tag) != language]
        rater = f" for {one.rater}{' from elsewhere' * (one.fit is Fit.LANGUAGE)}" if one.rater else ""
        fallbacks = f" ({', '.join(instead)})" if instead else ""
        yield f"{one.slot}: {plural(one.tasks, 'task')}{rater}{fallbacks} at {one.url}"
    yield "give each rater the invitation and the address of one slot"
    if empty := [one.slot for one in works if one.fit is Fit.NONE]:
        yield f"{len(empty)} slots have nobody on the list who reads their language: {', '.join(empty)}"
    if superseded:
        yield f"{superseded} tasks sent before left the sample or show texts that changed: their answers do not count"


def _waived(declared: Declaration, rows: Iterable[Assignment]) -> Iterable[str]:
    if declared.waived:
        slots = Counter(one.slot for one in rows if one.uid in declared.waived)
        where = ", ".join(f"{slot} {slots[slot]}" for slot in in_order(slots))
        whole = declared.person_ratings + declared.item_ratings
        yield f"{len(declared.waived):,} of {whole:,} declared ratings are waived ({where}): {declared.reason}"
