"""How many pairs people could make at most, of those who stand on opposite sides in one place.

A bound, quick to tell for a hundred thousand people; `builder.counterparts.match` finds the pairs, and never more
within a country.
"""

from collections.abc import Hashable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

Place = TypeVar("Place", bound=Hashable)


class Bound(NamedTuple):
    """People of one place who could be paired with one another."""

    people: int
    """Who stands opposite to somebody on some target."""
    pairs: int
    """At most so many: over targets the smaller side, and nobody in more pairs than `cap`."""


def bounds(sign: NDArray[np.int8], places: Sequence[Place], cap: int) -> dict[Place, Bound]:
    """Return the bound of each place (country, language and split: what counterparts share), in order of appearance.

    `sign` has the shape (people, targets) and is 1, -1 or 0. `cap` is in how many pairs one person is at most: of a
    study generate.max_uses times generate.max_per_couple.
    """
    rows: dict[Place, list[int]] = {}
    for row, place in enumerate(places):
        rows.setdefault(place, []).append(row)
    return {place: _bound(sign[here], cap) for place, here in rows.items()}


def _bound(sign: NDArray[np.int8], cap: int) -> Bound:
    high, low = sign > 0, sign < 0
    on_high, on_low = high.sum(axis=0), low.sum(axis=0)
    chances = ((high & (on_low > 0)) | (low & (on_high > 0))).sum(axis=1)
    used = int(np.minimum(chances, cap).sum())  # a pair takes a place of two people
    return Bound(people=int((chances > 0).sum()), pairs=min(int(np.minimum(on_high, on_low).sum()), used // 2))
