"""Training curves as polylines in a box of 100 by 100."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schemas.record import Record


class Curve(Record):
    """One quantity over the steps of a training run; `series` share the axis."""

    title: str
    unit: str
    steps: tuple[int, ...]
    series: Mapping[str, tuple[float, ...]]
    """Name -> one value a step."""


class Line(NamedTuple):
    """One series: its points as SVG takes them, and where it ends."""

    name: str
    kind: str
    points: str
    last: str


class Drawing(NamedTuple):
    """One curve with its axes."""

    title: str
    unit: str
    lines: tuple[Line, ...]
    top: str
    bottom: str
    first_step: int
    last_step: int


KINDS = ("chosen", "rejected", "third")


def drawing(curve: Curve) -> Drawing | None:
    """Return the curve ready to draw, or None where it has fewer than two steps."""
    values = [value for series in curve.series.values() for value in series]
    if len(curve.steps) < 2 or not values:  # noqa: PLR2004 - a line takes two points
        return None
    low, high = min(values), max(values)
    if low == high:
        low, high = low - 1, high + 1
    lines = tuple(
        Line(name, KINDS[place % len(KINDS)], _points(curve.steps, series, low, high), _short(series[-1]))
        for place, (name, series) in enumerate(curve.series.items())
    )
    return Drawing(curve.title, curve.unit, lines, _short(high), _short(low), curve.steps[0], curve.steps[-1])


def _points(steps: Sequence[int], series: Sequence[float], low: float, high: float) -> str:
    width = (steps[-1] - steps[0]) or 1
    return " ".join(
        f"{100 * (step - steps[0]) / width:.2f},{100 * (high - value) / (high - low):.2f}"
        for step, value in zip(steps, series, strict=True)
    )


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")
