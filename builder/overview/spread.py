"""How raw scores spread: quartiles and histograms whose bars fit the scores that a scale can give."""

import numpy as np
from numpy.typing import NDArray

from schemas.overview import HIDDEN_BELOW, Distribution, Histogram

Vector = NDArray[np.float64]

FINEST = 40
"""Most steps between the lowest and the highest score that get a bar each."""
BARS = 10
"""Where scores have more steps than `FINEST`, or none."""
OFF_STEP = 0.5
"""Raw points by which a score may lie off its step: published scores are rounded."""
ON_STEPS = 0.95
"""Share of people whose scores lie on steps; the others left some items out."""


def steps_of(raw: Vector) -> int | None:
    """Return into how many equal steps the scores divide 0-100, None where into more than `FINEST` or into none.

    Bars that cut across steps would show a comb that is not in the data: three items answered from 1 to 4 have ten
    possible means, 11.1 points apart. `raw` is of shape (people,), NaN where not measured.
    """
    values, people = np.unique(raw[~np.isnan(raw)], return_counts=True)
    for steps in range(1, FINEST + 1):
        width = 100 / steps
        off = np.abs(values - width * np.rint(values / width))
        if len(values) and people[off <= OFF_STEP].sum() >= ON_STEPS * people.sum():
            return steps
    return None


def distribution(raw: Vector, steps: int | None) -> Distribution:
    """Return how the scores of these people spread; `raw` as in `steps_of`, whose result over all people is `steps`."""
    measured = raw[~np.isnan(raw)]
    if len(measured) < HIDDEN_BELOW:
        return Distribution(n=len(measured), undefined=f"fewer than {HIDDEN_BELOW} people with a score")
    low, middle, high = (float(value) for value in np.quantile(measured, (0.25, 0.5, 0.75)))
    return Distribution(
        n=len(measured),
        sd=float(measured.std(ddof=1)),
        quartiles=(low, middle, high),
        histogram=_histogram(measured, steps),
    )


def _histogram(measured: Vector, steps: int | None) -> Histogram:
    if steps is None:
        width = 100 / BARS
        places = np.minimum((measured / width).astype(np.int64), BARS - 1)
        start, bars = 0.0, BARS
    else:
        width = 100 / steps
        places = np.rint(measured / width).astype(np.int64)
        start, bars = -width / 2, steps + 1
    counts = np.bincount(places, minlength=bars)
    return Histogram(start=start, width=width, counts=tuple(int(count) for count in counts))
