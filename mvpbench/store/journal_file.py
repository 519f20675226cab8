"""The journal's file: opened as what it is, refused as what it is not, SQLite's errors in our words."""

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mvpbench.store.atomic import disk_error, disk_errors, disk_full, not_writable, sync_folder
from mvpbench.store.study import require_format
from schemas.errors import Defect, InputError, MvpbenchError, Stopped, StudyError

JOURNAL_FORMAT = 1
APPLICATION_ID = 0x4D565042
"""`MVPB` in the file's header: tells the journal from another program's SQLite file."""
BUSY_SECONDS = 10.0
RETRY_SECONDS = 0.01

_SCHEMA = Path(__file__).with_name("journal.sql")
_URL = re.compile(r"[a-z][a-z0-9+.-]+:/")
_UNREADABLE = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_REFUSED = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_CANTOPEN})
_PRIMARY = 0xFF
_SMALLEST_PAGE = 512


def open_journal(path: Path) -> sqlite3.Connection:
    """Return a connection in autocommit mode to the journal at `path`, which is made if missing.

    Write-ahead log, synchronous=FULL: a transaction is on the disk when its commit returns.

    Raises:
        InputError: `journal-corrupt`, or `journal-foreign` for another program's SQLite file.
        StudyError: `journal-newer`, `journal-older`, `journal-not-local`, or the disk is full or not writable.
        Stopped: `journal-busy`.
    """
    if _URL.match(str(path)):
        raise _not_local(path, "an address")
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _require_whole_pages(path)
    with sqlite_errors(path):
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            _prepare(connection, path)
        except (sqlite3.Error, MvpbenchError):
            connection.close()
            raise
    return connection


def view_journal(path: Path) -> sqlite3.Connection:
    """Return a connection that can only read the journal at `path`; where none was begun, to an empty one in memory.

    A folder that refuses us is no hindrance, unless what was written last is still in the write-ahead log: that takes
    a file beside it to read.

    Raises:
        As `open_journal` does.
    """
    if _URL.match(str(path)):
        raise _not_local(path, "an address")
    with disk_errors(path):
        _require_whole_pages(path)
        is_there = path.exists()
    with sqlite_errors(path):
        connection = _reader(path) if is_there else sqlite3.connect(":memory:", isolation_level=None)
        try:
            with _transaction(connection):
                is_begun = _is_begun(connection, path)
            if not is_begun:
                connection.close()
                connection = sqlite3.connect(":memory:", isolation_level=None)
                connection.executescript(_SCHEMA.read_text(encoding="utf-8"))
            connection.execute("PRAGMA query_only = ON")
        except (sqlite3.Error, MvpbenchError):
            connection.close()
            raise
    return connection


def _reader(path: Path) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(address, timeout=BUSY_SECONDS, isolation_level=None, uri=True)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema")
    except sqlite3.OperationalError as exc:
        connection.close()
        log = path.with_name(f"{path.name}-wal")
        if exc.sqlite_errorcode & _PRIMARY not in _REFUSED or (log.exists() and log.stat().st_size):
            raise
        # Without a log the file is whole, and SQLite would only make one: it may take the file as nobody's to change.
        return sqlite3.connect(f"{address}&immutable=1", isolation_level=None, uri=True)
    return connection


@contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """Translate an SQLite error of the block, which works on the journal at `path`.

    Raises:
        InputError: `journal-corrupt`.
        Stopped: `journal-busy`: another process wrote for longer than `BUSY_SECONDS`.
        StudyError: `disk-full`, `not-writable` or `disk-error`.
        Defect: `journal-sql` for anything else, which is ours.
    """
    try:
        yield
    except sqlite3.Error as exc:
        raise _translated(exc, path) from exc


def _translated(exc: sqlite3.Error, path: Path) -> MvpbenchError:
    code = getattr(exc, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY
    if code in _UNREADABLE:
        return journal_corrupt(path, str(exc))
    if code in _BUSY:
        way_out = "run the same command again when that one has ended"
        return Stopped("journal-busy", str(path), found="another process writing into it", way_out=way_out)
    if code in _REFUSED:
        return not_writable(path, str(exc))
    if code == sqlite3.SQLITE_FULL:
        return disk_full(path, str(exc))
    if code == sqlite3.SQLITE_IOERR:
        return disk_error(path, str(exc).lower())
    return Defect("journal-sql", str(path), found=str(exc))


def journal_corrupt(path: Path, found: str) -> InputError:
    """Return the error for a journal that is not what was written."""
    way_out = "put a backup in its place; without one move it away, and calls that were paid will be paid again"
    expected = "the study's SQLite journal, whole"
    return InputError("journal-corrupt", str(path), found=found, expected=expected, way_out=way_out)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    with _transaction(connection):
        is_begun = _is_begun(connection, path)
    mode = _write_ahead(connection)
    if mode != "wal":
        raise _not_local(path, f"a file system on which SQLite keeps to `{mode}`")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    if not is_begun:
        _begin(connection, path)


def _write_ahead(connection: sqlite3.Connection) -> str:
    """Ask for the write-ahead log and return what it is now; SQLite itself does not wait for others here."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return str(mode)
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode & _PRIMARY not in _BUSY or time.monotonic() > until:
                raise
            time.sleep(RETRY_SECONDS)


def _is_begun(connection: sqlite3.Connection, path: Path) -> bool:
    """Return whether the journal was begun. Raises InputError `journal-foreign`, StudyError as `require_format`.

    In a transaction of the caller's: else another process may begin the journal between two of the looks.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if tables == 0 and found == 0:
        return False
    if application != APPLICATION_ID:
        way_out = "move it away: the journal needs its place"
        raise InputError("journal-foreign", str(path), found="another program's SQLite file", way_out=way_out)
    require_format("journal", path, found, JOURNAL_FORMAT)
    return True


def _begin(connection: sqlite3.Connection, path: Path) -> None:
    with _transaction(connection, "IMMEDIATE"):
        if _is_begun(connection, path):  # by another process, since we looked
            return
        for statement in _statements(_SCHEMA.read_text(encoding="utf-8")):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {JOURNAL_FORMAT}")
    with disk_errors(path):
        sync_folder(path.parent)


@contextmanager
def _transaction(connection: sqlite3.Connection, kind: str = "DEFERRED") -> Iterator[None]:
    connection.execute(f"BEGIN {kind}")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _statements(script: str) -> Iterator[str]:
    """`executescript` would commit the transaction it is called in."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _require_whole_pages(path: Path) -> None:
    """Refuse a file cut within its last page (an interrupted copy), which SQLite would read as zeros.

    Beside a write-ahead log that is no damage: the log still has every page whose way into the file was cut short.
    """
    if path.with_name(f"{path.name}-wal").exists() or not path.is_file() or not (size := path.stat().st_size):
        return
    with path.open("rb") as file:
        header = file.read(18)
    # Bytes 16 and 17, big-endian: a power of two from 512 to 32768, or 1 for 65536 (sqlite.org/fileformat.html).
    page_size = int.from_bytes(header[16:18], "big")
    page_size = 65536 if page_size == 1 else max(page_size, _SMALLEST_PAGE)
    if size < _SMALLEST_PAGE or (header.startswith(b"SQLite format 3\0") and size % page_size):
        raise journal_corrupt(path, "a last page that is cut short")


def _not_local(path: Path, found: str) -> StudyError:
    way_out = "keep the study on a local disk: SQLite's promises do not hold elsewhere"
    return StudyError("journal-not-local", f"journal {path}", found=found, expected="a local file", way_out=way_out)
