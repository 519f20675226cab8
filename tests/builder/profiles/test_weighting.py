"""Weighted means against published output of R's survey package, and what must not change them."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.profiles.groups import numbered, rows_by
from builder.profiles.weighting import Design, effective_n, weighted_mean, weighted_mean_by, weights_of
from schemas.errors import Defect

# The data `fpc` of R's package survey (from https://www.stata-press.com/data/r7/fpc.dta).
X = [2.8, 4.1, 6.8, 6.8, 9.2, 3.7, 6.6, 4.2]
STRATUM = [1, 1, 1, 1, 1, 2, 2, 2]
PSU = [1, 2, 3, 4, 5, 1, 2, 3]
WEIGHT = [3, 3, 3, 3, 3, 4, 4, 4]
EQUAL = [1] * 8

numbers = st.floats(-100, 100)
positive = st.floats(0.01, 100)


@pytest.mark.parametrize(
    ("weights", "design", "mean", "error", "counts"),
    [
        (WEIGHT, Design(PSU, STRATUM), 5.4481, 0.7413, (8, 2)),
        (WEIGHT, Design(stratum=STRATUM), 5.4481, 0.7413, (8, 2)),
        (EQUAL, Design(stratum=STRATUM), 5.525, 0.7796, (8, 2)),
        (EQUAL, Design(PSU), 5.525, 0.838, (5, 1)),
        (WEIGHT, Design(PSU), 5.4481, 0.7938, (5, 1)),
        (WEIGHT, Design(STRATUM), 5.4481, 0.5465, (2, 1)),
        (EQUAL, Design(STRATUM), 5.525, 0.5188, (2, 1)),
    ],
)
def test_means_are_those_of_r(
    weights: Sequence[float], design: Design, mean: float, error: float, counts: tuple[int, int]
) -> None:
    """`svymean(~x)` for seven designs: tests/check.Rout.save of the R package survey."""
    found = weighted_mean(X, weights, design)
    assert found.mean == pytest.approx(mean, abs=5e-5)
    assert found.standard_error == pytest.approx(error, abs=5.1e-5)
    assert (found.psus, found.strata) == counts
    assert (found.n, found.lonely_strata, found.undefined) == (8, 0, None)


def test_a_stratum_with_one_unit_is_held_against_the_mean_of_all_and_told() -> None:
    # Lumley's "Lonely PSUs" (survey package, old-survey/exmample-lonely.html): with the lone unit of stratum 2 taken as
    # certain and 7 of 31 units of stratum 1 drawn, mean 445.18 and SE 132.39. So without the finite population
    # correction stratum 1 has 132.39^2 / (1 - 7/31) = 22639.0. The lone unit has weight 1 of 33.868 and unemployment
    # 4123: ((4123 - 445.18) / 33.868)^2 = 11792.5. The square root of both is 185.56.
    unemployed = [4123, 1623, 760, 767, 568, 331, 187, 129]
    weights = [1, 1.004, 1.893, 2.173, 2.971, 4.762, 6.335, 13.730]
    found = weighted_mean(unemployed, weights, Design(range(8), [2, 1, 1, 1, 1, 1, 1, 1]))
    assert found.mean == pytest.approx(445.18, abs=5e-3)
    assert found.standard_error == pytest.approx(185.56, abs=5e-3)
    assert (found.psus, found.strata, found.lonely_strata) == (8, 2, 1)


def test_weights_are_multiplied_as_named_and_never_guessed() -> None:
    nan, inf = float("nan"), float("inf")
    columns = {
        "design": np.array([2.0, 2.0, nan, 0.0, -1.0, inf]),
        "post_stratification": np.array([0.5, 1.5, 1.0, 1.0, 1.0, 1.0]),
        "population": np.array([10.0, 20.0, 10.0, 10.0, 10.0, 10.0]),
    }
    within = weights_of(columns, ("design", "post_stratification"), 6)
    np.testing.assert_array_equal(within, [1, 3, nan, nan, nan, nan])
    np.testing.assert_array_equal(weights_of(columns, ("post_stratification", "population"), 6)[:3], [5, 30, 10])
    np.testing.assert_array_equal(weights_of(columns, (), 6), [1] * 6)
    found = weighted_mean([10, 20, 30, 40, 50, nan], within)
    # (1 * 10 + 3 * 20) / 4; the third to fifth have no weight, the sixth has no value.
    assert (found.mean, found.n, found.without_weight, found.without_value) == (17.5, 2, 3, 1)


def test_a_role_without_its_column_or_named_twice_is_refused() -> None:
    for columns, roles in [
        ({"design": [1.0, 2.0]}, ("design", "population")),
        ({"design": [1.0, 2.0]}, ("design", "design")),
        ({"design": [1.0, 2.0, 3.0]}, ("design",)),
    ]:
        with pytest.raises(Defect) as caught:
            weights_of(columns, roles, 2)  # type: ignore[arg-type]
        assert caught.value.report.code == "weights-unfit"


def test_effective_n_by_hand() -> None:
    # (1 + 1 + 2)^2 / (1 + 1 + 4) = 16/6; who has no weight does not count.
    assert effective_n([1, 1, 2]) == pytest.approx(16 / 6)
    assert effective_n([1, 1, 2, 0, float("nan")]) == pytest.approx(16 / 6)
    assert effective_n([0.0, float("nan")]) is None


@given(st.lists(positive, min_size=1, max_size=30), st.floats(1e-6, 1e6))
def test_effective_n_is_at_most_n_and_blind_to_the_unit(weights: list[float], factor: float) -> None:
    found = effective_n(weights)
    assert found is not None
    assert 1 - 1e-9 <= found <= len(weights) + 1e-9
    assert effective_n(np.array(weights) * factor) == pytest.approx(found)


@given(st.lists(numbers, min_size=2, max_size=30), positive)
def test_equal_weights_give_the_plain_mean_and_its_error(values: list[float], weight: float) -> None:
    found = weighted_mean(values, [weight] * len(values))
    assert found.mean == pytest.approx(np.mean(values), abs=1e-9)
    assert found.standard_error == pytest.approx(np.std(values, ddof=1) / np.sqrt(len(values)), abs=1e-9)
    assert found.n_effective == pytest.approx(len(values))


@given(
    st.lists(st.tuples(numbers, positive, st.integers(1, 4), st.integers(1, 3)), min_size=2, max_size=20),
    st.floats(1e-6, 1e6),
)
def test_neither_the_unit_of_weights_nor_people_split_in_two_nor_their_order_matter(
    people: list[tuple[float, float, int, int]], factor: float
) -> None:
    values, weights, psu, stratum = (np.array(column) for column in zip(*people, strict=True))
    whole = weighted_mean(values, weights, Design(psu, stratum))
    # Everybody twice, with a share of the weight each, in the same unit: the units' totals are what they were.
    split = weighted_mean(
        np.r_[values[::-1], values],
        factor * np.r_[weights[::-1] * 0.3, weights * 0.7],
        Design(np.r_[psu[::-1], psu], np.r_[stratum[::-1], stratum]),
    )
    assert split.mean == pytest.approx(whole.mean, abs=1e-9)
    assert split.standard_error == pytest.approx(whole.standard_error, abs=1e-9)
    assert (split.psus, split.strata, split.lonely_strata) == (whole.psus, whole.strata, whole.lonely_strata)


def test_what_has_no_error_or_no_mean_says_why() -> None:
    nobody = weighted_mean([1.0, float("nan")], [0.0, 1.0])
    assert (nobody.mean, nobody.standard_error, nobody.n_effective) == (None, None, None)
    assert nobody.undefined == "nobody has both a value and a weight"
    one_unit = weighted_mean([1.0, 3.0], [1.0, 1.0], Design(["village", "village"]))
    assert (one_unit.mean, one_unit.standard_error, one_unit.psus) == (2.0, None, 1)
    assert one_unit.undefined == "no standard error: all people are of one sampling unit"
    unknown = weighted_mean([1.0, 3.0, 5.0], [1.0, 1.0, 1.0], Design(["a", None, "c"]))
    assert (unknown.mean, unknown.standard_error) == (3.0, None)
    assert unknown.undefined == "no standard error: the sampling unit of 1 people is not known"
    # Of whoever is left out the unit need not be known.
    left_out = weighted_mean([1.0, float("nan"), 5.0], [1.0, 1.0, 1.0], Design(["a", None, "c"]))
    assert left_out.standard_error == pytest.approx(2.0)  # s of 1 and 5 is sqrt(8); divided by sqrt(2)
    with pytest.raises(Defect):
        weighted_mean([1.0, 2.0], [1.0])
    with pytest.raises(Defect):
        weighted_mean([1.0, 2.0], [1.0, 1.0], Design(["a"]))


def test_countries_apart_are_what_each_gives_alone() -> None:
    country = ["KE", "KE", "KE", None, "FI", "FI", "FI", "FI"]
    design = Design(PSU, [(own, part) for own, part in zip(country, STRATUM, strict=True)])
    found = weighted_mean_by(X, WEIGHT, country, design)
    assert list(found) == ["FI", "KE"]
    assert found["KE"] == weighted_mean(X[:3], WEIGHT[:3], Design(PSU[:3], STRATUM[:3]))
    assert found["FI"] == weighted_mean(X[4:], WEIGHT[4:], Design(PSU[4:], STRATUM[4:]))
    assert found["FI"].lonely_strata == 1


def test_labels_that_stand_for_none_are_of_no_group() -> None:
    names, own = numbered(["b", None, "a", "", "b", float("nan")])
    assert (names, own.tolist()) == (["b", "a"], [0, -1, 1, -1, 0, -1])
    rows = rows_by(["b", None, "a", "", "b", float("nan")])
    assert [(name, own.tolist()) for name, own in rows.items()] == [("a", [2]), ("b", [0, 4])]
    assert rows_by([]) == {}
