"""Histograms whose bars fit the scores that a scale can give."""

import numpy as np
import pytest

from builder.overview.spread import BARS, FINEST, distribution, steps_of


@pytest.mark.parametrize("steps", range(1, FINEST + 1))
def test_scores_on_steps_get_a_bar_a_step(steps: int) -> None:
    raw = np.arange(10 * (steps + 1)) % (steps + 1) * 100 / steps
    assert steps_of(raw) == steps
    histogram = distribution(raw, steps).histogram
    assert histogram is not None
    assert histogram.counts == (10,) * (steps + 1)


def test_rounded_scores_are_on_their_steps() -> None:
    # six answers from 1 to 5 have 25 possible means; a file that rounds them to a hundredth is off by .125 points
    means = np.round(1 + np.arange(25) / 6, 2)
    assert steps_of((means - 1) * 25) == 24


def test_scores_without_steps_share_ten_bars() -> None:
    raw = np.random.default_rng(1).uniform(0, 100, 500)
    assert steps_of(raw) is None
    histogram = distribution(raw, None).histogram
    assert histogram is not None
    assert (len(histogram.counts), histogram.start) == (BARS, 0)


def test_a_few_who_left_items_out_do_not_hide_the_steps() -> None:
    raw = np.array([0.0, 50.0, 100.0] * 40 + [33.3, 66.7])
    assert steps_of(raw) == 2
    histogram = distribution(raw, 2).histogram
    assert histogram is not None
    assert sum(histogram.counts) == 122


@pytest.mark.parametrize("raw", [[], [float("nan")] * 20, [50.0] * 9])
def test_too_few_people_have_no_distribution(raw: list[float]) -> None:
    scores = np.array(raw)
    found = distribution(scores, steps_of(scores))
    assert (found.quartiles, found.histogram, found.sd) == (None, None, None)
    assert found.undefined is not None


def test_a_score_of_a_hundred_is_in_the_last_bar() -> None:
    histogram = distribution(np.array([100.0] * 10), None).histogram
    assert histogram is not None
    assert histogram.counts[-1] == 10
