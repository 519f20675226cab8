"""Percentile bootstrap of any number that is a function of sums over independent components (Efron 1979).

A resample of components is a draw of multinomial weights, and a statistic of sums needs nothing but the weighted sums:
2,000 resamples are one matrix product. Components with the same sums are drawn as one category with their joint
probability, which is the same distribution and much less work.

Percentile intervals are too narrow where components are few: with 6 to 10, one of nominal 95 % covers about 86 %. With
fewer than `FEWEST` there is none: two or three that happen to agree would make a point of it.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from schemas.agreement import Estimate
from schemas.errors import Defect

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]
"""From sums of shape (resamples, columns) to values of shape (resamples,); NaN where the value is undefined."""

RESAMPLES = 2_000
LEVEL = 0.95
MAX_UNDEFINED = 0.05
"""Share of resamples with an undefined value above which there is no interval; below, they are left out."""
FEWEST = 4
"""Components below which there is no interval."""
WEIGHTS_AT_ONCE = 4_000_000  # 32 MB


class Resampling(NamedTuple):
    """How an interval is drawn; the seed comes from `schemas.identity.seed`."""

    seed: int
    resamples: int = RESAMPLES
    level: float = LEVEL


def ratio_interval(
    numerator: ArrayLike,
    denominator: ArrayLike,
    component: ArrayLike,
    seed: int,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> Estimate:
    """Return sum(numerator) / sum(denominator) with its interval.

    Args:
        numerator: of shape (rows,).
        denominator: of shape (rows,), not negative.
        component: of shape (rows,), as `components` returns it.
        seed: of the resampling.
        resamples: how many.
        level: nominal coverage.

    Returns:
        `value` None where the denominators sum to 0. `low` and `high` None, with the reason, where the rows hang
        together in fewer than `FEWEST` components. Where every component has the same ratio the interval is a point:
        right where the design forces it (a blind scorer on complete pairs is at one half in each), too sure for a share
        of 0 or 1, for which there is `share_interval`.
    """
    rows = np.column_stack([np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)])
    return interval(_ratio, rows, component, Resampling(seed, resamples, level), "nothing to measure: no rows count")


def share_interval(successes: ArrayLike, tries: ArrayLike, component: ArrayLike, draw: Resampling) -> Estimate:
    """Return a share, 0 <= successes <= tries in every row, with an interval that is never a point at 0 or 1.

    Where all or none succeed the bootstrap cannot see that it could be otherwise; there the far end is that of Clopper
    and Pearson (1934, doi:10.1093/biomet/26.4.404) with the components as tries, (a / 2)^(1 / n).
    """
    found = ratio_interval(successes, tries, component, *draw)
    if found.value not in {0.0, 1.0} or found.low is None:
        return found
    counted = np.asarray(component)[np.asarray(tries) > 0]
    reach = float(((1 - draw.level) / 2) ** (1 / len(np.unique(counted))))
    low, high = (reach, 1.0) if found.value == 1 else (0.0, 1 - reach)
    return found.model_copy(update={"low": low, "high": high})


def interval(statistic: Statistic, rows: ArrayLike, component: ArrayLike, draw: Resampling, undefined: str) -> Estimate:
    """Return `statistic` of the column sums of `rows`, shape (rows, columns), with its percentile interval.

    `undefined` is the reason given where the statistic of the whole is NaN. Without an interval, though with a value,
    where there are fewer than `FEWEST` components or the statistic is undefined in more than `MAX_UNDEFINED` of the
    resamples.
    """
    sums = component_sums(rows, component)
    value = float(statistic(sums.sum(axis=0, keepdims=True))[0]) if len(sums) else float("nan")
    if np.isnan(value):
        return Estimate(value=None, low=None, high=None, undefined=undefined)
    if len(sums) < FEWEST:
        return too_few(value, len(sums))
    return _percentile(value, statistic(bootstrap_sums(sums, draw.seed, draw.resamples)), draw)


def too_few(value: float, components: int) -> Estimate:
    """Return `value` without an interval: it rests on fewer than `FEWEST` components."""
    groups = "all rows hang together in one group" if components == 1 else f"only {components} independent groups"
    return Estimate(value=value, low=None, high=None, undefined=f"no interval: {groups}")


def component_sums(rows: ArrayLike, component: ArrayLike) -> Floats:
    """Return the column sums of each component, shape (components, columns), of `rows` of shape (rows, columns)."""
    table = np.asarray(rows, dtype=np.float64)
    groups = np.asarray(component)
    if table.ndim != 2 or groups.shape != table.shape[:1]:  # noqa: PLR2004 - rows and columns
        found = f"rows of shape {table.shape}, components of shape {groups.shape}"
        raise Defect("uneven-rows", "bootstrap", found=found, expected="(rows, columns) and (rows,)")
    names, number = np.unique(groups, return_inverse=True)
    sums = np.zeros((len(names), table.shape[1]))
    np.add.at(sums, number, table)
    return sums


def bootstrap_sums(sums: Floats, seed: int, resamples: int = RESAMPLES) -> Floats:
    """Return the column sums of resampled components, shape (resamples, columns), of `sums` (components, columns)."""
    distinct, counts = np.unique(sums, axis=0, return_counts=True)
    rng = np.random.default_rng(seed)
    at_once = max(1, WEIGHTS_AT_ONCE // len(distinct))
    parts: list[Floats] = [
        rng.multinomial(len(sums), counts / len(sums), size=min(at_once, resamples - done)).astype(np.float64)
        @ distinct
        for done in range(0, resamples, at_once)
    ]
    return np.concatenate(parts)


def _ratio(sums: Floats) -> Floats:
    below = sums[:, 1]
    return np.asarray(np.divide(sums[:, 0], below, out=np.full(len(sums), np.nan), where=below > 0))


def _percentile(value: float, drawn: Floats, draw: Resampling) -> Estimate:
    """Return `value` with the percentiles of `drawn`, shape (resamples,); NaN there is where it was undefined."""
    kept = drawn[~np.isnan(drawn)]
    if len(kept) < (1 - MAX_UNDEFINED) * draw.resamples:
        share = 1 - len(kept) / draw.resamples
        reason = f"no interval: undefined in {share:.0%} of the resamples, so few rows carry the number"
        return Estimate(value=value, low=None, high=None, undefined=reason)
    tail = (1 - draw.level) / 2
    low, high = np.quantile(kept, [tail, 1 - tail])
    return Estimate(value=value, low=float(low), high=float(high))
