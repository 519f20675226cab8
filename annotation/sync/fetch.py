"""Bringing what is kept of a project up to what the server holds, by asking for the tasks that changed since.

A task's `updated_at` moves when an annotation on it is made, edited or deleted. The cursor is the newest such moment
that the server told, never our clock's. What a listing cannot show is a task that is deleted, and whatever happened
while a server was put back to a backup: then its counts do not fit what is kept, or its newest change is before ours,
and the whole project is listed.
"""

from collections.abc import Callable, Iterable, Mapping, Set
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from pathlib import Path
from typing import Any, NamedTuple

from annotation.studio import Glance, Studio
from annotation.sync.accepted import earlier_version, name_of
from annotation.sync.kept import Found, Kept, Seen, answered_by, append, earlier, kept, line_of, note_seen, seen
from schemas.errors import ServiceError

OVERLAP = timedelta(minutes=10)
"""Asked for again before the cursor: a change that is stamped earlier may be committed later than one that was seen.
Not where nobody has answered anything and the last listing was that long after the import."""

WHOLE_TRIES = 2
"""Raters who answer and delete while all is listed may make one listing fit neither count."""

Say = Callable[[str], None]


class Ask(Enum):
    """What a fetch asks for."""

    CHANGES = auto()
    """What changed since the last one, and all there is only where that does not fit."""
    WHOLE = auto()
    """All there is."""


class AskNow(NamedTuple):
    """All there is, and what is told of an annotation counts although a version stamped later was pulled before."""

    accepted: Set[str] = frozenset()
    """Names of differences that may stay (`annotation.sync.accepted`): of those the version that was pulled counts."""


class Fetched(NamedTuple):
    """What a fetch found."""

    changed: int
    """Tasks that were added to what is kept, or have another content."""
    gone: int
    """Tasks that the server has no more."""
    whole: bool
    """Whether the project was listed whole."""
    overruled: int = 0
    """Annotations that are now as the server has them, stamped earlier than what was pulled."""
    stand: int = 0
    """Annotations of which the server has an earlier version too, as the study accepted."""


def fetch(
    studio: Studio, folder: Path, projects: Mapping[str, int], say: Say, *, ask: Ask | AskNow = Ask.CHANGES
) -> list[Fetched]:
    """Bring what is kept of projects, key -> number on the server, up to date, for the holder of the lock.

    Where nothing changed nothing is written, and where nothing can have changed nothing is listed (`_same`). Raises
    ServiceError where the server fails, StudyError `export-misfit` where what it says, or what is kept, cannot be read.
    """
    fetching = _Fetching(studio, folder, say, ask)
    answers = studio.answers_in(projects.values())
    return [fetching.fetch(key, number, answers.get(number)) for key, number in projects.items()]


class _Fetching:
    def __init__(self, studio: Studio, folder: Path, say: Say, ask: Ask | AskNow) -> None:
        self._studio = studio
        self._folder = folder
        self._say = say
        self._ask = ask
        self._joined: Mapping[int, datetime] = {}

    def fetch(self, key: str, project_id: int, answers: int | None) -> Fetched:
        """Bring one project up to date; `answers` were there a while before."""
        folder, ask = self._folder, self._ask
        glance, known = self._studio.glance(project_id, answers), seen(folder, key)
        if ask is Ask.CHANGES and _same(known, glance):
            return Fetched(0, 0, whole=False)
        before = kept(folder, key)
        since = None if ask is not Ask.CHANGES or _put_back(before, glance) else _since(before, known)
        tasks = None if since is None else _changes(self._studio, project_id, before, glance, since)
        whole = tasks is None
        if tasks is None:
            self._say(f"{key}: all of {glance.tasks} tasks are asked for")
            tasks = listed(self._studio, project_id)
        now = ask if isinstance(ask, AskNow) else None
        older = earlier(folder, key, tasks) if now else []
        stand = [one.identity for one in older if now and name_of(earlier_version(key, *one[1:])) in now.accepted]
        anew = {one.task for one in older if one.identity not in stand}
        changed = [line for task, line in tasks.items() if before.tasks.get(task) != line or task in anew]
        gone = sorted(before.tasks.keys() - tasks.keys()) if whole else []
        if changed or gone or before.cursor is None:
            accounts = self._accounts(answered_by(changed, folder))
            found = Found(changed, gone, glance.newest, accounts, overrules=bool(anew), stands=stand)
            append(folder, key, before, found)
        note_seen(folder, key, *glance)
        return Fetched(len(changed), len(gone), whole, len(older) - len(stand), len(stand))

    def _accounts(self, wanted: Set[int]) -> dict[int, datetime]:
        """Return when these accounts were made, of those that the server has.

        Asked after they answered, and again where somebody is not known yet: they may have signed up meanwhile.
        """
        if not wanted <= self._joined.keys():
            self._joined = self._studio.joined()
        return {one: self._joined[one] for one in sorted(wanted & self._joined.keys())}


