"""What labels of both tasks share: the kinds of annotator behind votes, and the votes as a distribution."""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from schemas.annotation import AnnotatorKind

PSEUDO_VOTES = 1.0
"""Shared out evenly over all that may be said."""


class Said(Protocol):
    """What somebody said."""

    @property
    def annotator_kind(self) -> AnnotatorKind:
        """What rated."""


K = TypeVar("K", bound=str)


def kinds(said: Sequence[Said]) -> tuple[AnnotatorKind, ...]:
    """Return the kinds of annotator behind votes, sorted."""
    return tuple(sorted({one.annotator_kind for one in said}))


def soft_label(votes: Mapping[K, int], outcomes: Sequence[K]) -> dict[K, float]:
    """Return outcome -> share of the votes, smoothed: (votes + 1/k) / (ratings + 1) for k outcomes.

    One vote spread over the outcomes is added (Perks 1947, J. Inst. Actuaries 73, 285-334), whatever their number:
    the half vote an outcome of Jeffreys would outweigh the two or three raters that an instance has. No share is 0, so
    a model can be scored by its logarithm; the plain shares follow from the counts, which stand beside. Empty where
    nobody voted: even shares would say that people were of all minds.
    """
    ratings = sum(votes.values())
    if ratings == 0:
        return {}
    each = PSEUDO_VOTES / len(outcomes)
    return {one: (votes.get(one, 0) + each) / (ratings + PSEUDO_VOTES) for one in outcomes}
