"""What was ever pulled of one project, kept as the server said it and apart from its reading.

Any rater may delete or edit any answer on the server, and the server keeps no record of who did. So what was pulled
once stays: of an annotation that changed the latest version counts; one that is gone counts still, until the study's
owner lets it go.

`<label-studio>/exports/<slot>-<n>.jsonl` is a log (`annotation.sync.log`), of which a block is what one pull found
changed.

A line is a task (`KEPT`) with its annotations as the server said them, without what says a rater's address, or what is
not in a listing and an export alike (`DROPPED`). Its first fields let a reader skip the rest. Studies pulled in an
earlier format have exports beside it: `<slot>-<n>.json` the newest, `<slot>-<n>/` the earlier ones.
`<slot>-<n>.let-go.json` names what was let go; `<slot>-<n>.seen.json` is for not asking again what cannot have changed.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError

from annotation.export import LOOK_AT_PROJECT, ExportedAnnotation, ExportedTask, read_export
from annotation.sync.log import MOVE_AWAY, Block, damaged, read_blocks, write_block
from annotation.tasks.shown import data_sha256
from mvpbench.store.atomic import write_atomic
from schemas.errors import StudyError

Identity = tuple[str, int, str]
"""Task uid, annotation id and time of creation: a server restored from a backup gives ids out again."""
Annotations = dict[Identity, ExportedAnnotation]
LET_GO = TypeAdapter(list[Identity])
KEPT = ("id", "data", "created_at", "updated_at")
DROPPED = ("created_username", "created_ago", "unique_id", "prediction", "result_count")
TASK, GONE = b'{"id":', b'{"gone":'


@dataclass(frozen=True)
class Said:
    """One annotation in its latest version."""

    uid: str
    annotation: ExportedAnnotation
    gone: bool = False
    """Whether the server lacked it at the last pull."""
    let_go: bool = False
    """Whether it is gone and the study's owner agreed."""


class Found(NamedTuple):
    """What a pull adds to the log."""

    changed: Sequence[bytes]
    """Lines of tasks (`line_of`)."""
    gone: Sequence[int]
    """Ids of tasks."""
    cursor: str
    accounts: Mapping[int, datetime] = {}
    """Number -> when the account was made, of those who answered in the lines and are on the server."""
    overrules: bool = False
    stands: Sequence[Identity] = ()
    """As of a `Block`."""


@dataclass(frozen=True)
class Kept:
    """The tasks as they were at the last pull."""

    tasks: Mapping[int, bytes] = field(default_factory=dict)
    """Task id on the server -> its line."""
    cursor: str | None = None
    """None where nothing was pulled yet."""
    size: int = 0
    """Bytes of the log that are vouched for."""

    @property
    def annotations(self) -> int:
        """How many there are, not counting those that were skipped."""
        return sum(sum(numbers) for numbers in map(_numbers, self.tasks.values()))

    @property
    def untouched(self) -> bool:
        """Whether nobody has answered or skipped anything."""
        return not any(_numbers(line)[0] for line in self.tasks.values())


class Seen(BaseModel):
    """What the server said of a project before it was listed, all of which is kept: `annotation.studio.Glance`."""

    tasks: int
    annotations: int
    newest: str
    at: AwareDatetime
    size: int
    """Bytes of the log after that."""


class _Task(BaseModel):
    data: dict[str, Any]
    annotations: list[ExportedAnnotation]


class _TaskLine(BaseModel):
    task: _Task


def line_of(task: Mapping[str, Any], where: str) -> bytes:
    """Return the line of a task as the server said it; equal tasks have equal lines, listed or exported.

    Raises StudyError `export-misfit` at `where` for what could not be read again. Halves of surrogate pairs, which a
    hostile rater may send and UTF-8 has no bytes for, become question marks.
    """
    try:
        said = sorted(task["annotations"], key=lambda one: int(one["id"]))
        annotations = [{name: one[name] for name in sorted(one.keys() - DROPPED)} for one in said]
        skipped = sum(bool(one["was_cancelled"]) for one in annotations)
        head = {"id": int(task["id"]), "annotations": len(annotations), "skipped": skipped}
        whole = head | {"task": {name: task[name] for name in KEPT} | {"annotations": annotations}}
        line = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
        _TaskLine.model_validate_json(line)
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        problem = exc.errors()[0] if isinstance(exc, ValidationError) else None
        raise StudyError(
            "export-misfit",
            "a task of the label studio project is not what tasks were",
            where=where,
            found=f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" if problem else f"no {exc}",
            expected="a task with data and annotations, as label studio 1.23 lists it",
            way_out=LOOK_AT_PROJECT,
        ) from exc
    return line


