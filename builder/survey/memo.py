"""What was made of a cell, remembered: the cells of a column of answers are few and come again and again."""

from collections.abc import Callable
from typing import TypeVar

from builder.survey.raw import Cell

T = TypeVar("T")
REMEMBERED = 1_000
"""Cells of a column; others are worked out each time, so that memory does not grow with the rows."""
LONG = 100
"""Characters above which a cell is nobody else's."""


class Memo(dict[Cell, T]):
    """`memo[cell]` is what `read` returns for a cell; what it raises passes, and is not remembered."""

    def __init__(self, read: Callable[[Cell], T]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, cell: Cell) -> T:
        made = self._read(cell)
        if len(self) < REMEMBERED and not (isinstance(cell, str) and len(cell) > LONG):
            self[cell] = made
        return made
