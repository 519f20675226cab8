"""`Level`: what a difference between two values is, as a distance and as a weight."""

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from schemas.errors import ConfigError

Floats = NDArray[np.float64]


class Level(StrEnum):
    """Level of measurement."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"


def level_of(text: str) -> Level:
    """Return the level called `text`. Raises ConfigError `level-unknown`."""
    try:
        return Level(text)
    except ValueError as exc:
        raise ConfigError("level-unknown", "--level", found=repr(text), expected=", ".join(Level)) from exc


def squared_differences(values: ArrayLike, level: Level, given: ArrayLike | None = None) -> Floats:
    """Return Krippendorff's squared difference of any two values, shape (values, values).

    Krippendorff (2011), https://repository.upenn.edu/asc_papers/43. At the ordinal level it is that of the mid-ranks
    among the ratings `given`, shape (values,): how often each value was given.
    """
    scale = np.asarray(values, dtype=np.float64)
    if level is Level.NOMINAL:
        return 1 - np.eye(len(scale))
    if level is Level.ORDINAL:
        often = np.ones(len(scale)) if given is None else np.asarray(given, dtype=np.float64)
        scale = np.cumsum(often) - often / 2
    difference = scale[:, None] - scale[None, :]
    if level is Level.RATIO:
        total = scale[:, None] + scale[None, :]
        difference = np.divide(difference, total, out=np.zeros_like(difference), where=total > 0)
    return np.square(difference)


def gwet_weights(values: ArrayLike, level: Level) -> Floats:
    """Return Gwet's weight of any two values, 1 on the diagonal, shape (values, values).

    Gwet, K. L. (2014), Handbook of Inter-Rater Reliability, 4th ed., ch. 3 (ISBN 978-0970806284): identity, ordinal
    (1 - C(|k - l| + 1, 2) / C(q, 2) over the places k, l of q values), quadratic, ratio. The ordinal weights look at
    places alone; Krippendorff's ordinal difference also at how often each value was given.
    """
    scale = np.asarray(values, dtype=np.float64)
    if level is Level.ORDINAL:
        apart = np.abs(np.subtract.outer(np.arange(len(scale)), np.arange(len(scale)))).astype(np.float64)
        distance = (apart + 1) * apart / 2
    else:
        distance = squared_differences(scale, level)
    largest = distance.max(initial=0.0)
    return np.asarray(1 - distance / largest) if largest > 0 else np.ones_like(distance)


def power_weights(values: ArrayLike, level: Level, power: int) -> Floats:
    """Return 1 - (distance / largest distance) ^ power: linear (1) or quadratic (2); ordinal values by their places."""
    scale = np.asarray(values, dtype=np.float64)
    place = np.arange(len(scale), dtype=np.float64) if level is Level.ORDINAL else scale
    distance = np.abs(place[:, None] - place[None, :])
    largest = distance.max(initial=0.0)
    return np.asarray(1 - (distance / largest) ** power) if largest > 0 else np.ones_like(distance)
