"""How often people named the expected answer, with what else they said counted apart."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mvpbench.statistics.bootstrap import Floats, Resampling, share_interval
from mvpbench.statistics.measures import Measure, estimate
from schemas.agreement import Estimate, ExpectedVotes

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
        of_answers=_share(hit, named, component, draw),
        of_all=_share(hit, np.ones(len(said)), component, draw),
        expected=counted[EXPECTED],
        other=counted[OTHER],
        apart={name: count for name, count in sorted(counted.items()) if name not in {EXPECTED, OTHER}},
    )


def _share(hit: Floats, tries: Floats, component: ArrayLike, draw: Resampling) -> Estimate:
    """Of no hits, or nothing else, no resample shows that it could be otherwise: there `share_interval` knows."""
    rows = np.column_stack([hit, tries])
    found = estimate(Measure(rows, _ratio, "nothing to measure: no rows count"), component, draw)
    return share_interval(hit, tries, component, draw) if found.value in {0.0, 1.0} else found


def _ratio(sums: Floats) -> Floats:
    return np.asarray(np.divide(sums[:, 0], sums[:, 1], out=np.full(len(sums), np.nan), where=sums[:, 1] > 0))
