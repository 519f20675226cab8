"""`Table`: ratings as arrays of codes, what every coefficient is computed from, and how it falls into cells."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotation.agreement.level import Floats, Level
from mvpbench.statistics.components import components

Ints = NDArray[np.int64]
MOST_NUMBERS = 50_000_000
"""Numbers in a table of counts or sums that is still made: 400 MB."""


class Grouping(NamedTuple):
    """Which ratings are in which group: one entry a membership; a rating may be in several groups, or in none."""

    names: tuple[str, ...]
    rating: Ints
    group: Ints


@dataclass(frozen=True)
class Table:
    """Ratings of one set of units; axis 0 of the first three is ratings, each in turn."""

    level: Level
    scale: Floats
    """Shape (values,), ascending: every value given anywhere in the ratings; at the nominal level numbers from 0."""
    unit: Ints
    """From 0 to units - 1, none left out."""
    rater: Ints
    value: Ints
    """Places in `scale`."""
    component: Ints
    """Shape (units,): units of one component are resampled together."""
    rating: Ints
    """Which ratings of the whole these are."""

    @property
    def units(self) -> int:
        """How many units there are."""
        return len(self.component)

    @property
    def countable(self) -> bool:
        """Whether values are few enough for tables of counts, and of any two values."""
        return max(self.units, len(self.scale)) * len(self.scale) <= MOST_NUMBERS

    @property
    def too_many(self) -> str:
        """Why there is no number where it is not `countable`."""
        return f"{len(self.scale):,} different values of {self.units:,} units are too many for it"

    @cached_property
    def counts(self) -> Floats:
        """How many raters gave each value to each unit, shape (units, values)."""
        cell = self.unit * len(self.scale) + self.value
        counted = np.bincount(cell, minlength=self.units * len(self.scale))
        return counted.reshape(self.units, len(self.scale)).astype(np.float64)

    @cached_property
    def raters_each(self) -> Floats:
        """Ratings of each unit, shape (units,)."""
        return np.bincount(self.unit, minlength=self.units).astype(np.float64)

    def part(self, index: Ints) -> "Table":
        """Return the table of the ratings at `index`; scale and components stay those of the whole."""
        units, unit = np.unique(self.unit[index], return_inverse=True)
        return Table(
            level=self.level,
            scale=self.scale,
            unit=unit,
            rater=self.rater[index],
            value=self.value[index],
            component=self.component[units],
            rating=self.rating[index],
        )


@dataclass(frozen=True)
class Ratings:
    """A table, and the groups that agreement may be broken down by."""

    table: Table
    groups: Mapping[str, Grouping] = field(default_factory=dict)


class Columns(NamedTuple):
    """Ratings as they are read: columns of one length, an entry a rating."""

    unit: Sequence[str]
    rater: Sequence[str]
    value: Sequence[str]
    """Numbers in text where the level is not nominal."""
    cluster: Sequence[str | None]
    """Units that share one are resampled together; None links to nobody."""
    groups: Mapping[str, Sequence[Iterable[str]]]
    """Name of a grouping -> the groups of each rating."""


def tabulate(columns: Columns, level: Level) -> Ratings:
    """Return the ratings as arrays. Units that share a cluster, directly or over others, become one component."""
    _, unit = _codes(columns.unit)
    _, rater = _codes(columns.rater)
    if level is Level.NOMINAL:
        names, value = _codes(columns.value)
        scale: Floats = np.arange(len(names), dtype=np.float64)
    else:
        scale, value = np.unique(np.array([float(one) for one in columns.value]), return_inverse=True)
    table = Table(
        level=level,
        scale=scale,
        unit=unit,
        rater=rater,
        value=value.astype(np.int64),
        component=_components(unit, columns.cluster),
        rating=np.arange(len(unit)),
    )
    return Ratings(table, {name: grouping(groups) for name, groups in columns.groups.items()})


def of_matrix(raters: Sequence[Sequence[float | str | None]], level: Level) -> Table:
    """Return the table of a matrix of raters (rows) by units (columns), None where nothing was rated."""
    given = [
        (f"u{unit:06d}", f"r{rater:06d}", str(value))
        for rater, row in enumerate(raters)
        for unit, value in enumerate(row)
        if value is not None
    ]
    unit, rater, value = (tuple(column) for column in zip(*given, strict=True)) if given else ((), (), ())
    return tabulate(Columns(unit, rater, value, [None] * len(given), {}), level).table


def grouping(groups: Sequence[Iterable[str]]) -> Grouping:
    """Return the groups of each rating as arrays."""
    pairs = [(place, name) for place, names in enumerate(groups) for name in names]
    names, group = _codes([name for _, name in pairs])
    return Grouping(names, np.array([place for place, _ in pairs], dtype=np.int64), group)


def crossed(groups: Sequence[Grouping]) -> tuple[Grouping, list[tuple[str, ...]]]:
    """Return the groups that ratings have in every one of `groups` at once, and their names in each."""
    sizes = [len(one.names) for one in groups]
    rating, code = groups[0].rating, groups[0].group
    for one, size in itertools.islice(zip(groups, sizes, strict=True), 1, None):
        order = np.argsort(one.rating, kind="stable")
        there, group = one.rating[order], one.group[order]
        first, last = np.searchsorted(there, rating, "left"), np.searchsorted(there, rating, "right")
        often = last - first
        start = np.repeat(first - np.concatenate([[0], np.cumsum(often)[:-1]]), often) if len(often) else first
        code = np.repeat(code, often) * size + group[start + np.arange(len(start))]
        rating = np.repeat(rating, often)
    found, code = np.unique(code, return_inverse=True)
    places = np.unravel_index(found, sizes)
    keys = [
        tuple(one.names[place] for one, place in zip(groups, cell, strict=True)) for cell in zip(*places, strict=True)
    ]
    return Grouping(tuple(",".join(key) for key in keys), rating, code), keys


def cells(table: Table, groups: Grouping) -> Iterator[tuple[int, Table]]:
    """Yield the number and the ratings of each group, in the order of their names.

    A unit whose ratings fall into several groups is in each of them with the ratings given there. The ratings are
    sorted by group once, however many groups there are.
    """
    if not groups.names:
        return
    order = np.argsort(groups.group, kind="stable")
    ends = np.cumsum(np.bincount(groups.group, minlength=len(groups.names)))
    for number, index in enumerate(np.split(groups.rating[order], ends[:-1])):
        yield number, table.part(index)


class Stack(NamedTuple):
    """All groups of a grouping in one table, a unit in several groups being as many units of it."""

    table: Table
    group: Ints
    """Shape (units,)."""


def stacked(table: Table, groups: Grouping) -> Stack:
    """Return the ratings of every group of `groups`, each membership a rating."""
    unit = table.unit[groups.rating]
    keys, place = np.unique(groups.group * max(table.units, 1) + unit, return_inverse=True)
    group, original = np.divmod(keys, max(table.units, 1))
    return Stack(
        Table(
            level=table.level,
            scale=table.scale,
            unit=place,
            rater=table.rater[groups.rating],
            value=table.value[groups.rating],
            component=table.component[original],
            rating=table.rating[groups.rating],
        ),
        group,
    )


def _codes(names: Sequence[str]) -> tuple[tuple[str, ...], Ints]:
    """The different names, sorted, and the place of each entry's among them."""
    different = sorted(set(names))
    place = {name: number for number, name in enumerate(different)}
    return tuple(different), np.array([place[name] for name in names], dtype=np.int64)


def _components(unit: Ints, cluster: Sequence[str | None]) -> Ints:
    units = int(unit.max()) + 1 if len(unit) else 0
    if all(one is None for one in cluster):
        return np.arange(units)
    pairs = sorted({(number, one or "", one is None) for number, one in zip(unit.tolist(), cluster, strict=True)})
    found = components(
        [str(number) for number, _, _ in pairs], optional=[[None if none else one for _, one, none in pairs]]
    )
    component = np.zeros(units, dtype=np.int64)
    component[[number for number, _, _ in pairs]] = found
    return component
