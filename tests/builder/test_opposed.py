"""The bound on pairs: counted by hand, and the same as the overview's before there is a study."""

import numpy as np
import pytest
from numpy.random import Generator, default_rng

from builder.opposed import Bound, bounds
from builder.overview.opposed import CAP, Places, Standing, _together


def test_people_are_opposed_within_their_place_alone() -> None:
    # Two targets. Train: a and b oppose on the first, c stands alone on the second; test: d has nobody against it;
    # e opposes a on the first in another language. One pair: a-b.
    sign = np.array([[1, 0], [-1, 1], [0, 1], [1, 0], [-1, 0]], dtype=np.int8)
    places = [*["en train"] * 3, "en test", "sw train"]
    assert bounds(sign, places, CAP) == {"en train": Bound(2, 1), "en test": Bound(0, 0), "sw train": Bound(0, 0)}


@pytest.mark.parametrize(("cap", "pairs"), [(12, 3), (2, 3), (1, 2)])
def test_a_pair_is_counted_for_each_question_that_both_can_be_asked(cap: int, pairs: int) -> None:
    # Three against two on the first target (2 pairs), one against one on the second (1 pair); all five are opposed.
    # In one pair each five people make two.
    sign = np.array([[1, 1], [1, -1], [1, 0], [-1, 0], [-1, 0]], dtype=np.int8)
    assert bounds(sign, ["en"] * 5, cap) == {"en": Bound(5, pairs)}


def test_two_people_share_no_more_questions_than_the_cap() -> None:
    # They oppose on all of 21 targets: 21 by the sides alone, 12 as each is in at most 12 pairs.
    sign = np.array([[1] * 21, [-1] * 21], dtype=np.int8)
    assert bounds(sign, ["en", "en"], 12) == {"en": Bound(2, 12)}


@pytest.mark.parametrize("seed", range(20))
def test_it_is_the_bound_that_the_overview_tells(seed: int) -> None:
    rng: Generator = default_rng(seed)
    sign = rng.choice(np.array([-1, 0, 1], dtype=np.int8), (40, 21), p=[0.3, 0.4, 0.3])
    of = rng.integers(0, 3, 40)
    places = Places(of=of, countries=("KE",) * 3, splits=np.arange(3))
    targets = {
        str(place): Standing(
            first=column > 0,
            second=column < 0,
            neither=column == 0,
            pairs=np.minimum(places.among(column > 0), places.among(column < 0)),
        )
        for place, column in enumerate(sign.T)
    }
    theirs = _together(places, targets, {})
    ours = bounds(sign, of.tolist(), CAP)
    assert {place: bound.pairs for place, bound in ours.items()} == {place: int(theirs.pairs[place]) for place in ours}
    assert sum(bound.people for bound in ours.values()) == int(theirs.pairable.sum())
