"""Exercises: what share of a reply are the person's own cues, and that a seed makes them again."""

from itertools import islice
from random import Random

import pytest

from builder.writers.bank import FOLDER as BANKS
from eval.prompts import FOR_A_PERSON
from mvpbench.demo.tiny.exercises import (
    NAME_WORDS,
    Kind,
    Material,
    all_stems,
    exercise,
    invented_scores,
    load_material,
    own_sides,
)

NAMING = Kind(own_asked=True, own=1.0, cues=0.5)


COMMON = {"the": 0.5, "table": 0.5}


@pytest.fixture(scope="module")
def material() -> Material:
    return load_material()


def test_shares_sum_to_one_and_cues_have_the_share_asked_for(material: Material) -> None:
    for seed in range(20):
        shares = exercise(material, COMMON, Random(seed), NAMING).shares
        assert sum(shares.values()) == pytest.approx(1)
        assert sum(shares.get(stem, 0) for stem in all_stems(material.cues)) == pytest.approx(0.5)


def test_where_all_cues_are_own_no_side_stands_beside_its_opposite(material: Material) -> None:
    shares = exercise(material, COMMON, Random(1), NAMING).shares
    for sides in material.cues.values():
        high, low = (set(sides[side]) & shares.keys() for side in ("high", "low"))
        assert not (high and low)


def test_a_lean_of_zero_tells_nothing_of_the_person(material: Material) -> None:
    kind = Kind(own_asked=False, own=0.0, cues=0.1)
    first, second = (exercise(material, COMMON, Random(seed), kind).shares for seed in (1, 2))
    assert first == pytest.approx(second)


@pytest.mark.parametrize(("own_asked", "instruction"), [(True, NAME_WORDS), (False, FOR_A_PERSON)])
def test_the_instruction_says_whether_own_cues_are_asked_for(
    material: Material, own_asked: bool, instruction: str
) -> None:
    made = exercise(material, COMMON, Random(1), Kind(own_asked=own_asked, own=1.0, cues=0.5))
    assert made.messages[0].content.startswith(instruction)


def test_a_seed_makes_the_same_exercises_again(material: Material) -> None:
    def some(seed: int) -> list[object]:
        draw = Random(seed)
        return [exercise(material, COMMON, draw, Kind(own_asked=False, own=0.2, cues=0.1)) for _ in range(5)]

    assert some(1) == some(1)
    assert some(1) != some(2)


def test_sides_are_those_that_the_prompt_tells(material: Material) -> None:
    framework = material.frameworks[0]
    for seed in range(20):
        scores = invented_scores(framework, Random(seed))
        for name, side in own_sides(scores):
            assert (scores[name][1] > 0) == (side == "high")
    level = {dimension.name: (50.0, 0.01) for dimension in framework.dimensions}
    level["safety"] = (40.0, -0.2)
    assert own_sides(level) == [("safety", "low")]


def test_no_text_of_the_scenario_bank_is_in_the_exercises(material: Material) -> None:
    """No run of five words of a bank's questions or answers comes up in what exercises are made of."""

    def runs(text: str) -> set[tuple[str, ...]]:
        words = text.lower().split()
        return set(zip(*(islice(words, start, None) for start in range(5)), strict=False))

    ours: set[tuple[str, ...]] = set()
    for options in material.phrases.values():
        for option in options:
            ours |= runs(option)
    theirs: set[tuple[str, ...]] = set()
    for path in BANKS.rglob("*.yaml"):
        theirs |= runs(path.read_text(encoding="utf-8"))
    assert ours
    assert not ours & theirs
