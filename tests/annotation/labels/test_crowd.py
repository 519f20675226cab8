"""Dawid-Skene and MACE on the table of shared facts, whatever the order of its rows."""

import random
from collections import Counter

import pytest

from annotation.labels.crowd import Posteriors, Said, dawid_skene, mace

pytestmark = pytest.mark.slow

TRUTH = "10101010"


def _but(*wrong: int) -> str:
    return "".join(str(1 - int(said)) if place in wrong else said for place, said in enumerate(TRUTH, start=1))


# Rater a is right, b errs on 3, c on 4 and 8; two raters always say 1.
RATERS = {"a": TRUTH, "b": _but(3), "c": _but(4, 8), "d": "11111111", "e": "11111111"}
VOTES = [Said(f"q{place}", rater, said) for rater, row in RATERS.items() for place, said in enumerate(row)]


def _right(found: Posteriors) -> float:
    best = ["01"[found[f"q{place}"]["1"] > 1 / 2] for place in range(len(TRUTH))]
    return sum(one == true for one, true in zip(best, TRUTH, strict=True)) / len(TRUTH)


def test_the_majority_is_misled_by_those_who_always_say_the_same_and_the_models_are_not() -> None:
    shares = [Counter(row[place] for row in RATERS.values()) for place in range(len(TRUTH))]
    majority = "".join(max(votes, key=lambda said: votes[said]) for votes in shares)
    assert sum(one == true for one, true in zip(majority, TRUTH, strict=True)) / len(TRUTH) == 0.75
    assert _right(dawid_skene(VOTES)) == 1.0
    assert _right(mace(VOTES, 1)) == 1.0


def test_the_order_of_votes_and_names_says_nothing() -> None:
    turned = VOTES.copy()
    random.Random(3).shuffle(turned)
    assert turned != VOTES
    assert dawid_skene(turned) == dawid_skene(VOTES)
    assert mace(turned, 5) == mace(VOTES, 5)
    # With labels and workers named so that they sort the other way, each posterior is that of the other name.
    names = {"0": "y", "1": "x"}
    renamed = [Said(one.task, f"{9 - ord(one.worker) % 7}", names[one.label]) for one in VOTES]
    assert _right({task: {"1": one["x"], "0": one["y"]} for task, one in mace(renamed, 5).items()}) == 1.0


def test_posteriors_are_distributions_over_the_labels_used() -> None:
    for found in (dawid_skene(VOTES), mace(VOTES, 1)):
        assert set(found) == {one.task for one in VOTES}
        for one in found.values():
            assert set(one) == {"0", "1"}
            assert sum(one.values()) == pytest.approx(1, abs=2e-6)
