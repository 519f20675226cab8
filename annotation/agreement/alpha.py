"""Krippendorff's alpha at four levels of measurement.

Krippendorff, K. (2011), Computing Krippendorff's Alpha-Reliability, https://repository.upenn.edu/asc_papers/43. Alpha
is a function of sums over units: how often each value was given, and how far apart the values of a unit were. The
interval resamples units, or groups of units, and so needs nothing but these sums. (Krippendorff's own resampling of
coincidences covers far less than it says: it holds the expected disagreement fixed.)
"""

import numpy as np
from numpy.typing import ArrayLike

from annotation.agreement.level import Floats, Level, squared_differences
from annotation.agreement.table import MOST_NUMBERS, Ints, Stack, Table
from mvpbench.statistics.bootstrap import Resampling
from mvpbench.statistics.measures import Measure, Measured, Undefined, estimate_each
from schemas.agreement import Estimate

NO_PAIRS = "no unit has two ratings"
NO_VARIATION = "all comparable ratings are alike: nothing varies"
MOMENTS_FROM = 64
"""Different values from which the interval level works with sums of values and squares instead of counts."""
ALL_ALIKE = 1e-10
"""Share of the sum of squares below which a variance is rounding."""


def alpha(table: Table) -> Measured:
    """Return alpha; undefined where no unit has two ratings or all comparable ratings are alike."""
    if table.level is Level.INTERVAL and len(table.scale) >= MOMENTS_FROM:
        return _of_moments(table)
    if not table.countable:
        return Undefined(table.too_many)
    return alpha_of_counts(table.counts, table.scale, table.level)


def alpha_each(stack: Stack, groups: int, draw: Resampling) -> list[Estimate]:
    """Return alpha of each of `groups` groups with its interval over components, as `alpha` and `estimate` would."""
    measure = alpha(stack.table)
    pairs = np.bincount(stack.group, weights=stack.table.raters_each > 1, minlength=groups)
    if isinstance(measure, Undefined):
        found = [Estimate(value=None, low=None, high=None, undefined=measure.reason)] * groups
    else:
        found = estimate_each(measure, stack.group, groups, stack.table.component, draw)
    none = Estimate(value=None, low=None, high=None, undefined=NO_PAIRS)
    return [one if paired else none for one, paired in zip(found, pairs.tolist(), strict=True)]


def alpha_of_counts(counts: ArrayLike, values: ArrayLike, level: Level) -> Measured:
    """Return alpha of how many raters gave each value to each unit.

    Args:
        counts: of shape (units, values).
        values: of shape (values,), distinct and ascending; only their number matters at the nominal level, only their
            order at the ordinal one. At the ratio level none may be negative.
        level: of measurement.
    """
    table, scale = np.asarray(counts, dtype=np.float64), np.asarray(values, dtype=np.float64)
    raters = table.sum(axis=1, keepdims=True)
    if not (raters > 1).any():
        return Undefined(NO_PAIRS)
    given = np.where(raters > 1, table, 0.0)
    if ((given > 0).any(axis=0)).sum() <= 1:
        return Undefined(NO_VARIATION)
    if level is Level.ORDINAL:
        return _ordinal(given, raters)
    squares = squared_differences(scale, level)
    apart = (given @ squares * given).sum(axis=1, keepdims=True) / 2 / np.maximum(raters - 1, 1)

    def statistic(sums: Floats) -> Floats:
        often = sums[:, :-1]
        if level is Level.NOMINAL:
            expected = (np.square(often.sum(axis=1)) - np.square(often).sum(axis=1)) / 2
        else:
            expected = ((often @ squares) * often).sum(axis=1) / 2
        return _corrected(sums[:, -1], expected, often)

    return Measure(np.hstack([given, apart]), statistic, NO_VARIATION)


def _ordinal(given: Floats, raters: Floats) -> Measured:
    """The squared ordinal difference is that of the mid-ranks, which depend on the ratings given in a resample.

    So the columns are, beside the counts, the coincidences of every two values that meet in a unit.
    """
    one, other = _meetings(given)
    if len(given) * (given.shape[1] + len(one)) > MOST_NUMBERS:
        return Undefined(f"{given.shape[1]:,} different values of {len(given):,} units are too many for it")
    met = given[:, one] * given[:, other] / np.maximum(raters - 1, 1)
    values = given.shape[1]

    def statistic(sums: Floats) -> Floats:
        often = sums[:, :values]
        ranks = np.cumsum(often, axis=1) - often / 2
        observed = (sums[:, values:] * np.square(ranks[:, one] - ranks[:, other])).sum(axis=1)
        total = often.sum(axis=1)
        centred = ranks - ((often * ranks).sum(axis=1) / np.maximum(total, 1))[:, None]
        return _corrected(observed, total * (often * np.square(centred)).sum(axis=1), often)

    return Measure(np.hstack([given, met]), statistic, NO_VARIATION)


def _of_moments(table: Table) -> Measured:
    """At the interval level both disagreements are variances: four columns serve, however many values there are."""
    raters = table.raters_each
    pairable = raters > 1
    if not pairable.any():
        return Undefined(NO_PAIRS)
    counted = pairable[table.unit]
    if len(np.unique(table.value[counted])) == 1:
        return Undefined(NO_VARIATION)
    values = table.scale[table.value]
    values = np.where(counted, values - values[counted].mean(), 0.0)
    sums = np.bincount(table.unit, weights=values, minlength=table.units)
    squares = np.bincount(table.unit, weights=values * values, minlength=table.units)
    apart = np.maximum(raters * squares - sums * sums, 0.0) / np.maximum(raters - 1, 1)
    rows = np.column_stack([np.where(pairable, raters, 0.0), sums, squares, np.where(pairable, apart, 0.0)])

    def statistic(drawn: Floats) -> Floats:
        total, first, second, observed = drawn.T
        expected = total * second - first * first
        varies = expected > ALL_ALIKE * total * second
        disagreement = np.divide((total - 1) * observed, expected, out=np.full(len(drawn), np.nan), where=varies)
        return np.asarray(1 - disagreement)

    return Measure(rows, statistic, NO_VARIATION)


def _meetings(table: Floats) -> tuple[Ints, Ints]:
    """The pairs of different values that meet in any unit, as column numbers, lower first."""
    there = (table > 0).astype(np.float64)
    one, other = np.nonzero(np.triu(there.T @ there, k=1))
    return one, other


def _corrected(observed: Floats, expected: Floats, often: Floats) -> Floats:
    """1 - (n - 1) sum_(c<k) o_ck d_ck / sum_(c<k) n_c n_k d_ck, with d the squared difference; NaN where 0 / 0."""
    varies = (often > 0).sum(axis=1) > 1
    total = often.sum(axis=1)
    disagreement = np.divide((total - 1) * observed, expected, out=np.full(len(often), np.nan), where=varies)
    return np.asarray(1 - disagreement)
