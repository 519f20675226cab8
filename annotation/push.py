"""`annotate push`: the sample's tasks reach their slots' projects, each once, whatever happens on the way."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from annotation.declare import declare, same_slots
from annotation.projects import open_project
from annotation.sample.material import Planned
from annotation.sample.plan import plan
from annotation.sample.read import framework_name, read_material
from annotation.sample.roster import give_slots
from annotation.slots import in_order, place_of
from annotation.studio import Studio
from annotation.tasks.shown import task_data
from annotation.tasks.words import Words, rater_words
from builder.frameworks import framework_path
from builder.run import require_fresh_until
from mvpbench.store.journal import Journal, WriteRecord
from mvpbench.store.stage import Produced, Stage, run_stage
from mvpbench.store.study import Study, locked
from schemas.annotation import Assignment, Fit, Placement, Purpose, Slot
from schemas.errors import ServiceError
from schemas.results import Outcome, PushResult, SlotWork

STAGE = Stage(
    table="assignments",
    record=Assignment,
    version=3,
    inputs=("surveys", "profiles", "questions", "instances"),
    sections=("annotate",),
    makes_with="mvpbench annotate push",
)
BATCH = 1000
TRIES = 3
WAITS_S = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Between looks for a batch. One that is not there after the last counts as not landed: 1,000 tasks take the server
0.7 s on SQLite, and waiting for another writer some more. One that lands later all the same makes copies, which
`_each_once` deletes."""
TASKS = "tasks"
"""Kind of journal write: one a batch, keyed `<project>/<number>`, payload and result its uids as JSON."""

Say = Callable[[str], None]
Pause = Callable[[float], None]
Tasks = Mapping[str, Sequence[Planned]]
"""Slot -> its tasks, in the order in which its rater gets them."""


def push(
    study: Study, studio: Studio, *, say: Say, pause: Pause = time.sleep, anew: bool = False
) -> Outcome[PushResult]:
    """Send every task that is not on the server yet; run again, it sends none.

    `anew` replaces projects that were deleted by hand. Raises StudyError `slots-changed` and `project-gone`, and
    ServiceError where the server fails: then the same call goes on from what landed.
    """
    require_fresh_until(study, "instances")  # raters are shown nothing that the builder would make anew
    with locked(study), Journal(study.journal) as journal:
        same_slots(journal, study.config.annotate)
        sent_before = sent_uids(journal)
        planned, dropped = plan(
            read_material(study), study.config.annotate, sent_before.__contains__ if sent_before else None
        )
        files = {"framework": framework_path(framework_name(study), study.root)}
        rows = [one.assignment for one in planned]
        counts = {f"tasks {purpose}": found for purpose, found in Counter(one.purpose.value for one in rows).items()}
        info = run_stage(study, STAGE, files, lambda: Produced(rows, dropped, {"tasks": len(rows), **counts}))
        declare(journal, study.config.annotate, rows)
        tasks = _by_slot(planned)
        given = {one.slot: one for one in give_slots(study, journal, tuple(tasks))}
        words = {slot: rater_words(place_of(slot).group, study.root) for slot in tasks}  # all before anything is sent
        works, sent = [], 0
        for name, mine in tasks.items():
            slot = open_project(studio, journal, name, words[name], anew=anew)
            sent += send(studio, journal, slot, [task_data(*one) for one in mine], say, pause)
            works.append(_work(studio, slot, mine, words[name], given.get(name)))
        superseded = len(sent_uids(journal) - {one.uid for one in rows})
        invitation = studio.invite_link()
    return Outcome(
        result=PushResult(slots=tuple(works), invite_link=invitation),
        counts={"tasks": len(rows), "tasks sent now": sent} | ({"tasks superseded": superseded} if superseded else {}),
        dropped=info.dropped,
        summary=tuple(_in_words(works, invitation, superseded)),
        next_step="mvpbench annotate pull",
    )


def _by_slot(planned: Iterable[Planned]) -> dict[str, list[Planned]]:
    tasks: dict[str, list[Planned]] = {}
    for one in planned:
        tasks.setdefault(one.assignment.slot, []).append(one)
    return {slot: tasks[slot] for slot in in_order(tasks)}


def _work(studio: Studio, slot: Slot, tasks: Sequence[Planned], words: Words, given: Placement | None) -> SlotWork:
    return SlotWork(
        slot=slot.id,
        project_id=slot.project_id,
        url=f"{studio.url}/projects/{slot.project_id}/data?labeling=1",
        tasks=len(tasks),
        rated=sum(one.assignment.purpose is Purpose.RATED for one in tasks),
        addressed_in=words.texts.language,
        rater=given.rater if given else None,
        fit=given.fit if given else None,
    )