def stored(folder: Path, key: str) -> dict[str, Path]:
    """Return name -> file of what is kept of project `key` (`<slot>/<n>`); empty where nothing was pulled."""
    names = {f"{key}, log": _log(folder, key), key: _newest(folder, key), f"{key}, let go": _let_go(folder, key)}
    there = {name: path for name, path in names.items() if path.is_file()}
    return there | {f"{key}, earlier {path.stem}": path for path in _earlier(folder, key)}


def kept(folder: Path, key: str) -> Kept:
    """Return the tasks at the last pull. Raises StudyError `export-misfit` for a log that is damaged."""
    path = _log(folder, key)
    tasks: dict[int, bytes] = {}
    cursor, size = None, 0
    for block, lines, ends in read_blocks(path):
        for line in lines:
            if line.startswith(GONE):
                tasks.pop(int(line[len(GONE) : -2]), None)
            else:
                tasks[int(line[len(TASK) : line.index(b",")])] = line
        cursor, size = block.cursor, ends
    return Kept(tasks, cursor, size)


def seen(folder: Path, key: str) -> Seen | None:
    """Return what the server said before the last listing, if the log is as it was then; None where nobody knows."""
    path, log = _seen(folder, key), _log(folder, key)
    try:
        found = Seen.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
    return found if log.is_file() and log.stat().st_size == found.size else None


def note_seen(folder: Path, key: str, tasks: int, annotations: int, newest: str, at: datetime | None) -> None:
    """Write down what the server said before a listing of which all is in the log now."""
    log = _log(folder, key)
    if at is not None and log.is_file():
        told = Seen(tasks=tasks, annotations=annotations, newest=newest, at=at, size=log.stat().st_size)
        write_atomic(_seen(folder, key), told.model_dump_json())


def answered_by(lines: Iterable[bytes], path: Path) -> set[int]:
    """Return the numbers of the accounts that answered in lines of tasks. StudyError `export-misfit` naming `path`."""
    found = {one.completed_by for line in lines for one in answers_of(line, path)[1].values()}
    return {one for one in found if one is not None}


def append(folder: Path, key: str, before: Kept, found: Found) -> None:
    """Add what a pull found to the log, for the holder of the lock; durable on return.

    Raises StudyError `disk-full`, `not-writable` or `disk-error`.
    """
    path = _log(folder, key)
    lines = [*found.changed, *(b"%s%d}\n" % (GONE, task) for task in found.gone)]
    content = b"".join(lines)
    block = Block(
        lines=len(lines),
        checksum=crc32(content),
        cursor=found.cursor,
        accounts=dict(found.accounts),
        overrules=found.overrules,
        stands=tuple(sorted(found.stands)),
    )
    write_block(path, before.size, content, block)


def said(folder: Path, key: str) -> list[Said]:
    """Return every annotation that was ever pulled of the project, sorted by task and id.

    Where nothing is left that says what the server held last (a file moved away as damaged), all of them are gone.
    Raises StudyError `export-misfit`.
    """
    log, newest = _log(folder, key), _newest(folder, key)
    latest: Annotations = {}
    now: dict[int, tuple[Identity, ...]] = {}
    for path in [*_earlier(folder, key), *([newest] if newest.exists() else [])]:
        old = _read_export(path)
        _update(latest, old)
        now = {0: tuple(old)} if path == newest else now
    for number, (block, lines, _) in enumerate(read_blocks(log)):
        now = {} if number == 0 else now
        for line in lines:
            if line.startswith(GONE):
                now.pop(int(line[len(GONE) : -2]), None)
            else:
                task, found = answers_of(line, log, block.accounts)
                _update(latest, found, block)
                now[task] = tuple(found)
    there = {one for found in now.values() for one in found}
    agreed = _agreed(_let_go(folder, key))
    return [
        Said(one[0], latest[one], gone=one not in there, let_go=one not in there and one in agreed)
        for one in sorted(latest)
    ]


def by_number(folder: Path, key: str) -> bool:
    """Whether something is kept of the project that was pulled before it was asked when accounts were made."""
    if _earlier(folder, key) or _newest(folder, key).exists():
        return True
    return any(block.accounts is None for block, _, _ in read_blocks(_log(folder, key)))


def let_go(folder: Path, key: str) -> None:
    """Note that what is gone from the project now counts no more, unless it comes back."""
    gone = [_identity(one.uid, one.annotation) for one in said(folder, key) if one.gone]
    if gone:
        write_atomic(_let_go(folder, key), LET_GO.dump_json(gone))


