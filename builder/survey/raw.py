"""`RawRow`: one person's row as the file has it, flat."""

from typing import NamedTuple

Cell = str | int | float | None


class RawRow(NamedTuple):
    """One person's cells by (dotted) column."""

    number: int
    """1-based data row; the header is not counted."""
    cells: dict[str, Cell]
