"""Draws that depend on the seed, the person and the purpose alone.

Nothing is drawn in a sequence: a field that is added, or a person, leaves every other draw as it was, and no release of
a library can change one.
"""

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import NamedTuple, TypeVar

from schemas.identity import uniform

T = TypeVar("T")


class Chance(NamedTuple):
    """What can be drawn for `who`; the same purpose gives the same draw."""

    seed: int
    who: str

    def share(self, purpose: str) -> float:
        """Return a number in [0, 1)."""
        return uniform("sample", self.seed, self.who, purpose)

    def normal(self, purpose: str) -> float:
        """Return a standard normal number (inverse of its distribution function, kept off 0)."""
        return NormalDist().inv_cdf(max(self.share(purpose), 1e-12))

    def happens(self, purpose: str, probability: float) -> bool:
        """Return True with the given probability."""
        return self.share(purpose) < probability

    def one_of(self, purpose: str, options: Sequence[T]) -> T:
        """Return one of `options`, each as likely."""
        return options[int(self.share(purpose) * len(options))]

    def weighted(self, purpose: str, weights: Mapping[str, float]) -> str:
        """Return a key of `weights` with a probability in proportion to its weight, the keys taken in their order."""
        goal = self.share(purpose) * sum(weights.values())
        reached = 0.0
        chosen = ""
        for option, weight in weights.items():
            if weight <= 0:
                continue
            chosen = option
            reached += weight
            if goal < reached:
                break
        return chosen

    def shuffled(self, purpose: str, options: Sequence[str]) -> list[str]:
        """Return `options` in random order."""
        return sorted(options, key=lambda option: self.share(f"{purpose} {option}"))

    def whole(self, purpose: str, mean: float, sd: float, low: int, high: int) -> int:
        """Return a rounded normal number, put on `low` or `high` where it falls beyond."""
        return min(max(round(mean + sd * self.normal(purpose)), low), high)
