"""The one writer of a study: an advisory lock that dies with the process that holds it."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from mvpbench.store.atomic import disk_errors
from schemas.errors import Stopped
from schemas.record import Record

_LONGEST = 4096


class LockHolder(Record):
    """Who is at work; written into the lock file for the next one to read. The lock itself is the kernel's."""

    pid: int
    command: str
    started_at: str
    """ISO 8601, UTC."""


@contextmanager
def hold_lock(path: Path, holder: LockHolder) -> Iterator[None]:
    """Hold `path` (made if missing, never removed) while the block runs.

    `flock` belongs to the open file: the kernel releases it however the process ends, a second open of the same
    process is refused too, and programs started by `exec` do not inherit it (a bare fork does).

    Raises:
        Stopped: `study-locked`, naming the pid that holds it.
        StudyError: the file cannot be made or locked.
    """
    with disk_errors(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _take(descriptor, path)
        with disk_errors(path):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, (holder.model_dump_json() + "\n").encode(), 0)
        yield
        # Emptied, not removed: whoever waits on this file would else hold a lock on a name that is gone.
        with disk_errors(path):
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path) -> None:
    with disk_errors(path):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            if exc.errno not in {errno.EWOULDBLOCK, errno.EACCES}:
                raise
            raise _locked(descriptor, path) from exc


def _locked(descriptor: int, path: Path) -> Stopped:
    try:
        holder = LockHolder.model_validate_json(os.pread(descriptor, _LONGEST, 0))
        found = f"process {holder.pid} at work on it (`{holder.command}`, since {holder.started_at})"
    except ValidationError:  # between its flock and its first byte
        found = "another process that has just begun to work on it"
    return Stopped(
        "study-locked",
        f"study {path.parent}",
        where=path.name,
        found=found,
        expected="one writer at a time",
        way_out="run the same command again when that one has ended",
    )
