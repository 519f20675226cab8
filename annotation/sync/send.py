"""Sending a slot's tasks to its project, each once, whatever happens on the way.

The journal says of every batch what landed, so that what it vouches for need not be asked again: it is believed while
the project holds exactly as many tasks as it says, and nobody found one missing (`doubt`). The count comes from the
database (`Studio.tasks_in`), not from the project's counters, which lag. Where it differs, or a batch has no known end,
the server is asked for every uid.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256

from annotation.projects import MADE_BY
from annotation.studio import Studio
from mvpbench.store.journal import Journal, WriteRecord
from schemas.annotation import Slot
from schemas.errors import ServiceError
from schemas.identity import digest

BATCH = 1000
HASH_DIGITS = 16
TRIES = 3
WAITS_S = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Between looks for a batch. One that is not there after the last counts as not landed: 1,000 tasks take the server
0.7 s on SQLite, and waiting for another writer some more. One that lands later all the same makes copies, which
`each_once` deletes."""
TASKS = "tasks"
"""Kind of journal write: one a batch, keyed `<project's key>/<number>`; payload uid -> `data_hash` as JSON, result the
uids that landed. Those of earlier formats are keyed by the project's number on the server, which a server put back to
a backup gives out again, `<server>/<project>/<number>`; before that `<project>/<number>`, their payload the uids alone.
"""
CONFIG = "config"
"""Kind of journal write, keyed `<project's key>/`: `config_hash` as it was before any task was sent."""
RATERS = "t-"
"""How uids of raters' tasks begin."""
DOUBT = "doubt"
"""Kind of journal write, keyed `<project's key>/<number>`; payload the uids that were found missing, as JSON. It is
ended when all that should be there was sent."""

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
    if unfinished := unfinished_batches(journal, slot):
        say(f"{slot.id}: an earlier run did not see the end of {len(unfinished)} batches, asking what landed")
        finish_batches(studio, journal, slot, pause)
    _note_config(studio, journal, slot)
    present = _present(studio, journal, slot, [task["uid"] for task in tasks], say)
    sent, failures, uncertain = 0, 0, bool(unfinished)
    ended: tuple[str, str] | None = None
    own = _own(journal, slot)
    number = len(journal.writes(TASKS, own))
    while missing := [task for task in tasks if task["uid"] not in present][:BATCH]:
        wanted = {task["uid"]: data_hash(task) for task in missing}
        number += 1
        with journal.batch():  # the end of one and the beginning of the next wait for the disk once
            _end(journal, ended)
            record = journal.begin_write(TASKS, f"{own}{number}", json.dumps(wanted))
        try:
            studio.import_tasks(slot.project_id, missing)
        except ServiceError as exc:
            say(f"{slot.id}: a batch met an error, asking what landed: {exc}")
            at_work = exc.report.code == "server-unreachable"
            landed = _finish(studio, journal, slot, record, pause, WAITS_S if at_work else ())
            failures, uncertain, ended = 0 if landed else failures + 1, True, None
            if failures == TRIES:
                raise
        else:
            landed, ended = set(wanted), (record.key, json.dumps(sorted(wanted)))
        present |= landed
        sent += len(landed)
        say(f"{slot.id}: {sum(task['uid'] in present for task in tasks)} of {len(tasks)} tasks are there")
    _end(journal, ended)
    # On SQLite the server itself repeats a request that met a locked database: one import may land twice.
    if uncertain or (sent and studio.tasks_in(slot.project_id) != len(present)):
        each_once(studio, slot, present, say)
    _end_doubts(journal, slot)
    return sent


def doubt(journal: Journal, slot: Slot, missing: Iterable[str]) -> None:
    """Note that uids are not in the project though the journal says so: the next `send` asks, however many it holds.

    A note that the doubted tasks are gone would be as little to be believed: they may come back with a backup.
    """
    if not _doubts(journal, slot):
        own = _own(journal, slot)
        journal.begin_write(DOUBT, f"{own}{len(journal.writes(DOUBT, own)) + 1}", json.dumps(sorted(missing)))


def finish_batches(studio: Studio, journal: Journal, slot: Slot, pause: Pause = time.sleep) -> int:
    """Find out what landed of batches whose end an earlier run did not see, and return how many these were."""
    unfinished = unfinished_batches(journal, slot)
    for record in unfinished:
        _finish(studio, journal, slot, record, pause)
    return len(unfinished)


def data_hash(data: Mapping[str, str]) -> str:
    """Return the short hash of a task's data as it was sent, to be compared with what the server shows later."""
    return sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:HASH_DIGITS]


def sent_data(journal: Journal, slot: Slot) -> dict[str, str | None]:
    """Return uid -> `data_hash` of all that was sent to the slot's project; None where the journal does not say."""
    found: dict[str, str | None] = {}
    for record in _batches(journal, slot):
        payload = json.loads(record.payload)
        found |= payload if isinstance(payload, dict) else {uid: found.get(uid) for uid in payload}
    return found


def config_hash(config: str) -> str:
    """Return the short hash of a labelling configuration."""
    return digest("labelling-config", config)[:HASH_DIGITS]


def sent_config(journal: Journal, slot: Slot) -> str | None:
    """Return the `config_hash` of the project's configuration as it was made; None where the journal does not say."""
    keys = (_own(journal, slot), *_by_number(journal, slot))
    known = (journal.find_write(CONFIG, key) for key in keys)
    return next((one.payload for one in known if one), None)


def landed_uids(journal: Journal, slot: Slot) -> set[str]:
    """Return the uids that the journal says are in the slot's project."""
    ended = [one for one in _batches(journal, slot) if one.result and not one.key.startswith(f"{slot.project_id}/")]
    return {uid for one in ended for uid in json.loads(one.result or "[]")}


