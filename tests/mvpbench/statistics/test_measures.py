"""Measures: one bootstrap for every number that is a function of sums over units."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from mvpbench.statistics import measures
from mvpbench.statistics.bootstrap import Floats, Resampling
from mvpbench.statistics.measures import Measure, Undefined, estimate, point, quotient, resampled


def mean(rows: list[tuple[float, float]]) -> Measure:
    """The quotient of two columns."""

    def statistic(sums: Floats) -> Floats:
        return np.asarray(np.divide(sums[:, 0], sums[:, 1], out=np.full(len(sums), np.nan), where=sums[:, 1] > 0))

    return Measure(np.array(rows, dtype=np.float64).reshape(-1, 2), statistic, "nothing there")


def test_what_cannot_be_had_says_why() -> None:
    assert estimate(Undefined("no reason to"), [], Resampling(1)).undefined == "no reason to"
    assert estimate(mean([]), [], Resampling(1)).undefined == "nothing there"
    assert estimate(mean([(0, 0)] * 5), range(5), Resampling(1)).undefined == "nothing there"
    assert point(Undefined("x")) is None


def test_units_that_carry_nothing_are_not_resampled() -> None:
    rows = [(1.0, 1.0), (0.0, 1.0)] * 10
    alone = estimate(mean(rows), range(20), Resampling(1))
    beside = estimate(mean(rows + [(0.0, 0.0)] * 500), range(520), Resampling(1))
    assert alone == beside


def test_few_components_have_no_interval() -> None:
    found = estimate(mean([(1, 1), (0, 1), (1, 1)] * 2), [0, 1, 2] * 2, Resampling(1))
    assert (found.value, found.low) == (pytest.approx(2 / 3), None)
    assert found.undefined == "no interval: only 3 independent groups"


@pytest.mark.parametrize(("units", "kinds"), [(400, 3), (6_000, 3), (6_000, 6_000)])
def test_every_way_of_drawing_has_the_same_distribution(units: int, kinds: int) -> None:
    """Kept draws of few units, categories of many alike, draws of many unlike: all are the bootstrap of a mean."""
    values = np.arange(units) % kinds / (kinds - 1)
    measure = mean([(value, 1.0) for value in values.tolist()])
    drawn = resampled(measure.statistic, measure.rows, Resampling(5, resamples=4_000 if units == 6_000 else 2_000))
    error = float(np.std(values)) / np.sqrt(units)
    assert drawn.mean() == pytest.approx(values.mean(), abs=error / 10)
    assert drawn.std() == pytest.approx(error, rel=0.08)
    assert (units * 2_000 <= measures.KEPT_WEIGHTS) == (units == 400)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(0, 8)), min_size=2, max_size=40),
    st.integers(0, 2**63 - 1),
)
def test_the_order_of_units_does_not_matter(rows: list[tuple[int, int, int]], seed: int) -> None:
    draw = Resampling(seed, resamples=100)
    found = estimate(mean([(a, b) for a, b, _ in rows]), [one for _, _, one in rows], draw)
    turned = estimate(mean([(a, b) for a, b, _ in rows[::-1]]), [one for _, _, one in rows[::-1]], draw)
    assert found == turned


def test_a_quotient_of_numbers_of_the_same_units() -> None:
    above, below = mean([(1, 1), (0, 1)] * 10), mean([(1, 1), (1, 1), (0, 1), (1, 1)] * 5)
    found = estimate(quotient(above, below, "no ratio"), range(20), Resampling(1))
    assert found.value == pytest.approx(0.5 / 0.75)
    assert found.low is not None
    nothing = quotient(above, mean([(0, 1)] * 20), "no ratio")
    assert estimate(nothing, range(20), Resampling(1)).undefined == "no ratio"
    assert quotient(Undefined("a"), below, "no ratio") == Undefined("a")
    assert quotient(above, Undefined("b"), "no ratio") == Undefined("b")


def test_a_mean_of_few_skewed_numbers_has_the_ends_that_efron_gives() -> None:
    """By hand for one skewed sample: the percentiles at the places that bias and acceleration point to."""
    values = [0.0, 0.1, 0.1, 0.2, 0.2, 0.3, 0.4, 0.6, 1.0, 2.5]
    measure = mean([(value, 1.0) for value in values])
    draw = Resampling(2, resamples=20_000)
    found = estimate(measure, range(10), draw)
    drawn = resampled(measure.statistic, measure.rows, draw)
    # The jackknife of a mean: deviations are proportional to the values' own.
    off = np.array(values) - np.mean(values)
    acceleration = (off**3).sum() / (6 * (off**2).sum() ** 1.5)
    bias = norm.ppf(((drawn < 0.54).mean() + (drawn <= 0.54).mean()) / 2)
    places = [norm.cdf(bias + (bias + z) / (1 - acceleration * (bias + z))) for z in (-1.959964, 1.959964)]
    assert (found.low, found.high) == pytest.approx(np.quantile(drawn, places), abs=1e-6)
    assert places[0] > 0.025
    assert places[1] > 0.985
