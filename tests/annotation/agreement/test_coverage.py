"""Intervals of alpha hold the true alpha about as often as they say: a small run of what the benchmark prints."""

import pytest

from benchmarks.agreement import SIZES, covered, true_alpha

pytestmark = pytest.mark.slow


def test_the_true_alpha_is_that_of_a_large_table() -> None:
    # Two values as frequent: two ratings differ with 2 r (1 - r), any two with 1/2.
    assert true_alpha(0.9) == pytest.approx(0.64)
    assert covered(0.9, 4_000, 3, resamples=200).share == 1.0


@pytest.mark.parametrize("reliability", [0.75, 0.96])
def test_intervals_cover(reliability: float) -> None:
    """100 tables of 50 units: of a true .95, between .88 and 1 in all but one run of 500."""
    assert 50 in SIZES
    assert 0.88 <= covered(reliability, 50, 100, resamples=400).share <= 1.0
