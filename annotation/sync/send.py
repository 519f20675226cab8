"""Sending a slot's tasks to its project, each once, whatever happens on the way.

The journal says of every batch what landed, so that what it vouches for need not be asked again: it is believed while
the project holds exactly as many tasks as it says. The count comes from the database (`Studio.glance`), not from the
project's counters, which lag. Where it differs, or a batch has no known end, the server is asked for every uid.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from annotation.studio import Studio
from mvpbench.store.journal import Journal, WriteRecord
from schemas.annotation import Slot
from schemas.errors import ServiceError

BATCH = 1000
TRIES = 3
WAITS_S = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Between looks for a batch. One that is not there after the last counts as not landed: 1,000 tasks take the server
0.7 s on SQLite, and waiting for another writer some more. One that lands later all the same makes copies, which
`_each_once` deletes."""
TASKS = "tasks"
"""Kind of journal write: one a batch, keyed `<server>/<project>/<number>`, payload and result its uids as JSON. Those
of an earlier format are keyed `<project>/<number>`: on another server the same number is another project."""

Say = Callable[[str], None]
Pause = Callable[[float], None]


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
    present = _present(studio, journal, slot, [task["uid"] for task in tasks], say)
    sent, failures, uncertain = 0, 0, bool(unfinished)
    number = len(journal.writes(TASKS, _own(slot)))
    while missing := [task for task in tasks if task["uid"] not in present][:BATCH]:
        wanted = [task["uid"] for task in missing]
        number += 1
        record = journal.begin_write(TASKS, f"{_own(slot)}{number}", json.dumps(wanted))
        try:
            studio.import_tasks(slot.project_id, missing)
        except ServiceError as exc:
            say(f"{slot.id}: a batch met an error, asking what landed: {exc}")
            at_work = exc.report.code == "server-unreachable"
            landed = _finish(studio, journal, slot, record, pause, WAITS_S if at_work else ())
            failures, uncertain = 0 if landed else failures + 1, True
            if failures == TRIES:
                raise
        else:
            landed = set(wanted)
            journal.finish_write(TASKS, record.key, json.dumps(sorted(landed)))
        present |= landed
        sent += len(landed)
        say(f"{slot.id}: {len(present)} of {len(tasks)} tasks are there")
    if uncertain:
        _each_once(studio, slot, present, say)
    return sent


def landed_uids(journal: Journal, slot: Slot) -> set[str]:
    """Return the uids that the journal says are in the slot's project."""
    return {uid for one in journal.writes(TASKS, _own(slot)) if one.result for uid in json.loads(one.result)}


def sent_uids(journal: Journal) -> set[str]:
    """Return the uids of every task that was ever sent, or begun to be."""
    return {uid for record in journal.writes(TASKS) for uid in json.loads(record.payload)}


def _own(slot: Slot) -> str:
    return f"{slot.server}/{slot.project_id}/"


def _present(studio: Studio, journal: Journal, slot: Slot, uids: Iterable[str], say: Say) -> set[str]:
    """Return which uids are in the project: the journal's word where the project holds as many, else the server's."""
    known = landed_uids(journal, slot)
    held = studio.glance(slot.project_id).tasks
    if held == len(known):
        return known
    say(f"{slot.id}: the project holds {held} tasks where the journal knows of {len(known)}, asking which")
    present = _each_once(studio, slot, known | set(uids), say)
    if found := sorted(present - known):
        key = f"{_own(slot)}{len(journal.writes(TASKS, _own(slot))) + 1}"
        journal.begin_write(TASKS, key, json.dumps(found))
        journal.finish_write(TASKS, key, json.dumps(found))
    return present


def _unfinished(journal: Journal, slot: Slot) -> list[WriteRecord]:
    """Return the batches for the slot's project that an earlier run began and did not see the end of."""
    begun = [*journal.writes(TASKS, _own(slot)), *journal.writes(TASKS, f"{slot.project_id}/")]
    return [record for record in begun if record.result is None]


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
