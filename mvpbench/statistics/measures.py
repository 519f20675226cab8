"""`Measure`: any number that is a function of sums over units, and its interval over components of units.

Every coefficient of agreement is one, so that one bootstrap serves them all, and as well for hundreds of small groups
of units as for one large.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mvpbench.statistics.bootstrap import FEWEST, MAX_UNDEFINED, Floats, Resampling, Statistic, too_few
from mvpbench.statistics.draws import Ints, acceleration, ends, resampled, without_each
from schemas.agreement import Estimate

DRAWN_AT_ONCE = 8_000_000
"""Numbers of resampled sums that are held: 64 MB."""
NO_SPREAD = "no interval: every resample is the same"
ROUNDING = 1e-9
"""Distance of the ends below which they are one."""


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


class _Sums(NamedTuple):
    """Column sums of components, and of the groups that they make up."""

    components: Floats
    """Shape (components, columns), those of one group together."""
    group: Ints
    """Of each component, ascending."""
    totals: Floats
    """Shape (groups, columns)."""
    sizes: Ints
    """Components of each group."""


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
    """Return the number with its interval over `component`, the group of each unit, shape (units,).

    Without an interval, though with a value, where there are fewer than `FEWEST` components, the number is undefined in
    more than `MAX_UNDEFINED` of the resamples, or its ends would be one: of raters who never differ no resample shows
    how often they would.
    """
    if isinstance(measure, Undefined):
        return Estimate(value=None, low=None, high=None, undefined=measure.reason)
    one = np.zeros(len(measure.rows), dtype=np.int64)
    return estimate_each(measure, one, 1, component, draw)[0]


def estimate_each(measure: Measure, of: Ints, groups: int, component: ArrayLike, draw: Resampling) -> list[Estimate]:
    """Return the number of each of `groups` groups of units as `estimate` does; `of` is the group of each unit."""
    sums = _summed(measure.rows, of, groups, np.asarray(component, dtype=np.int64))
    values = measure.statistic(sums.totals)
    enough = sums.sizes[sums.group] >= FEWEST
    group = sums.group[enough]
    without = without_each(measure.statistic, sums.components[enough], sums.totals[group])
    accelerated = acceleration(without, group, groups)
    found: dict[int, Estimate] = {}
    for size in np.unique(sums.sizes).tolist():
        alike = np.flatnonzero(sums.sizes == size)
        at_once = max(1, DRAWN_AT_ONCE // (draw.resamples * measure.rows.shape[1]))
        for some in (alike[at : at + at_once] for at in range(0, len(alike), at_once)):
            found |= _of_size(measure, sums, values, accelerated, (some, size, draw))
    return [found[number] for number in range(groups)]


def _of_size(
    measure: Measure, sums: _Sums, values: Floats, accelerated: Floats, which: tuple[Ints, int, Resampling]
) -> dict[int, Estimate]:
    """The numbers of the groups `some`, which all have `size` components."""
    some, size, draw = which
    found = {}
    defined = ~np.isnan(values[some])
    for number in some[~defined].tolist():
        found[number] = Estimate(value=None, low=None, high=None, undefined=measure.undefined)
    some = some[defined]
    if size < FEWEST:
        return found | {number: too_few(float(values[number]), size) for number in some.tolist()}
    if not len(some):
        return found
    first = np.searchsorted(sums.group, some)
    drawn = resampled(measure.statistic, sums.components[first[:, None] + np.arange(size)], draw)
    lost = np.isnan(drawn).mean(axis=1).tolist()
    both = ends(values[some], drawn, accelerated[some], draw.level).tolist()
    for place, number in enumerate(some.tolist()):
        value = float(values[number])
        if lost[place] > MAX_UNDEFINED:
            reason = f"no interval: undefined in {lost[place]:.0%} of the resamples, so few rows carry the number"
            found[number] = Estimate(value=value, low=None, high=None, undefined=reason)
        elif both[place][1] - both[place][0] <= ROUNDING:
            found[number] = Estimate(value=value, low=None, high=None, undefined=NO_SPREAD)
        else:
            found[number] = Estimate(value=value, low=both[place][0], high=both[place][1])
    return found


def _summed(rows: Floats, group: Ints, groups: int, component: Ints) -> _Sums:
    used = rows.any(axis=1)
    rows, group, component = rows[used], group[used], component[used]
    span = int(component.max(initial=0)) + 1
    keys, place = np.unique(group * span + component, return_inverse=True)
    sums = rows[np.argsort(place)] if len(keys) == len(rows) else np.zeros((len(keys), rows.shape[1]))
    if len(keys) < len(rows):
        np.add.at(sums, place, rows)
    owner = keys // span
    totals = np.zeros((groups, rows.shape[1]))
    np.add.at(totals, owner, sums)
    return _Sums(sums, owner, totals, np.bincount(owner, minlength=groups))
