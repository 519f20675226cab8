"""Krippendorff's alpha at four levels of measurement, with a bootstrap interval.

Krippendorff, K. (2011), Computing Krippendorff's Alpha-Reliability, https://repository.upenn.edu/asc_papers/43. Alpha
is a function of sums over units: how often each value was given, and how often two different values met in a unit. The
interval resamples units, or groups of units, and so needs nothing but these sums. (Krippendorff's own resampling of
coincidences covers far less than it says: it holds the expected disagreement fixed.)
"""

from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mvpbench.statistics.bootstrap import Resampling, interval
from schemas.annotation import Estimate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Level(StrEnum):
    """Level of measurement: what a difference between two values is."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"


class _Sums(NamedTuple):
    """What alpha is a function of; axis 0 is units, components or resamples."""

    given: Floats
    """Shape (n, values): ratings of each value in units with at least two."""
    met: Floats
    """Shape (n, meetings): coincidences of two different values, each in one order."""


def alpha(counts: ArrayLike, values: ArrayLike, level: Level) -> float | None:
    """Return alpha, or None where it is undefined: nothing to compare, or all comparable ratings alike.

    Args:
        counts: of shape (units, values): how many raters gave each value to each unit.
        values: of shape (values,), distinct and ascending; only their number matters at the nominal level, only their
            order at the ordinal one. At the ratio level none may be negative.
        level: of measurement.
    """
    table, scale = np.asarray(counts, dtype=np.float64), np.asarray(values, dtype=np.float64)
    one, other = _meetings(table)
    sums = _unit_sums(table, one, other)
    found = _alpha(np.hstack(sums).sum(axis=0, keepdims=True), (one, other), scale, level)[0]
    return None if np.isnan(found) else float(found)


def alpha_interval(
    counts: ArrayLike, values: ArrayLike, level: Level, component: ArrayLike, draw: Resampling
) -> Estimate:
    """Return alpha with its interval over `component`, the group of each unit, shape (units,); else as `alpha`."""
    table, scale = np.asarray(counts, dtype=np.float64), np.asarray(values, dtype=np.float64)
    one, other = _meetings(table)
    comparable = table.sum(axis=1) > 1
    rows = np.hstack(_unit_sums(table, one, other))[comparable]
    groups = np.asarray(component)[comparable]
    reason = "no unit has two ratings" if not len(rows) else "all comparable ratings are alike: nothing varies"
    return interval(lambda sums: _alpha(sums, (one, other), scale, level), rows, groups, draw, reason)


def percent_agreement(counts: ArrayLike) -> float | None:
    """Return the share of agreeing pairs of raters within units, averaged over units with at least two ratings."""
    table = np.asarray(counts, dtype=np.float64)
    raters = table.sum(axis=1)
    table, raters = table[raters > 1], raters[raters > 1]
    if not len(table):
        return None
    return float(np.mean((table * (table - 1)).sum(axis=1) / (raters * (raters - 1))))


def _meetings(table: Floats) -> tuple[Ints, Ints]:
    """The pairs of different values that meet in any unit, as column numbers, lower first."""
    there = (table > 0).astype(np.float64)
    one, other = np.nonzero(np.triu(there.T @ there, k=1))
    return one, other


def _unit_sums(table: Floats, one: Ints, other: Ints) -> _Sums:
    raters = table.sum(axis=1, keepdims=True)
    given = np.where(raters > 1, table, 0.0)
    return _Sums(given, given[:, one] * given[:, other] / np.maximum(raters - 1, 1))


def _alpha(sums: Floats, meetings: tuple[Ints, Ints], values: Floats, level: Level) -> Floats:
    """1 - (n - 1) sum_(c<k) o_ck d_ck / sum_(c<k) n_c n_k d_ck, with d the squared difference; NaN where 0 / 0."""
    given, met = sums[:, : len(values)], sums[:, len(values) :]
    total = given.sum(axis=1)
    one, other = meetings
    if level is Level.ORDINAL:
        # The squared ordinal difference is that of the mid-ranks, which depend on the ratings given.
        ranks = np.cumsum(given, axis=1) - given / 2
        observed = (met * np.square(ranks[:, one] - ranks[:, other])).sum(axis=1)
        centred = ranks - ((given * ranks).sum(axis=1) / np.maximum(total, 1))[:, None]
        expected = total * (given * np.square(centred)).sum(axis=1)
    else:
        squares = _squared_differences(values, level)
        observed = met @ squares[one, other]
        expected = ((given @ squares) * given).sum(axis=1) / 2
    varies = (given > 0).sum(axis=1) > 1
    disagreement = np.divide((total - 1) * observed, expected, out=np.full(len(sums), np.nan), where=varies)
    return np.asarray(1 - disagreement)


def _squared_differences(values: Floats, level: Level) -> Floats:
    """Shape (values, values)."""
    if level is Level.NOMINAL:
        return 1 - np.eye(len(values))
    difference = values[:, None] - values[None, :]
    if level is Level.RATIO:
        total = values[:, None] + values[None, :]
        difference = np.divide(difference, total, out=np.zeros_like(difference), where=total > 0)
    return np.square(difference)
