"""Coefficients where they cannot be had, and what holds of them on any table: never NaN, never an exception."""

import math

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from annotation.agreement.agreements import COEFFICIENTS
from annotation.agreement.alpha import alpha, alpha_of_counts
from annotation.agreement.gwet import gwet_ac
from annotation.agreement.icc import intraclass
from annotation.agreement.kappa import cohen_kappa, fleiss_kappa, percent_agreement
from annotation.agreement.level import Level, gwet_weights, power_weights, squared_differences
from annotation.agreement.run import Asked, agree
from annotation.agreement.table import Ratings, of_matrix
from mvpbench.statistics.bootstrap import Resampling
from mvpbench.statistics.measures import estimate, point
from schemas.agreement import Agreement, Estimate
from tests.annotation.agreement.published import SHROUT_FLEISS, Matrix, by_rater

FEW = Resampling(1, resamples=50)
CELL = st.one_of(st.none(), st.integers(0, 3))
MATRICES = st.integers(1, 4).flatmap(
    lambda raters: st.lists(st.lists(CELL, min_size=raters, max_size=raters), max_size=12).map(
        lambda units: [list(row) for row in zip(*units, strict=True)]
    )
)


def measured(raters: Matrix, level: Level) -> Agreement:
    return agree(Ratings(of_matrix(raters, level)), Asked(width=0.1), FEW).overall


def estimates(found: Agreement) -> dict[str, Estimate]:
    return {"alpha": found.alpha, **found.coefficients}


@given(MATRICES, st.sampled_from(Level))
@example([[0, 1], [None, None], [2, 1]], Level.INTERVAL)  # mean squares of units that are 0
@example([[0, 2], [None, None], [1, 1]], Level.INTERVAL)  # a lower end above the upper one
def test_every_coefficient_of_any_table_is_a_number_or_says_why_not(raters: Matrix, level: Level) -> None:
    for name, found in estimates(measured(raters, level)).items():
        assert (found.value is None) <= bool(found.undefined), name
        assert (found.low is None) == (found.high is None), name
        assert found.low is not None or found.undefined, name
        if found.value is not None:
            assert math.isfinite(found.value), name
            assert found.value <= 1 + 1e-9, name
        if found.low is not None and found.high is not None:
            assert found.low <= found.high, name


@pytest.mark.parametrize("level", Level)
def test_an_empty_table_has_no_coefficient(level: Level) -> None:
    found = measured([], level)
    assert (found.units, found.raters, found.pairable, found.percent_agreement) == (0, 0, 0, None)
    assert all(one.value is None and one.undefined for one in estimates(found).values())


@pytest.mark.parametrize("level", Level)
def test_a_single_rater_has_no_coefficient(level: Level) -> None:
    found = measured([[1, 2, 1, 2, 1]], level)
    assert (found.units, found.raters, found.pairable) == (5, 1, 0)
    assert all(one.value is None and one.undefined for one in estimates(found).values())
    assert found.alpha.undefined == "no unit has two ratings"
    assert found.coefficients["cohen_kappa"].undefined == "Cohen's kappa needs two raters, there is 1"


def test_unanimous_ratings_do_not_vary() -> None:
    found = measured([[1] * 6] * 2, Level.NOMINAL)
    assert found.percent_agreement == 1.0
    assert {name: one.undefined for name, one in estimates(found).items()} == {
        "alpha": "all comparable ratings are alike: nothing varies",
        "gwet_ac1": "only one value was ever given: nothing varies",
        "cohen_kappa": "both raters gave one and the same value throughout: nothing varies",
        "fleiss_kappa": "all ratings are alike: nothing varies",
    }
    correlations = intraclass(of_matrix([[1] * 6] * 2, Level.INTERVAL), FEW)
    assert {one.value for one in correlations.values()} == {None}
    assert all("do not vary" in str(one.undefined) for one in correlations.values())


