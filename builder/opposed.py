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
    numbers: dict[Place, int] = {}
    of = np.array([numbers.setdefault(place, len(numbers)) for place in places], dtype=np.int64)
    open_to = chances(sign, of)
    people = np.bincount(of[open_to > 0], minlength=len(numbers))
    pairs = most_pairs(sign, of, open_to, cap)
    return {place: Bound(int(people[number]), int(pairs[number])) for place, number in numbers.items()}


def chances(sign: NDArray[np.int8], of: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return on how many targets each person stands opposite to somebody of the same place; shape (people,).

    `of` numbers the places from 0; -1 is nowhere, where nobody is opposite to anybody.
    """
    found = np.zeros(len(of), dtype=np.int64)
    for target in range(sign.shape[1]):
        for own in (sign[:, target] > 0, sign[:, target] < 0):
            other = (sign[:, target] != 0) & ~own
            # The last is nowhere, which -1 finds.
            found += own & np.append(_among(other, of) > 0, False)[of]
    return found


def most_pairs(
    sign: NDArray[np.int8], of: NDArray[np.int64], open_to: NDArray[np.int64], cap: int
) -> NDArray[np.int64]:
    """Return the most pairs in each place: over targets the smaller side, nobody in more than `cap` of them.

    `open_to` is what `chances` gave.
    """
    limit = np.zeros(int(of.max(initial=-1)) + 1, dtype=np.int64)
    for target in range(sign.shape[1]):
        limit += np.minimum(_among(sign[:, target] > 0, of), _among(sign[:, target] < 0, of))
    there = of >= 0
    used = np.bincount(of[there], np.minimum(open_to, cap)[there], minlength=len(limit))
    return np.minimum(limit, used.astype(np.int64) // 2)  # a pair takes a place of two people


def _among(people: NDArray[np.bool_], of: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many of `people`, a mask, are in each place."""
    return np.bincount(of[people & (of >= 0)], minlength=int(of.max(initial=-1)) + 1)
