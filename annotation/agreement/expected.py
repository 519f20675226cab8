"""How often people named the expected answer, with what else they said counted apart."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mvpbench.statistics.bootstrap import Resampling, share_interval
from schemas.agreement import ExpectedVotes

EXPECTED = "expected"
OTHER = "other"


def expected_votes(said: Sequence[str], component: ArrayLike, draw: Resampling) -> ExpectedVotes:
    """Return the shares of votes for the expected answer, with intervals over components.

    Args:
        said: of each vote `expected`, `other` (the other answer), or what it was instead of an answer.
        component: of shape (votes,): the component of the instance voted on.
        draw: of the resampling.
    """
    counted = Counter(said)
    hit = np.array([one == EXPECTED for one in said], dtype=np.float64)
    named = np.array([one in {EXPECTED, OTHER} for one in said], dtype=np.float64)
    return ExpectedVotes(
        of_answers=share_interval(hit, named, component, draw),
        of_all=share_interval(hit, np.ones(len(said)), component, draw),
        expected=counted[EXPECTED],
        other=counted[OTHER],
        apart={name: count for name, count in sorted(counted.items()) if name not in {EXPECTED, OTHER}},
    )
