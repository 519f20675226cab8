"""Alpha: published values, the `krippendorff` package, and what holds on any table."""

from collections.abc import Sequence

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from annotation.agreement.alpha import MOMENTS_FROM, alpha, alpha_of_counts
from annotation.agreement.level import Level
from annotation.agreement.table import of_matrix
from mvpbench.statistics.bootstrap import Resampling
from mvpbench.statistics.draws import resampled
from mvpbench.statistics.measures import Measure, estimate, point
from schemas.agreement import Estimate
from tests.annotation.agreement.published import WIKIPEDIA

Counts = NDArray[np.float64]


def alpha_value(counts: ArrayLike, values: ArrayLike, level: Level) -> float | None:
    return point(alpha_of_counts(counts, values, level))


def _interval(counts: ArrayLike, values: ArrayLike, level: Level, component: ArrayLike, draw: Resampling) -> Estimate:
    return estimate(alpha_of_counts(counts, values, level), component, draw)


def _counts(raters: Sequence[Sequence[int | None]]) -> tuple[Counts, list[int]]:
    values = sorted({value for row in raters for value in row if value is not None})
    units = list(zip(*raters, strict=True))
    return np.array([[unit.count(value) for value in values] for unit in units], dtype=np.float64), values


TABLES = st.integers(2, 5).flatmap(
    lambda columns: st.lists(st.lists(st.integers(0, 3), min_size=columns, max_size=columns), min_size=1, max_size=30)
)
SCALES = {2: [0, 1], 3: [0, 1, 4], 4: [1, 2, 3, 10], 5: [0, 1, 2, 5, 7]}


@given(TABLES, st.sampled_from(Level))
def test_the_krippendorff_package_agrees(rows: list[list[int]], level: Level) -> None:
    counts, values = np.array(rows), SCALES[len(rows[0])]
    pairable = counts[counts.sum(axis=1) > 1]
    assume((pairable.sum(axis=0) > 0).sum() > 1)  # it raises where nothing varies
    expected = krippendorff.alpha(value_counts=counts, value_domain=values, level_of_measurement=level.value)
    assert alpha_value(counts, values, level) == pytest.approx(expected, abs=1e-12)


@given(st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=2, max_size=30))
def test_on_complete_data_nominal_alpha_is_fleiss_kappa_corrected_for_size(units: list[list[int]]) -> None:
    # alpha = 1 - (1 - kappa) (1 - 1 / n), n ratings; Fleiss (1971), kappa = (P - Pe) / (1 - Pe).
    counts = np.array([[unit.count(value) for value in range(4)] for unit in units], dtype=np.float64)
    share = counts.sum(axis=0) / counts.sum()
    by_chance = float((share**2).sum())
    assume(by_chance < 1)
    observed = float(((counts * (counts - 1)).sum(axis=1) / 6).mean())
    kappa = (observed - by_chance) / (1 - by_chance)
    assert alpha_value(counts, range(4), Level.NOMINAL) == pytest.approx(
        1 - (1 - kappa) * (1 - 1 / counts.sum()), abs=1e-12
    )


@given(TABLES)
def test_only_order_counts_at_the_ordinal_level_and_no_order_at_the_nominal(rows: list[list[int]]) -> None:
    counts = np.array(rows)
    other = np.array(SCALES[counts.shape[1]]) ** 3 + 1
    assert alpha_value(counts, SCALES[counts.shape[1]], Level.ORDINAL) == alpha_value(counts, other, Level.ORDINAL)
    turned = alpha_value(counts[:, ::-1], range(counts.shape[1]), Level.NOMINAL)
    assert alpha_value(counts, range(counts.shape[1]), Level.NOMINAL) == pytest.approx(turned, abs=1e-12)


@pytest.mark.parametrize("level", Level)
def test_unanimous_ratings_have_no_alpha_and_say_why(level: Level) -> None:
    counts = np.array([[3, 0], [3, 0], [1, 1]])[:2]
    found = _interval(counts, [1, 2], level, range(2), Resampling(1))
    assert alpha_value(counts, [1, 2], level) is None
    assert (found.value, found.low, found.high) == (None, None, None)
    assert found.undefined == "all comparable ratings are alike: nothing varies"


