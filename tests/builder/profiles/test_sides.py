"""Sides by hand, and whether the stated error probabilities are true."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.profiles.scoring import Scores
from builder.profiles.sides import (
    MAX_ERROR,
    Sides,
    by_thresholds,
    dimension_pairs,
    one_dimension,
    two_dimensions,
    wrong_side,
)
from tests.builder.made import made_scores

# Two crowds that differ by 40 points in amber, against it in blue: the own mean is always 50.
TWO_CROWDS = [[70, 30], [70, 30], [30, 70], [30, 70], [52, 48]]


def test_the_probability_of_the_wrong_side() -> None:
    # Mean 0, variance 400, error variance 100: true variance 300, reliability .75. Observed 20 has the expectation
    # 15 and the variance 300 * .25 = 75: P(true < 0) = Phi(-15/8.660254) = Phi(-1.7320508) = .041632.
    observed = np.array([20.0, -20.0, 20.0, -20.0])
    np.testing.assert_allclose(wrong_side(observed, np.full(4, 10.0)), [0.041632] * 4, atol=1e-6)


def test_a_crowd_on_the_other_side_makes_the_wrong_side_likelier() -> None:
    # Mean -10, variance 400 and error variance 100 as before; observed 10 has the expectation -10 + .75 * 20 = 5:
    # Phi(-5/8.660254) = Phi(-.57735) = .281851; observed -30 has -25: Phi(-25/8.660254) = Phi(-2.886751) = .001946.
    observed = np.array([10.0, -30.0, 10.0, -30.0])
    np.testing.assert_allclose(
        wrong_side(observed, np.full(4, 10.0)), [0.281851, 0.001946, 0.281851, 0.001946], atol=1e-6
    )


def test_high_and_low_and_nobody_in_between() -> None:
    sides = one_dimension(made_scores(TWO_CROWDS, 10), 0)
    # Centred 20, 20, -20, -20, 2 with an error of 10/sqrt(2) = 7.07: the last is within one error.
    assert sides.sign.tolist() == [1, 1, -1, -1, 0]
    assert np.isnan(sides.error[4])
    assert (sides.error[:4] < MAX_ERROR).all()


def test_the_references_thresholds_go_by_the_raw_score_alone() -> None:
    """From 80 on high, up to 60 low, between them nothing; bounds belong to the levels."""
    raw = [[80, 1], [79, 2], [61, 3], [60, 4], [20, 5], [100, 6]]
    got = by_thresholds(made_scores(raw, 10), 0, 80, 60)
    assert got.sign.tolist() == [1, 0, 0, -1, -1, 1]
    assert np.isnan(got.error[1:3]).all()
    # The error is of being on the other side of 70: least for whoever is farthest from it.
    assert got.error[4] < got.error[3]
    np.testing.assert_allclose(got.error[0], wrong_side(np.array([10.0, 9, -9, -10, -50, 30]), np.full(6, 10.0))[0])


def test_the_two_views_must_agree() -> None:
    """Everybody holds amber far above blue; the last less than the others, though still far above."""
    raw = [[90, 10], [92, 8], [88, 12], [91, 9], [70, 30]]
    sides = one_dimension(made_scores(raw, 2), 0)
    # Centred 20 is ten errors high, but among these people amber 70 is far below the mean of 86.2: no side.
    assert sides.sign[4] == 0


def test_a_trade_off_names_the_dimension_that_is_ahead() -> None:
    sides = two_dimensions(made_scores(TWO_CROWDS, 10), 0, 1)
    # Differences 40, 40, -40, -40, 4; the error of a difference is 10 * sqrt(2) = 14.1.
    assert sides.sign.tolist() == [1, 1, -1, -1, 0]


def test_no_side_where_what_differs_is_mostly_error() -> None:
    """Ten people whose differences are all 15 or -15 with an error of 14.1: beyond one error, and yet a coin's toss."""
    raw = [[57.5, 42.5], [42.5, 57.5]] * 5
    sides = two_dimensions(made_scores(raw, 10), 0, 1)
    # Variance 225 less 200 of error leaves 25: reliability 1/9, expectation 15/9 = 1.667, variance 25 * 8/9 = 22.2,
    # Phi(-1.667/4.714) = Phi(-.354) = .362 > .25.
    assert sides.sign.tolist() == [0] * 10


