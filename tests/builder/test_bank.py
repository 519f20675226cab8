"""The scenario bank.

What holds of every file, with every filling:

1. A scenario has exactly three slots of five or six different fillers, and all three stand in the question.
2. A question ends with its only question mark and has 12 to 45 words.
3. An answer has 18 to 38 words in two sentences; the two answers of a scenario differ by at most four words, and over a
   file neither side is the longer one in many more scenarios than the other.
4. Nothing that tells an age: no digits of years; no names of countries. (The rest of this rule was read, not computed.)
5. The dimensions' own names, and "value", "high", "low", "priority", occur in no text.
6. An answer has at least two cue stems of its own side and none of the other's; a question has none of either. Over a
   file of `sides`, every cue stands in at least two scenarios.
"""

import re
from collections import Counter
from functools import cache
from itertools import combinations

import pycountry
import pytest
import yaml

from builder.frameworks import load_framework
from builder.writers.bank import FOLDER, SPLIT_BY_PLACE, Scenario, Variant, load_bank
from schemas.errors import ConfigError
from schemas.questions import Recipe
from schemas.values import Split

BANKS = {path.name: load_bank(path.name) for path in sorted(FOLDER.iterdir()) if path.is_dir()}
CUES = {name: yaml.safe_load((FOLDER / name / "cues.yaml").read_text(encoding="utf-8")) for name in BANKS}
FILES = [(framework, recipe, dimensions) for framework, bank in BANKS.items() for recipe, dimensions in bank.scenarios]
NAMES = [f"{framework}-{'-'.join(dimensions)}" for framework, _, dimensions in FILES]
COUNTRIES = {country.name.lower() for country in pycountry.countries}

every_framework = pytest.mark.parametrize("framework", BANKS)
every_file = pytest.mark.parametrize(("framework", "recipe", "dimensions"), FILES, ids=NAMES)


def scenarios(framework: str, recipe: Recipe, dimensions: tuple[str, ...]) -> tuple[Scenario, ...]:
    return BANKS[framework].scenarios[recipe, dimensions]


@cache
def filled(framework: str, recipe: Recipe, dimensions: tuple[str, ...]) -> tuple[tuple[str, tuple[Variant, ...]], ...]:
    """Each scenario's id with all its variants."""
    return tuple(
        (scenario.id, tuple(scenario.variant(index) for index in range(scenario.count())))
        for scenario in scenarios(framework, recipe, dimensions)
    )