def test_a_value_given_only_alone_does_not_make_ratings_vary() -> None:
    assert alpha_value([[2, 0], [2, 0], [0, 1]], [1, 2], Level.NOMINAL) is None


def test_units_with_one_rating_each_have_no_alpha() -> None:
    found = _interval([[1, 0], [0, 1]], [1, 2], Level.NOMINAL, range(2), Resampling(1))
    assert (found.value, found.undefined) == (None, "no unit has two ratings")


def test_perfect_agreement_on_varying_units_is_one_and_says_nothing_of_how_surely() -> None:
    """No resample of raters who never differed has a difference: a point would pass any gate on the lower end."""
    counts = [[3, 0]] * 10 + [[0, 3]] * 10
    found = _interval(counts, [1, 2], Level.NOMINAL, range(20), Resampling(1))
    assert (found.value, found.low, found.high) == (1.0, None, None)
    assert "every resample is the same" in str(found.undefined)


def test_resampled_alpha_is_alpha_of_resampled_units() -> None:
    """The fast bootstrap against the plain one: the package on drawn units, 300 times, at the ordinal level."""
    counts, values = _counts(WIKIPEDIA)
    measure = alpha_of_counts(counts, values, Level.ORDINAL)
    assert isinstance(measure, Measure)
    used = measure.rows[measure.rows.any(axis=1)]
    found = np.quantile(resampled(measure.statistic, used[None], Resampling(3, resamples=20_000)), [0.025, 0.975])
    rng = np.random.default_rng(9)
    pairable = counts[counts.sum(axis=1) > 1]
    drawn = [
        krippendorff.alpha(
            value_counts=pairable[rng.integers(len(pairable), size=len(pairable))],
            value_domain=values,
            level_of_measurement="ordinal",
        )
        for _draw in range(2_000)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert found[0] == pytest.approx(low, abs=0.04)
    assert found[1] == pytest.approx(high, abs=0.02)


@pytest.mark.slow
def test_intervals_over_units_cover() -> None:
    """200 tables of 100 units and 3 raters; nominal 95 %, expected .92 to .95 (simulated beforehand)."""
    rng = np.random.default_rng(2)

    def table(units: int) -> Counts:
        truth = rng.integers(2, size=units)
        votes = np.where(rng.random((units, 3)) < 0.85, truth[:, None], 1 - truth[:, None])
        return np.column_stack([(votes == value).sum(axis=1) for value in (0, 1)]).astype(np.float64)

    whole = alpha_value(table(400_000), [0, 1], Level.NOMINAL)
    assert whole is not None
    held = 0
    for draw in range(200):
        found = _interval(table(100), [0, 1], Level.NOMINAL, range(100), Resampling(draw, resamples=500))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= whole <= found.high
    assert 0.90 <= held / 200 <= 0.985


@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_many_values_at_the_interval_level_are_the_same_alpha_from_moments(seed: int, shift: int) -> None:
    rng = np.random.default_rng(seed)
    said = rng.normal(size=(1, 40)) + rng.normal(size=(4, 40)) * rng.random() + shift % 1_000
    there = rng.random((4, 40)) < 0.8
    table = of_matrix(
        [
            [one if is_there else None for one, is_there in zip(*both, strict=True)]
            for both in zip(said.tolist(), there.tolist(), strict=True)
        ],
        Level.INTERVAL,
    )
    assert len(table.scale) >= MOMENTS_FROM
    expected = alpha_value(table.counts, table.scale, Level.INTERVAL)
    assert point(alpha(table)) == pytest.approx(expected, abs=1e-9)


def test_too_many_values_for_a_table_are_told() -> None:
    many = of_matrix([[float(place) for place in range(8_000)]] * 2, Level.RATIO)
    found = estimate(alpha(many), many.component, Resampling(1))
    assert (found.value, found.undefined) == (None, "8,000 different values of 8,000 units are too many for it")
