"""Who could be paired: people on opposite sides of a target who share country, language and split.

These are bounds, quick to tell for a hundred thousand people; `counterparts.match` finds the pairs, and never more.
Pairs within a region alone are left out, as they are of the primary figure.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from builder.opposed import chances, most_pairs
from builder.overview.census import SPLITS, Census
from builder.overview.scored import Scored
from builder.profiles.sides import Sides, Signs, dimension_pairs, one_dimension, two_dimensions
from schemas.overview import Opposed
from schemas.study import GenerateSection
from schemas.values import Split

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

CAP = GenerateSection().max_uses * GenerateSection().max_per_couple
"""Targets on which one person can be paired, by a study's defaults."""


@dataclass(frozen=True)
class Places:
    """What counterparts share: country, language and split."""

    of: Ints
    """Number of each person's place; -1 for people without a country. Shape (people,)."""
    countries: tuple[str, ...]
    """Country of each place."""
    splits: Ints
    """Number of the split of each place, in `SPLITS`."""

    def among(self, people: Flags) -> Ints:
        """Return how many of `people`, a mask, are in each place."""
        return np.bincount(self.of[people & (self.of >= 0)], minlength=len(self.countries))

    def by_split(self, counts: Ints, country: str | None = None) -> dict[Split, int]:
        """Return a count a place summed up by split, over all places or those of one country."""
        chosen = np.array([country in {None, code} for code in self.countries], dtype=bool)
        return {split: int(counts[chosen & (self.splits == number)].sum()) for number, split in enumerate(SPLITS)}


@dataclass(frozen=True)
class Standing:
    """How people stand on one target."""

    first: Flags
    second: Flags
    neither: Flags
    pairs: Ints
    """Most pairs in each place."""


@dataclass(frozen=True)
class Pairing:
    """Everybody's standing on every target."""

    places: Places
    sides: Mapping[str, Standing]
    """Dimension that is scored -> high against low."""
    tradeoffs: Mapping[tuple[str, str], Standing]
    pairable: Flags
    """Who stands opposite to somebody of their place on some target."""
    stands: Flags
    """Who stands on a side of some target."""
    pairs: Ints
    """Most pairs in each place over all targets, nobody on more than `CAP` of them."""


def pairing(census: Census, scored: Scored) -> Pairing:
    """Return who could be paired on the targets of `sides` and `tradeoff`, of the people in `census`."""
    places = _places(census)
    sides: dict[str, Standing] = {}
    tradeoffs: dict[tuple[str, str], Standing] = {}
    scores = scored.scores
    if scores is not None:
        there = ~np.isnan(scores.raw)
        for place, name in enumerate(scores.dimensions):
            found = partial(one_dimension, scores, place)
            sides[name] = _standing(found, there[:, place], places)
        for one, other in dimension_pairs(len(scores.dimensions)):
            found = partial(two_dimensions, scores, one, other)
            names = (scores.dimensions[one], scores.dimensions[other])
            tradeoffs[names] = _standing(found, there[:, one] & there[:, other], places)
    return _together(places, sides, tradeoffs)


def opposed(standing: Standing, places: Places, rows: Ints | None = None, country: str | None = None) -> Opposed:
    """Return the counts of one target, over all people or over the `rows` of one `country`."""
    parts = [part if rows is None else part[rows] for part in (standing.first, standing.second, standing.neither)]
    first, second, neither = (int(part.sum()) for part in parts)
    return Opposed(first=first, second=second, neither=neither, pairs=places.by_split(standing.pairs, country))


def _places(census: Census) -> Places:
    numbers: dict[tuple[str, str, int], int] = {}
    of = [
        -1 if country is None else numbers.setdefault((country, language, split), len(numbers))
        for country, language, split in zip(
            census.answers.countries, census.languages, census.splits.tolist(), strict=True
        )
    ]
    return Places(
        of=np.array(of, dtype=np.int64),
        countries=tuple(country for country, _, _ in numbers),
        splits=np.array([split for _, _, split in numbers], dtype=np.int64),
    )


def _standing(found: Callable[[], Sides], measured: Flags, places: Places) -> Standing:
    """Nobody stands anywhere where nobody was measured; nor on a dimension that is the only one."""
    sign: Signs = np.zeros(len(measured), dtype=np.int8)
    if measured.any():
        # Of one dimension alone the centred score and its error are 0 for all; of one person, the variance is.
        with np.errstate(invalid="ignore", over="ignore"):
            sign = found().sign
    first, second = sign > 0, sign < 0
    pairs = np.minimum(places.among(first), places.among(second))
    return Standing(first=first, second=second, neither=measured & (sign == 0), pairs=pairs)


def _together(places: Places, sides: Mapping[str, Standing], tradeoffs: Mapping[tuple[str, str], Standing]) -> Pairing:
    targets = [*sides.values(), *tradeoffs.values()]
    columns = [target.first.astype(np.int8) - target.second for target in targets]
    sign = np.column_stack(columns) if columns else np.zeros((len(places.of), 0), dtype=np.int8)
    open_to = chances(sign, places.of)
    return Pairing(
        places=places,
        sides=sides,
        tradeoffs=tradeoffs,
        pairable=open_to > 0,
        stands=(sign != 0).any(axis=1),
        pairs=most_pairs(sign, places.of, open_to, CAP),
    )
