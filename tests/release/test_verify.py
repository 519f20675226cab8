"""Verification names the file, whatever was done to it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from release.verify import verify_release, violations
from schemas.errors import CheckFailed, InputError
from tests.release.made import made_study
from tests.release.test_seal import sealed

pytestmark = pytest.mark.slow


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A copy that can be written to, of a sealed release."""
    copy = tmp_path / "copy"
    shutil.copytree(sealed(tmp_path / "study"), copy, copy_function=shutil.copyfile)
    for folder in [copy, *(path for path in copy.rglob("*") if path.is_dir())]:
        folder.chmod(0o755)
    return copy


def flip(path: Path, place: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[place] ^= 1
    path.write_bytes(raw)


def test_an_unchanged_release_verifies_wherever_it_lies(release: Path) -> None:
    outcome = verify_release(release)
    assert outcome.result.name == "made-up-values"
    assert outcome.result.files == sum(path.is_file() for path in release.rglob("*")) - 1


def test_one_changed_byte_is_found_in_every_file(release: Path) -> None:
    files = sorted(path for path in release.rglob("*") if path.is_file() and path.name != "manifest.json")
    assert len(files) > 8
    for path in files:
        place = path.stat().st_size // 2
        flip(path, place)
        found = violations(release)
        assert [(one.code, one.where) for one in found] == [("file-changed", path.relative_to(release).as_posix())]
        flip(path, place)
    assert violations(release) == []


def test_one_changed_byte_of_the_manifest_is_found_wherever_it_is(release: Path) -> None:
    manifest = release / "manifest.json"
    size = manifest.stat().st_size
    for place in range(0, size, max(1, size // 60)):
        flip(manifest, place)
        assert "manifest.json" in {one.where for one in violations(release)}
        flip(manifest, place)
    assert violations(release) == []


def test_the_message_names_the_file_and_exits_1(release: Path) -> None:
    flip(release / "data" / "instances" / "test.parquet", 100)
    with pytest.raises(CheckFailed, match=r"data/instances/test\.parquet: other bytes") as caught:
        verify_release(release)
    assert caught.value.exit_code == 1
    assert caught.value.report.code == "release-changed"


def _remove(release: Path) -> None:
    (release / "LICENSE").unlink()


def _add(release: Path) -> None:
    (release / "data" / "extra.parquet").write_bytes(b"")


def _add_folder(release: Path) -> None:
    (release / "empty").mkdir()


def _link(release: Path) -> None:
    path = release / "LICENSE"
    path.rename(release.parent / "LICENSE")
    path.symlink_to(release.parent / "LICENSE")


@pytest.mark.parametrize(
    ("harm", "code", "where"),
    [
        (_remove, "file-missing", "LICENSE"),
        (_add, "file-extra", "data/extra.parquet"),
        (_add_folder, "file-extra", "empty"),
        (_link, "file-changed", "LICENSE"),
    ],
)
def test_missing_extra_and_replaced_files_are_named(
    release: Path, harm: Callable[[Path], None], code: str, where: str
) -> None:
    harm(release)
    assert [(one.code, one.where) for one in violations(release)] == [(code, where)]


def test_a_manifest_that_lists_a_file_outside_reads_nothing_there(release: Path) -> None:
    manifest = release / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"path": "LICENSE"', '"path": "../secret"'))
    (release.parent / "secret").write_text("secret")
    assert ("file-missing", "../secret") in {(one.code, one.where) for one in violations(release)}


@pytest.mark.parametrize("make", [os.makedirs, lambda path: made_study(path), lambda path: None])
def test_what_is_no_release_is_one_message(tmp_path: Path, make: Callable[[Path], object]) -> None:
    path = tmp_path / "other"
    make(path)
    with pytest.raises(InputError, match=r"found no manifest\.json, expected a sealed release") as caught:
        verify_release(path)
    assert caught.value.report.code == "not-a-release"
