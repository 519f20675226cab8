"""Stands: targets in order, and the same sides as the profiles tell."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.profiles.answers import answers_of
from builder.profiles.profile import profile
from builder.profiles.scoring import score
from builder.profiles.sides import one_dimension, two_dimensions
from builder.stands import Target, stands
from schemas.codebook import Missing
from schemas.questions import Recipe
from schemas.study import ProfileSection
from schemas.survey import Respondent, Survey
from schemas.values import Level, Scoring, ValueProfile
from tests.builder.made import COLOURS, made_framework, made_item, made_person

FRAMEWORK = made_framework(reliability=0.9)
ITEMS = tuple(made_item(name) for name in COLOURS)
SURVEY = Survey(
    id="s-made",
    name="made",
    title="Made",
    version="1",
    framework="made",
    citation="",
    doi=None,
    url=None,
    licence="CC0-1.0",
    language="en",
    synthetic=True,
    redistribute_profiles=True,
    source_file="made.csv",
    source_sha256="0" * 64,
    items=ITEMS,
)
ANSWERS = st.lists(st.tuples(*[st.integers(1, 5)] * 3), min_size=2, max_size=20)


def people(answers: list[tuple[int, ...]]) -> list[Respondent]:
    """With two more, so that no dimension is constant and there are enough."""
    every = [*answers, (1, 5, 1), (5, 1, 5)]
    return [made_person(f"r-{place}", dict(zip(COLOURS, row, strict=True))) for place, row in enumerate(every)]


def profiles(respondents: list[Respondent]) -> list[ValueProfile]:
    return list(profile(SURVEY, respondents, FRAMEWORK, ProfileSection()).rows)


def test_targets_are_in_the_frameworks_order() -> None:
    found = stands(profiles(people([(3, 3, 3)])), FRAMEWORK, (Recipe.SIDES, Recipe.TRADEOFF)).targets
    assert found == (
        Target(Recipe.SIDES, ("amber",)),
        Target(Recipe.SIDES, ("blue",)),
        Target(Recipe.SIDES, ("crimson",)),
        Target(Recipe.TRADEOFF, ("amber", "blue")),
        Target(Recipe.TRADEOFF, ("amber", "crimson")),
        Target(Recipe.TRADEOFF, ("blue", "crimson")),
    )


@pytest.mark.parametrize(
    ("target", "ahead", "behind"),
    [
        (Target(Recipe.SIDES, ("amber",)), "amber:high", "amber:low"),
        (Target(Recipe.TRADEOFF, ("amber", "blue")), "amber:high", "blue:high"),
    ],
)
def test_how_a_side_is_called(target: Target, ahead: str, behind: str) -> None:
    assert target.side(1) == ahead
    assert target.side(-1) == behind


@given(ANSWERS)
def test_stands_are_the_levels_of_the_profiles(answers: list[tuple[int, ...]]) -> None:
    """A level is shown to raters and models, a stand decides what is expected: they must not part."""
    rows = profiles(people(answers))
    found = stands(rows, FRAMEWORK, (Recipe.SIDES,))
    level = {1: Level.HIGH, 0: Level.NONE, -1: Level.LOW}
    for row, one in enumerate(rows):
        for target, name in enumerate(COLOURS):
            own = one.score(name)
            assert own is not None
            assert own.level is level[int(found.sign[row, target])]
            assert own.error_probability == (None if own.level is Level.NONE else found.error[row, target])


@given(ANSWERS)
def test_nothing_is_lost_on_the_way_through_the_profiles(answers: list[tuple[int, ...]]) -> None:
    respondents = people(answers)
    scores = score(answers_of(respondents, ITEMS), FRAMEWORK)
    found = stands(profiles(respondents), FRAMEWORK, (Recipe.SIDES, Recipe.TRADEOFF))
    direct = [one_dimension(scores, index) for index in range(3)]
    direct += [two_dimensions(scores, *pair) for pair in ((0, 1), (0, 2), (1, 2))]
    for target, sides in enumerate(direct):
        np.testing.assert_array_equal(found.sign[:, target], sides.sign)
        np.testing.assert_array_equal(found.error[:, target], sides.error)


def test_whoever_did_not_answer_stands_nowhere() -> None:
    respondents = [*people([(1, 5, 3), (5, 1, 3)]), made_person("r-half", {"amber": 5.0})]
    found = stands(profiles(respondents), FRAMEWORK, (Recipe.SIDES, Recipe.TRADEOFF))
    assert found.respondents[-1] == "r-half"
    assert found.sign[-1].tolist() == [0] * 6


def test_a_score_keeps_the_items_that_were_answered_and_a_gap_its_reason() -> None:
    items = (made_item("one", "amber"), made_item("two", "amber"), made_item("three", "amber"), made_item("blue"))
    survey = SURVEY.model_copy(update={"items": items})
    half = FRAMEWORK.model_copy(update={"scoring": Scoring(min_answered=0.5)})
    rows = [
        made_person("r-1", {"one": 1, "two": 2, "three": 1, "blue": 4}),
        made_person("r-2", {"one": 3, "two": 3, "three": 4, "blue": 2}),
        made_person("r-3", {"one": 5, "two": 4, "three": 5, "blue": 1}),
        made_person("r-4", {"one": 5, "three": 5}).model_copy(update={"answers_missing": {"blue": Missing.REFUSED}}),
    ]
    last = list(profile(survey, rows, half, ProfileSection()).rows)[-1]
    assert [(score.dimension, score.items) for score in last.scores] == [("amber", ("one", "three"))]
    assert last.missing == {"blue": Missing.REFUSED}


def test_people_whom_the_frameworks_rules_leave_out_are_dropped_and_change_nobodys_score() -> None:
    rule = FRAMEWORK.model_copy(update={"scoring": Scoring(max_same=2)})
    rows = people([(1, 2, 3), (3, 2, 5), (4, 4, 1)])
    with_one_more = profile(SURVEY, [*rows, made_person("r-same", dict.fromkeys(COLOURS, 5.0))], rule, ProfileSection())
    assert list(with_one_more.rows) == list(profile(SURVEY, rows, rule, ProfileSection()).rows)
    assert [(drop.subject, drop.reason) for drop in with_one_more.dropped] == [("r-same", "straight-lining")]
