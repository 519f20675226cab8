"""Files that are there whole or not at all."""

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from mvpbench.store.atomic import disk_errors, remove_leftovers, write_atomic, write_in_order
from schemas.errors import StudyError
from tests.modes import with_mode


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """No file of this process may grow beyond `size` bytes: a full disk without filling one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def public_folder() -> Iterator[Path]:
    """A new folder that everybody may enter, as pytest's are not: what becomes nobody can still read there."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_text_is_written_as_utf_8_and_bytes_as_they_are_into_folders_that_are_made(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a" / "b.txt", "жить\n")
    write_atomic(tmp_path / "a" / "c.bin", b"\x00\xff")
    assert (tmp_path / "a" / "b.txt").read_bytes() == b"\xd0\xb6\xd0\xb8\xd1\x82\xd1\x8c\n"
    assert (tmp_path / "a" / "c.bin").read_bytes() == b"\x00\xff"
    assert names(tmp_path / "a") == ["b.txt", "c.bin"]


def test_a_file_obeys_the_umask_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    write_atomic(tmp_path / "atomic", "")
    assert (tmp_path / "atomic").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_where_the_disk_is_full_every_file_is_as_it_was_and_nothing_is_left_over(tmp_path: Path) -> None:
    first, last = tmp_path / "first", tmp_path / "last"
    write_in_order({first: "old", last: "old"})
    with file_size_limit(1000), pytest.raises(StudyError) as caught:
        write_in_order({first: "new", last: "x" * 5000})
    assert str(caught.value) == (
        f"cannot write {last}: found file too large, expected room to write. "
        "what was there before is unharmed; make room, then run the same command again"
    )
    assert caught.value.report.code == "disk-full"
    assert (first.read_text(), last.read_text()) == ("old", "old")
    assert names(tmp_path) == ["first", "last"]


def test_a_device_without_space_is_a_full_disk() -> None:
    with pytest.raises(StudyError) as caught, disk_errors(Path("/dev/full")):
        Path("/dev/full").write_text("x")
    assert caught.value.report.code == "disk-full"
    assert caught.value.report.found == "no space left on device"


def test_a_folder_that_refuses_us_is_named(tmp_path: Path) -> None:
    with with_mode(tmp_path, 0o555), pytest.raises(StudyError) as caught:
        write_atomic(tmp_path / "table", "x")
    assert str(caught.value) == (
        f"cannot use {tmp_path / 'table'}: found permission denied, expected a place this user may read and write. "
        "change its owner or mode, or work on a copy of the study"
    )
    assert caught.value.report.code == "not-writable"
    assert names(tmp_path) == []


def test_a_folder_in_the_place_of_the_file_is_other_trouble(tmp_path: Path) -> None:
    (tmp_path / "table").mkdir()
    with pytest.raises(StudyError) as caught:
        write_atomic(tmp_path / "table", "x")
    assert str(caught.value) == (
        f"cannot use {tmp_path / 'table'}: found is a directory, expected a readable and writable place. "
        "check the path and the disk it is on"
    )
    assert caught.value.report.code == "disk-error"
    assert names(tmp_path) == ["table"]


def test_leftovers_of_a_killed_process_go_and_other_hidden_files_stay(tmp_path: Path) -> None:
    for name in (".instances.parquet.0a1b2c3d.partial", ".gitignore", "instances.parquet"):
        (tmp_path / name).touch()
    remove_leftovers(tmp_path)
    remove_leftovers(tmp_path / "no such folder")
    assert names(tmp_path) == [".gitignore", "instances.parquet"]


def test_an_error_that_is_not_of_the_disk_passes_unchanged() -> None:
    with pytest.raises(ZeroDivisionError), disk_errors(Path("x")):
        _ = 1 / 0
    with pytest.raises(StudyError), disk_errors(Path("x")):
        raise OSError(errno.EIO, os.strerror(errno.EIO))
