"""Percent agreement, Cohen's kappa of two raters, Fleiss' kappa of many."""

import numpy as np
from numpy.typing import ArrayLike

from annotation.agreement.alpha import NO_PAIRS
from annotation.agreement.level import Floats
from annotation.agreement.table import Table
from mvpbench.statistics.measures import Measure, Measured, Undefined

TWO = 2


def percent_agreement(table: Table) -> Measured:
    """Return the share of agreeing pairs of raters within units, averaged over units with at least two ratings.

    Undefined where no unit has two ratings.
    """
    raters = table.raters_each
    if not (raters > 1).any():
        return Undefined(NO_PAIRS)
    if table.countable:
        pairs = (table.counts * (table.counts - 1)).sum(axis=1)
    else:
        said, often = np.unique(table.unit * len(table.scale) + table.value, return_counts=True)
        pairs = np.bincount(said // len(table.scale), weights=often * (often - 1), minlength=table.units)
    agreeing = pairs / np.maximum(raters * (raters - 1), 1)
    rows = np.column_stack([agreeing, raters > 1])
    return Measure(rows, _share, NO_PAIRS)


def cohen_kappa(table: Table, weights: ArrayLike | None = None) -> Measured:
    """Return Cohen's kappa of two raters over the units that both rated.

    Cohen, J. (1960), doi:10.1177/001316446002000104; with `weights` of shape (values, values), 1 where two values are
    as good as the same, weighted kappa: Cohen (1968), doi:10.1037/h0026256. Undefined with any other number of raters,
    where no unit was rated by both, and where both gave one and the same value throughout.
    """
    raters, who = np.unique(table.rater, return_inverse=True)
    if len(raters) != TWO:
        return Undefined(f"Cohen's kappa needs two raters, there {'is' if len(raters) == 1 else 'are'} {len(raters)}")
    if not table.countable:
        return Undefined(table.too_many)
    values = len(table.scale)
    weight = np.eye(values) if weights is None else np.asarray(weights, dtype=np.float64)
    said = np.full((TWO, table.units), -1)
    said[who, table.unit] = table.value
    both = (said >= 0).all(axis=0)
    if not both.any():
        return Undefined("no unit was rated by both raters")
    first, second = said
    rows = np.zeros((table.units, 1 + 2 * values))
    rows[both, 0] = weight[first[both], second[both]]
    rows[both, 1 + first[both]] = 1
    rows[both, 1 + values + second[both]] = 1

    def statistic(sums: Floats) -> Floats:
        total = np.maximum(sums[:, 1 : 1 + values].sum(axis=1), 1)
        one, other = sums[:, 1 : 1 + values] / total[:, None], sums[:, 1 + values :] / total[:, None]
        return chance_corrected(sums[:, 0] / total, ((one @ weight) * other).sum(axis=1))

    return Measure(rows, statistic, "both raters gave one and the same value throughout: nothing varies")


def fleiss_kappa(counts: ArrayLike) -> Measured:
    """Return Fleiss' kappa, of counts of shape (units, values) in which every unit has equally many ratings.

    Fleiss, J. L. (1971), doi:10.1037/h0031619. On such data alpha = 1 - (1 - kappa) (1 - 1 / n) at the nominal level, n
    the number of ratings. Undefined where units have unequal numbers of ratings, where they have one, and where all
    ratings are alike.
    """
    table = np.asarray(counts, dtype=np.float64)
    raters = table.sum(axis=1)
    fewest, most = int(raters.min(initial=np.inf) if len(raters) else 0), int(raters.max(initial=0))
    if most <= 1:
        return Undefined(NO_PAIRS)
    if fewest != most:
        return Undefined(f"Fleiss' kappa needs equally many ratings of every unit, there are {fewest} to {most}")
    agreeing = (table * (table - 1)).sum(axis=1) / (most * (most - 1))
    rows = np.column_stack([agreeing, np.ones(len(table)), table / most])

    def statistic(sums: Floats) -> Floats:
        shares = sums[:, 2:] / sums[:, 1:2]
        return chance_corrected(sums[:, 0] / sums[:, 1], np.square(shares).sum(axis=1))

    return Measure(rows, statistic, "all ratings are alike: nothing varies")


def chance_corrected(observed: Floats, by_chance: Floats) -> Floats:
    """Return (observed - by_chance) / (1 - by_chance); NaN where chance alone agrees completely."""
    room = 1 - by_chance
    # Shares that sum to one leave a rounding error, never a difference that means anything.
    found = np.divide(observed - by_chance, room, out=np.full(len(room), np.nan), where=room > 1e-12)  # noqa: PLR2004
    return np.asarray(found)


def _share(sums: Floats) -> Floats:
    return np.asarray(np.divide(sums[:, 0], sums[:, 1], out=np.full(len(sums), np.nan), where=sums[:, 1] > 0))
