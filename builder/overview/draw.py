"""Histograms as paths, and counts as parts of a bar, ready for the template."""

from collections.abc import Mapping
from typing import NamedTuple

from schemas.overview import Distribution, Histogram, Opposed

HEIGHT = 40
"""Of a histogram's tallest bar; the width is that of the scores, 100, and of half a bar on either side."""
FOOT = 6
"""Below the bars, for the quartiles."""


class Drawing(NamedTuple):
    """A histogram: one path, and the words that stand for it."""

    box: str
    """The `viewBox`."""
    path: str
    quartiles: tuple[float, float, float]
    pad: float
    """Percent of the width that lies before 0, and as much beyond 100."""
    words: str


class Part(NamedTuple):
    """One part of a bar."""

    name: str
    words: str
    share: float
    """Percent of the bar."""
    people: int


def drawing(distribution: Distribution, title: str) -> Drawing | None:
    """Return the histogram ready to draw, None where there is none; all share the axis from 0 to 100."""
    if distribution.histogram is None or distribution.quartiles is None:
        return None
    low, middle, high = distribution.quartiles
    words = (
        f"{title}: {distribution.n:,} people, median {middle:.0f}, half of them from {low:.0f} to {high:.0f} "
        "on a scale from 0 to 100"
    )
    beyond = max(0.0, -distribution.histogram.start)
    width = 100 + 2 * beyond
    return Drawing(
        box=f"{-beyond:.4g} 0 {width:.5g} {HEIGHT + FOOT}",
        path=_path(distribution.histogram),
        quartiles=distribution.quartiles,
        pad=round(100 * beyond / width, 2),
        words=words,
    )


def _path(histogram: Histogram) -> str:
    """Bars with a hair between them; empty ones are left out."""
    most = max(histogram.counts)
    hair = 0.12 * histogram.width
    bars = []
    for place, count in enumerate(histogram.counts):
        if count:
            left = histogram.start + place * histogram.width + hair / 2
            top = HEIGHT * (1 - count / most)
            bars.append(f"M{left:.4g} {HEIGHT}V{top:.3g}h{histogram.width - hair:.3g}V{HEIGHT}z")
    return "".join(bars)


def standing(opposed: Opposed, first: str = "high", second: str = "low") -> tuple[Part, ...]:
    """Return how people stand on a target as the parts of a bar, the second side at the left."""
    parts: Mapping[str, tuple[str, int]] = {
        "low": (second, opposed.second),
        "none": ("not sure enough", opposed.neither),
        "high": (first, opposed.first),
    }
    total = sum(count for _, count in parts.values())
    return tuple(
        Part(name, words, round(100 * count / total, 2) if total else 0.0, count)
        for name, (words, count) in parts.items()
    )