def _in_words(works: Sequence[SlotWork], invitation: str, superseded: int) -> Iterable[str]:
    yield f"raters sign up at {invitation}"
    for one in works:
        language = place_of(one.slot).group.language
        instead = "" if language.startswith(one.addressed_in) else f" (addressed in {one.addressed_in})"
        rater = f" for {one.rater}{' from elsewhere' * (one.fit is Fit.LANGUAGE)}" if one.rater else ""
        yield f"{one.slot}: {one.tasks} tasks{rater}{instead} at {one.url}"
    yield "give each rater the invitation and the address of one slot"
    if empty := [one.slot for one in works if one.fit is Fit.NONE]:
        yield f"{len(empty)} slots have nobody on the list who reads their language: {', '.join(empty)}"
    if superseded:
        yield f"{superseded} tasks sent before show texts that changed: their answers do not count"


def send(
    studio: Studio,
    journal: Journal,
    slot: Slot,
    tasks: Sequence[Mapping[str, str]],
    say: Say,
    pause: Pause = time.sleep,
) -> int:
    """Send those of `tasks` that the project lacks, and return how many these were.

    Every batch is written down before and after. An error does not tell whether the batch landed, nor whether the
    server is still at work on it, so the server is asked which uids it has until nothing more is to be expected; only
    then what is missing is sent again. After `TRIES` batches in a row of which nothing landed the last error is raised.
    """
    unfinished = _unfinished(journal, slot)
    for record in unfinished:
        say(f"{slot.id}: an earlier run did not see the end of a batch, asking what landed")
        _finish(studio, journal, slot, record, pause)
    present = _each_once(studio, slot, [task["uid"] for task in tasks], say)
    sent, failures, uncertain = 0, 0, bool(unfinished)
    while missing := [task for task in tasks if task["uid"] not in present]:
        batch = missing[:BATCH]
        wanted = [task["uid"] for task in batch]
        key = f"{slot.project_id}/{len(journal.writes(TASKS)) + 1}"
        record = journal.begin_write(TASKS, key, json.dumps(wanted))
        try:
            studio.import_tasks(slot.project_id, batch)
        except ServiceError as exc:
            say(f"{slot.id}: a batch met an error, asking what landed: {exc}")
            at_work = exc.report.code == "server-unreachable"
            landed = _finish(studio, journal, slot, record, pause, WAITS_S if at_work else ())
            failures, uncertain = 0 if landed else failures + 1, True
            if failures == TRIES:
                raise
        else:
            landed = set(wanted)
            journal.finish_write(TASKS, key, json.dumps(sorted(landed)))
        present |= landed
        sent += len(landed)
        say(f"{slot.id}: {len(present)} of {len(tasks)} tasks are there")
    if uncertain:
        _each_once(studio, slot, present, say)
    return sent


def _unfinished(journal: Journal, slot: Slot) -> list[WriteRecord]:
    """Return the batches for the slot's project that an earlier run began and did not see the end of."""
    begun = [record for record in journal.writes(TASKS) if record.result is None]
    return [record for record in begun if record.key.startswith(f"{slot.project_id}/")]


def _finish(
    studio: Studio, journal: Journal, slot: Slot, record: WriteRecord, pause: Pause, waits: Sequence[float] = WAITS_S
) -> set[str]:
    """Write down and return which uids of a batch landed, asked again after each of `waits` until all are there."""
    wanted = json.loads(record.payload)
    landed = set(studio.present(slot.project_id, wanted))
    for wait in waits:
        if len(landed) == len(wanted):
            break
        pause(wait)
        landed = set(studio.present(slot.project_id, wanted))
    journal.finish_write(TASKS, record.key, json.dumps(sorted(landed)))
    return landed


def _each_once(studio: Studio, slot: Slot, uids: Iterable[str], say: Say) -> set[str]:
    """Return which of `uids` are there, and delete the copies of a task that nobody has begun, all but one."""
    present = studio.present(slot.project_id, uids)
    doubled = {uid: copies for uid, copies in present.items() if len(copies) > 1}
    if not doubled:
        return set(present)
    touched = studio.touched(slot.project_id, [task for copies in doubled.values() for task in copies])
    for uid, copies in doubled.items():
        untouched = [task for task in copies if task not in touched]
        surplus = untouched if len(untouched) < len(copies) else untouched[1:]
        for task in surplus:
            studio.delete_task(task)
        say(f"{slot.id}: {uid} was there {len(copies)} times, {len(surplus)} copies that nobody has begun deleted")
    return set(present)


def sent_uids(journal: Journal) -> set[str]:
    """Return the uids of every task that was ever sent to a rater, or begun to be; adjudicators' begin otherwise."""
    sent = {uid for record in journal.writes(TASKS) for uid in json.loads(record.payload)}
    return {uid for uid in sent if uid.startswith("t-")}
