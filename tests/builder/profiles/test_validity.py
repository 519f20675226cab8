"""Who is scored at all: Schwartz's rules, at their bounds."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.profiles.answers import ANSWERED, KINDS, answers_of
from builder.profiles.validity import STRAIGHT_LINING, TOO_MANY_MISSING, unusable
from schemas.codebook import Missing
from schemas.values import Scoring
from tests.builder.made import made_item, made_person

ITEMS = tuple(made_item(f"q{number}", "amber") for number in range(21))
ESS = Scoring(max_missing=5, max_same=16)


def one(answers: list[int | None]) -> tuple[str | None, ...]:
    given = {f"q{place}": answer for place, answer in enumerate(answers) if answer is not None}
    return unusable(answers_of([made_person("r", given)], ITEMS), ESS)


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([1, 2, 3] * 7, None),
        ([*[None] * 5, *[1, 2] * 8], None),  # 5 of 21 missing: still valid
        ([*[None] * 6, *[1, 2, 3] * 5], TOO_MANY_MISSING),
        ([*[4] * 16, 1, 2, 3, 5, 1], None),  # the same answer to 16: still valid
        ([*[4] * 17, 1, 2, 3, 5], STRAIGHT_LINING),
        ([None] * 21, TOO_MANY_MISSING),
    ],
)
def test_the_rules_of_the_ess(answers: list[int | None], why: str | None) -> None:
    assert one(answers) == (why,)


@given(st.lists(st.lists(st.sampled_from([None, 1, 2, 2.5, 3]), min_size=21, max_size=21), min_size=1, max_size=5))
def test_the_answer_given_most_often_is_counted_as_a_count_would(rows: list[list[float | None]]) -> None:
    people = [
        made_person(f"r-{place}", {f"q{item}": one for item, one in enumerate(row) if one is not None})
        for place, row in enumerate(rows)
    ]
    got = unusable(answers_of(people, ITEMS), Scoring(max_same=7))
    most = [max(Counter(one for one in row if one is not None).values(), default=0) for row in rows]
    assert [why == STRAIGHT_LINING for why in got] == [count > 7 for count in most]


def test_a_framework_without_rules_takes_everyone() -> None:
    assert unusable(answers_of([made_person("r", {})], ITEMS), Scoring()) == (None,)


def test_answers_keep_kinds_of_missing_apart_and_leave_out_what_measures_nothing() -> None:
    items = (*ITEMS[:2], made_item("kept").model_copy(update={"dimension": None}))
    person = made_person("r", {"q0": 3.0}).model_copy(update={"answers_missing": {"q1": Missing.REFUSED}})
    got = answers_of([person], items)
    assert [item.column for item in got.items] == ["q0", "q1"]
    assert got.missing.tolist() == [[ANSWERED, KINDS.index(Missing.REFUSED)]]
    np.testing.assert_array_equal(got.values, [[3.0, np.nan]])
    np.testing.assert_array_equal(got.points(), [[50.0, np.nan]])
