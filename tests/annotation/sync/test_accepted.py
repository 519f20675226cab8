"""Why a difference may stay: the latest reason stands, and what accepts nothing says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from annotation.sync.accepted import ACCEPTED, Acceptance, accept, with_reasons
from mvpbench.store.journal import Journal
from schemas.identity import content_id
from schemas.reconcile import Difference, Finding

GONE = Difference.ANSWER_GONE


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.db") as opened:
        yield opened


def finding(number: int, kind: Difference = GONE) -> Finding:
    return Finding(difference=kind, project="KE-en-person-1/1", subject=f"annotation {number}")


def reasons(journal: Journal, *found: Finding) -> list[str | None]:
    return [one.accepted for one in with_reasons(journal, found)]


def test_a_reason_is_put_right_by_another_and_both_stay_in_the_journal(journal: Journal) -> None:
    for why in ("wrong", "right", "wrong", "wrong"):
        assert accept(journal, [finding(1)], Acceptance([GONE], why)) == []
        assert reasons(journal, finding(1)) == [why]
    assert [one.payload for one in journal.writes(ACCEPTED)] == ["wrong", "right", "wrong"]


def test_a_reason_for_what_is_new_leaves_those_given_before(journal: Journal) -> None:
    accept(journal, [finding(1)], Acceptance([GONE], "R03 deleted a test"))
    accept(journal, [finding(1), finding(2)], Acceptance([GONE], "so did R05"))
    assert reasons(journal, finding(1), finding(2)) == ["R03 deleted a test", "so did R05"]
    accept(journal, [finding(1), finding(2)], Acceptance([GONE], "both deleted tests"))
    assert reasons(journal, finding(1), finding(2)) == ["both deleted tests"] * 2


def test_a_kind_of_which_there_is_none_is_said_and_accepts_nothing(journal: Journal) -> None:
    kinds = [GONE, Difference.TASK_FOREIGN]
    (line,) = accept(journal, [finding(1)], Acceptance(kinds, "as it was meant"))
    assert line == "task-foreign: nothing was accepted, as no difference of this kind is left"
    assert reasons(journal, finding(1), finding(1, Difference.TASK_FOREIGN)) == ["as it was meant", None]


def test_a_reason_kept_in_the_earlier_format_stands_until_another_is_given(journal: Journal) -> None:
    name = content_id("difference", "answer-gone", "KE-en-person-1/1", "annotation 1", "")
    journal.begin_write(ACCEPTED, name, "as it was")
    journal.finish_write(ACCEPTED, name, "")
    assert reasons(journal, finding(1)) == ["as it was"]
    accept(journal, [finding(1)], Acceptance([GONE], "as it is"))
    assert reasons(journal, finding(1)) == ["as it is"]
