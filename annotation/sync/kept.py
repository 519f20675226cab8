"""What was ever pulled of one project, kept as the server said it and apart from its reading.

Any rater may delete or edit any answer on the server, and the server keeps no record of who did. So what was pulled
once stays: of an annotation that changed the latest version counts; one that is gone counts still, until the study's
owner lets it go.

`<label-studio>/exports/<slot>-<n>.jsonl` is a log that only grows, of blocks; a block is what one pull found changed
and ends with a line that vouches for it (count and checksum). Killed at any byte, the log holds the blocks before, and
what is left of the last one is cut off by the next writer. A log, as a pull appends little to much, reading is one pass
without an index, and no byte that was ever pulled is written anew; SQLite would pay for indices that nobody asks, and
its file differs from run to run, where the fingerprints of tables want a content hash.

A line is a task (`KEPT`) with its annotations as the server said them, without what says a rater's address, or what is
not in a listing and an export alike (`DROPPED`). Its first fields let a reader skip the rest. Studies pulled in an
earlier format have exports beside it: `<slot>-<n>.json` the newest, `<slot>-<n>/` the earlier ones.
`<slot>-<n>.let-go.json` names what was let go.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError

from annotation.studio import LOOK_AT_PROJECT, ExportedAnnotation, ExportedTask, read_export
from annotation.tasks.shown import data_sha256
from mvpbench.store.atomic import disk_errors, sync_folder, write_atomic
from schemas.errors import StudyError

Identity = tuple[str, int, str]
"""Task uid, annotation id and time of creation: a server restored from a backup gives ids out again."""
Annotations = dict[Identity, ExportedAnnotation]
LET_GO = TypeAdapter(list[Identity])
MOVE_AWAY = "move the file away and run `mvpbench annotate pull` again: what is on the server comes anew"
KEPT = ("id", "data", "created_at", "updated_at")
DROPPED = ("created_username", "created_ago", "unique_id", "prediction", "result_count")
FORMAT = 1
TASK, GONE, END = b'{"id":', b'{"gone":', b'{"end":'


@dataclass(frozen=True)
class Said:
    """One annotation in its latest version."""

    uid: str
    annotation: ExportedAnnotation
    gone: bool = False
    """Whether the server lacked it at the last pull."""
    let_go: bool = False
    """Whether it is gone and the study's owner agreed."""


class Block(BaseModel):
    """What vouches for the lines before it."""

    format: int = FORMAT
    lines: int
    checksum: int
    """CRC-32 of the block's lines with their ends."""
    cursor: str
    """The newest `updated_at` that the server told before it listed; empty where it held no task."""
    accounts: dict[int, AwareDatetime] = {}
    """Number -> when the account was made, of those who answered in the lines: a server put back gives numbers out
    again. Blocks of earlier formats have none."""
    overrules: bool = False
    """Whether the lines count whatever their stamps: somebody asked for what the server says now."""


class Found(NamedTuple):
    """What a pull adds to the log."""

    changed: Sequence[bytes]
    """Lines of tasks (`line_of`)."""
    gone: Sequence[int]
    """Ids of tasks."""
    cursor: str
    accounts: Mapping[int, datetime] = {}
    """Of every account on the server."""
    overrules: bool = False


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
    for block, lines, ends in _blocks(path):
        for line in lines:
            if line.startswith(GONE):
                tasks.pop(int(line[len(GONE) : -2]), None)
            else:
                tasks[int(line[len(TASK) : line.index(b",")])] = line
        cursor, size = block.cursor, ends
    return Kept(tasks, cursor, size)


def append(folder: Path, key: str, before: Kept, found: Found) -> None:
    """Add what a pull found to the log, for the holder of the lock; durable on return.

    Raises StudyError `disk-full`, `not-writable` or `disk-error`.
    """
    path = _log(folder, key)
    lines = [*found.changed, *(b"%s%d}\n" % (GONE, task) for task in found.gone)]
    content = b"".join(lines)
    answered = {one.completed_by for line in found.changed for one in answers_of(line, path)[1].values()}
    end = Block(
        lines=len(lines),
        checksum=crc32(content),
        cursor=found.cursor,
        accounts={user: found.accounts[user] for user in sorted(found.accounts.keys() & answered)},
        overrules=found.overrules,
    )
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as log:
            log.truncate(before.size)
            log.write(content + _end_line(end))
            log.flush()
            os.fsync(log.fileno())
        sync_folder(path.parent)


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
    for number, (block, lines, _) in enumerate(_blocks(log)):
        now = {} if number == 0 else now
        for line in lines:
            if line.startswith(GONE):
                now.pop(int(line[len(GONE) : -2]), None)
            else:
                task, found = answers_of(line, log, block.accounts)
                _update(latest, found, overrules=block.overrules)
                now[task] = tuple(found)
    there = {one for found in now.values() for one in found}
    agreed = _agreed(_let_go(folder, key))
    return [
        Said(one[0], latest[one], gone=one not in there, let_go=one not in there and one in agreed)
        for one in sorted(latest)
    ]


