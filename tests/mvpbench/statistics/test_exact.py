"""Exact intervals and tests, against values by hand and against counting every case."""

from itertools import groupby, product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from mvpbench.statistics.exact import even_p, exact_share, holm, longest_run_p


def test_where_all_or_none_succeed_the_far_end_is_a_root() -> None:
    # Clopper-Pearson for 10 of 10: .025 ** (1 / 10) = .6915; for 0 of 2: 1 - .025 ** (1 / 2) = .8419.
    found = exact_share(10, 10)
    assert (found.value, found.low, found.high) == (1.0, pytest.approx(0.6915, abs=1e-4), 1.0)
    found = exact_share(0, 2)
    assert (found.value, found.low, found.high) == (0.0, 0.0, pytest.approx(0.8419, abs=1e-4))


def test_too_few_is_a_value() -> None:
    assert exact_share(1, 1, fewest=2).undefined == "too few: 1, at least 2"
    assert exact_share(0, 0).undefined == "too few: 0, at least 1"


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_interval_and_test_are_those_of_scipy(counts: tuple[int, int]) -> None:
    found, other = exact_share(*counts), binomtest(*counts)
    interval = other.proportion_ci(method="exact")
    assert (found.low, found.high) == (pytest.approx(interval.low), pytest.approx(interval.high))
    assert even_p(*counts) == pytest.approx(other.pvalue)


@pytest.mark.parametrize("tries", [1, 2, 3, 7, 10])
def test_longest_runs_are_counted_over_every_row_of_coins(tries: int) -> None:
    rows = [max(len(list(run)) for _, run in groupby(row)) for row in product("AB", repeat=tries)]
    for longest in range(tries + 2):
        share = sum(one >= longest for one in rows) / len(rows)
        assert longest_run_p(longest, tries) == pytest.approx(share, abs=1e-12)


def test_holm_by_hand() -> None:
    # Sorted .01, .02, .04: times 3, 2, 1 is .03, .04, .04.
    assert holm([0.04, 0.01, 0.02]) == pytest.approx([0.04, 0.03, 0.04])
    assert holm([0.6, 0.5]) == [1.0, 1.0]
    assert holm([]) == []
