"""Shares of votes for the expected answer: their ends as those of every coefficient."""

import numpy as np
import pytest

from annotation.agreement.expected import expected_votes
from mvpbench.statistics.bootstrap import Resampling, ratio_interval
from mvpbench.statistics.measures import Measure, estimate

DRAW = Resampling(1)


def test_ends_are_moved_for_bias_and_skewness_as_those_of_alpha() -> None:
    hit = np.array([1.0] * 27 + [0.0] * 3)
    found = expected_votes(["expected"] * 27 + ["other"] * 3, range(30), DRAW).of_all
    measure = Measure(np.column_stack([hit, np.ones(30)]), lambda sums: sums[:, 0] / sums[:, 1], "none")
    assert found == estimate(measure, range(30), DRAW)
    plain = ratio_interval(hit, np.ones(30), range(30), *DRAW)
    assert found.low is not None
    assert plain.low is not None
    assert found.low < plain.low


def test_a_share_that_every_resample_has_too_has_no_interval_but_all_or_none_have_a_far_end() -> None:
    half = expected_votes(["expected", "other"] * 10, [n // 2 for n in range(20)], DRAW).of_all
    assert (half.value, half.low) == (0.5, None)
    every = expected_votes(["expected"] * 20, range(20), DRAW).of_all
    # Clopper and Pearson: (.05 / 2)^(1 / 20).
    assert (every.value, every.low, every.high) == (1.0, pytest.approx(0.025 ** (1 / 20)), 1.0)
