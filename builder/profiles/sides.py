"""On which side a person stands, only where it is sure enough, and how likely that is wrong.

The rule (`SIDES_VERSION`): a side is given where two views of the scores agree in sign and both exceed one standard
error. For one dimension the views are the centred score (against the person's other values) and the standardised
score (against other people); for two dimensions, the raw and the standardised difference. And the side must be wrong
with a probability of at most `MAX_ERROR`; otherwise the level is none. The last condition bites where two scales hardly
differ in what they measure: most of an observed difference between them is then error, however large it looks.

The error probability is that of the worse view: with true scores normal in the sample (mean m, variance t^2) and an
observed x with standard error s, the true score given x is normal with mean m + (x - m) t^2 / (t^2 + s^2) and variance
t^2 s^2 / (t^2 + s^2) (Kelley 1927; Lord and Novick 1968, ch. 3), and the side is wrong where it lies beyond 0.
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from builder.profiles.answers import Matrix, Vector
from builder.profiles.scoring import Scores

SIDES_VERSION = 1
MAX_ERROR = 0.25

Signs = NDArray[np.int8]


class Sides(NamedTuple):
    """`sign` is 1 (high, or first dimension ahead), -1 (low, or second ahead) or 0 (none); `error` is NaN where 0."""

    sign: Signs
    error: Vector


def one_dimension(scores: Scores, index: int) -> Sides:
    """Return the side of every respondent on dimension `index`: high against low."""
    return _agreeing(
        (scores.centred[:, index], scores.centred_error[:, index]),
        (scores.standardised[:, index], scores.standardised_error[:, index]),
    )


def by_thresholds(scores: Scores, index: int, high: float, low: float) -> Sides:
    """Return the level of every respondent on dimension `index` by the raw score alone: from `high` on, up to `low`.

    The reference's rule (80 and 60). The error is the probability that the true score lies on the other side of the
    middle between the two.
    """
    raw = scores.raw[:, index]
    sign = np.zeros(len(raw), dtype=np.int8)
    sign[raw >= high] = 1
    sign[raw <= low] = -1
    error = wrong_side(raw - (high + low) / 2, scores.raw_error[:, index])
    return Sides(sign, np.where(sign == 0, np.nan, error))


def two_dimensions(scores: Scores, first: int, second: int) -> Sides:
    """Return which of two dimensions every respondent puts ahead."""
    return _agreeing(
        _difference(scores.raw, scores.raw_error, first, second),
        _difference(scores.standardised, scores.standardised_error, first, second),
    )


def dimension_pairs(count: int) -> list[tuple[int, int]]:
    """Return all pairs of dimension indices, lower first."""
    return list(combinations(range(count), 2))


def wrong_side(observed: Vector, error: Vector) -> Vector:
    """Return the probability that the true value lies on the other side of 0 than `observed`.

    Both of shape (respondents,); NaN where not measured. The sample mean and the true variance (observed variance less
    mean error variance, at least a hundredth of it) are taken from `observed` itself.
    """
    mean = np.nanmean(observed)
    total = np.nanvar(observed)
    true = max(total - np.nanmean(np.square(error)), total / 100)
    weight = true / (true + np.square(error))
    centre = mean + weight * (observed - mean)
    spread = np.sqrt(true * (1 - weight))
    return np.asarray(ndtr(-np.sign(observed) * centre / np.where(spread > 0, spread, np.finfo(float).tiny)))


def _difference(values: Matrix, errors: Matrix, first: int, second: int) -> tuple[Vector, Vector]:
    return (
        values[:, first] - values[:, second],
        np.asarray(np.hypot(errors[:, first], errors[:, second])),
    )


def _agreeing(one: tuple[Vector, Vector], other: tuple[Vector, Vector]) -> Sides:
    error = np.maximum(wrong_side(*one), wrong_side(*other))
    sign = np.zeros(len(one[0]), dtype=np.int8)
    for direction in (1, -1):
        agree = (direction * one[0] > one[1]) & (direction * other[0] > other[1])
        sign[agree & (error <= MAX_ERROR)] = direction
    return Sides(sign, np.where(sign == 0, np.nan, error))