def cue_lists(framework: str, recipe: Recipe, dimensions: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The cues of the first and of the second answer."""
    cues = CUES[framework]
    if recipe is Recipe.SIDES:
        return cues[dimensions[0]]["high"], cues[dimensions[0]]["low"]
    return cues[dimensions[0]]["high"], cues[dimensions[1]]["high"]


@every_framework
def test_the_bank_has_every_dimension_and_every_pair(framework: str) -> None:
    names = [dimension.name for dimension in load_framework(framework).dimensions]
    expected = {(Recipe.SIDES, (name,)) for name in names}
    expected |= {(Recipe.TRADEOFF, pair) for pair in combinations(names, 2)}
    assert set(BANKS[framework].scenarios) == expected


@every_framework
def test_no_scenario_is_called_like_another(framework: str) -> None:
    ids = Counter(one.id for every in BANKS[framework].scenarios.values() for one in every)
    assert [name for name, count in ids.items() if count > 1] == []


@every_file
def test_every_split_has_a_scenario(framework: str, recipe: Recipe, dimensions: tuple[str, ...]) -> None:
    bank = BANKS[framework]
    shares = [bank.of_split(recipe, dimensions, split) for split in Split]
    assert all(shares)
    assert sum(map(len, shares)) == len(bank.scenarios[recipe, dimensions])


@pytest.mark.slow
@every_file
def test_rule_1_slots(framework: str, recipe: Recipe, dimensions: tuple[str, ...]) -> None:
    for scenario in scenarios(framework, recipe, dimensions):
        assert len(scenario.slots) == 3, scenario.id
        for name, fillers in scenario.slots.items():
            assert 5 <= len(fillers) <= 6, scenario.id
            assert len(set(fillers)) == len(fillers), scenario.id
            assert f"{{{name}}}" in scenario.question, scenario.id


@pytest.mark.slow
@every_file
def test_rules_2_and_3_lengths_and_sentences(framework: str, recipe: Recipe, dimensions: tuple[str, ...]) -> None:
    for name, variants in filled(framework, recipe, dimensions):
        for variant in variants:
            assert variant.text.endswith("?"), name
            assert variant.text.count("?") == 1, name
            assert 12 <= len(variant.text.split()) <= 45, (name, variant.text)
            lengths = [len(answer.split()) for answer in variant[1:]]
            assert all(18 <= length <= 38 for length in lengths), (name, lengths)
            assert abs(lengths[0] - lengths[1]) <= 4, (name, lengths)
            assert [len(re.findall(r"[.!?](?:\s|$)", answer)) for answer in variant[1:]] == [2, 2], name


@pytest.mark.slow
@every_file
def test_rule_3_neither_side_is_the_longer_one(framework: str, recipe: Recipe, dimensions: tuple[str, ...]) -> None:
    """By mean length over all fillings; at most a third of a file's scenarios more on one side."""
    every = filled(framework, recipe, dimensions)
    longer = 0
    for _, variants in every:
        difference = sum(len(one.one.split()) - len(one.other.split()) for one in variants)
        longer += (difference > 0) - (difference < 0)
    assert abs(longer) <= len(every) / 3


@pytest.mark.slow
@every_file
def test_rules_4_and_5_words_that_do_not_occur(framework: str, recipe: Recipe, dimensions: tuple[str, ...]) -> None:
    banned = {"value", "values", "high", "low", "priority", *dimensions}
    for name, variants in filled(framework, recipe, dimensions):
        for text in (text for variant in variants for text in variant):
            words = set(re.findall(r"[a-z]+", text.lower()))
            assert words.isdisjoint(banned), (name, words & banned)
            assert words.isdisjoint(COUNTRIES), (name, words & COUNTRIES)
            assert not re.search(r"\b(19|20)\d\d\b", text), name


@every_file
def test_rule_6_cues(framework: str, recipe: Recipe, dimensions: tuple[str, ...]) -> None:
    lists = cue_lists(framework, recipe, dimensions)
    for name, variants in filled(framework, recipe, dimensions):
        for variant in variants:
            for answer, own, others in ((variant.one, *lists), (variant.other, *reversed(lists))):
                found = [cue for cue in own if cue in answer.lower()]
                assert len(found) >= 2, (name, found)
                assert [cue for cue in others if cue in answer.lower()] == [], name
            assert [cue for cue in (*lists[0], *lists[1]) if cue in variant.text.lower()] == [], name


@pytest.mark.parametrize(
    ("framework", "dimension"), [(framework, about[0]) for framework, recipe, about in FILES if recipe is Recipe.SIDES]
)
def test_rule_6_every_cue_is_used(framework: str, dimension: str) -> None:
    every = scenarios(framework, Recipe.SIDES, (dimension,))
    high, low = cue_lists(framework, Recipe.SIDES, (dimension,))
    rare = [cue for cue in high if sum(cue in one.one.lower() for one in every) < 2]
    rare += [cue for cue in low if sum(cue in one.other.lower() for one in every) < 2]
    assert rare == []


SCENARIO = Scenario(
    id="x-01",
    topic="x",
    question="{who} sees {what}?",
    slots={"who": ("a child", "we"), "what": ("rain", "snow", "fog")},
    one="{what} is fine.",
    other="Stay in.",
)


def test_variants_are_counted_in_the_order_of_the_fillers() -> None:
    """2 x 3 fillings, the last slot turning fastest, from the start again after the last."""
    assert SCENARIO.count() == 6
    assert SCENARIO.variant(0) == Variant("A child sees rain?", "Rain is fine.", "Stay in.")
    assert SCENARIO.variant(4) == Variant("We sees snow?", "Snow is fine.", "Stay in.")
    assert SCENARIO.variant(6) == SCENARIO.variant(0)
    assert len({SCENARIO.variant(index) for index in range(6)}) == 6


def test_a_blank_without_fillers_is_refused() -> None:
    with pytest.raises(ValueError, match="scenario x-01: blanks without fillers: when"):
        Scenario.model_validate(SCENARIO.model_dump() | {"one": "{when} it is fine."})


def test_a_split_never_depends_on_what_is_appended() -> None:
    """Any four places in a row from the top of a file have all splits."""
    assert set(SPLIT_BY_PLACE[:4]) == set(Split)
    assert Counter(SPLIT_BY_PLACE) == {Split.TRAIN: 6, Split.TEST: 3, Split.VALIDATION: 1}


def test_a_framework_without_a_bank_is_told() -> None:
    with pytest.raises(ConfigError) as caught:
        load_bank("tarot")
    assert caught.value.report.code == "bank-missing"
