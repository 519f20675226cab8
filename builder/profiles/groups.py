"""Labels to numbers: which rows belong to which group."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Labels = Sequence[object] | NDArray[np.generic]
"""A label for each person, e.g. a country, a sampling unit, or a tuple of both; None, NaN and "" stand for none."""
Ints = NDArray[np.int64]


def numbered(labels: Labels) -> tuple[list[object], Ints]:
    """Return the distinct labels in order of appearance, and of each person the number of theirs, -1 for none."""
    listed = labels.tolist() if isinstance(labels, np.ndarray) else labels
    numbers: dict[object, int] = {}
    own: list[int] = []
    for label in listed:
        nothing = label is None or label == "" or label != label  # noqa: PLR0124 - NaN is what differs from itself
        own.append(-1 if nothing else numbers.setdefault(label, len(numbers)))
    return list(numbers), np.array(own, dtype=np.int64)


def rows_by(labels: Labels) -> dict[str, Ints]:
    """Return label -> its row numbers, ascending; labels in alphabetical order, people without one left out."""
    names, own = numbered(labels)
    order = np.argsort(own, kind="stable")
    starts = np.searchsorted(own[order], np.arange(len(names) + 1))
    rows = {str(name): order[starts[place] : starts[place + 1]] for place, name in enumerate(names)}
    return dict(sorted(rows.items()))
