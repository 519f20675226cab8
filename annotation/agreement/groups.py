"""Agreement of raters with those of their own group and with those of others.

Two views. All groups at once: the disagreement of pairs of raters of one group, and of two groups, each over the
disagreement expected of any two ratings. Group by group, after GRASP (Prabhakaran et al. 2024,
doi:10.18653/v1/2024.naacl-long.190): cohesion (IRR, here alpha of the group's ratings), cross-replication reliability
against everyone else (XRR: cross-kappa of Wong, Paritosh and Aroyo 2021, doi:10.18653/v1/2021.acl-long.548), and the
group association index GAI = IRR / XRR.

At the ordinal level distances are those of the mid-ranks among all ratings of units with two, held fixed in the
resamples.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotation.agreement.alpha import NO_VARIATION, alpha
from annotation.agreement.level import Floats, squared_differences
from annotation.agreement.table import Grouping, Ints, Table
from mvpbench.statistics.bootstrap import Resampling
from mvpbench.statistics.measures import Measure, Measured, Undefined, estimate, quotient
from schemas.agreement import RaterGroup, RaterGroups

Booleans = NDArray[np.bool_]
WHO = {"within": "of one group", "between": "of two groups"}


class _Pairs(NamedTuple):
    """Sums of units over pairs of raters, each of shape (units,)."""

    apart: Floats
    """Squared differences, of every pair once."""
    number: Floats


def rater_groups(table: Table, groups: Grouping, name: str, draw: Resampling) -> RaterGroups:
    """Return how raters agree within and between `groups`, of which a rating has at most one.

    Ratings of raters without a group are left out. Undefined where fewer than two groups rated, or no pair of raters of
    that kind met in a unit.
    """
    order = np.argsort(groups.rating)
    known, group = table.part(groups.rating[order]), groups.group[order]
    within, between = _within(known, group), _all_pairs(known)
    between = _Pairs(between.apart - within.apart, between.number - within.number)
    kinds = {"within": within, "between": between}
    measures = {
        kind: _against_chance(known, pairs, f"no unit has two raters {WHO[kind]}") for kind, pairs in kinds.items()
    }
    found = {kind: estimate(measure, known.component, draw) for kind, measure in measures.items()}
    both = _both(known, within, between, measures)
    return RaterGroups(
        name=name,
        within=found["within"],
        between=found["between"],
        difference=estimate(both[0], known.component, draw),
        ratio=estimate(both[1], known.component, draw),
        pairs_within=int(within.number.sum()),
        pairs_between=int(between.number.sum()),
        without_group=len(table.value) - len(known.value),
        groups=tuple(_group(known, group == number, {name: label}, draw) for number, label in enumerate(groups.names)),
    )


def cross_kappa(table: Table, ours: Booleans) -> Measured:
    """Return 1 - observed / expected disagreement of two sets of raters: those of ratings where `ours`, and the rest.

    Wong et al. (2021): observed over pairs of one rater of each set on one unit, averaged within the unit, units
    weighted by their ratings; expected over pairs of one rating of each set on any units. Over units rated by both.
    """
    distance = _distances(table)
    if distance is None:
        return Undefined(table.too_many)
    mine, theirs = _counts(table, ours), _counts(table, ~ours)
    n, m = mine.sum(axis=1), theirs.sum(axis=1)
    met = (n > 0) & (m > 0)
    if not met.any():
        return Undefined("no unit was rated both within and outside the group")
    mine, theirs, n, m = (np.where(met.reshape(-1, *[1] * (one.ndim - 1)), one, 0.0) for one in (mine, theirs, n, m))
    apart = ((mine @ distance) * theirs).sum(axis=1) / np.maximum(n * m, 1)
    rows = np.column_stack([(n + m) * apart, n + m, mine, theirs])
    values = len(table.scale)

    def statistic(sums: Floats) -> Floats:
        one, other = sums[:, 2 : 2 + values], sums[:, 2 + values :]
        pairs = one.sum(axis=1) * other.sum(axis=1)
        expected = ((one @ distance) * other).sum(axis=1) / np.maximum(pairs, 1)
        observed = sums[:, 0] / np.maximum(sums[:, 1], 1)
        varies = ((one + other) > 0).sum(axis=1) > 1
        return _one_minus(observed, np.where(varies, expected, 0.0))

    return Measure(rows, statistic, NO_VARIATION)


def _group(known: Table, ours: Booleans, key: dict[str, str], draw: Resampling) -> RaterGroup:
    index = np.flatnonzero(ours)
    own = _in_place(alpha(known.part(index)), known, index)
    across = cross_kappa(known, ours)
    association = quotient(own, across, "agreement with others is not above 0: no ratio to it means anything")
    return RaterGroup(
        key=key,
        raters=len(np.unique(known.rater[index])),
        ratings=len(index),
        within=estimate(own, known.component, draw),
        across=estimate(across, known.component, draw),
        association=estimate(association, known.component, draw),
    )


def _in_place(measure: Measured, whole: Table, index: Ints) -> Measured:
    """The measure of some ratings with a row for every unit of the whole."""
    if isinstance(measure, Undefined):
        return measure
    rows = np.zeros((whole.units, measure.rows.shape[1]))
    rows[np.unique(whole.unit[index])] = measure.rows
    return Measure(rows, measure.statistic, measure.undefined)


def _within(table: Table, group: Ints) -> _Pairs:
    """Pairs of raters of one group, from how often each value was given in each unit by each group."""
    distance = _distances(table)
    if distance is None:
        return _Pairs(np.zeros(table.units), np.zeros(table.units))
    values = len(table.scale)
    blocks, block = np.unique(table.unit * (int(group.max(initial=0)) + 1) + group, return_inverse=True)
    counts = np.bincount(block * values + table.value, minlength=len(blocks) * values).reshape(len(blocks), values)
    unit = blocks // (int(group.max(initial=0)) + 1)
    pairs = _pairs(counts.astype(np.float64), distance)
    apart, number = (np.bincount(unit, weights=one, minlength=table.units).astype(np.float64) for one in pairs)
    return _Pairs(apart, number)


def _all_pairs(table: Table) -> _Pairs:
    distance = _distances(table)
    if distance is None:
        return _Pairs(np.zeros(table.units), np.zeros(table.units))
    return _pairs(table.counts, distance)


def _pairs(counts: Floats, distance: Floats) -> _Pairs:
    raters = counts.sum(axis=1)
    return _Pairs((counts @ distance * counts).sum(axis=1) / 2, raters * (raters - 1) / 2)


def _against_chance(table: Table, pairs: _Pairs, none: str) -> Measured:
    """1 - disagreement of `pairs` / that expected of any two ratings; pairs weigh 1 / (raters of the unit - 1).

    So weigh they in alpha, which therefore is the mean of within and between, weighted by their pairs so weighed.
    """
    distance = _distances(table)
    if distance is None:
        return Undefined(table.too_many)
    if not pairs.number.any():
        return Undefined(none)
    free = np.maximum(table.raters_each - 1, 1)
    given = np.where(table.raters_each[:, None] > 1, table.counts, 0.0)
    rows = np.column_stack([pairs.apart / free, pairs.number / free, given])

    def statistic(sums: Floats) -> Floats:
        observed = np.divide(sums[:, 0], sums[:, 1], out=np.full(len(sums), np.nan), where=sums[:, 1] > 0)
        return _one_minus(observed, _expected(sums[:, 2:], distance))

    return Measure(rows, statistic, NO_VARIATION)


def _both(table: Table, within: _Pairs, between: _Pairs, measures: dict[str, Measured]) -> tuple[Measured, Measured]:
    """The difference of the two agreements, and the ratio of the two disagreements."""
    one, other = measures["within"], measures["between"]
    if isinstance(one, Undefined):
        return one, one
    if isinstance(other, Undefined):
        return other, other
    split = one.rows.shape[1]
    free = np.maximum(table.raters_each - 1, 1)
    parts = [part / free for part in (between.apart, between.number, within.apart, within.number)]

    def difference(sums: Floats) -> Floats:
        return one.statistic(sums[:, :split]) - other.statistic(sums[:, split:])

    def ratio(sums: Floats) -> Floats:
        above, below = sums[:, 0] * sums[:, 3], sums[:, 1] * sums[:, 2]
        return np.asarray(np.divide(above, below, out=np.full(len(sums), np.nan), where=below > 0))

    return (
        Measure(np.hstack([one.rows, other.rows]), difference, NO_VARIATION),
        Measure(np.column_stack(parts), ratio, "pairs of one group never disagree: no ratio to that means anything"),
    )


def _expected(given: Floats, distance: Floats) -> Floats:
    """Disagreement of any two different ratings, 0 where nothing varies."""
    total = given.sum(axis=1)
    varies = (given > 0).sum(axis=1) > 1
    found = ((given @ distance) * given).sum(axis=1) / np.maximum(total * (total - 1), 1)
    return np.where(varies, found, 0.0)


def _one_minus(observed: Floats, expected: Floats) -> Floats:
    quotients = np.divide(observed, expected, out=np.full(len(observed), np.nan), where=expected > 0)
    return np.asarray(1 - quotients)


def _distances(table: Table) -> Floats | None:
    """Squared differences, shape (values, values); None where there are too many values for such a table."""
    if not table.countable:
        return None
    given = np.bincount(table.value[table.raters_each[table.unit] > 1], minlength=len(table.scale))
    return squared_differences(table.scale, table.level, given)


def _counts(table: Table, chosen: Booleans) -> Floats:
    cell = table.unit[chosen] * len(table.scale) + table.value[chosen]
    counted = np.bincount(cell, minlength=table.units * len(table.scale))
    return counted.reshape(table.units, len(table.scale)).astype(np.float64)
