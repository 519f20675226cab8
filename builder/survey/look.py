"""The first look at a survey file, before a row is kept: what can only be told of the file as a whole.

Memory grows by eight bytes a row.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from builder.survey.cells import Unusable
from builder.survey.countries import nearest_country
from builder.survey.formats import FORMATS, place_noun
from builder.survey.mapping import Plan, consents, id_of
from builder.survey.raw import RawRow, code_of, shown
from schemas.codebook import Codebook
from schemas.errors import ConfigError, InputError

SYNTHETIC_COLUMN = "synthetic"
"""A file may mark made-up people in a column of this name, in letters of any size."""
YES = ("true", "1", "yes")
SLIPS = 2
"""Rows in which an unknown name of a country may be a slip; in more of them the codebook lacks the name."""
SLIP_SHARE = 0.01
"""Share of rows that a slip stays under."""
NO_COUNTRIES = 500
"""Unknown names, twice as many as there are countries, after which a column is not one of countries."""
PLACES = 4
"""Places that are kept of a doubled id: one column named as the id by mistake has few ids in all rows."""
TOLD = 20
"""Unknown names that are told; the rest are counted."""


class Doubled(NamedTuple):
    """Where an id stands that is in several rows."""

    rows: int
    first: tuple[int, ...]
    """Places of the first `PLACES` of them."""


@dataclass(frozen=True)
class Look:
    """What the rows together say."""

    rows: int
    """Those that can be read and those that cannot."""
    doubled: Mapping[str, "Doubled"] = field(default_factory=dict)
    """Ids that stand in several rows."""


def look(path: Path, plan: Plan) -> Look:
    """Return what the file at `path` says as a whole.

    Raises ConfigError `synthetic-unmarked` (rows that call themselves made up, under a codebook that does not) and
    `country-unknown` (every name at once that is unknown in more rows than a slip of the pen would be), InputError
    `survey-empty` where there is no row.
    """
    total = 0
    hashes = array("q")
    marked: list[int] = []
    unknown: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    columns = FORMATS[plan.codebook.format].columns(path, plan.codebook.reading)
    marks = [name for name in columns if name.lower() == SYNTHETIC_COLUMN]
    for row in _rows(path, plan, marks):
        total += 1
        if row is None:
            continue
        source = _id_that_counts(row, plan)
        if source is not None:
            hashes.append(hash(source))
        if any(code_of(row.cells.get(mark)).lower() in YES for mark in marks):
            marked.append(row.place)
        for where, name in _unknown_names(row, plan):
            seen = unknown[where, name]
            seen[0] += 1
            seen[1] = seen[1] or row.place
        if len(unknown) > NO_COUNTRIES:
            raise _no_countries(unknown, total, path)
    if not total:
        raise InputError("survey-empty", "survey file", where=str(path), found="no rows", expected="one a person")
    if marked and not plan.codebook.synthetic:
        raise _unmarked(plan.codebook, path, marked, total)
    _check_countries(unknown, total, path)
    return Look(total, _doubled(path, plan, marks, hashes))


def _rows(path: Path, plan: Plan, marks: Sequence[str]) -> Iterator[RawRow | None]:
    """The rows with the columns that are looked at; None for one that cannot be read."""
    wanted = {*plan.codebook.id_columns, *marks}
    wanted |= {plan.codebook.consent.column} if plan.codebook.consent else set()
    wanted |= {where.column for where in plan.countries().values() if where.column is not None}
    form = FORMATS[plan.codebook.format]
    for row in form.rows(path, plan.codebook.reading, frozenset(wanted)):
        yield row if isinstance(row, RawRow) else None


def _unknown_names(row: RawRow, plan: Plan) -> Iterator[tuple[str, str]]:
    for which, column, read in plan.places:
        cell = row.cells.get(column)
        try:
            read[cell]
        except Unusable:
            yield column, code_of(cell) if column else str(plan.countries()[which].constant)


def _doubled(path: Path, plan: Plan, marks: Sequence[str], hashes: "array[int]") -> dict[str, Doubled]:
    """Ids that stand in several rows; that equal hashes are equal ids is made sure by looking again."""
    values, counts = np.unique(np.frombuffer(hashes, dtype=np.int64), return_counts=True)
    suspects = set(values[counts > 1].tolist())
    rows: Counter[str] = Counter()
    first: dict[str, tuple[int, ...]] = {}
    for row in _rows(path, plan, marks) if suspects else ():
        source = _id_that_counts(row, plan)
        if row is not None and source is not None and hash(source) in suspects:
            rows[source] += 1
            if rows[source] <= PLACES:
                first[source] = (*first.get(source, ()), row.place)
    return {source: Doubled(count, first[source]) for source, count in rows.items() if count > 1}


def _id_that_counts(row: RawRow | None, plan: Plan) -> str | None:
    """The id of a row that could be a person: not of one that cannot be read, or of whom did not agree."""
    return id_of(row, plan.codebook) if row is not None and consents(row, plan.codebook) else None


def _check_countries(unknown: Mapping[tuple[str, str], Sequence[int]], total: int, path: Path) -> None:
    gaps = {key: seen for key, seen in unknown.items() if seen[0] > min(SLIPS, SLIP_SHARE * total)}
    if gaps:
        raise _no_countries(gaps, total, path)


def _no_countries(gaps: Mapping[tuple[str, str], Sequence[int]], total: int, path: Path) -> ConfigError:
    columns = Counter(column for column, _ in gaps)
    noun = place_noun(path)
    told = ", ".join(
        f"{shown(name)} ({count} {'row' if count == 1 else 'rows'}, first in {noun} {first})" if column else repr(name)
        for (column, name), (count, first) in sorted(gaps.items())[:TOLD]
    )
    more = f" and {len(gaps) - TOLD} more in {total} rows" if len(gaps) > TOLD else ""
    return ConfigError(
        "country-unknown",
        "country",
        where=f"{path.name}, column {', '.join(columns)}" if any(columns) else "`country.constant` in the codebook",
        found=told + more,
        expected="a name or code of ISO 3166",
        way_out="in the codebook, map the name to an alpha-2 code under `country.names`, or a kind under `missing`"
        if any(columns)
        else "write the alpha-2 code, such as KE" + _meant(next(iter(gaps))[1]),
    )


def _meant(name: str) -> str:
    close = nearest_country(name)
    return f"; did you mean {close}?" if close else ""


def _unmarked(codebook: Codebook, path: Path, marked: Sequence[int], total: int) -> ConfigError:
    return ConfigError(
        "synthetic-unmarked",
        "codebook",
        where=codebook.name,
        found=f"`synthetic: false` for {path.name}, which marks {len(marked)} of {total} people as made up "
        f"(the first in {place_noun(path)} {marked[0]})",
        expected="`synthetic: true`",
        way_out="take the codebook that came with the file: made-up people must never pass for real ones",
    )