def _numbers(line: bytes) -> tuple[int, int]:
    """Return how many annotations the line's task has, and minus how many of them were skipped."""
    _, annotations, skipped = line[: line.index(b',"task"')].split(b",")
    return int(annotations.rpartition(b":")[2]), -int(skipped.rpartition(b":")[2])


class Earlier(NamedTuple):
    """An annotation of which the server says an earlier version than the one that was pulled."""

    task: int
    identity: Identity
    says: datetime
    """When the server's version was updated, as it says."""
    pulled: datetime


def earlier(folder: Path, key: str, lines: Mapping[int, bytes]) -> list[Earlier]:
    """Return those of the tasks, whose id -> line as the server says now is given."""
    latest = {_identity(one.uid, one.annotation): one.annotation.updated_at for one in said(folder, key)}
    return [
        Earlier(task, one, now.updated_at, latest[one])
        for task, line in lines.items()
        for one, now in answers_of(line, folder)[1].items()
        if one in latest and latest[one] > now.updated_at
    ]


def answers_of(line: bytes, path: Path, accounts: Mapping[int, datetime] | None = None) -> tuple[int, Annotations]:
    """Return a line's task id and its annotations; `accounts` of whoever answered -> when it was made, None: not asked.

    StudyError `export-misfit` naming `path`, where it stands.
    """
    task = int(line[len(TASK) : line.index(b",")])
    if _numbers(line)[0] == 0:
        return task, {}
    try:
        read = _TaskLine.model_validate_json(line).task
    except ValidationError as exc:
        first = exc.errors()[0]
        raise damaged(path, f"task {task}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from exc
    return task, _answers(read.data, read.annotations, accounts)


def _answers(
    data: Mapping[str, Any], annotations: Iterable[ExportedAnnotation], accounts: Mapping[int, datetime] | None
) -> Annotations:
    """The annotations by identity, each with the hash of what its task shows and when its account was made."""
    shown, uid = data_sha256(data), str(data.get("uid"))
    same = {"shown": shown, "by_number": accounts is None}
    made = accounts or {}
    return {
        _identity(uid, one): one.model_copy(update=same | {"joined": made.get(one.completed_by or 0)})
        for one in annotations
    }


def _update(latest: Annotations, found: Annotations, block: Block | None = None) -> None:
    """Take later versions; where the `block` overrules, earlier ones too.

    Of one that is as it was, what the task showed when it came first stands.
    """
    for one, annotation in found.items():
        before = latest.get(one)
        if before is None:
            latest[one] = annotation
        elif before.updated_at == annotation.updated_at:
            latest[one] = _by_the_same(before, annotation).model_copy(update={"shown": before.shown})
        elif before.updated_at < annotation.updated_at or (block and block.overrules and one not in block.stands):
            latest[one] = _by_the_same(before, annotation)


def _by_the_same(before: ExportedAnnotation, now: ExportedAnnotation) -> ExportedAnnotation:
    """Return the version with what is known of its account, which a server that deletes it forgets."""
    if now.completed_by not in (None, before.completed_by):
        return now
    known = {"completed_by": before.completed_by, "joined": before.joined, "by_number": before.by_number}
    return now.model_copy(update=known)


def _agreed(path: Path) -> set[Identity]:
    if not path.exists():
        return set()
    try:
        return set(LET_GO.validate_json(path.read_bytes()))
    except ValidationError as exc:
        raise StudyError(
            "export-misfit",
            "the list of answers that were let go cannot be read",
            where=str(path),
            found=exc.errors()[0]["msg"],
            expected="what `mvpbench annotate pull --accept-deletions` writes",
            way_out="move the file away, and run that again if the deletions shall count",
        ) from exc


def _read_export(path: Path) -> Annotations:
    return _by_identity(read_export(path.read_bytes(), str(path), MOVE_AWAY))


def _by_identity(tasks: Iterable[ExportedTask]) -> Annotations:
    return {name: one for task in tasks for name, one in _answers(task.data, task.annotations, None).items()}


def _identity(uid: str, one: ExportedAnnotation) -> Identity:
    return uid, one.id, one.created_at.isoformat()


def _log(folder: Path, key: str) -> Path:
    """A slot's n-th project: the server's own number begins anew on another server."""
    return _newest(folder, key).with_suffix(".jsonl")


def _newest(folder: Path, key: str) -> Path:
    return folder / "exports" / f"{key.replace('/', '-')}.json"


def _earlier(folder: Path, key: str) -> list[Path]:
    return sorted(_newest(folder, key).with_suffix("").glob("*.json"))


def _let_go(folder: Path, key: str) -> Path:
    return _newest(folder, key).with_suffix(".let-go.json")


def _seen(folder: Path, key: str) -> Path:
    return _newest(folder, key).with_suffix(".seen.json")