def test_cohen_needs_two_raters_on_one_unit() -> None:
    three = point(cohen_kappa(of_matrix([[1, 2], [1, 2], [1, 2]], Level.NOMINAL)))
    apart = of_matrix([[1, 2, None, None], [None, None, 1, 2]], Level.NOMINAL)
    assert three is None
    assert estimate(cohen_kappa(apart), apart.component, FEW).undefined == "no unit was rated by both raters"
    # A unit that one alone rated does not count.
    assert point(cohen_kappa(of_matrix([[1, 2, 1, 2, 1], [1, 2, 1, 2, None]], Level.NOMINAL))) == 1.0


def test_fleiss_tells_unequal_numbers() -> None:
    table = of_matrix([[1, 2, 1], [1, 2, None], [2, 2, 1]], Level.NOMINAL)
    found = estimate(fleiss_kappa(table.counts), table.component, FEW)
    assert found.undefined == "Fleiss' kappa needs equally many ratings of every unit, there are 2 to 3"


def test_two_way_correlations_tell_missing_ratings_and_one_way_ones_do_without() -> None:
    some = by_rater([*SHROUT_FLEISS, [5, 5, 4, None]])  # type: ignore[list-item]
    found = intraclass(of_matrix(some, Level.INTERVAL), FEW)
    assert found["icc_c1"].undefined == "two-way correlations need every rater's rating of every unit, some are missing"
    # Seven units, 27 ratings, k0 = (27 - (6 * 16 + 9) / 27) / 6 = 3.851852; sums of squares by hand from the ratings:
    # between 57.7685, within 112.75 + 0.6667 on 6 and 20 degrees.
    between, within, mean_number = 56.1366 / 6, 113.41667 / 20, (27 - 105 / 27) / 6
    units = [*SHROUT_FLEISS, [5, 5, 4]]
    values = [value for unit in units for value in unit]
    grand = sum(values) / 27
    between = sum(len(unit) * (sum(unit) / len(unit) - grand) ** 2 for unit in units) / 6
    within = sum((value - sum(unit) / len(unit)) ** 2 for unit in units for value in unit) / 20
    assert found["icc_1"].value == pytest.approx((between - within) / (between + (mean_number - 1) * within))
    assert found["icc_1"].low is not None


def test_correlations_of_units_that_share_a_component_resample_components() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(size=30)[:, None] + rng.normal(size=(30, 3))
    table = of_matrix(by_rater(values.tolist()), Level.INTERVAL)
    alone = intraclass(table, Resampling(1))
    pairs = Ratings(table).table
    object.__setattr__(pairs, "component", np.repeat(np.arange(15), 2))
    together = intraclass(pairs, Resampling(1))
    for name, one in alone.items():
        assert together[name].value == pytest.approx(one.value)
        assert together[name].low != one.low
    object.__setattr__(pairs, "component", np.zeros(30, dtype=np.int64))
    assert "one group" in str(intraclass(pairs, Resampling(1))["icc_1"].undefined)


def test_raters_who_never_differ_are_perfectly_reliable_without_an_interval() -> None:
    found = intraclass(of_matrix([[1, 2, 3, 4, 7]] * 3, Level.INTERVAL), FEW)
    assert {one.value for one in found.values()} == {1.0}
    assert all("do not differ within units" in str(one.undefined) for one in found.values())


@given(st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=2, max_size=30))
def test_on_complete_data_nominal_alpha_is_fleiss_kappa_corrected_for_size(units: list[list[int]]) -> None:
    # alpha = 1 - (1 - kappa) (1 - 1 / n), n ratings.
    table = of_matrix(by_rater(units), Level.NOMINAL)
    kappa = point(fleiss_kappa(table.counts))
    assume(kappa is not None)
    assert kappa is not None
    assert point(alpha(table)) == pytest.approx(1 - (1 - kappa) * (1 - 1 / (3 * len(units))), abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=40))
