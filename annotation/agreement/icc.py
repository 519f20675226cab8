"""Intraclass correlations of one rater and of the mean of all, with intervals from the F distribution.

Shrout, P. E. & Fleiss, J. L. (1979), doi:10.1037/0033-2909.86.2.420; McGraw, K. O. & Wong, S. P. (1996),
doi:10.1037/1082-989X.1.1.30. `icc_1` is ICC(1,1), one-way: each unit has raters of its own. `icc_a1` is ICC(2,1),
absolute agreement of the same raters over all units; `icc_c1` is ICC(3,1), consistency: raters may differ by a
constant. `icc_1k`, `icc_ak`, `icc_ck` are those of the mean of k raters. For values whose differences mean something.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import fdtri

from annotation.agreement.level import Floats
from annotation.agreement.table import Table
from mvpbench.statistics.bootstrap import LEVEL, Resampling
from mvpbench.statistics.measures import Measure, Measured, Undefined, estimate, point
from schemas.agreement import Estimate

ONE_WAY = ("icc_1", "icc_1k")
TWO_WAY = ("icc_a1", "icc_ak", "icc_c1", "icc_ck")
NO_VARIATION = "the ratings do not vary enough to tell units from raters"
TWO = 2
ROUNDING = 1e-12
"""Share of the sum of squares below which a variance is rounding."""


class _Squares(NamedTuple):
    """Mean squares of an analysis of variance, each of shape (n,), and the raters of a unit."""

    units: Floats
    raters: Floats
    """Of the two-way analysis; NaN in the one-way one."""
    error: Floats
    size: Floats


def intraclass(table: Table, draw: Resampling) -> dict[str, Estimate]:
    """Return the six correlations by name.

    One-way ones need at least two units, of which one has two ratings; units may have unequal numbers (the interval is
    then approximate, with the mean number k0 of McGraw and Wong). Two-way ones need the same raters on every unit.
    Where units share components the F distribution does not hold: there components are resampled instead.
    """
    bootstrap = len(np.unique(table.component)) < table.units
    found: dict[str, Estimate] = {}
    for names, squares in ((ONE_WAY, _one_way(table)), (TWO_WAY, _two_way(table))):
        for name in names:
            measure = _correlation(name, squares)
            if bootstrap or isinstance(measure, Undefined):
                found[name] = estimate(measure, table.component, draw)
            else:
                found[name] = _with_f(name, measure, squares, table.units)
    return found


def _one_way(table: Table) -> Measured:
    """Columns: units, k, k^2, sum, sum of squares, sum^2 / k, one row a unit."""
    raters = table.raters_each
    if table.units < TWO or not (raters > 1).any():
        return Undefined("one-way correlations need two units, and one with two ratings")
    values = _centred(table)
    sums = np.bincount(table.unit, weights=values, minlength=table.units)
    squares = np.bincount(table.unit, weights=values * values, minlength=table.units)
    rows = np.column_stack([np.ones(table.units), raters, raters**2, sums, squares, sums * sums / raters]).astype(
        np.float64
    )
    return Measure(rows, _no_statistic, NO_VARIATION)


def _two_way(table: Table) -> Measured:
    """Columns: units, sum, sum of squares, sum^2 / k, then the value of each rater."""
    raters, who = np.unique(table.rater, return_inverse=True)
    if len(raters) < TWO or table.units < TWO:
        return Undefined("two-way correlations need two raters and two units")
    if len(table.value) != len(raters) * table.units:
        return Undefined("two-way correlations need every rater's rating of every unit, some are missing")
    matrix = np.zeros((table.units, len(raters)))
    matrix[table.unit, who] = _centred(table)
    total = matrix.sum(axis=1)
    rows = np.column_stack([np.ones(table.units), total, np.square(matrix).sum(axis=1), total**2 / len(raters), matrix])
    return Measure(rows, _no_statistic, NO_VARIATION)


def _correlation(name: str, rows: Measured) -> Measured:
    if isinstance(rows, Undefined):
        return rows
    squares = _one_way_squares if name in ONE_WAY else _two_way_squares
    return Measure(rows.rows, lambda sums: _formula(name, squares(sums), sums[:, 0]), NO_VARIATION)


def _formula(name: str, found: _Squares, units: Floats) -> Floats:
    between, raters, error, size = found
    below = {
        "icc_1": between + (size - 1) * error,
        "icc_1k": between,
        "icc_c1": between + (size - 1) * error,
        "icc_ck": between,
        "icc_a1": between + (size - 1) * error + size * (raters - error) / units,
        "icc_ak": between + (raters - error) / units,
    }[name]
    return np.asarray(np.divide(between - error, below, out=np.full(len(below), np.nan), where=below > 0))


def _one_way_squares(sums: Floats) -> _Squares:
    units, ratings, squared_sizes, total, squares, of_units = sums.T
    nothing = np.full(len(sums), np.nan)
    free = np.maximum(units - 1, 1)
    between = _variance(of_units - total**2 / ratings, free, squares)
    error = np.divide(squares - of_units, ratings - units, out=nothing.copy(), where=ratings > units)
    error = np.where(error * (ratings - units) > ROUNDING * squares, error, np.where(np.isnan(error), np.nan, 0.0))
    return _Squares(between, nothing, error, (ratings - squared_sizes / ratings) / free)


def _two_way_squares(sums: Floats) -> _Squares:
    units, total, squares, of_units = sums[:, :4].T
    by_rater = sums[:, 4:]
    size = np.full(len(sums), float(by_rater.shape[1]))
    free = np.maximum(units - 1, 1)
    mean = total**2 / (units * size)
    of_raters = np.square(by_rater).sum(axis=1) / units - mean
    rest = squares - of_units - of_raters
    between = _variance(of_units - mean, free, squares)
    return _Squares(between, _variance(of_raters, size - 1, squares), _variance(rest, free * (size - 1), squares), size)


def _variance(squares: Floats, free: Floats, scale: Floats) -> Floats:
    """A mean square, 0 where rounding is all there is."""
    return np.asarray(np.where(squares > ROUNDING * scale, squares / free, 0.0))


def _with_f(name: str, measure: Measure, rows: Measured, units: int) -> Estimate:
    value = point(measure)
    if value is None or isinstance(rows, Undefined):
        return Estimate(value=None, low=None, high=None, undefined=measure.undefined)
    sums = rows.rows.sum(axis=0, keepdims=True)
    squares = _one_way_squares(sums) if name in ONE_WAY else _two_way_squares(sums)
    between, _, error, size = (float(one[0]) for one in squares)
    if error == 0:
        reason = "no interval: raters do not differ within units, so there is no error to measure by"
        return Estimate(value=value, low=None, high=None, undefined=reason)
    ratings = float(sums[0, 1]) if name in ONE_WAY else units * size
    free = ratings - units if name in ONE_WAY else (units - 1) * (size - 1)
    if name in {"icc_a1", "icc_ak"}:
        low, high = _absolute(squares, units)
    else:
        ratio = between / error
        tail = (1 - LEVEL) / 2
        low_ratio = ratio / float(fdtri(units - 1, free, 1 - tail))
        high_ratio = ratio * float(fdtri(free, units - 1, 1 - tail))
        low, high = ((one - 1) / (one + size - 1) for one in (low_ratio, high_ratio))
    if name.endswith("k"):
        low, high = _stepped_up(low, size), _stepped_up(high, size)
    # Of a handful of ratings the approximations go astray: ends that do not hold the value are none.
    if not -np.inf < low <= value <= high < np.inf:
        reason = "no interval: so few or so contrary ratings have none by the F distribution"
        return Estimate(value=value, low=None, high=None, undefined=reason)
    return Estimate(value=value, low=low, high=high)


def _stepped_up(one: float, size: float) -> float:
    """The reliability of the mean of `size` raters, Spearman (1910) and Brown (1910); NaN where it has none."""
    below = 1 + (size - 1) * one
    return size * one / below if below > ROUNDING else float("nan")


def _absolute(squares: _Squares, units: int) -> tuple[float, float]:
    """The interval of ICC(A,1), McGraw and Wong (1996), table 7, with Satterthwaite's degrees of freedom; or NaN."""
    one = _formula("icc_a1", squares, np.array([float(units)]))
    between, raters, error, size = squares
    tail = (1 - LEVEL) / 2
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        above = size * one / (units * (1 - one))
        below = 1 + size * one * (units - 1) / (units * (1 - one))
        free = (above * raters + below * error) ** 2 / (
            (above * raters) ** 2 / (size - 1) + (below * error) ** 2 / ((units - 1) * (size - 1))
        )
        lower, upper = fdtri(units - 1, free, 1 - tail), fdtri(free, units - 1, 1 - tail)
        rest = size * raters + (size * units - size - units) * error
        low = units * (between - lower * error) / (lower * rest + units * between)
        high = units * (upper * between - error) / (rest + units * upper * between)
    return float(low[0]), float(high[0])


def _centred(table: Table) -> Floats:
    values = table.scale[table.value]
    return np.asarray(values - values.mean())


def _no_statistic(sums: Floats) -> Floats:
    return np.full(len(sums), np.nan)