def asked_since(folder: Path, key: str) -> datetime | None:
    """Return after which moment a task of the project must have changed for a pull to ask for it; None: for all."""
    return _since(kept(folder, key), seen(folder, key))


def _since(before: Kept, known: Seen | None) -> datetime | None:
    """The overlap of a project in which nobody worked yet would be all of it: its tasks are as new as their import.

    There only answers can be new, and were one overlooked all the same, because a clock was wrong, counts would tell.
    """
    if known is not None and _settled(known) and before.untouched:
        return _moment(known.newest)
    return _moment(before.cursor) - OVERLAP if before.cursor else None


def _settled(known: Seen) -> bool:
    """Whether the last listing was, by the header `Date`, the overlap or more after the newest change."""
    return bool(known.newest) and _moment(known.newest) + OVERLAP <= known.at


def _same(known: Seen | None, glance: Glance) -> bool:
    """Whether nothing can have changed since a listing: counts and newest change are as they were before it.

    So projects in which nobody works are not listed again and again.
    """
    if known is None or glance.at is None:
        return False
    told = (known.tasks, known.annotations, known.newest)
    return told == glance[:3] and _settled(known) and known.at <= glance.at


def _put_back(before: Kept, glance: Glance) -> bool:
    """Whether nothing is kept that changes could be added to: no pull yet, or one that is ahead of the server."""
    if not before.cursor or not glance.newest:
        return True
    return _moment(glance.newest) < _moment(before.cursor)


def _changes(studio: Studio, project_id: int, before: Kept, glance: Glance, since: datetime) -> dict[int, bytes] | None:
    """Return the tasks changed since; None where with them the counts still do not fit."""
    changes = listed(studio, project_id, since.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    merged = Kept({**before.tasks, **changes})
    held = (len(merged.tasks), merged.annotations)
    if held == (glance.tasks, glance.annotations):
        return changes
    after = studio.glance(project_id)  # raters may have gone on meanwhile
    low, high = (glance.tasks, glance.annotations), (after.tasks, after.annotations)
    return changes if all(a <= b <= c for a, b, c in zip(low, held, high, strict=True)) else None


def listed(studio: Studio, project_id: int, since: str = "") -> dict[int, bytes]:
    """Return task id -> line of the project's tasks, of those changed after `since` if given.

    All of them come as an export, which is several times as fast as a listing, and whose counts are held against what
    the server says it holds: ServiceError `listing-incomplete` where they do not fit. Raises StudyError
    `export-misfit`.
    """
    if since:
        return _lines(studio, project_id, studio.tasks(project_id, since))
    after, held = studio.glance(project_id), (0, 0)
    for _ in range(WHOLE_TRIES):
        before, lines = after, _lines(studio, project_id, studio.exported(project_id))
        after, held = studio.glance(project_id), (len(lines), Kept(lines).annotations)
        if all(min(a, c) <= b <= max(a, c) for a, b, c in zip(before[:2], held, after[:2], strict=True)):
            return lines
    raise ServiceError(
        "listing-incomplete",
        "the label studio server lists other tasks than it counts",
        where=f"{studio.url}/projects/{project_id}",
        found=f"{held[0]} tasks with {held[1]} answers listed, {after.tasks} with {after.annotations} counted",
        way_out="run the command again when raters are less busy; if it stays so, look at the server's log",
    )


def _lines(studio: Studio, project_id: int, tasks: Iterable[Mapping[str, Any]]) -> dict[int, bytes]:
    where = f"{studio.url}/projects/{project_id}"
    return {int(task["id"]): line_of(task, where) for task in tasks}


def _moment(told: str) -> datetime:
    return datetime.fromisoformat(told).astimezone(UTC)
