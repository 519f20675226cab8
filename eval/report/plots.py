"""Dot plots and bars as places along a line; the template draws them. All places are percentages of the width."""

from collections.abc import Sequence
from typing import NamedTuple

from eval.metrics import FLAGGED_BELOW
from eval.report.words import interval, percent
from schemas.evaluation import EvalResult


class Mark(NamedTuple):
    """One estimate on a row."""

    kind: str
    """CSS class and shape: the stage."""
    at: float
    low: float
    high: float
    hollow: bool
    """From fewer people than a figure should rest on."""


class Row(NamedTuple):
    """One label, its marks one below the other, and the numbers in words."""

    label: str
    note: str
    marks: tuple[Mark, ...]
    numbers: tuple[tuple[str, str], ...]
    """(kind, text) of each result, with or without a mark."""


class Plot(NamedTuple):
    """Rows over one axis."""

    rows: tuple[Row, ...]
    ticks: tuple[tuple[float, str], ...]
    reference: float


class Scale(NamedTuple):
    """What the ends of the line stand for, where its reference is, and whether values are differences."""

    low: float = 0.0
    high: float = 1.0
    reference: float = 0.5
    signed: bool = False

    def place(self, value: float) -> float:
        """Return where `value` stands, in percent of the width, kept on the line."""
        return round(100 * min(1.0, max(0.0, (value - self.low) / (self.high - self.low))), 2)


SHARES = Scale()
DIFFERENCES = Scale(low=-0.5, high=0.5, reference=0.0, signed=True)

Entry = tuple[str, str, Sequence[tuple[str, EvalResult]]]
"""Label, note, and (kind, result) from top to bottom."""


def plot(entries: Sequence[Entry], scale: Scale = SHARES) -> Plot:
    """Return the plot of the entries; a result without a value has no mark and says why in its number."""
    rows = tuple(
        Row(
            label,
            note,
            tuple(_mark(kind, result, scale) for kind, result in results if result.value is not None),
            tuple((kind, _number(result, scale)) for kind, result in results),
        )
        for label, note, results in entries
    )
    quarters = [scale.low + (scale.high - scale.low) * step / 4 for step in range(5)]
    sign = "+" if scale.signed else ""
    ticks = tuple(
        (scale.place(value), f"{100 * value:{sign if value else ''}.0f}".replace("-", "−")) for value in quarters
    )
    return Plot(rows, ticks, scale.place(scale.reference))


def _mark(kind: str, result: EvalResult, scale: Scale) -> Mark:
    value = result.value or 0.0
    ends = (value if end is None else end for end in (result.low, result.high))
    low, high = map(scale.place, ends)
    return Mark(kind, scale.place(value), low, high, hollow=result.respondents < FLAGGED_BELOW)


def _number(result: EvalResult, scale: Scale) -> str:
    if result.value is None:
        return result.undefined or "–"
    between = interval(result, signed=scale.signed)
    return f"{percent(result, signed=scale.signed)} ({between or 'no interval'})"
