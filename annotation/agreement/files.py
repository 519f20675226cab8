"""Ratings of anything by anyone, read from a file that never saw a study."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from annotation.agreement.delimited import delimited_rows
from annotation.agreement.exported import exported_rows
from annotation.agreement.level import Level
from annotation.agreement.named import RatingsFile, Row
from annotation.agreement.parquet import parquet_rows
from annotation.agreement.table import Columns
from schemas.errors import InputError

READERS: Mapping[str, Callable[[RatingsFile, dict[str, int]], Iterator[Row]]] = {
    ".json": exported_rows,
    ".parquet": parquet_rows,
}
"""By suffix; any other is delimited text. A reader counts what it leaves out in the dict it is given."""
NO_VALUE = "no value"
SHOWN = 40
LARGEST = 1e100
"""Whose square, summed over any file, is still a number."""


class Read(NamedTuple):
    """The ratings of a file, and how many entries are none: reason -> count."""

    columns: Columns
    dropped: dict[str, int]


def read_ratings(file: RatingsFile, level: Level) -> Read:
    """Return the ratings of a CSV, TSV or Parquet file with one rating a row, or of a Label Studio JSON export.

    A row without a value is a rating that was not given: it is counted and left out. One without a group is in no
    group.

    Raises:
        InputError: `file-missing`, `file-unreadable`, `file-empty`, `column-missing`, `row-uneven`, `blank-cell` (unit,
            rater or cluster), `not-a-number`, `negative-ratio`, `rated-twice` (one rater, one unit, two rows),
            `rater-in-two-groups`, and of exports `export-shape`, `control-missing`, `control-kind`; names file, row
            (1 is the first after the header) and column.
    """
    dropped: dict[str, int] = {}
    rows: list[Row] = []
    earlier: dict[tuple[str, str], str] = {}
    for row in READERS.get(file.path.suffix.lower(), delimited_rows)(file, dropped):
        for role, column in file.required.items():
            if not row.cells[column]:
                raise _bad(file, row, (role, column), "blank-cell", "nothing", f"the {role} in every row")
        value = row.cells[file.value]
        if not value:
            dropped[NO_VALUE] = dropped.get(NO_VALUE, 0) + 1
            continue
        if level is not Level.NOMINAL:
            _check_number(file, row, value, level)
        _check_once(file, row, earlier)
        rows.append(row)
    _check_groups(file, rows)
    return Read(_columns(file, rows), dropped)


def _columns(file: RatingsFile, rows: list[Row]) -> Columns:
    def column(name: str) -> list[str]:
        return [row.cells[name] for row in rows]

    return Columns(
        unit=column(file.unit),
        rater=column(file.rater),
        value=column(file.value),
        cluster=column(file.cluster) if file.cluster is not None else [None] * len(rows),
        groups={name: [[cell] if cell else [] for cell in column(name)] for name in file.grouping},
    )


def _check_once(file: RatingsFile, row: Row, earlier: dict[tuple[str, str], str]) -> None:
    unit, rater = row.cells[file.unit], row.cells[file.rater]
    before = earlier.setdefault((unit, rater), row.place)
    if before != row.place:
        raise InputError(
            "rated-twice",
            f"unit {unit!r}, rater {rater!r}",
            where=f"{file.path}, {row.place}",
            found=f"a rating already in {before}",
            expected="one row a unit and rater",
            way_out="keep one of them, or name a column that tells the units apart with --unit",
        )


def _check_groups(file: RatingsFile, rows: list[Row]) -> None:
    """A rater who is in one group here and in another there is in neither: numbers by group would be of nobody."""
    if file.rater_group is None:
        return
    seen: dict[str, Row] = {}
    for row in rows:
        if not row.cells[file.rater_group]:
            continue
        before = seen.setdefault(row.cells[file.rater], row)
        there, here = before.cells[file.rater_group], row.cells[file.rater_group]
        if there != here:
            found = f"{here!r} for rater {row.cells[file.rater]!r}, who is in {there!r} in {before.place}"
            where = ("rater-group", file.rater_group)
            raise _bad(file, row, where, "rater-in-two-groups", found, "one group a rater")


def _check_number(file: RatingsFile, row: Row, text: str, level: Level) -> None:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    column = ("value", file.value)
    if not abs(value) <= LARGEST:  # NaN too
        expected = f"a number, as the level is {level}; a cell left empty where no rating was given"
        raise _bad(file, row, column, "not-a-number", repr(text[:SHOWN]), expected)
    if level is Level.RATIO and value < 0:
        raise _bad(file, row, column, "negative-ratio", text, "a number from 0, as the level is ratio")


def _bad(file: RatingsFile, row: Row, column: tuple[str, str], code: str, found: str, expected: str) -> InputError:
    where = f"{file.path}, {row.place}, column {column[1]!r}"
    return InputError(code, f"{column[0]} of a rating", where=where, found=found, expected=expected)