def test_pairs_of_dimensions() -> None:
    assert dimension_pairs(3) == [(0, 1), (0, 2), (1, 2)]


@given(
    st.lists(st.tuples(*[st.integers(0, 100)] * 3), min_size=4, max_size=20, unique=True),
    st.floats(1, 20),
    st.integers(0, 2),
)
def test_sides_mirror_and_never_pass_the_limit(raw: list[tuple[int, ...]], error: float, index: int) -> None:
    matrix = np.array([*raw, (0, 0, 0), (100, 100, 100)], dtype=np.float64)  # so that no column is constant
    plain = one_dimension(made_scores(matrix, error), index)
    mirrored = one_dimension(made_scores(100 - matrix, error), index)
    assert (mirrored.sign == -plain.sign).all()
    assert (np.isnan(plain.error) == (plain.sign == 0)).all()
    assert (plain.error[plain.sign != 0] <= MAX_ERROR).all()


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=4, max_size=20, unique=True))
def test_a_trade_off_turned_round_is_the_same_side(raw: list[tuple[int, int]]) -> None:
    scores = made_scores([*raw, (0, 0), (100, 100)], 8)
    assert (two_dimensions(scores, 0, 1).sign == -two_dimensions(scores, 1, 0).sign).all()


def simulated(people: int, reliability: float, seed: int) -> tuple[Scores, Scores]:
    """True scores, normal and correlated by a common style of answering, and what is seen of them through error."""
    rng = np.random.default_rng(seed)
    style = rng.normal(0, 8, (people, 1))
    truth = np.array([55.0, 70.0, 80.0, 60.0]) + style + rng.normal(0, 12, (people, 4))
    error = float(np.sqrt(208 * (1 - reliability) / reliability))  # 208 = 8^2 + 12^2
    seen = truth + rng.normal(0, error, truth.shape)
    names = ("amber", "blue", "crimson", "dun")
    return made_scores(truth, 0.0, names), made_scores(seen, error, names)


def wrong_rates(sides: Sides, *views: np.ndarray) -> tuple[float, list[float]]:
    """The mean stated error probability, and for each view of the truth how often the given side is wrong."""
    given_side = sides.sign != 0
    rates = [float((np.sign(view[given_side]) != sides.sign[given_side]).mean()) for view in views]
    return float(sides.error[given_side].mean()), rates


@pytest.mark.parametrize("reliability", [0.6, 0.7, 0.85])
def test_the_stated_error_is_the_actual_one(reliability: float) -> None:
    """With 40,000 people the stated mean is at least the actual rate in either view, and not far above the worse one.

    The standard error of a rate near .1 over 10,000 sides is .003; the allowance is three of them.
    """
    truth, seen = simulated(40_000, reliability, seed=7)
    for index in range(4):
        sides = one_dimension(seen, index)
        stated, rates = wrong_rates(sides, truth.centred[:, index], truth.standardised[:, index])
        assert max(rates) <= stated + 0.009, (index, stated, rates)
        assert stated - max(rates) < 0.05, (index, stated, rates)
    for first, second in dimension_pairs(4):
        sides = two_dimensions(seen, first, second)
        stated, rates = wrong_rates(
            sides,
            truth.raw[:, first] - truth.raw[:, second],
            truth.standardised[:, first] - truth.standardised[:, second],
        )
        assert max(rates) <= stated + 0.009, (first, second, stated, rates)
        assert stated - max(rates) < 0.05, (first, second, stated, rates)