def sent_uids(journal: Journal) -> set[str]:
    """Return the uids of every task that was ever sent to a rater, or begun to be; adjudicators' begin otherwise."""
    sent = {uid for record in journal.writes(TASKS) for uid in json.loads(record.payload)}
    return {uid for uid in sent if uid.startswith(RATERS)}


def _own(journal: Journal, slot: Slot) -> str:
    """Return how the keys of the project's writes begin: with its own key, else (made by nobody we know) its number."""
    keys = _keys(journal, slot, f"{slot.id}/")
    return f"{max(keys, key=_count)}/" if keys else f"{slot.server}/{slot.project_id}/"


def _by_number(journal: Journal, slot: Slot) -> tuple[str, ...]:
    """Return how the keys of the project's writes in earlier formats begin: they are of the first of its number."""
    first, own = _keys(journal, slot)[:1], _own(journal, slot)
    return (f"{slot.server}/{slot.project_id}/", f"{slot.project_id}/") if first in ([], [own[:-1]]) else ()


def _keys(journal: Journal, slot: Slot, under: str = "") -> list[str]:
    """Return the keys of the projects that had this number on this server, the first made first."""
    made = [one for kind in MADE_BY for one in journal.writes(kind, under) if one.result]
    known = [(one.key, Slot.model_validate_json(one.result or "")) for one in made]
    return [key for key, one in known if (one.server, one.project_id) == (slot.server, slot.project_id)]


def _count(key: str) -> int:
    return int(key.rpartition("/")[2])


def _batches(journal: Journal, slot: Slot) -> list[WriteRecord]:
    """Return every batch for the project, those of earlier formats first."""
    old = [one for under in reversed(_by_number(journal, slot)) for one in journal.writes(TASKS, under)]
    known = {one.key for one in old}
    return [*old, *(one for one in journal.writes(TASKS, _own(journal, slot)) if one.key not in known)]


def _end(journal: Journal, ended: tuple[str, str] | None) -> None:
    if ended is not None:
        journal.finish_write(TASKS, *ended)


def _note_config(studio: Studio, journal: Journal, slot: Slot) -> None:
    """Write down how the labelling configuration is while nobody has worked with it; that of an older project as is."""
    if sent_config(journal, slot) is None and (project := studio.project(slot.project_id)):
        own = _own(journal, slot)
        made = journal.begin_write(CONFIG, own, config_hash(project.config))
        journal.finish_write(CONFIG, own, made.payload)


def _doubts(journal: Journal, slot: Slot) -> list[WriteRecord]:
    return [one for one in journal.writes(DOUBT, _own(journal, slot)) if one.result is None]


def _end_doubts(journal: Journal, slot: Slot) -> None:
    for one in _doubts(journal, slot):
        journal.finish_write(DOUBT, one.key, "")


def _present(studio: Studio, journal: Journal, slot: Slot, uids: Iterable[str], say: Say) -> set[str]:
    """Return which uids are in the project: the server's word, or the journal's if undoubted and as many are there."""
    known = landed_uids(journal, slot)
    held = studio.tasks_in(slot.project_id)
    doubted = bool(_doubts(journal, slot))
    if held == len(known) and not doubted:
        return known
    missing = ", of which some were found missing" * doubted
    say(f"{slot.id}: the project holds {held} tasks where the journal knows of {len(known)}{missing}, asking which")
    present = each_once(studio, slot, known | set(uids), say)
    if found := sorted(present - known):
        own = _own(journal, slot)
        key = f"{own}{len(journal.writes(TASKS, own)) + 1}"
        journal.begin_write(TASKS, key, json.dumps(found))
        journal.finish_write(TASKS, key, json.dumps(found))
    return present


def unfinished_batches(journal: Journal, slot: Slot) -> list[WriteRecord]:
    """Return the batches for the slot's project that an earlier run began and did not see the end of."""
    return [record for record in _batches(journal, slot) if record.result is None]


def _finish(
    studio: Studio, journal: Journal, slot: Slot, record: WriteRecord, pause: Pause, waits: Sequence[float] = WAITS_S
) -> set[str]:
    """Write down and return which uids of a batch landed, asked again after each of `waits` until all are there."""
    wanted = list(json.loads(record.payload))
    landed = set(studio.present(slot.project_id, wanted))
    for wait in waits:
        if len(landed) == len(wanted):
            break
        pause(wait)
        landed = set(studio.present(slot.project_id, wanted))
    journal.finish_write(TASKS, record.key, json.dumps(sorted(landed)))
    return landed


def each_once(studio: Studio, slot: Slot, uids: Iterable[str], say: Say) -> set[str]:
    """Return which of `uids` are there, and delete the copies of a task that nobody has begun, all but one.

    Of each copy it is asked right before it goes: a rater may begin it while others are deleted.
    """
    present = studio.present(slot.project_id, uids)
    doubled = {uid: copies for uid, copies in present.items() if len(copies) > 1}
    if not doubled:
        return set(present)
    touched = studio.touched(slot.project_id, [task for copies in doubled.values() for task in copies])
    for uid, copies in doubled.items():
        untouched, deleted = [task for task in copies if task not in touched], 0
        for task in untouched if len(untouched) < len(copies) else untouched[1:]:
            if not studio.touched(slot.project_id, [task]):
                studio.delete_task(task)
                deleted += 1
        say(f"{slot.id}: {uid} was there {len(copies)} times, {deleted} copies that nobody has begun deleted")
    return set(present)
