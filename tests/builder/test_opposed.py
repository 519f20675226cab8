"""The bound on pairs: counted by hand, and person by person."""

import numpy as np
import pytest
from numpy.random import Generator, default_rng

from builder.opposed import Bound, bounds, chances
from builder.overview.opposed import CAP


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
def test_it_is_what_counting_person_by_person_gives(seed: int) -> None:
    rng: Generator = default_rng(seed)
    sign = rng.choice(np.array([-1, 0, 1], dtype=np.int8), (40, 21), p=[0.3, 0.4, 0.3])
    of = rng.integers(0, 3, 40).tolist()
    for place, bound in bounds(sign, of, CAP).items():
        here = [row for row, where in zip(sign.tolist(), of, strict=True) if where == place]
        opposed = [sum(any(own * other[t] < 0 for other in here) for t, own in enumerate(row)) for row in here]
        sides = [[row[target] for row in here] for target in range(21)]
        limit = sum(min(side.count(1), side.count(-1)) for side in sides)
        assert bound == Bound(sum(one > 0 for one in opposed), min(limit, sum(min(one, CAP) for one in opposed) // 2))


def test_people_of_nowhere_are_opposite_to_nobody() -> None:
    sign = np.array([[1], [-1], [-1]], dtype=np.int8)
    assert chances(sign, np.array([-1, -1, 0])).tolist() == [0, 0, 0]
    assert chances(sign, np.array([0, -1, 0])).tolist() == [1, 0, 1]
