"""Intervals: what they hold, where they are points, and where there is none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from mvpbench.statistics.bootstrap import (
    Floats,
    Resampling,
    bootstrap_sums,
    component_sums,
    interval,
    ratio_interval,
    share_interval,
)
from schemas.errors import Defect

pytestmark = pytest.mark.slow


def test_a_share_of_independent_rows_has_the_binomial_interval() -> None:
    # 60 of 100 rows, each its own component: resampled sums are binomial(100, .6).
    rows = [1.0] * 60 + [0.0] * 40
    found = ratio_interval(rows, [1.0] * 100, range(100), seed=1, resamples=20_000)
    low, high = binom.ppf([0.025, 0.975], 100, 0.6) / 100
    assert found.value == 0.6
    assert found.low == pytest.approx(low, abs=0.01)
    assert found.high == pytest.approx(high, abs=0.01)


def test_rows_of_one_component_are_one_draw() -> None:
    # 100 rows in 10 components of equal rows vary as 10 draws, sqrt(10) times as wide.
    rows = np.repeat([1.0] * 6 + [0.0] * 4, 10)
    found = ratio_interval(rows, np.ones(100), np.repeat(np.arange(10), 10), seed=1, resamples=20_000)
    low, high = binom.ppf([0.025, 0.975], 10, 0.6) / 10
    assert [found.low, found.high] == pytest.approx([low, high])


def test_a_blind_scorer_on_complete_pairs_has_a_point() -> None:
    # Whatever it prefers, it is right for one member and wrong for the other of every pair.
    rows, pairs = [1.0, 0.0] * 50, np.repeat(np.arange(50), 2)
    found = ratio_interval(rows, [1.0] * 100, pairs, seed=1)
    assert (found.value, found.low, found.high, found.undefined) == (0.5, 0.5, 0.5, None)


def test_all_right_in_few_components_is_no_certainty() -> None:
    # Clopper-Pearson for 10 of 10: .025 ** (1 / 10) = .6915.
    ones = [1.0] * 20
    found = share_interval(ones, ones, np.repeat(np.arange(10), 2), Resampling(1))
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.6915, abs=5e-5)
    none = share_interval([0.0] * 20, ones, np.repeat(np.arange(10), 2), Resampling(1))
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(1 - 0.6915, abs=5e-5)


def test_components_without_tries_do_not_make_a_share_surer() -> None:
    tried = [1.0] * 4 + [0.0] * 4
    assert share_interval(tried, tried, range(8), Resampling(1)).low == pytest.approx(0.025 ** (1 / 4))


def test_one_component_has_a_value_and_no_interval() -> None:
    found = ratio_interval([1.0, 0.0], [1.0, 1.0], [7, 7], seed=1)
    assert (found.value, found.low, found.high) == (0.5, None, None)
    assert found.undefined == "no interval: all rows hang together in one group"


def test_nothing_to_measure_has_no_value() -> None:
    for rows, below, groups in (([], [], []), ([0.0], [0.0], [0])):
        found = ratio_interval(rows, below, groups, seed=1)
        assert (found.value, found.low) == (None, None)
        assert found.undefined == "nothing to measure: no rows count"


def test_three_components_that_agree_are_no_interval() -> None:
    found = ratio_interval([1.0] * 6, [2.0] * 6, [0, 0, 1, 1, 2, 2], seed=1)
    assert (found.value, found.low, found.high) == (0.5, None, None)
    assert found.undefined == "no interval: only 3 independent groups"


def test_a_number_that_one_of_four_components_carries_has_no_interval() -> None:
    # (3/4)^4, three tenths of the resamples, draw only the others.
    found = ratio_interval([1.0, 0.0, 0.0, 0.0], [2.0, 0.0, 0.0, 0.0], range(4), seed=1)
    assert found.value == 0.5
    assert found.low is None
    assert "of the resamples" in str(found.undefined)


def test_any_statistic_of_sums_has_an_interval() -> None:
    def difference(sums: Floats) -> Floats:
        return (sums[:, 0] - sums[:, 1]) / sums[:, 2]

    rows = [[1.0, 0.0, 1.0]] * 30 + [[0.0, 1.0, 1.0]] * 10
    found = interval(difference, rows, range(40), Resampling(3), "none")
    assert found.value == 0.5
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.5 < found.high


def test_rows_that_do_not_fit_their_components_are_a_defect() -> None:
    with pytest.raises(Defect, match="rows of shape"):
        component_sums([[1.0], [2.0]], [0])


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(0, 8)), min_size=2, max_size=40),
    st.integers(0, 2**63 - 1),
)
def test_intervals_hold_their_value_and_do_not_depend_on_the_order_of_rows(
    rows: list[tuple[int, int, int]], seed: int
) -> None:
    above, below, groups = (np.array(column) for column in zip(*rows, strict=True))
    found = ratio_interval(above, below, groups, seed=seed, resamples=200)
    turned = ratio_interval(above[::-1], below[::-1], groups[::-1], seed=seed, resamples=200)
    assert found == turned
    if found.low is not None and found.high is not None:
        assert above.min() / below.max() <= found.low <= found.high <= above.max() / below.min()


def test_resampled_sums_have_the_mean_and_variance_of_draws_with_replacement() -> None:
    sums = np.arange(1, 51, dtype=np.float64)[:, None]
    drawn = bootstrap_sums(sums, seed=5, resamples=40_000)[:, 0]
    # n draws: mean n * m = 50 * 25.5, variance n * s^2 = 50 * (50^2 - 1) / 12.
    assert drawn.mean() == pytest.approx(1275, rel=0.002)
    assert drawn.var() == pytest.approx(50 * 2499 / 12, rel=0.03)


def test_many_components_are_resampled_in_parts_that_join() -> None:
    sums = np.arange(5_000, dtype=np.float64)[:, None]
    assert bootstrap_sums(sums, seed=5).shape == (2_000, 1)


@pytest.mark.parametrize("people", [60, 200])
def test_intervals_over_components_cover(people: int) -> None:
    """Of 400 simulated tables, nominal 95 %: clustered rows cover .92 and more where a row bootstrap would not."""
    rng = np.random.default_rng(7)
    held = 0
    for draw in range(400):
        truth = rng.beta(4, 2, size=people)  # mean 2/3, strongly differing people
        rows = rng.binomial(1, np.repeat(truth, 8)).astype(float)
        found = ratio_interval(rows, np.ones_like(rows), np.repeat(np.arange(people), 8), seed=draw, resamples=500)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 2 / 3 <= found.high
    assert 0.92 <= held / 400 <= 0.98
