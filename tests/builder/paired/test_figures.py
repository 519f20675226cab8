"""Shares with their intervals, and differences of shares, against published and hand-derived numbers."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.paired.figures import demographic, mean_score, reuse, share
from schemas.pairing import DemographicBeside


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_as_published(part: int, whole: int, low: float, high: float) -> None:
    """Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3."""
    found = share(part, whole)
    assert found.value == part / whole
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@given(st.integers(10, 10**6).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_an_interval_holds_its_share_and_turns_with_it(both: tuple[int, int]) -> None:
    part, whole = both
    found, other = share(part, whole), share(whole - part, whole)
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert other.low is not None
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.high == pytest.approx(1 - other.low)


def test_nine_people_have_counts_and_no_figure() -> None:
    assert share(3, 9).value is None
    assert share(3, 9).undefined == "fewer than 10 people"
    assert mean_score(9, 450, 1).raw is None
    assert mean_score(10, 450, 1).raw == 45
    assert reuse(9, 12, 2, 9, 3).mean is None
    assert reuse(0, 0, 0, 0, 0).undefined == "nobody was paired"


def in_one_row(values: Sequence[str], paired: list[int], everyone: list[int]) -> DemographicBeside:
    (found,) = demographic("x", values, np.array([paired]), np.array([everyone]))
    return found


def test_a_demographic_by_hand() -> None:
    """Paired 12 a, 8 b of 20; all 20 a, 60 b, 20 c of 100: a .6 beside .2, b .4 beside .6, c 0 beside .2.

    a: .4 / sqrt((.6 * .4 + .2 * .8) / 2) = .4 / sqrt(.2) = .8944; b: -.2 / sqrt(.24); c: -.2 / sqrt(.08) = -.7071.
    """
    found = in_one_row(("a", "b", "c"), [12, 8, 0], [20, 60, 20])
    assert [one.value for one in found.largest] == ["a", "b", "c"]
    assert [one.difference for one in found.largest] == pytest.approx([0.4, -0.2, -0.2])
    assert [one.standardised for one in found.largest] == pytest.approx([0.894427, -0.408248, -0.707107], abs=1e-6)
    assert found.standardised == pytest.approx(0.894427, abs=1e-6)


def test_a_value_of_nine_people_is_not_named() -> None:
    found = in_one_row(("a", "b"), [20, 9], [91, 9])
    assert [one.value for one in found.largest] == ["a"]
    none = in_one_row(("a", "b"), [8, 8], [9, 9])
    assert (none.largest, none.undefined) == ((), "every value has fewer than 10 people")
    few = in_one_row(("a",), [9], [99])
    assert (few.standardised, few.undefined) == (None, "fewer than 10 people")


def test_what_everybody_has_differs_in_nothing() -> None:
    found = in_one_row(("a",), [20], [90])
    assert found.standardised == 0
