"""Files that are there whole or not at all, whatever byte the process is killed at."""

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from io import BufferedRandom
from pathlib import Path
from secrets import token_hex

from schemas.errors import StudyError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_TEMPORARY = ".{name}.{token}.partial"
_LEFTOVERS = ".*.partial"

Content = bytes | str | Callable[[BufferedRandom], None]
"""Of a file: bytes, text to be written as UTF-8, or what writes it into the file that it is given (read and write)."""


def write_atomic(path: Path, data: bytes | str) -> None:
    """Replace `path` by `data` (text as UTF-8): a reader finds the old file or the new one.

    Missing folders are made. On return the bytes and the name are on the disk, not only in its cache.

    Raises:
        StudyError: `disk-full`, `not-writable` or `disk-error`; `path` is then as it was.
    """
    write_in_order({path: data})


def write_in_order(files: Mapping[Path, Content] | Iterable[tuple[Path, Content]]) -> None:
    """Replace several files, in the order given, each one atomically.

    All contents are on the disk under temporary names before the first is renamed, so a full disk changes nothing and
    the moment in which some are new and others old is as short as the renames. The last file can vouch for the rest:
    `files` may be a generator, which is asked for a file when the ones before it are written.

    Raises:
        StudyError: as `write_atomic`; before the first rename every path is as it was. What a content raises while it
            is written passes, and nothing is replaced.
    """
    temporary: dict[Path, Path] = {}
    try:
        for path, data in files.items() if isinstance(files, Mapping) else files:
            temporary[path] = path.with_name(_TEMPORARY.format(name=path.name, token=token_hex(4)))
            with disk_errors(path):
                _write_through(temporary[path], data)
        for path, partial in temporary.items():
            with disk_errors(path):
                partial.replace(path)
    finally:
        for partial in temporary.values():
            with suppress(OSError):  # what is wrong with the folder was said above
                partial.unlink(missing_ok=True)
    for folder in {path.parent: None for path in temporary}:
        with disk_errors(folder):
            sync_folder(folder)


def _write_through(path: Path, data: Content) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x+b") as file:
        if callable(data):
            data(file)
        else:
            file.write(data.encode("utf-8") if isinstance(data, str) else data)
        file.flush()
        os.fsync(file.fileno())


def remove_leftovers(folder: Path) -> None:
    """Remove what a killed process left of its temporary files; only for the holder of the study's lock."""
    with disk_errors(folder):
        for partial in folder.glob(_LEFTOVERS):
            partial.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Bring the names in `folder` to the disk: a rename is durable only then. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Translate an OSError of the block, which works on `path`, into the one message for it.

    Raises:
        StudyError: `disk-full` (also over a quota or a limit on file size), `not-writable`, else `disk-error`.
    """
    try:
        yield
    except OSError as exc:
        found = (exc.strerror or str(exc)).lower()
        if exc.errno in _FULL:
            raise disk_full(path, found) from exc
        if exc.errno in _REFUSED:
            raise not_writable(path, found) from exc
        raise disk_error(path, found) from exc


def disk_full(path: Path, found: str) -> StudyError:
    """Return the error for a disk, quota or limit that has no room for `path`."""
    way_out = "what was there before is unharmed; make room, then run the same command again"
    return StudyError("disk-full", f"cannot write {path}", found=found, expected="room to write", way_out=way_out)


def not_writable(path: Path, found: str) -> StudyError:
    """Return the error for a `path` that this user may not write."""
    way_out = "change its owner or mode, or work on a copy of the study"
    expected = "a place this user may read and write"
    return StudyError("not-writable", f"cannot use {path}", found=found, expected=expected, way_out=way_out)


def disk_error(path: Path, found: str) -> StudyError:
    """Return the error for any other trouble with `path`."""
    way_out = "check the path and the disk it is on"
    expected = "a readable and writable place"
    return StudyError("disk-error", f"cannot use {path}", found=found, expected=expected, way_out=way_out)
