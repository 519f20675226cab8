"""Resampled components and where the ends of an interval lie among them, for many groups at once.

Components that carry the same are drawn as one category where they are many, and groups of equally many components
share their draws. (An interval is right by itself; that of a second group is not an independent draw.)
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from mvpbench.statistics.bootstrap import WEIGHTS_AT_ONCE, Floats, Resampling, Statistic

Ints = NDArray[np.int64]

KEPT_WEIGHTS = 1_000_000
"""Draws, of components in resamples, up to which they are shared by the groups of one size: 8 MB."""
MOST_BIAS = 3.0
"""Standard errors by which the value may lie off the middle of its resamples."""
FEW_KINDS = 8
"""Components per kind of component from which kinds are drawn instead."""


def resampled(statistic: Statistic, sums: Floats, draw: Resampling) -> Floats:
    """Return the statistic of resampled components, whatever their order.

    Args:
        statistic: from sums of shape (n, columns) to shape (n,).
        sums: of shape (groups, components, columns): groups with equally many components.
        draw: of the resampling.

    Returns:
        Shape (groups, resamples).
    """
    groups, size, _ = sums.shape
    if size * draw.resamples > KEPT_WEIGHTS:
        return np.stack([_of_many(statistic, one[np.lexsort(one.T)], draw) for one in sums])
    weights = _kept_weights(size, draw.seed, draw.resamples)
    drawn = np.concatenate([weights @ one[np.lexsort(one.T)] for one in sums])
    return statistic(drawn).reshape(groups, draw.resamples)


def without_each(statistic: Statistic, sums: Floats, total: Floats) -> Floats:
    """Return the statistic of `total` without each of `sums`, both of shape (components, columns): the jackknife."""
    at_once = max(1, WEIGHTS_AT_ONCE // sums.shape[1])
    found = [statistic(total[at : at + at_once] - sums[at : at + at_once]) for at in range(0, len(sums), at_once)]
    return np.concatenate(found) if found else np.zeros(0)


def acceleration(without: Floats, group: Ints, groups: int) -> Floats:
    """Return how skewed each group's number is, from the numbers `without` each component; NaN there is left out.

    Efron (1987), eq. 7.3 with the jackknife: sum d^3 / (6 (sum d^2)^(3/2)); 0 where nothing differs. Shape (groups,).
    """
    defined = ~np.isnan(without)
    without, group = without[defined], group[defined]
    many = np.maximum(np.bincount(group, minlength=groups), 1)
    off = (np.bincount(group, weights=without, minlength=groups) / many)[group] - without
    spread = np.bincount(group, weights=off**2, minlength=groups) ** 1.5
    skew = np.bincount(group, weights=off**3, minlength=groups)
    return np.asarray(np.divide(skew, 6 * spread, out=np.zeros(groups), where=spread > 0))


def ends(value: Floats, drawn: Floats, accelerated: Floats, level: float) -> Floats:
    """Return both ends of each group's interval, shape (groups, 2).

    They are percentiles of `drawn`, shape (groups, resamples), NaN left out, moved for bias and skewness: BCa, Efron
    (1987), doi:10.1080/01621459.1987.10478410, eq. 3.8; resamples that equal the value count half. Plain percentiles of
    alpha cover too little where it is high and units are few: .92 at 50 units and a true alpha of .85, these .95.
    """
    kept = np.sort(drawn, axis=1)
    many = (~np.isnan(kept)).sum(axis=1)
    one = value[:, None]
    below = ((kept < one).sum(axis=1) + (kept <= one).sum(axis=1)) / (2 * np.maximum(many, 1))
    bias = np.clip(ndtri(below), -MOST_BIAS, MOST_BIAS)[:, None]
    shifted = bias + ndtri([(1 - level) / 2, (1 + level) / 2])[None, :]
    place = ndtr(bias + shifted / np.maximum(1 - accelerated[:, None] * shifted, 1 / MOST_BIAS))
    at = place * np.maximum(many - 1, 0)[:, None]
    lower = np.floor(at).astype(np.int64)
    upper = np.minimum(lower + 1, np.maximum(many - 1, 0)[:, None])
    low, high = np.take_along_axis(kept, lower, axis=1), np.take_along_axis(kept, upper, axis=1)
    return np.asarray(low + (at - lower) * (high - low))


def _of_many(statistic: Statistic, sums: Floats, draw: Resampling) -> Floats:
    """The statistic of resamples of sorted components that are too many for shared draws, shape (resamples,)."""
    size = len(sums)
    change = np.concatenate([[True], (sums[1:] != sums[:-1]).any(axis=1)])
    kinds, rng = sums[change], np.random.default_rng(draw.seed)
    many = np.diff(np.append(np.flatnonzero(change), size))
    found: list[Floats] = []
    at_once = max(1, WEIGHTS_AT_ONCE // max(size, sums.shape[1]))
    for done in range(0, draw.resamples, at_once):
        number = min(at_once, draw.resamples - done)
        if FEW_KINDS * len(kinds) <= size:
            drawn = rng.multinomial(size, many / size, size=number).astype(np.float64) @ kinds
        else:
            drawn = _weights(rng, size, number) @ sums
        found.append(statistic(drawn))
    return np.concatenate(found)


def _weights(rng: np.random.Generator, size: int, resamples: int) -> Floats:
    """How often each of `size` components is drawn, shape (resamples, size)."""
    drawn = rng.integers(size, size=(resamples, size), dtype=np.int32)
    drawn += np.arange(resamples, dtype=np.int32)[:, None] * size
    return np.bincount(drawn.ravel(), minlength=resamples * size).reshape(resamples, size).astype(np.float64)


@lru_cache(maxsize=2)
def _kept_weights(size: int, seed: int, resamples: int) -> Floats:
    weights = _weights(np.random.default_rng(seed), size, resamples)
    weights.flags.writeable = False
    return weights
