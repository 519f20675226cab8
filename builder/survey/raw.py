"""What a format yields: one person's row as the file has it, or the reason why it cannot be one."""

import re
from typing import NamedTuple

_WHOLE = {sign: re.compile(rf"([+-]?\d+)[{sign}]0+") for sign in ".,"}
EXACT = 2.0**53
"""Floats below it are exact where they are whole."""
SHOWN = 60
"""Characters of a cell that a message shows."""


class DeclaredMissing(str):
    """The text of a code that the file itself declares missing (SPSS ranges, Stata `.a` to `.z`)."""

    __slots__ = ()


Cell = str | int | float | None
"""Blank is None; a number of SPSS, Stata, Parquet or JSON stays one; a truth value is the text `true` or `false`."""


class RawRow(NamedTuple):
    """One person's cells by (dotted) column; only those that were asked for need be there."""

    place: int
    """1-based line in a text file (the header is line 1), else the 1-based case; `place_noun` names it."""
    cells: dict[str, Cell]


class BadRow(NamedTuple):
    """A row that cannot be read; the rest of the file can."""

    place: int
    reason: str
    """Kebab-case, as in `Dropped`."""
    detail: str
    column: str | None = None


def code_of(cell: Cell, decimal: str = ".") -> str:
    """Return the cell as a codebook writes it: `1` for 1, 1.0, `1.0`, and `1,0` in a file with decimal commas."""
    if isinstance(cell, str):
        whole = _WHOLE[decimal].fullmatch(cell) if decimal in cell else None
        return whole[1] if whole else str(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT:
        return str(int(cell))
    return str(cell)


def number_of(cell: Cell, decimal: str = ".") -> float | None:
    """Return the number in the cell, None where it is none; `decimal` is the file's own sign."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, str):
        if "_" in cell or (decimal != "." and "." in cell):
            return None  # float() would read 1_0 as ten; a point beside decimal commas parts thousands
        cell = cell.replace(decimal, ".")
    try:
        return float(cell)
    except (ValueError, OverflowError):
        return None


def shown(cell: Cell) -> str:
    """Return the cell for a message: in quotes where it is text, and not the whole of a long one."""
    text = repr(str(cell) if isinstance(cell, str) else cell)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(str(cell)):,} characters)"
