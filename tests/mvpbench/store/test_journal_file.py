"""What is no journal of ours is refused; the disk's troubles are told in our words."""

import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest

from mvpbench.store import journal_file
from mvpbench.store.journal import Journal
from schemas.errors import InputError, MvpbenchError, Stopped, StudyError
from tests.modes import with_mode
from tests.mvpbench.store.test_atomic import file_size_limit, public_folder

pytestmark = pytest.mark.slow


def a_text_file(path: Path) -> None:
    path.write_text("these are no pages of SQLite\n" * 100)


def another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")


def a_newer_journal(path: Path) -> None:
    with Journal(path):
        pass
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 2")


def a_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "error", "code", "message"),
    [
        (
            a_text_file,
            InputError,
            "journal-corrupt",
            "{path}: found file is not a database, expected the study's SQLite journal, whole. "
            "put a backup in its place; without one move it away, and calls that were paid will be paid again",
        ),
        (
            another_program,
            InputError,
            "journal-foreign",
            "{path}: found another program's SQLite file. move it away: the journal needs its place",
        ),
        (a_newer_journal, StudyError, "journal-newer", "{path}: found format 2, expected format 1. update mvpbench"),
        (
            a_folder,
            StudyError,
            "not-writable",
            "cannot use {path}: found unable to open database file, expected a place this user may read and write. "
            "change its owner or mode, or work on a copy of the study",
        ),
    ],
)
def test_what_is_no_journal_is_refused_and_left_as_it_is(
    tmp_path: Path, make: Callable[[Path], None], error: type[MvpbenchError], code: str, message: str
) -> None:
    path = tmp_path / "journal.db"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(error) as caught, Journal(path):
        pass
    assert caught.value.report.code == code
    assert str(caught.value) == message.replace("{path}", str(path))
    assert (path.read_bytes() if path.is_file() else None) == before


@pytest.mark.parametrize("address", ["s3://bucket/journal.db", "https://example.org/journal.db"])
def test_a_journal_is_no_address(address: str) -> None:
    with pytest.raises(StudyError) as caught, Journal(Path(address)):
        pass
    assert str(caught.value) == (
        f"journal {Path(address)}: found an address, expected a local file. "
        "keep the study on a local disk: SQLite's promises do not hold elsewhere"
    )


def test_a_journal_is_durable_at_every_commit(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.db") as journal, journal.batch() as connection:
        settings = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "user_version")
        }
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "user_version": journal_file.JOURNAL_FORMAT,
    }


def test_a_journal_without_room_says_so_keeps_what_it_has_and_goes_on_later(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with Journal(path) as journal:
        journal.begin_write("task", "t-1", "small")
        with journal.batch() as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StudyError) as caught:
            journal.begin_write("task", "t-2", "x" * 100_000)
        assert str(caught.value) == (
            f"cannot write {path}: found database or disk is full, expected room to write. "
            "what was there before is unharmed; make room, then run the same command again"
        )
        assert [write.key for write in journal.writes("task")] == ["t-1"]
    with Journal(path) as journal:
        journal.begin_write("task", "t-2", "x" * 100_000)
        assert len(journal.writes("task")) == 2


def test_a_disk_that_fails_under_the_journal_is_told(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with Journal(path) as journal:
        with file_size_limit(100_000), pytest.raises(StudyError) as caught:
            journal.begin_write("task", "t-1", "x" * 500_000)
        assert str(caught.value) == (
            f"cannot use {path}: found disk i/o error, expected a readable and writable place. "
            "check the path and the disk it is on"
        )
        journal.begin_write("task", "t-1", "small")
        assert journal.writes("task")[0].payload == "small"


def test_a_folder_that_refuses_us_is_told(tmp_path: Path) -> None:
    with with_mode(tmp_path, 0o555), pytest.raises(StudyError) as caught, Journal(tmp_path / "journal.db"):
        pass
    assert caught.value.report.code == "not-writable"
    assert list(tmp_path.iterdir()) == []


def test_another_writer_is_waited_for_and_then_told(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with Journal(path) as first, first.batch(), Journal(path) as second:
        impatient = sqlite3.connect(path, timeout=0)
        with closing(impatient), pytest.raises(Stopped) as caught, journal_file.sqlite_errors(path):
            impatient.execute("BEGIN IMMEDIATE")
        assert second.writes("task") == []
    assert str(caught.value) == (
        f"{path}: found another process writing into it. run the same command again when that one has ended"
    )
    assert caught.value.exit_code == 75


def test_many_who_begin_a_journal_at_once_find_the_same_one(tmp_path: Path) -> None:
    """Eight at a time, each round in a new place: without a common transaction one in twenty finds it foreign."""
    with ThreadPoolExecutor(8) as pool:
        for number in range(40):
            path = tmp_path / str(number) / "journal.db"
            path.parent.mkdir()
            barrier = Barrier(8)

            def begin(path: Path = path, barrier: Barrier = barrier) -> None:
                barrier.wait()
                with Journal(path) as journal:
                    journal.begin_write("task", "t-1", "small")

            for done in [pool.submit(begin) for _ in range(8)]:
                done.result()
            with Journal(path, view=True) as journal:
                assert [write.key for write in journal.writes("task")] == ["t-1"]


def test_looking_at_a_journal_that_was_never_begun_makes_none(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    for make in (lambda: None, path.touch):  # an empty file is what another process leaves before its first write
        make()
        with Journal(path, view=True) as journal:
            assert (journal.spent().attempts, journal.writes("task")) == (0, [])
            with pytest.raises(StudyError):
                journal.begin_write("task", "t-1", "small")
        assert not path.exists() or path.stat().st_size == 0


def test_a_journal_is_looked_at_and_not_written_while_another_process_writes(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with Journal(path) as writer, Journal(path, view=True) as reader:
        writer.begin_write("task", "t-1", "small")
        assert len(reader.writes("task")) == 1
        with pytest.raises(StudyError):
            reader.begin_write("task", "t-2", "small")
    assert [file.name for file in tmp_path.iterdir()] == ["journal.db"]


@pytest.mark.parametrize("make", [a_text_file, another_program, a_newer_journal])
def test_what_is_no_journal_is_not_looked_at_either(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "journal.db")
    with pytest.raises(MvpbenchError) as opened, Journal(tmp_path / "journal.db"):
        pass
    with pytest.raises(MvpbenchError) as looked_at, Journal(tmp_path / "journal.db", view=True):
        pass
    assert str(looked_at.value) == str(opened.value)


def test_a_journal_in_a_folder_that_refuses_us_is_looked_at_unless_its_log_is_not_merged() -> None:
    with public_folder() as folder:
        path, torn = folder / "journal.db", folder / "torn" / "journal.db"
        torn.parent.mkdir()
        with Journal(path) as journal:
            journal.begin_write("task", "t-1", "small")
            for name in ("journal.db", "journal.db-wal"):  # as a kill leaves them
                shutil.copy(folder / name, torn.parent)
        with with_mode(folder, 0o555), Journal(path, view=True) as journal:
            assert len(journal.writes("task")) == 1
        with with_mode(torn.parent, 0o555), pytest.raises(StudyError) as caught, Journal(torn, view=True):
            pass
        assert caught.value.report.code == "not-writable"
        with Journal(torn, view=True) as journal:
            assert len(journal.writes("task")) == 1
