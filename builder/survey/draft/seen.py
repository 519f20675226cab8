"""A look at the first rows of a survey file, column by column, in memory that does not grow with the rows.

Cells are counted by the thousand, so that 20,000 rows of 400 columns take seconds.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from pathlib import Path

from builder.survey.formats import BadRow, RawRow
from builder.survey.raw import Cell, DeclaredMissing, code_of, number_of
from builder.survey.table import table_rows
from schemas.codebook import Reading

CHUNK = 2_000
SLIP_SHARE = 0.02
"""Share of rows in which the value of an id may stand twice by a slip."""
COUNTED = 300
"""Distinct values of a column that are counted; with more it is no scale and no list of answers."""
IMPORT_ID = '{"ImportId"'
_COMMA = re.compile(r"[+-]?\d*,\d+")
_POINT = re.compile(r"[+-]?\d*\.\d+")


@dataclass
class Seen:
    """What the rows showed of one column. Never shown as it is: it may hold ids."""

    rows: int = 0
    blank: int = 0
    whole: int = 0
    """Cells that are whole numbers, not declared missing; `broken` and `text` likewise."""
    broken: int = 0
    """Cells that are numbers with a fraction."""
    text: int = 0
    low: float = math.inf
    high: float = -math.inf
    longest: int = 0
    """Characters of the longest text."""
    characters: int = 0
    """Of all texts together."""
    declared: Counter[str] = field(default_factory=Counter)
    """Codes declared missing."""
    counts: Counter[str] | None = field(default_factory=Counter)
    """Code -> cells, without the declared ones; None above `COUNTED`."""
    doubled: int | None = 0
    """Cells whose value stood in an earlier row; None where they are too many for slips in an id."""
    _hashes: set[int] = field(default_factory=set)

    @property
    def unique(self) -> bool:
        """Whether no value stands twice."""
        return self.doubled == 0

    @property
    def filled(self) -> int:
        """Cells that hold a value."""
        return self.whole + self.broken + self.text

    def add(self, cells: Sequence[Cell], decimal: str) -> None:
        """Take in the cells of some rows."""
        self.rows += len(cells)
        if DeclaredMissing in set(map(type, cells)):  # apart first: as text, `9` would count as one with a 9 of text
            self.declared.update(str(cell) for cell in cells if isinstance(cell, DeclaredMissing))
            cells = [cell for cell in cells if not isinstance(cell, DeclaredMissing)]
        for cell, count in Counter(cells).items():
            self._take(cell, count, decimal)

    def _take(self, cell: Cell, count: int, decimal: str) -> None:
        if cell is None:
            self.blank += count
            return
        self._compare(cell, count)
        code = code_of(cell, decimal)
        number = number_of(cell, decimal)
        if number is None or not math.isfinite(number):
            self.text += count
            self.longest = max(self.longest, len(code))
            self.characters += len(code) * count
        else:
            self.whole += count * number.is_integer()
            self.broken += count * (not number.is_integer())
            self.low, self.high = min(self.low, number), max(self.high, number)
        if self.counts is not None:
            self.counts[code] += count
            if len(self.counts) > COUNTED:
                self.counts = None

    def _compare(self, cell: Cell, count: int) -> None:
        if self.doubled is None:
            return
        self.doubled += count - 1 + (hash(cell) in self._hashes)
        self._hashes.add(hash(cell))
        if self.doubled > SLIP_SHARE * self.rows:
            self.doubled = None
            self._hashes.clear()


@dataclass(frozen=True)
class FirstRows:
    """What the first rows showed."""

    rows: int
    """Those that could be read."""
    bad: Sequence[BadRow]
    whole_file: bool
    columns: Mapping[str, Seen]
    decimal: str = "."


def second_header(path: Path, columns: Sequence[str], reading: Reading) -> dict[str, str]:
    """Return column -> question where the first two rows are none of people: as Qualtrics exports a CSV.

    It puts the questions into the first row and ids of its own, in JSON, into the second. Empty for other files.
    """
    rows = [row.cells for row in islice(table_rows(path, reading, frozenset(columns)), 2) if isinstance(row, RawRow)]
    if len(rows) < 2 or not all(str(cell or IMPORT_ID).startswith(IMPORT_ID) for cell in rows[1].values()):  # noqa: PLR2004
        return {}
    return {name: str(cell) for name, cell in rows[0].items() if cell} if any(rows[1].values()) else {}


def look_at(path: Path, columns: Sequence[str], reading: Reading, limit: int, skip: int = 0) -> FirstRows:
    """Return what the first `limit` rows of a table show, after `skip`. Raises as `table_rows` does."""
    rows = islice(table_rows(path, reading, frozenset(columns)), skip, None)
    seen = {name: Seen() for name in columns}
    bad: list[BadRow] = []
    total, decimal = 0, ""
    first = islice(rows, limit)
    while chunk := list(islice(first, CHUNK)):
        good = [row.cells for row in chunk if isinstance(row, RawRow)]
        bad += [row for row in chunk if isinstance(row, BadRow)]
        total += len(good)
        by_name = _by_column(good, columns)
        decimal = decimal or _decimal(by_name.values())
        for name, cells in by_name.items():
            seen[name].add(cells, decimal)
    return FirstRows(total, bad, next(rows, None) is None, seen, decimal or ".")


def _by_column(rows: Sequence[Mapping[str, Cell]], columns: Sequence[str]) -> dict[str, Sequence[Cell]]:
    """The rows' cells by column; a key that a row lacks is blank."""
    if len(columns) > 1:
        with suppress(KeyError):  # rows of JSON may lack keys
            return dict(zip(columns, zip(*map(itemgetter(*columns), rows), strict=True), strict=True)) if rows else {}
    return {name: [row.get(name) for row in rows] for name in columns}


def tell_apart(path: Path, names: Sequence[str], reading: Reading, limit: int) -> bool:
    """Return whether these columns together tell the first `limit` rows apart, none of their cells empty."""
    known: set[int] = set()
    for row in islice(_cells(path, names, reading), limit):
        if None in row or hash(row) in known:
            return False
        known.add(hash(row))
    return bool(known)


def _cells(path: Path, names: Sequence[str], reading: Reading) -> Iterator[tuple[Cell, ...]]:
    for row in table_rows(path, reading, frozenset(names)):
        if isinstance(row, RawRow):
            yield tuple(row.cells.get(name) for name in names)


def _decimal(columns: Iterable[Sequence[Cell]]) -> str:
    """The sign before fractions: a comma where texts like 3,5 are there and none like 3.5."""
    commas = points = 0
    for cells in columns:
        texts = [cell for cell in set(cells) if type(cell) is str]
        commas += sum(_COMMA.fullmatch(text) is not None for text in texts)
        points += sum(_POINT.fullmatch(text) is not None for text in texts)
    return "," if commas > points else "."
