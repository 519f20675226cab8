"""Raters that need attention: the flags of the table of quality in words, and two that are about accounts."""

from typing import Any

import pytest

from annotation.status.measure import measure
from annotation.status.said import flag, hours, pay, seconds, untimed
from schemas.agreement import Estimate
from schemas.annotation import AnnotatorKind
from schemas.country import PayFloor
from schemas.progress import RaterProgress
from schemas.quality import Checked, Positions, QualityFlag, RaterQuality, Speed
from tests.annotation.status.made import NOW, answer, quality, seen, tasks

SLOT, OTHER = "KE-sw-person-1", "KE-sw-person-2"
THIRD = Estimate(value=0.25, low=0.1, high=0.4)


def _rater(rows: list[Any], floors: dict[str | None, PayFloor] | None = None) -> RaterProgress:
    assigned = [*tasks(SLOT, 40, comprehension=1), *tasks(OTHER, 2)]
    (found,) = measure(seen(assigned, rows, quality=quality(assigned, rows, floors)), NOW).raters
    return found


def _row(**update: Any) -> RaterQuality:
    assigned = tasks(SLOT, 1)
    (row,) = quality(assigned, [answer(assigned[0])])
    return row.model_copy(update=update)


def _told(*rows: RaterQuality) -> list[str]:
    assigned = tasks(SLOT, 1)
    (found,) = measure(seen(assigned, [answer(assigned[0])], quality=rows), NOW).raters
    return [flag(one) for one in found.flags]


@pytest.mark.parametrize(
    ("code", "update", "words"),
    [
        (
            QualityFlag.COMPREHENSION,
            {"comprehension": Checked(passed=1, asked=4, share=THIRD)},
            "1 of 4 comprehension tasks passed: 25 % [10, 40]",
        ),
        (
            QualityFlag.INCONSISTENT,
            {"repeats": Checked(passed=2, asked=8, share=THIRD)},
            "2 of 8 tasks answered alike when shown again: 25 % [10, 40]",
        ),
        (
            QualityFlag.VIOLATIONS,
            {"violations": Checked(passed=1, asked=4, share=THIRD)},
            "1 of 4 planted defects found: 25 % [10, 40]",
        ),
        (
            QualityFlag.TOO_FAST,
            {"speed": Speed(timed=40, median_s=3, too_fast=10, share=THIRD)},
            "10 of 40 tasks answered faster than they can be read: 25 % [10, 40]",
        ),
        (
            # None of 5 for A: the lower bound of 5 of 5 for B solves p^5 = .025.
            QualityFlag.STRAIGHT_LINING,
            {"positions": Positions(named=5, first=0, longest_run=4, p_share=0.1, p_run=0.1, p=0.0412)},
            "B in 5 of 5 votes, whatever stands there; one letter 4 times in a row (p = 0.041 by chance):"
            f" 100 % [{100 * 0.025 ** (1 / 5):.0f}, 100]",
        ),
    ],
)
def test_every_flag_is_told_with_counts_and_interval(code: QualityFlag, update: dict[str, Any], words: str) -> None:
    assert _told(_row(flags=(code,), **update)) == [words]


def test_a_flag_names_its_slot_where_an_account_has_several() -> None:
    checked = Checked(passed=1, asked=4, share=THIRD)
    flagged = _row(slot=OTHER, flags=(QualityFlag.VIOLATIONS,), violations=checked)
    assert _told(flagged, _row()) == [
        f"{OTHER}: 1 of 4 planted defects found: 25 % [10, 40]",
        f"answered in 2 slots: {SLOT}, {OTHER}",
    ]


def test_the_flags_are_those_of_the_table_and_none_before_it_is_there() -> None:
    assigned = tasks(SLOT, 40)
    rows = [answer(one, vote="a-2", lead_time_s=1.0) for one in assigned]
    (found,) = measure(seen(assigned, rows), NOW).raters
    assert [one.code for one in found.flags] == ["too_fast", "straight_lining"]
    assert measure(seen(assigned, rows, quality=()), NOW).raters == ()


def test_two_accounts_in_one_slot() -> None:
    assigned = tasks(SLOT, 2)
    rows = [answer(assigned[0], annotator="n-a"), answer(assigned[1], annotator="n-b")]
    both = measure(seen(assigned, rows), NOW).raters
    assert [[one.code for one in rater.flags] for rater in both] == [["slot-shared"], ["slot-shared"]]


def test_only_raters_whose_answers_count_are_told() -> None:
    assigned = tasks(SLOT, 2)
    rows = [answer(assigned[0]), answer(assigned[1], annotator="n-s", kind=AnnotatorKind.SIMULATED)]
    (found,) = measure(seen(assigned, rows), NOW).raters
    assert (found.annotator, found.flags) == (f"n-{SLOT}", ())


def test_hours_seconds_and_pay_of_one_slot() -> None:
    # 100 s + 600 s (of an hour with the tab open) + 200 s of a check = 900 s, a quarter of an hour; one has no time.
    assigned = [*tasks(SLOT, 3), *tasks(SLOT, 0, comprehension=1)]
    times = (100.0, 3600.0, None, 200.0)
    rows = [answer(one, lead_time_s=time) for one, time in zip(assigned, times, strict=True)]
    found = _rater(rows, {"KE": PayFloor(currency="KES", amount=400)})
    assert (hours(found), untimed(found), found.rated, found.checks) == (0.25, 1, 3, 1)
    assert (seconds(found), pay(found)) == ("200", "100.00 KES")


def test_a_floor_that_nobody_looked_up_is_no_amount() -> None:
    rows = [answer(one) for one in tasks(SLOT, 1)]
    assert pay(_rater(rows, {"KE": PayFloor(currency="KES")})) == "no floor: nobody has looked it up"
    assert pay(_rater(rows)) == "no floor: no country pack"


def test_an_account_in_slots_of_several_countries_is_paid_in_the_currency_of_each() -> None:
    # An hour (six tasks of ten minutes) in Kenya twice, one in Great Britain, half an hour where no floor is known.
    slots = {SLOT: 6, OTHER: 6, "GB-en-person-1": 6, "BR-pt-BR-person-1": 3}
    assigned = [one for slot, count in slots.items() for one in tasks(slot, count)]
    rows = [answer(one, annotator="n-a", lead_time_s=600) for one in assigned]
    floors: dict[str | None, PayFloor] = {
        "KE": PayFloor(currency="KES", amount=400),
        "GB": PayFloor(currency="GBP", amount=12.5),
        "BR": PayFloor(currency="BRL"),
    }
    (found,) = measure(seen(assigned, rows, quality=quality(assigned, rows, floors)), NOW).raters
    assert (hours(found), found.rated, found.slots) == (3.5, 21, tuple(sorted(slots)))
    assert pay(found) == "12.50 GBP + 800.00 KES + 0.5 h without a floor: nobody has looked it up"


def test_those_with_most_flags_stand_first() -> None:
    assigned = [*tasks(SLOT, 2), *tasks(OTHER, 20)]
    rows = [answer(one, lead_time_s=1.0 if one.slot == OTHER else 30.0) for one in assigned]
    found = measure(seen(assigned, rows), NOW).raters
    assert [one.slots for one in found] == [(OTHER,), (SLOT,)]