def test_two_raters_who_swap_names_have_the_same_coefficients(pairs: list[tuple[int, int]]) -> None:
    one = of_matrix(by_rater(pairs), Level.ORDINAL)
    other = of_matrix(by_rater([(b, a) for a, b in pairs]), Level.ORDINAL)
    for name, make in COEFFICIENTS.items():
        here, there = point(make(one)), point(make(other))
        assert (here is None) == (there is None), name
        assert here is None or here == pytest.approx(there, abs=1e-12), name


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=40))
def test_quadratic_kappa_of_raters_with_equal_margins_is_nearly_interval_alpha(pairs: list[tuple[int, int]]) -> None:
    """With both orders of every pair the margins are equal; then 1 - kappa = n / (n - 1) (1 - alpha), n ratings."""
    both = pairs + [(b, a) for a, b in pairs]
    table = of_matrix(by_rater(both), Level.INTERVAL)
    kappa = point(cohen_kappa(table, power_weights(table.scale, Level.INTERVAL, 2)))
    assume(kappa is not None)
    assert kappa is not None
    size = 2 * len(both)
    assert point(alpha(table)) == pytest.approx(1 - (1 - kappa) * (size - 1) / size, abs=1e-9)


def test_percent_agreement_is_averaged_over_units() -> None:
    # 3 of 3 pairs agree, 1 of 3, none of 1; the single rating does not count: (1 + 1/3 + 0) / 3.
    table = of_matrix([["a", "a", "a", "a"], ["a", "a", "b", None], ["a", "b", None, None]], Level.NOMINAL)
    assert point(percent_agreement(table)) == pytest.approx(4 / 9)


def test_percent_agreement_counts_as_well_where_values_are_too_many_for_a_table() -> None:
    many = [float(place) for place in range(8_000)]
    other = [value if place % 4 else value + 0.5 for place, value in enumerate(many)]
    table = of_matrix([many, other], Level.INTERVAL)
    assert not table.countable
    assert point(percent_agreement(table)) == 0.75


def test_gwets_ordinal_weights() -> None:
    # 1 - C(|k - l| + 1, 2) / C(4, 2) on four values: distances 1, 3, 6 of 6.
    assert gwet_weights([1, 2, 5, 9], Level.ORDINAL)[0] == pytest.approx([1, 5 / 6, 1 / 2, 0])
    assert gwet_weights([1, 2, 5, 9], Level.NOMINAL).tolist() == np.eye(4).tolist()
    assert gwet_weights([0, 1, 4], Level.INTERVAL)[0] == pytest.approx([1, 15 / 16, 0])
    # ((1 - 3) / (1 + 3))^2 = 1/4 is the largest, ((1 - 2) / (1 + 2))^2 = 1/9.
    assert gwet_weights([1, 2, 3], Level.RATIO)[0] == pytest.approx([1, 5 / 9, 0])


def test_power_weights_go_by_place_at_the_ordinal_level_and_by_value_above() -> None:
    assert power_weights([1, 2, 5], Level.ORDINAL, 1)[0] == pytest.approx([1, 1 / 2, 0])
    assert power_weights([1, 2, 5], Level.INTERVAL, 1)[0] == pytest.approx([1, 3 / 4, 0])
    assert power_weights([1, 2, 5], Level.INTERVAL, 2)[0] == pytest.approx([1, 15 / 16, 0])


def test_ordinal_differences_go_by_the_ratings_between() -> None:
    # Krippendorff (2011): (sum of n_g from c to k - (n_c + n_k) / 2)^2; given 2, 4, 6: 1 to 3 is 12 - 4 = 8.
    found = squared_differences([1, 2, 3], Level.ORDINAL, [2, 4, 6])
    assert found[0].tolist() == [0, 9, 64]


def test_ac1_of_a_group_counts_the_values_of_the_whole() -> None:
    # Two values in these units: pe = sum p (1 - p) / (q - 1) with p = 1/2 each: 1/2 for q = 2, 1/4 for q = 3.
    counts = np.array([[2, 0, 0], [1, 1, 0], [0, 2, 0], [1, 1, 0]], dtype=np.float64)
    assert point(gwet_ac(counts)) == pytest.approx((1 / 2 - 1 / 4) / (3 / 4))
    assert point(gwet_ac(counts[:, :2])) == pytest.approx(0)
    whole = point(alpha_of_counts(counts, range(3), Level.NOMINAL))
    assert whole == point(alpha_of_counts(counts[:, :2], range(2), Level.NOMINAL))
