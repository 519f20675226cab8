"""A project in which nobody works is asked how it stands and not listed, unless anything is not as it was."""

from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from annotation.studio import Studio
from annotation.sync.fetch import OVERLAP, Fetched, asked_since, fetch
from tests.annotation.sync.held import Held

KEY = "KE-en-person-1/1"


def pulled(held: Held, folder: Path) -> Fetched:
    return fetch(cast("Studio", held), folder, {KEY: 1}, print)[0]


@pytest.fixture
def held() -> Held:
    """Thirty tasks, made in as many minutes."""
    made = Held()
    for number in range(30):
        made.add(f"t-{number}")
    return made


def test_a_project_in_which_nobody_works_is_not_listed_again_and_again(held: Held, tmp_path: Path) -> None:
    pulled(held, tmp_path)
    held.now(9.9)
    pulled(held, tmp_path)
    assert held.listed == [30, 10]  # somebody may have committed a change since that is stamped earlier
    held.now(0.1)
    pulled(held, tmp_path)
    assert held.listed == [30, 10, 10]  # ten minutes after the last change there was none
    for _ in range(3):
        held.now(1)
        assert pulled(held, tmp_path) == Fetched(changed=0, gone=0, whole=False)
    assert held.listed == [30, 10, 10]


def test_of_a_project_in_which_nobody_worked_before_only_what_changed_is_listed(held: Held, tmp_path: Path) -> None:
    for _ in range(2):
        pulled(held, tmp_path)
        held.now(10)
    asked, newest = held.listed.copy(), datetime.fromisoformat(held.glance(1).newest)
    assert asked_since(tmp_path, KEY) == newest
    held.answer(4)
    assert pulled(held, tmp_path) == Fetched(changed=1, gone=0, whole=False)
    assert held.listed == [*asked, 1]
    assert asked_since(tmp_path, KEY) == newest + timedelta(minutes=21) - OVERLAP
    held.answer(5)
    held.answer(6)
    assert pulled(held, tmp_path) == Fetched(changed=2, gone=0, whole=False)
    assert held.listed == [*asked, 1, 3]  # the one before was seen at once: others may be stamped earlier


def test_a_listing_after_a_change_leaves_the_overlap_until_ten_minutes_have_passed(held: Held, tmp_path: Path) -> None:
    pulled(held, tmp_path)
    held.now(10)
    pulled(held, tmp_path)
    late = deepcopy(held._tasks[4])
    held.answer(5)
    pulled(held, tmp_path)
    held._tasks[4] = late | {"updated_at": (datetime.fromisoformat(held.now(0)) - timedelta(minutes=9)).isoformat()}
    assert pulled(held, tmp_path).changed == 1


@pytest.mark.parametrize("change", ["a skip", "the log is moved away", "the log is cut", "the clock is put back"])
def test_a_project_is_listed_where_anything_is_not_as_it_was(held: Held, tmp_path: Path, change: str) -> None:
    for _ in range(2):
        pulled(held, tmp_path)
        held.now(10)
    asked, path = len(held.listed), tmp_path / "exports" / "KE-en-person-1-1.jsonl"
    match change:
        case "a skip":
            held.answer(4, skipped=True)
        case "the log is moved away":
            path.rename(tmp_path / "away")
        case "the log is cut":
            path.write_bytes(path.read_bytes()[:-1])
        case _:
            held.now(-11)
    pulled(held, tmp_path)
    assert len(held.listed) == asked + 1
