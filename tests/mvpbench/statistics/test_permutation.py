"""Spread between groups: none where there is none, some where there is."""

import numpy as np
import pytest

from mvpbench.statistics.permutation import Floats, between_groups
from schemas.errors import Defect

pytestmark = pytest.mark.slow


def _table(rng: np.random.Generator, rates: list[float], size: int) -> tuple[Floats, list[str]]:
    rows = [rng.binomial(4, rate, size=size) for rate in rates]
    above = np.concatenate(rows).astype(float)
    groups = [f"g{place}" for place in range(len(rates)) for _ in range(size)]
    return np.column_stack([above, np.full(len(above), 4.0)]), groups


def test_two_groups_by_hand() -> None:
    # Ratios 1/4 and 3/4, residuals +-1/4, so v = (2 * 1/16) * 2 / 1 / 2^2 = 1/16 in both; Q = 2 * (1/4)^2 * 16 = 2;
    # scale = 32 - 512/32 = 16; sd = sqrt((2 - 1) / 16) = 1/4.
    sums = [[0.0, 1.0], [0.5, 1.0], [0.5, 1.0], [1.0, 1.0]]
    found = between_groups(sums, ["a", "a", "b", "b"], ["s"] * 4, seed=1, permutations=50)
    assert found.sd == pytest.approx(0.25)
    assert found.groups == 2


def test_equal_groups_are_rejected_as_often_as_the_level_says() -> None:
    rng = np.random.default_rng(3)
    ps = []
    for draw in range(150):
        sums, groups = _table(rng, [0.6] * 8, 12)
        ps.append(between_groups(sums, groups, ["s"] * len(groups), seed=draw, permutations=99).p)
    rejected = np.mean([p is not None and p <= 0.1 for p in ps])
    assert 0.03 <= rejected <= 0.19  # .10 +- 3.5 standard errors


def test_different_groups_are_found_and_measured() -> None:
    sums, groups = _table(np.random.default_rng(4), [0.4, 0.5, 0.6, 0.7, 0.8], 200)
    found = between_groups(sums, groups, ["s"] * len(groups), seed=1, permutations=199)
    assert found.p == 1 / 200
    assert found.sd == pytest.approx(np.std([0.4, 0.5, 0.6, 0.7, 0.8], ddof=1), abs=0.03)


def test_groups_that_differ_without_inner_variance_are_found() -> None:
    sums = [[1.0, 1.0]] * 10 + [[0.0, 1.0]] * 10
    found = between_groups(sums, ["a"] * 10 + ["b"] * 10, ["s"] * 20, seed=1, permutations=199)
    assert found.p == 1 / 200


def test_a_blind_scorer_has_no_spread() -> None:
    found = between_groups([[0.5, 1.0]] * 20, ["a", "b"] * 10, ["s"] * 20, seed=1, permutations=20)
    assert (found.sd, found.p) == (0.0, 1.0)


def test_strata_are_not_mixed() -> None:
    # Within each stratum there is one group: nothing can be exchanged, so nothing is found.
    sums = [[1.0, 1.0], [0.9, 1.0]] * 5 + [[0.0, 1.0], [0.1, 1.0]] * 5
    groups = ["a"] * 10 + ["b"] * 10
    assert between_groups(sums, groups, groups, seed=1, permutations=50).p == 1.0


def test_single_components_cannot_be_compared() -> None:
    found = between_groups([[1.0, 1.0]] * 3, ["a", "a", "b"], ["s"] * 3, seed=1)
    assert (found.sd, found.p, found.groups) == (None, None, 1)


def test_uneven_input_is_a_defect() -> None:
    with pytest.raises(Defect, match="1 groups"):
        between_groups([[1.0, 1.0]] * 2, ["a"], ["s"] * 2, seed=1)
