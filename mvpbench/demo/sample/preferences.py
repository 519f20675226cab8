"""Stated preferences: a Gaussian copula with the published correlations over the published distributions."""

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist

from mvpbench.demo.sample.chance import Chance
from mvpbench.demo.sample.marginals import Marginals, Slider

HEAPED = (50, 100)
"""Where the published histograms have spikes."""
REACH = 4
"""Points around a heap from which answers are drawn to it ..."""
PULL = 0.5
"""... with this probability."""


def preferences(chance: Chance, marginals: Marginals) -> dict[str, int]:
    """Return one person's sliders, whole numbers from 0 to 100, in the order of the published tables.

    Correlated standard normals (lower Cholesky factor of the correlations) become shares, and the shares quantiles.
    """
    root = cholesky(marginals.correlation)
    own = [chance.normal(f"slider {name}") for name in marginals.order]
    shares = {
        name: NormalDist().cdf(sum(weight * value for weight, value in zip(row, own, strict=True)))
        for name, row in zip(marginals.order, root, strict=True)
    }
    return {
        name: _heaped(quantile(slider, shares[name]), chance, f"heap {name}")
        for name, slider in marginals.sliders.items()
    }


def quantile(slider: Slider, share: float) -> float:
    """Return the answer below which `share` of all answers lie.

    Straight lines from the lower quartile to the median, the upper quartile and the top; below the lower quartile a
    power curve from the least answer, whose exponent makes the mean the published one.
    """
    knots = (slider.quarter, slider.median, slider.three_quarters, slider.high)
    quarters = share * 4
    if quarters < 1:
        return slider.low + (slider.quarter - slider.low) * math.pow(quarters, _exponent(slider))
    place = min(int(quarters), 3)
    start, end = knots[place - 1], knots[place]
    return start + (end - start) * (quarters - place)


def cholesky(matrix: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return the lower triangular factor of a positive definite matrix; ValueError where it is none.

    Written out, since linear algebra libraries differ in the last digit and the sample is compared byte by byte.
    """
    size = len(matrix)
    root = [[0.0] * size for _ in range(size)]
    for row in range(size):
        for column in range(row + 1):
            rest = matrix[row][column] - sum(root[row][k] * root[column][k] for k in range(column))
            root[row][column] = math.sqrt(rest) if row == column else rest / root[column][column]
    return root


def most_and_least(stated: Mapping[str, int], marginals: Marginals) -> tuple[str, str]:
    """Return the sliders on which a person is furthest above and furthest below what is usual on that slider."""
    distance = {name: value - marginals.sliders[name].mean for name, value in stated.items()}
    ranked = sorted(distance, key=lambda name: (distance[name], name))
    return ranked[-1], ranked[0]


def _exponent(slider: Slider) -> float:
    """From the mean: the four quarters weigh the same, and a power curve's mean is its height over exponent + 1."""
    above = (slider.quarter + slider.high) / 2 + slider.median + slider.three_quarters
    lowest = 4 * slider.mean - above
    return (slider.quarter - slider.low) / (lowest - slider.low) - 1


def _heaped(answer: float, chance: Chance, purpose: str) -> int:
    for heap in HEAPED:
        if abs(answer - heap) <= REACH and chance.happens(f"{purpose} {heap}", PULL):
            return heap
    return round(answer)
