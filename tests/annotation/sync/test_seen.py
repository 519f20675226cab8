"""A project in which nobody works is asked how it stands and not listed, unless anything is not as it was."""

from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from annotation.studio import Studio
from annotation.sync.fetch import OVERLAP, Fetched, asked_since, fetch
from annotation.sync.kept import said
from tests.annotation.sync.held import NOON, Held

KEY = "KE-en-person-1/1"


def pulled(held: Held, folder: Path) -> Fetched:
    return fetch(cast("Studio", held), folder, {KEY: 1}, print)[0]


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


@pytest.mark.parametrize("before", [True, False])
def test_an_edit_by_a_clock_that_was_put_back_is_found_where_somebody_worked_before(
    held: Held, tmp_path: Path, before: bool
) -> None:
    """The next pull comes while it is still back, or after the next change."""
    held.answer(4)
    held.now(5)
    held.answer(6)
    for _ in range(2):
        pulled(held, tmp_path)
        held.now(11)
    held.now(-24)
    held.edit(4, "stamped before the newest change")
    if not before:
        held.now(30)
        held.answer(5)
    assert pulled(held, tmp_path).changed == 1 + (not before)
    assert said(tmp_path, KEY)[0].annotation.result == [{"choice": "stamped before the newest change"}]


def test_an_answer_that_a_wrong_clock_hides_where_nobody_worked_before_is_told_by_the_counts(
    held: Held, tmp_path: Path
) -> None:
    for _ in range(2):
        pulled(held, tmp_path)
        held.now(11)
    held.now(-24)
    held.answer(4)
    held.now(30)
    assert pulled(held, tmp_path) == Fetched(changed=1, gone=0, whole=True)


def test_accounts_are_asked_for_once_and_again_where_somebody_new_answered(tmp_path: Path) -> None:
    class Several(Held):
        """Two more projects of the same tasks; who answers in the last signs up after the first was listed."""

        asked = 0

        def exported(self, project: int) -> list[dict[str, Any]]:
            found = super().exported(project)
            for one in found[0]["annotations"]:
                one["completed_by"] = 7 if project < 3 else 8
            return found

        def joined(self) -> dict[int, datetime]:
            self.asked += 1
            return {7: NOON} | ({8: NOON} if self.asked > 1 else {})

    made = Several()
    made.answer(made.add("t-0"))
    fetch(cast("Studio", made), tmp_path, {"a/1": 1, "b/1": 2, "c/1": 3}, print)
    assert made.asked == 2
    assert [said(tmp_path, key)[0].annotation.joined for key in ("a/1", "b/1", "c/1")] == [NOON] * 3


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
