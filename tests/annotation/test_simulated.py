"""What simulated annotators say: the same every time, and as reliable as they were made."""

from collections import Counter

import pytest

from annotation.simulated import SimulatedAnnotator, panel, vote


@pytest.mark.parametrize("reliability", [0.0, 0.6, 0.9, 1.0])
def test_votes_are_reproducible_and_as_reliable_as_asked(reliability: float) -> None:
    annotator = SimulatedAnnotator(name="sim", slot="person-1", reliability=reliability)
    votes = [vote(annotator, f"t-{number}", "A") for number in range(2000)]
    assert votes == [vote(annotator, f"t-{number}", "A") for number in range(2000)]
    shares = Counter(votes)
    # Binomial with n = 2000: a standard deviation is at most .0112; five of them.
    assert shares["A"] / 2000 == pytest.approx(reliability, abs=0.056)
    assert shares["B"] / 2000 == pytest.approx(0.6 * (1 - reliability), abs=0.056)
    assert set(shares) <= {"A", "B", "both", "neither", "cannot_tell"}


def test_slips_are_the_annotators_own() -> None:
    first, second = (SimulatedAnnotator(name=name, slot="s", reliability=0.5) for name in ("one", "two"))
    same = sum(vote(first, f"t-{n}", "A") == vote(second, f"t-{n}", "A") for n in range(1000))
    # Independent votes of .5, .3, .075, .05, .075 agree with probability .35; in step they would always.
    assert 250 < same < 450


def test_a_panel_has_one_annotator_a_slot() -> None:
    made = panel(("person-1", "person-2", "person-3", "person-4"))
    assert [one.slot for one in made] == ["person-1", "person-2", "person-3", "person-4"]
    assert len({one.name for one in made}) == 4
    assert len({one.reliability for one in made[:3]}) == 3
