"""`doctor`: an extra that is absent is no fault; one that is broken is."""

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from annotation.server.environment import cache_folder
from mvpbench.cli.doctor import check_cache, check_packages, examine
from schemas.results import Check


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages, beside those there are."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def install(folder: Path, package: str, version: str, code: str = "") -> None:
    info = folder / f"{package}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n", encoding="utf-8")
    (folder / f"{package}_code.py").write_text(code, encoding="utf-8")


def checked(name: str, *needs: str) -> Check:
    modules = {f"{package}_code": [package] for package in ("wheels", "motor")}
    return check_packages(name, [Requirement(need) for need in needs], modules)


def test_an_extra_that_is_whole(installed: Path) -> None:
    install(installed, "wheels", "2.1")
    install(installed, "motor", "1.0")
    check = checked("drive", "wheels>=2", "motor")
    assert (check.name, check.ok, check.found) == ("packages (drive)", True, "all 2 there")


def test_an_extra_that_is_absent_or_there_in_part_is_told_and_no_fault(installed: Path) -> None:
    install(installed, "wheels", "2.1", "import nothing_of_this_name")
    check = checked("drive", "wheels>=2", "motor")
    assert (check.ok, check.found) == (True, "not installed (no motor)")
    assert check.way_out == "pip install 'mvpbench[drive]'"


def test_a_core_in_which_something_is_missing_is_a_fault(installed: Path) -> None:
    check = checked("core", "motor")
    assert (check.ok, check.found, check.way_out) == (False, "no motor", "pip install mvpbench")


def test_a_wrong_version_is_a_fault(installed: Path) -> None:
    install(installed, "wheels", "1.9")
    check = checked("drive", "wheels>=2", "motor")
    assert (check.ok, check.found) == (False, "not installed (no motor); wheels 1.9 is not >=2")


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import nothing_of_this_name", "No module named 'nothing_of_this_name'"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "an end with code -9"),
    ],
)
def test_what_cannot_be_imported_is_a_fault(installed: Path, code: str, found: str) -> None:
    install(installed, "wheels", "2.1", code)
    check = checked("drive", "wheels")
    assert not check.ok
    assert found in check.found


@pytest.mark.slow
def test_this_installation_is_whole_and_its_cache_is_the_servers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MVPBENCH_CACHE", str(tmp_path / "not" / "made" / "yet"))
    said: list[str] = []
    checks = {check.name: check for check in examine(said.append).result.checks}
    assert all(check.ok for check in checks.values()), checks
    assert {"python", "packages (core)", "packages (train)", "cache folder", "disk"} <= set(checks)
    assert checks["cache folder"].found == str(cache_folder())
    assert any("train" in line for line in said)


def test_a_cache_folder_that_cannot_be_made_is_a_fault(tmp_path: Path) -> None:
    assert check_cache(tmp_path / "not" / "made" / "yet").ok
    (tmp_path / "not").write_text("in the way", encoding="utf-8")
    check = check_cache(tmp_path / "not" / "made" / "yet")
    assert (check.ok, check.found) == (False, str(tmp_path / "not" / "made" / "yet"))
    assert "MVPBENCH_CACHE" in (check.way_out or "")