def let_go(folder: Path, key: str) -> None:
    """Note that what is gone from the project now counts no more, unless it comes back."""
    gone = [_identity(one.uid, one.annotation) for one in said(folder, key) if one.gone]
    if gone:
        write_atomic(_let_go(folder, key), LET_GO.dump_json(gone))


def _blocks(path: Path) -> Iterator[tuple[Block, list[bytes], int]]:
    """Yield the blocks that are whole, each with its lines and where in the file it ends.

    What a killed writer left after the last is no part of any.
    """
    lines: list[bytes] = []
    read = 0
    content = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    for number, line in enumerate(content):
        read += len(line)
        if not line.startswith(END):
            lines.append(line)
            continue
        block = _vouching(line)
        if block is None or (block.lines, block.checksum) != (len(lines), crc32(b"".join(lines))):
            if number + 1 == len(content):
                return
            raise _damaged(path, f"line {number + 1} does not vouch for what stands before it")
        yield block, lines, read
        lines = []


def _vouching(line: bytes) -> Block | None:
    try:
        return Block.model_validate_json(line[len(END) :].rstrip(b"\n")[:-1])
    except ValidationError:
        return None


def _end_line(block: Block) -> bytes:
    return END + block.model_dump_json().encode() + b"}\n"


def _numbers(line: bytes) -> tuple[int, int]:
    """Return how many annotations the line's task has, and minus how many of them were skipped."""
    _, annotations, skipped = line[: line.index(b',"task"')].split(b",")
    return int(annotations.rpartition(b":")[2]), -int(skipped.rpartition(b":")[2])


def overruled(folder: Path, key: str, lines: Mapping[int, bytes]) -> list[int]:
    """Return the tasks, of their id -> line as the server says now, of which a version stamped later is kept."""
    latest = {_identity(one.uid, one.annotation): one.annotation.updated_at for one in said(folder, key)}
    return [
        task
        for task, line in lines.items()
        if any(latest.get(one, now.updated_at) > now.updated_at for one, now in answers_of(line, folder)[1].items())
    ]


def answers_of(line: bytes, path: Path, accounts: Mapping[int, datetime] = {}) -> tuple[int, Annotations]:
    """Return a line's task id and its annotations; `accounts` of whoever answered -> when it was made.

    StudyError `export-misfit` naming `path`, where it stands.
    """
    task = int(line[len(TASK) : line.index(b",")])
    if _numbers(line)[0] == 0:
        return task, {}
    try:
        read = _TaskLine.model_validate_json(line).task
    except ValidationError as exc:
        first = exc.errors()[0]
        raise _damaged(path, f"task {task}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from exc
    return task, _answers(read.data, read.annotations, accounts)


def _damaged(path: Path, found: str) -> StudyError:
    return StudyError(
        "export-misfit",
        "what was pulled from the label studio project cannot be read",
        where=str(path),
        found=found,
        expected="what `mvpbench annotate pull` wrote",
        way_out="restore the file from a backup, else " + MOVE_AWAY,
    )


def _answers(
    data: Mapping[str, Any], annotations: Iterable[ExportedAnnotation], accounts: Mapping[int, datetime]
) -> Annotations:
    """The annotations by identity, each with the hash of what its task shows and when its account was made."""
    shown, uid = data_sha256(data), str(data.get("uid"))
    return {
        _identity(uid, one): one.model_copy(update={"shown": shown, "joined": accounts.get(one.completed_by or 0)})
        for one in annotations
    }


def _update(latest: Annotations, found: Annotations, *, overrules: bool = False) -> None:
    """Take later versions; where the block `overrules`, earlier ones too.

    Of one that is as it was, what the task showed when it came first stands.
    """
    for one, annotation in found.items():
        before = latest.get(one)
        if before is None:
            latest[one] = annotation
        elif before.updated_at == annotation.updated_at:
            latest[one] = _by_the_same(before, annotation).model_copy(update={"shown": before.shown})
        elif overrules or before.updated_at < annotation.updated_at:
            latest[one] = _by_the_same(before, annotation)


def _by_the_same(before: ExportedAnnotation, now: ExportedAnnotation) -> ExportedAnnotation:
    """Return the version with what is known of its account, which a server that deletes it forgets."""
    if now.completed_by not in (None, before.completed_by):
        return now
    return now.model_copy(update={"completed_by": before.completed_by, "joined": before.joined})


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
    return {name: one for task in tasks for name, one in _answers(task.data, task.annotations, {}).items()}


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
