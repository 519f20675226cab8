"""Raters that need attention: flags from their own checks, speed and positions, with exact intervals."""

from typing import Any

import pytest

from annotation.status.measure import measure
from schemas.annotation import Purpose
from schemas.country import PayFloor
from schemas.progress import RaterFlag, RaterProgress
from tests.annotation.status.made import NOW, answer, seen, task, tasks

SLOT = "KE-sw-person-1"


def _rater(rows: list[Any], assigned: list[Any] | None = None, **more: Any) -> RaterProgress:
    given = assigned if assigned is not None else tasks(SLOT, 40)
    (found,) = measure(seen(given, rows, **more), NOW).raters
    return found


def _checks(purpose: Purpose, passed: list[bool | None]) -> list[Any]:
    return [answer(task(SLOT, number, purpose), passed=one) for number, one in enumerate(passed)]


def _codes(rater: RaterProgress) -> list[str]:
    return [one.code for one in rater.flags]


def test_one_comprehension_task_missed_is_a_flag_with_how_little_it_says() -> None:
    found = _rater(_checks(Purpose.COMPREHENSION, [True, False]))
    (flag,) = found.flags
    assert (flag.code, flag.found) == ("comprehension-missed", "1 of 2 comprehension tasks missed")
    assert flag.share is not None
    # 1 of 2: the exact bounds solve 1 - (1 - p)^2 = .025 and 1 - p^2 = .025, so 1 - sqrt(.975) and sqrt(.975).
    assert (flag.share.low, flag.share.high) == pytest.approx((1 - 0.975**0.5, 0.975**0.5))


@pytest.mark.parametrize(
    ("purpose", "passed", "codes"),
    [
        (Purpose.COMPREHENSION, [True, True], []),
        (Purpose.REPEAT, [False], []),  # one alone says nothing
        (Purpose.REPEAT, [False, True], []),  # an opinion may change: half is not most
        (Purpose.REPEAT, [False, False, True], ["repeats-inconsistent"]),
        (Purpose.REPEAT, [False, False, None], ["repeats-inconsistent"]),
        (Purpose.REPEAT, [False, None, None], []),  # of two the first showing was not answered
        (Purpose.VIOLATION, [False], []),
        (Purpose.VIOLATION, [False, True], ["violations-overlooked"]),
        (Purpose.VIOLATION, [True, True], []),
    ],
)
def test_checks_that_flag(purpose: Purpose, passed: list[bool | None], codes: list[str]) -> None:
    assert _codes(_rater(_checks(purpose, passed))) == codes


@pytest.mark.parametrize(("fast", "codes"), [(3, []), (4, ["very-fast"])])
def test_a_tenth_of_answers_too_fast_to_have_read_is_a_flag(fast: int, codes: list[str]) -> None:
    rows = [
        answer(one, lead_time_s=4.9 if place < fast else 5.0, vote="a-1" if place % 2 else "a-2")
        for place, one in enumerate(tasks(SLOT, 40))
    ]
    assert _codes(_rater(rows)) == codes


def test_always_the_same_place_is_a_flag_when_it_is_more_than_chance() -> None:
    # All of n: the lower bound is .025^(1/n), above .8 from n = 17 on (.0250^(1/16) = .794, ^(1/17) = .805).
    assert _codes(_rater([answer(one, vote="a-2") for one in tasks(SLOT, 16)])) == []
    found = _rater([answer(one, vote="a-2") for one in tasks(SLOT, 17)])
    assert [flag.found for flag in found.flags] == ["B in 17 of 17 answers, whatever stands there"]


def test_votes_that_name_no_place_are_in_none() -> None:
    assert _codes(_rater([answer(one, vote="cannot_tell") for one in tasks(SLOT, 40)])) == []


def test_places_go_by_the_order_that_the_rater_saw() -> None:
    """Always the same answer, which stood at A and at B in turn, is no straight line."""
    mixed = [
        one.model_copy(update={"answer_order": ("a-1", "a-2") if place % 2 else ("a-2", "a-1")})
        for place, one in enumerate(tasks(SLOT, 40))
    ]
    assert _codes(_rater([answer(one, vote="a-1") for one in mixed], mixed)) == []


def test_an_account_in_two_slots_and_two_accounts_in_one() -> None:
    other = "KE-sw-person-2"
    assigned = [*tasks(SLOT, 2), *tasks(other, 2)]
    rows = [answer(assigned[0], annotator="n-a"), answer(assigned[2], annotator="n-a")]
    found = _rater(rows, assigned)
    assert found.slots == (SLOT, other)
    assert [flag.found for flag in found.flags] == [f"answered in 2 slots: {SLOT}, {other}"]
    rows = [answer(assigned[0], annotator="n-a"), answer(assigned[1], annotator="n-b")]
    both = measure(seen(assigned, rows), NOW).raters
    assert [_codes(one) for one in both] == [["slot-shared"], ["slot-shared"]]


def test_hours_are_lead_times_cut_at_ten_minutes_and_paid_at_the_floor() -> None:
    # 100 s + 600 s (of an hour with the tab open) + 200 s of a check = 900 s, a quarter of an hour; one has no time.
    assigned = tasks(SLOT, 3, comprehension=1)
    times = (100.0, 3600.0, None, 200.0)
    rows = [answer(one, lead_time_s=time) for one, time in zip(assigned, times, strict=True)]
    found = _rater(rows, assigned, floors={"KE": PayFloor(currency="KES", amount=400)})
    assert (found.hours, found.untimed, found.rated, found.checks) == (0.25, 1, 3, 1)
    assert found.median_s == (100 + 3600) / 2
    assert found.pay is not None
    assert (found.pay.amount, found.pay.currency) == (100.0, "KES")


def test_a_floor_that_nobody_looked_up_is_no_amount() -> None:
    rows = [answer(one) for one in tasks(SLOT, 1)]
    found = _rater(rows, floors={"KE": PayFloor(currency="KES")})
    assert found.pay is not None
    assert (found.pay.amount, found.pay.undefined) == (None, "no pay floor is written down for KE")
    assert _rater(rows).pay is None


def test_those_with_most_flags_stand_first() -> None:
    first, second = "KE-sw-person-1", "KE-sw-person-2"
    assigned = [*tasks(first, 2), *tasks(second, 20)]
    rows = [answer(one, lead_time_s=1.0 if one.slot == second else 30.0) for one in assigned]
    found = measure(seen(assigned, rows), NOW).raters
    assert [one.slots for one in found] == [(second,), (first,)]


def test_where_a_table_of_quality_is_there_its_flags_stand() -> None:
    rows = [answer(one, vote="a-2", lead_time_s=1.0) for one in tasks(SLOT, 20)]
    assert _codes(_rater(rows)) == ["very-fast", "one-position"]
    flag = RaterFlag(code="of-the-table", found="something else", share=None)
    assert _codes(_rater(rows, flags={f"n-{SLOT}": [flag]})) == ["of-the-table"]
    assert _codes(_rater(rows, flags={})) == []
