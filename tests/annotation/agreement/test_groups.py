"""Agreement within and between groups of raters."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from annotation.agreement.alpha import alpha
from annotation.agreement.groups import cross_kappa, rater_groups
from annotation.agreement.level import Level
from annotation.agreement.table import Grouping, Table, grouping, of_matrix
from mvpbench.statistics.bootstrap import Resampling
from mvpbench.statistics.measures import point
from schemas.agreement import RaterGroups
from tests.annotation.agreement.published import Matrix, by_rater

FEW = Resampling(1, resamples=100)


def by_group(raters: Matrix, groups: list[str | None], level: Level = Level.NOMINAL) -> tuple[Table, Grouping]:
    """The table of `raters`, and the group of each rating: that of its rater."""
    table = of_matrix(raters, level)
    rated = [groups[rater] for rater, row in enumerate(raters) if any(value is not None for value in row)]
    names = [rated[rater] for rater in table.rater]
    return table, grouping([[name] if name is not None else [] for name in names])


def measured(raters: Matrix, groups: list[str | None], level: Level = Level.NOMINAL) -> RaterGroups:
    return rater_groups(*by_group(raters, groups, level), "home", FEW)


def test_two_groups_that_agree_within_and_differ_between() -> None:
    """By hand: values 0 0 0 0 and 1 1 1 1 of two groups of two, on four units turned about so that both occur."""
    raters = [[0, 1, 0, 1], [0, 1, 0, 1], [1, 0, 1, 0], [1, 0, 1, 0]]
    found = measured(raters, ["x", "x", "y", "y"])
    assert (found.pairs_within, found.pairs_between) == (8, 16)
    # Expected: 8 zeros and 8 ones, 2 * 8 * 8 / (16 * 15) = 8 / 15. No pair within differs, every one between does.
    assert found.within.value == 1.0
    assert found.between.value == pytest.approx(1 - 15 / 8)
    assert found.difference.value == pytest.approx(15 / 8)
    assert found.ratio.undefined == "pairs of one group never disagree: no ratio to that means anything"
    # Cross-kappa: observed 1, expected p q with margins of one half each: 1 / 2; 1 - 1 / (1 / 2) = -1.
    assert [(one.key, one.within.value, one.across.value) for one in found.groups] == [
        ({"home": "x"}, 1.0, -1.0),
        ({"home": "y"}, 1.0, -1.0),
    ]
    assert (
        found.groups[0].association.undefined == "agreement with others is not above 0: no ratio to it means anything"
    )


def test_cross_kappa_of_two_raters_is_cohens_kappa() -> None:
    # One rater a side: Wong et al. (2021) made it a generalisation of Cohen's. Table [[20, 5], [10, 15]]: .4.
    first = [0] * 20 + [0] * 5 + [1] * 10 + [1] * 15
    second = [0] * 20 + [1] * 5 + [0] * 10 + [1] * 15
    table = of_matrix([first, second], Level.NOMINAL)
    assert point(cross_kappa(table, table.rater == 0)) == pytest.approx(0.4)


def test_units_weigh_by_their_ratings_in_cross_kappa() -> None:
    """Unit 1: one against two raters, of whom one differs: 1/2, weight 3. Unit 2: one against one, alike: weight 2."""
    table = of_matrix([[0, 1], [0, 1], [1, None]], Level.NOMINAL)
    # Observed 3 * (1/2) / 5 = 3/10; margins 1/2, 1/2 against 0: 1/3, 1: 2/3: expected 1/2 * 2/3 + 1/2 * 1/3 = 1/2.
    assert point(cross_kappa(table, table.rater == 0)) == pytest.approx(1 - 3 / 5)


MATRICES = st.integers(2, 6).flatmap(
    lambda raters: st.lists(
        st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=raters, max_size=raters), min_size=1, max_size=15
    )
)


@pytest.mark.slow
@given(MATRICES, st.lists(st.sampled_from(["x", "y", "z"]), min_size=6, max_size=6), st.sampled_from(Level))
def test_alpha_is_the_mean_of_within_and_between(
    units: list[list[int | None]], groups: list[str | None], level: Level
) -> None:
    table, grouped = by_group(list(zip(*units, strict=True)), groups, level)
    whole = point(alpha(table))
    assume(whole is not None)
    found = rater_groups(table, grouped, "home", FEW)
    weights = {"within": 0.0, "between": 0.0}
    for unit in units:
        there = [group for group, value in zip(groups, unit, strict=False) if value is not None]
        for place, one in enumerate(there):
            for other in there[:place]:
                weights["within" if one == other else "between"] += 1 / (len(there) - 1)
    mean = sum(
        weight * (found.within if kind == "within" else found.between).value  # type: ignore[operator]
        for kind, weight in weights.items()
        if weight
    ) / sum(weights.values())
    assert mean == pytest.approx(whole, abs=1e-9)


def test_ratings_without_a_group_are_counted_and_left_out() -> None:
    raters = [[0, 1, 0, 1], [0, 1, 1, 1], [1, 1, 0, 1], [0, 0, 0, 0]]
    found = measured(raters, ["x", "x", "y", None])
    assert (found.without_group, sum(one.ratings for one in found.groups)) == (4, 12)
    assert found == measured(raters[:3], ["x", "x", "y"]).model_copy(update={"without_group": 4})


def test_one_group_has_no_between_and_groups_of_one_no_within() -> None:
    one = measured([[0, 1, 0, 1], [0, 1, 1, 1]], ["x", "x"])
    assert one.between.undefined == "no unit has two raters of two groups"
    assert one.difference.undefined == one.ratio.undefined == one.between.undefined
    assert one.groups[0].across.undefined == "no unit was rated both within and outside the group"
    alone = measured([[0, 1, 0, 1], [0, 1, 1, 1]], ["x", "y"])
    assert alone.within.undefined == "no unit has two raters of one group"
    assert alone.groups[0].within.undefined == "no unit has two ratings"
    assert alone.groups[0].across.value is not None


def test_no_groups_at_all_is_no_error() -> None:
    found = measured([[0, 1], [0, 1]], [None, None])
    assert (found.groups, found.without_group, found.within.value) == ((), 4, None)


def test_a_planted_difference_between_groups_is_found_and_none_where_none_is() -> None:
    """300 units, three raters of each of two groups; planted is that the second sees half of the units reversed."""
    rng = np.random.default_rng(6)
    truth = rng.integers(2, size=300)
    turned = np.where(np.arange(300) % 2 == 0, truth, 1 - truth)

    def votes(of: NDArray[np.int64]) -> list[list[int]]:
        kept: list[list[int]] = np.where(rng.random((3, 300)) < 0.85, of, 1 - of).tolist()
        return kept

    groups: list[str | None] = ["x"] * 3 + ["y"] * 3
    planted = measured(votes(truth) + votes(turned), groups)
    same = measured(votes(truth) + votes(truth), groups)
    assert planted.difference.low is not None
    assert planted.difference.low > 0.3
    assert same.difference.low is not None
    assert same.difference.high is not None
    assert same.difference.low < 0 < same.difference.high
    low = same.groups[0].association.low
    high = same.groups[0].association.high
    assert low is not None
    assert high is not None
    assert low < 1 < high


def test_the_ratio_is_of_disagreements() -> None:
    """Within x: units 1 and 2 of 4 differ; within y none of 4; between: 8 of 16. (8 / 16) / (2 / 8) = 2."""
    raters = [[0, 0, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    found = measured(raters, ["x", "x", "y", "y"])
    # Between: in units 1 and 2 the second of x against both of y: 2 each, 4 of 16. (4 / 16) / (2 / 8) = 1.
    assert found.ratio.value == pytest.approx(1)
    assert by_rater(raters)[0] == [0, 1, 0, 0]
