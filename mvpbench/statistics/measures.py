"""`Measure`: any number that is a function of sums over units, and its interval over components of units.

Every coefficient of agreement is one, so that one bootstrap serves them all, and as fast for hundreds of small groups
as for one large: units that carry the same are drawn as one category where they are many, and groups of equally many
components share their draws. (An interval is right by itself; that of a second group is not an independent draw.)

The ends are percentiles of the resampled numbers, moved for bias and skewness (BCa: Efron 1987,
doi:10.1080/01621459.1987.10478410). Plain percentiles of alpha cover too little where it is high and units are few:
.92 at 50 units and a true alpha of .85, where these cover .95.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from mvpbench.statistics.bootstrap import (
    FEWEST,
    WEIGHTS_AT_ONCE,
    Floats,
    Resampling,
    Statistic,
    component_sums,
    percentile,
    too_few,
)
from schemas.agreement import Estimate

KEPT_WEIGHTS = 1_000_000
"""Draws, of components in resamples, up to which they are kept for the next group of the same size: 8 MB."""
MOST_BIAS = 3.0
"""Standard errors by which the value may lie off the middle of its resamples."""
FEW_KINDS = 8
"""Components per kind of component from which kinds are drawn instead."""


class Measure(NamedTuple):
    """A number and what it is computed from."""

    rows: Floats
    """Shape (units, columns). A row of zeros carries nothing to the number: it is not resampled."""
    statistic: Statistic
    """From sums of rows, shape (n, columns), to shape (n,); NaN where undefined."""
    undefined: str
    """The reason given where the whole has none."""


class Undefined(NamedTuple):
    """A number that cannot be had, and why."""

    reason: str


Measured = Measure | Undefined


def quotient(above: Measured, below: Measured, undefined: str) -> Measured:
    """Return the quotient of two numbers over the same units; undefined where `below` is not above 0."""
    if isinstance(above, Undefined):
        return above
    if isinstance(below, Undefined):
        return below
    split = above.rows.shape[1]

    def statistic(sums: Floats) -> Floats:
        over, under = above.statistic(sums[:, :split]), below.statistic(sums[:, split:])
        return np.asarray(np.divide(over, under, out=np.full(len(sums), np.nan), where=under > 0))

    return Measure(np.hstack([above.rows, below.rows]), statistic, undefined)


def point(measure: Measured) -> float | None:
    """Return the number alone, None where it is undefined."""
    if isinstance(measure, Undefined):
        return None
    found = float(measure.statistic(measure.rows.sum(axis=0, keepdims=True))[0])
    return None if np.isnan(found) else found


def estimate(measure: Measured, component: ArrayLike, draw: Resampling) -> Estimate:
    """Return the number with its percentile interval over `component`, the group of each unit, shape (units,)."""
    if isinstance(measure, Undefined):
        return Estimate(value=None, low=None, high=None, undefined=measure.reason)
    value = point(measure)
    if value is None:
        return Estimate(value=None, low=None, high=None, undefined=measure.undefined)
    used = measure.rows.any(axis=1)
    sums = component_sums(measure.rows[used], np.asarray(component)[used])
    if len(sums) < FEWEST:
        return too_few(value, len(sums))
    drawn = resampled(measure.statistic, sums, draw)
    plain = percentile(value, drawn, draw)
    if plain.low is None:
        return plain
    low, high = _ends(value, drawn[~np.isnan(drawn)], _without_each(measure.statistic, sums), draw.level)
    return Estimate(value=value, low=low, high=high)


def resampled(statistic: Statistic, sums: Floats, draw: Resampling) -> Floats:
    """Return the statistic of resampled components, shape (resamples,), whatever the order of the components."""
    sums = sums[np.lexsort(sums.T)]
    size = len(sums)
    if size * draw.resamples <= KEPT_WEIGHTS:
        return statistic(_kept_weights(size, draw.seed, draw.resamples) @ sums)
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


def _ends(value: float, drawn: Floats, without_each: Floats, level: float) -> tuple[float, float]:
    """The percentiles that bias and acceleration point to, Efron (1987), eq. 3.8; ties with the value count half."""
    deviation = without_each.mean() - without_each if len(without_each) else np.zeros(1)
    spread = float(np.square(deviation).sum()) ** 1.5
    acceleration = float((deviation**3).sum()) / (6 * spread) if spread > 0 else 0.0
    below = ((drawn < value).mean() + (drawn <= value).mean()) / 2
    bias = np.clip(ndtri(below), -MOST_BIAS, MOST_BIAS)
    shifted = bias + ndtri([(1 - level) / 2, (1 + level) / 2])
    places = ndtr(bias + shifted / np.maximum(1 - acceleration * shifted, 1 / MOST_BIAS))
    low, high = np.quantile(drawn, places)
    return float(low), float(high)


def _without_each(statistic: Statistic, sums: Floats) -> Floats:
    """The statistic without each component in turn, where it is defined: the jackknife."""
    total = sums.sum(axis=0)
    at_once = max(1, WEIGHTS_AT_ONCE // sums.shape[1])
    found = np.concatenate([statistic(total - sums[at : at + at_once]) for at in range(0, len(sums), at_once)])
    return found[~np.isnan(found)]


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
