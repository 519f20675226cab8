"""Whether groups differ by more than chance: a between-group standard deviation and its permutation p.

The gap between the best and the worst of many small groups is mostly noise; the variance between groups, less what
sampling explains, is what a disparity is measured by.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from schemas.errors import Defect

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PERMUTATIONS = 2_000


class Spread(NamedTuple):
    """How far groups lie apart."""

    sd: float | None
    """Between-group standard deviation by moments, never below 0; None with fewer than two groups to compare."""
    p: float | None
    """Share of permutations (the observed one among them) whose statistic is at least as large."""
    groups: int
    """Groups with at least two components; the others cannot say how noisy they are."""


def between_groups(
    sums: ArrayLike,
    group: Sequence[str],
    stratum: Sequence[str],
    seed: int,
    permutations: int = PERMUTATIONS,
) -> Spread:
    """Return the between-group spread of a ratio, over components.

    The statistic is studentised: Cochran's Q = sum_g (r_g - r)^2 / v_g with v_g the variance of a group's ratio over
    its components (linearised), r weighted by 1 / v_g; the smallest groups would rule a plain variance. The standard
    deviation is the moment estimator of DerSimonian and Laird (1986, doi:10.1016/0197-2456(86)90046-2).

    Args:
        sums: of shape (components, 2), numerator and denominator, the denominator positive.
        group: of each component, e.g. its country.
        stratum: of each component; groups are exchanged within strata alone.
        seed: of the permutations.
        permutations: how many.

    Raises:
        Defect: `uneven-rows`, where the three differ in length.
    """
    table = np.asarray(sums, dtype=np.float64)
    if not len(table) == len(group) == len(stratum):
        found = f"{len(table)} sums, {len(group)} groups, {len(stratum)} strata"
        raise Defect("uneven-rows", "permutation", found=found, expected="one of each a component")
    _, codes, sizes = np.unique(np.asarray(group, dtype=str), return_inverse=True, return_counts=True)
    kept = sizes[codes] > 1
    counted = int((sizes > 1).sum())
    if counted < 2:  # noqa: PLR2004 - a difference takes two
        return Spread(None, None, counted)
    _, codes = np.unique(codes[kept], return_inverse=True)
    table = table[kept]
    observed, sd = _cochran(table, codes, counted)
    rng = np.random.default_rng(seed)
    blocks = _blocks(np.asarray(stratum, dtype=str)[kept])
    reached = sum(
        _cochran(table, _shuffled(codes, blocks, rng), counted)[0] >= observed * (1 - 1e-12)
        for _ in range(permutations)
    )
    return Spread(sd, (1 + reached) / (1 + permutations), counted)


def _cochran(table: Floats, codes: Ints, groups: int) -> tuple[float, float]:
    """Cochran's Q and the moment estimate of the between-group standard deviation."""
    size = np.bincount(codes, minlength=groups)
    below = np.bincount(codes, table[:, 1], groups)
    ratio = np.bincount(codes, table[:, 0], groups) / below
    residual = table[:, 0] - ratio[codes] * table[:, 1]
    variance = np.bincount(codes, residual**2, groups) * size / np.maximum(size - 1, 1) / below**2
    # A group without any variance would weigh infinitely much; it gets the variance of all rows around the whole.
    whole = table[:, 0].sum() / table[:, 1].sum()
    pooled = float(np.mean((table[:, 0] - whole * table[:, 1]) ** 2))
    variance = np.where(variance > 0, variance, pooled * size / below**2)
    if not (variance > 0).all():
        return 0.0, 0.0
    weight = 1 / variance
    centre = np.sum(weight * ratio) / np.sum(weight)
    q = float(np.sum(weight * (ratio - centre) ** 2))
    scale = float(np.sum(weight) - np.sum(weight**2) / np.sum(weight))
    return q, float(np.sqrt(max(0.0, (q - (groups - 1)) / scale)))


def _blocks(stratum: NDArray[np.str_]) -> list[Ints]:
    _, codes = np.unique(stratum, return_inverse=True)
    return [np.flatnonzero(codes == code) for code in range(codes.max() + 1)]


def _shuffled(codes: Ints, blocks: Sequence[Ints], rng: np.random.Generator) -> Ints:
    shuffled = codes.copy()
    for block in blocks:
        shuffled[block] = codes[rng.permutation(block)]
    return shuffled
