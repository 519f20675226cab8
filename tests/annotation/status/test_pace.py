"""Pace: by the last seven days of a slot, and only where something can be said."""

from datetime import timedelta

import pytest

from annotation.status.pace import DONE, FAR, NOTHING_YET, STILL, YOUNG, joint_pace, slot_pace
from schemas.progress import Pace
from tests.annotation.status.made import NOW


def _at(*hours_ago: float) -> list[str]:
    return [(NOW - timedelta(hours=one)).isoformat() for one in hours_ago]


def test_the_end_goes_by_the_answers_of_the_last_week() -> None:
    # Begun 10 days ago; 14 answers in the last 7 days are 2 a day, so 9 more take 4.5 days: 29 November 12:00 + 5 days.
    found = slot_pace(_at(240, 239, *(10 + number for number in range(14))), 9, NOW)
    assert (found.per_day, found.end, found.unsaid) == (2.0, "2026-12-04", None)
    assert found.last_answer == "2026-11-29T02:00:00+00:00"


def test_work_younger_than_a_week_goes_by_its_own_length() -> None:
    # 6 answers in 48 hours are 3 a day: 3 more take a day.
    found = slot_pace(_at(48, 40, 30, 20, 10, 1), 3, NOW)
    assert (found.per_day, found.end) == (3.0, "2026-11-30")


@pytest.mark.parametrize(
    ("hours_ago", "left", "reason"),
    [
        ((), 4, NOTHING_YET),
        ((200, 199), 4, STILL),
        ((5, 1), 4, YOUNG),
        ((-3,), 4, YOUNG),  # a server whose clock is ahead
        ((100,), 10_000, FAR),
        ((5, 1), 0, DONE),
        ((), 0, DONE),
    ],
)
def test_no_date_without_something_to_go_by(hours_ago: tuple[float, ...], left: int, reason: str) -> None:
    found = slot_pace(_at(*hours_ago), left, NOW)
    assert (found.end, found.unsaid) == (None, reason)


def _pace(end: str | None = None, unsaid: str | None = None, per_day: float | None = None) -> Pace:
    return Pace(last_answer=None, per_day=per_day, end=end, unsaid=unsaid)


def test_several_slots_end_with_the_slowest() -> None:
    found = joint_pace([_pace("2026-12-04", per_day=2), _pace("2026-12-09", per_day=1), _pace(unsaid=DONE, per_day=5)])
    assert (found.end, found.per_day, found.unsaid) == ("2026-12-09", 8, None)


def test_one_slot_that_stands_still_leaves_no_date_for_all() -> None:
    paces = [_pace("2026-12-04"), _pace(unsaid=STILL), _pace(unsaid=NOTHING_YET), _pace(unsaid=NOTHING_YET)]
    found = joint_pace(paces)
    assert found.end is None
    assert found.unsaid == "no answer in the last 7 days: 1 slot, nothing answered yet: 2 slots"


def test_all_done() -> None:
    assert joint_pace([_pace(unsaid=DONE)]).unsaid == DONE
