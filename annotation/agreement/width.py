"""How many units, or ratings a unit, an interval of alpha as narrow as wished would take.

More units: the variance of alpha is one over the number of independent groups of units, so the width goes with one over
its root. It is assumed that the new units are like the present ones, hang together as they do, and get as many ratings.

More ratings of the same units: the squared width is a part that only units bring and one that shrinks with the number
m of ratings. It is measured on panels of 2, 3, ... of each unit's raters, drawn without replacement, and carried on.
How the second part shrinks lies between 1 / m (single ratings vary) and 1 / (m (m - 1)) (pairs of ratings vary: what
a U-statistic of pairs has beside the first, Hoeffding 1948, doi:10.1214/aoms/1177730196). Both are fitted: two
bounds. It is assumed that further raters are like the present ones.
"""

import math
from collections.abc import Callable

import numpy as np

from annotation.agreement.alpha import alpha
from annotation.agreement.table import Ints, Table
from mvpbench.statistics.bootstrap import Resampling
from mvpbench.statistics.measures import estimate
from schemas.agreement import Estimate, Need, Needed

MOST_RATERS = 100
"""A unit; what would take more is told as out of reach."""
FEWEST_SIZES = 2
"""Sizes of panels without which no part can be told from the other."""
LARGEST_PANEL = 6
PANELS = 20
"""Drawn of each size."""
ENOUGH_UNITS = 0.9
"""Share of the pairable units that must have as many ratings as a panel."""
SHRINK: tuple[Callable[[float], float], ...] = (lambda m: 1 / m, lambda m: 1 / (m * (m - 1)))


def needed(table: Table, now: Estimate, width: float, draw: Resampling) -> Needed:
    """Return what it takes for the distance between the ends of the 95 % interval to be `width`; `now` is alpha."""
    if now.low is None or now.high is None:
        nothing = Need(low=None, high=None, undefined=now.undefined)
        return Needed(width=width, found=None, units=nothing, raters=nothing)
    found = now.high - now.low
    return Needed(
        width=width, found=found, units=_units(table, found, width), raters=_raters(table, found, width, draw)
    )


def _units(table: Table, found: float, width: float) -> Need:
    there = int((table.raters_each > 1).sum())
    enough = math.ceil(there * (found / width) ** 2)
    return Need(low=enough, high=enough)


def _raters(table: Table, found: float, width: float, draw: Resampling) -> Need:
    pairable = table.raters_each[table.raters_each > 1]
    sizes = [size for size in range(2, LARGEST_PANEL + 1) if (pairable >= size).mean() >= ENOUGH_UNITS]
    if len(sizes) < FEWEST_SIZES:
        reason = "with two ratings a unit, what units and what raters add cannot be told apart: it takes three"
        return Need(low=None, high=None, undefined=reason)
    squares = [_squared_width(table, size, draw) for size in sizes]
    if any(np.isnan(square) for square in squares):
        return Need(low=None, high=None, undefined="panels of fewer raters have no interval")
    bounds = [_smallest(sizes, squares, shrink, width) for shrink in SHRINK]
    reached = [one for one in bounds if one is not None]
    if not reached:
        reason = f"not within {MOST_RATERS} ratings a unit: what is left is how units differ, and takes more units"
        return Need(low=None, high=None, undefined=reason)
    return Need(low=min(reached), high=max(reached) if len(reached) == len(bounds) else None)


def _smallest(sizes: list[int], squares: list[float], shrink: Callable[[float], float], width: float) -> int | None:
    """The fewest ratings a unit at which the fitted squared width is at most that wished."""
    design = np.column_stack([np.ones(len(sizes)), [shrink(size) for size in sizes]])
    fixed, shrinking = np.linalg.lstsq(design, np.array(squares), rcond=None)[0]
    for size in range(2, MOST_RATERS + 1):
        if fixed + shrinking * shrink(size) <= width**2:
            return size
    return None


def _squared_width(table: Table, size: int, draw: Resampling) -> float:
    """The mean squared width of alpha over panels of `size` raters a unit, as if every pairable unit had them."""
    rng = np.random.default_rng(draw.seed)
    enough = table.raters_each >= size
    share = enough.sum() / (table.raters_each > 1).sum()
    found = []
    for _ in range(PANELS):
        panel = table.part(_panel(table, size, rng))
        drawn = estimate(alpha(panel), panel.component, draw)
        if drawn.low is not None and drawn.high is not None:
            found.append((drawn.high - drawn.low) ** 2 * share)
    return float(np.mean(found)) if 2 * len(found) > PANELS else float("nan")


def _panel(table: Table, size: int, rng: np.random.Generator) -> Ints:
    """Ratings of `size` raters of every unit that has as many, drawn without replacement."""
    order = np.lexsort((rng.random(len(table.unit)), table.unit))
    first = np.concatenate([[0], np.cumsum(table.raters_each)[:-1]]).astype(np.int64)
    rank = np.arange(len(order)) - first[table.unit[order]]
    chosen = (rank < size) & (table.raters_each[table.unit[order]] >= size)
    return np.sort(order[chosen])
