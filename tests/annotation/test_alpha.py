"""Alpha: published values, the `krippendorff` package, and what holds on any table."""

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from annotation.alpha import Level, alpha, alpha_interval, percent_agreement
from mvpbench.statistics.bootstrap import Resampling

NA = None
# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", sections D and E; raters by units.
KRIPPENDORFF_2011 = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NA, NA, NA],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NA, 3],
    [NA, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NA],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NA],
]
# https://en.wikipedia.org/wiki/Krippendorff%27s_alpha, "A computational example".
WIKIPEDIA = [
    [NA, NA, NA, NA, NA, 3, 4, 1, 2, 1, 1, 3, 3, NA, 3],
    [1, NA, 2, 1, 3, 3, 4, 3, NA, NA, NA, NA, NA, NA, NA],
    [NA, NA, 2, 1, 3, 4, 4, NA, 2, 1, 1, 3, 3, NA, 4],
]
# Krippendorff (2011), section A (binary) and B (nominal, letters as numbers).
BINARY = [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]
LETTERS = [["abcde".index(letter) for letter in row] for row in ("aabbdcccedda", "babbbccceddd")]

Counts = NDArray[np.float64]


def _counts(raters: list[list[int | None]] | list[list[int]]) -> tuple[Counts, list[int]]:
    values = sorted({value for row in raters for value in row if value is not None})
    units = list(zip(*raters, strict=True))
    return np.array([[unit.count(value) for value in values] for unit in units], dtype=np.float64), values


@pytest.mark.parametrize(
    ("raters", "level", "published", "digits"),
    [
        (KRIPPENDORFF_2011, Level.NOMINAL, 0.743, 3),
        (KRIPPENDORFF_2011, Level.ORDINAL, 0.815, 3),
        (KRIPPENDORFF_2011, Level.INTERVAL, 0.849, 3),
        (KRIPPENDORFF_2011, Level.RATIO, 0.797, 3),
        (WIKIPEDIA, Level.NOMINAL, 0.691, 3),
        (WIKIPEDIA, Level.INTERVAL, 0.811, 3),
        (WIKIPEDIA, Level.ORDINAL, 0.8067, 4),
        (WIKIPEDIA, Level.RATIO, 0.8089, 4),
        (BINARY, Level.NOMINAL, 0.095, 3),
        (LETTERS, Level.NOMINAL, 0.692, 3),
    ],
)
def test_published_values(raters: list[list[int | None]], level: Level, published: float, digits: int) -> None:
    found = alpha(*_counts(raters), level)
    assert found is not None
    assert round(found, digits) == published


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
    assert alpha(counts, values, level) == pytest.approx(expected, abs=1e-12)


@given(st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=2, max_size=30))
def test_on_complete_data_nominal_alpha_is_fleiss_kappa_corrected_for_size(units: list[list[int]]) -> None:
    # alpha = 1 - (1 - kappa) (1 - 1 / n), n ratings; Fleiss (1971), kappa = (P - Pe) / (1 - Pe).
    counts = np.array([[unit.count(value) for value in range(4)] for unit in units], dtype=np.float64)
    share = counts.sum(axis=0) / counts.sum()
    by_chance = float((share**2).sum())
    assume(by_chance < 1)
    observed = float(((counts * (counts - 1)).sum(axis=1) / 6).mean())
    kappa = (observed - by_chance) / (1 - by_chance)
    assert alpha(counts, range(4), Level.NOMINAL) == pytest.approx(1 - (1 - kappa) * (1 - 1 / counts.sum()), abs=1e-12)


@given(TABLES)
def test_only_order_counts_at_the_ordinal_level_and_no_order_at_the_nominal(rows: list[list[int]]) -> None:
    counts = np.array(rows)
    other = np.array(SCALES[counts.shape[1]]) ** 3 + 1
    assert alpha(counts, SCALES[counts.shape[1]], Level.ORDINAL) == alpha(counts, other, Level.ORDINAL)
    turned = alpha(counts[:, ::-1], range(counts.shape[1]), Level.NOMINAL)
    assert alpha(counts, range(counts.shape[1]), Level.NOMINAL) == pytest.approx(turned, abs=1e-12)


@pytest.mark.parametrize("level", Level)
def test_unanimous_ratings_have_no_alpha_and_say_why(level: Level) -> None:
    counts = np.array([[3, 0], [3, 0], [1, 1]])[:2]
    found = alpha_interval(counts, [1, 2], level, range(2), Resampling(1))
    assert alpha(counts, [1, 2], level) is None
    assert (found.value, found.low, found.high) == (None, None, None)
    assert found.undefined == "all comparable ratings are alike: nothing varies"


def test_a_value_given_only_alone_does_not_make_ratings_vary() -> None:
    assert alpha([[2, 0], [2, 0], [0, 1]], [1, 2], Level.NOMINAL) is None


def test_units_with_one_rating_each_have_no_alpha() -> None:
    found = alpha_interval([[1, 0], [0, 1]], [1, 2], Level.NOMINAL, range(2), Resampling(1))
    assert (found.value, found.undefined) == (None, "no unit has two ratings")


def test_perfect_agreement_on_varying_units_is_one() -> None:
    counts = [[3, 0]] * 10 + [[0, 3]] * 10
    found = alpha_interval(counts, [1, 2], Level.NOMINAL, range(20), Resampling(1))
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)


def test_resampled_alpha_is_alpha_of_resampled_units() -> None:
    """The fast bootstrap against the plain one: the package on drawn units, 300 times, at the ordinal level."""
    counts, values = _counts(WIKIPEDIA)
    found = alpha_interval(counts, values, Level.ORDINAL, range(len(counts)), Resampling(3, resamples=20_000))
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
    assert found.low == pytest.approx(low, abs=0.04)
    assert found.high == pytest.approx(high, abs=0.02)


def test_intervals_over_units_cover() -> None:
    """200 tables of 100 units and 3 raters; nominal 95 %, expected .92 to .95 (simulated beforehand)."""
    rng = np.random.default_rng(2)

    def table(units: int) -> Counts:
        truth = rng.integers(2, size=units)
        votes = np.where(rng.random((units, 3)) < 0.85, truth[:, None], 1 - truth[:, None])
        return np.column_stack([(votes == value).sum(axis=1) for value in (0, 1)]).astype(np.float64)

    whole = alpha(table(400_000), [0, 1], Level.NOMINAL)
    assert whole is not None
    held = 0
    for draw in range(200):
        found = alpha_interval(table(100), [0, 1], Level.NOMINAL, range(100), Resampling(draw, resamples=500))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= whole <= found.high
    assert 0.90 <= held / 200 <= 0.985


def test_percent_agreement_is_averaged_over_units() -> None:
    # 3 of 3 pairs agree, 1 of 3, none of 1; the single rating does not count: (1 + 1/3 + 0) / 3.
    assert percent_agreement([[3, 0], [2, 1], [1, 1], [1, 0]]) == pytest.approx(4 / 9)
    assert percent_agreement([[1, 0]]) is None
