"""The blind reader in the audit: what it picks by a rule that knows a side trips its gate, what knows none passes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from builder.asking import Calls
from builder.audit.run import NAMES, audit, in_words
from builder.readers import Picks, picks
from mvpbench.store.journal import Journal
from schemas.chat import ChatRequest
from schemas.identity import uniform
from schemas.questions import Recipe
from schemas.results import AuditResult, CheckOutcome
from tests.builder.audit.leaks import on_high, on_own
from tests.builder.audit.made import DIMENSIONS, Made, made
from tests.builder.readers.made import (
    HEDGE,
    Model,
    a_section,
    choosing,
    fair_coin,
    first_shown,
    hedged,
    longer,
    no_sleep,
    out_of_order,
    shown,
)

pytestmark = pytest.mark.slow

QUESTIONS = 6 * 30 * 3
"""Questions of a recipe: six targets, thirty scenarios, three variants. Enough for a figure near one half to pass."""
every_recipe = pytest.mark.parametrize("recipe", Recipe)
Say = Callable[[ChatRequest], str]


def hedge(text: str) -> str:
    return f"{HEDGE} {text}"


@pytest.fixture(scope="module")
def sound_of() -> dict[Recipe, Made]:
    return {recipe: made(recipes=(recipe,), scenarios=30) for recipe in Recipe}


def read(data: Made, rule: Say, root: Path) -> Picks:
    with Journal(root / "journal.db") as journal:
        return picks(data.questions, Calls(a_section(), Model(rule).open, journal, lambda _line: None, no_sleep))


def outcomes(data: Made, chosen: Picks | None) -> tuple[AuditResult, dict[str, CheckOutcome]]:
    result = audit(*data, chosen)
    return result, {check.name: check.outcome for check in result.checks}


def mixed(knows: Say, share: float) -> Say:
    """A reader that goes by `knows` in a share of the questions and by its own taste in the others."""

    def say(request: ChatRequest) -> str:
        at = uniform("mixed", shown(request)["question"])
        return knows(request) if at < share else fair_coin(request)

    return say


@every_recipe
def test_a_reader_whose_taste_knows_no_side_passes(
    recipe: Recipe, sound_of: dict[Recipe, Made], tmp_path: Path
) -> None:
    result, found = outcomes(sound_of[recipe], read(sound_of[recipe], fair_coin, tmp_path))
    for name in (NAMES[recipe]["reader"], NAMES[recipe]["reader_written_for"]):
        assert (found[name], result.baselines[name].n) == (CheckOutcome.PASSED, QUESTIONS)
    assert result.reader is not None
    assert (result.reader.calls, result.reader.questions, result.reader.flips) == (2 * QUESTIONS, QUESTIONS, 0.0)


@every_recipe
def test_a_reader_that_likes_what_marks_one_side_trips_its_gate(recipe: Recipe, tmp_path: Path) -> None:
    data = made(on_high(hedge), (recipe,))
    result, found = outcomes(data, read(data, hedged, tmp_path))
    name = NAMES[recipe]["reader"]
    assert result.baselines[name].accuracy == 1.0
    assert found[name] is CheckOutcome.FAILED
    assert found[NAMES[recipe]["reader_written_for"]] is not CheckOutcome.FAILED


@every_recipe
def test_a_reader_that_shuns_it_trips_it_too(recipe: Recipe, tmp_path: Path) -> None:
    data = made(on_high(hedge), (recipe,))
    shunning = choosing(lambda text: -text.split().count(HEDGE))
    assert outcomes(data, read(data, shunning, tmp_path))[1][NAMES[recipe]["reader"]] is CheckOutcome.FAILED


@every_recipe
def test_a_mark_for_whom_it_was_written_trips_the_other_gate(recipe: Recipe, tmp_path: Path) -> None:
    data = made(on_own(hedge), (recipe,))
    result, found = outcomes(data, read(data, longer, tmp_path))
    name = NAMES[recipe]["reader_written_for"]
    assert result.baselines[name].accuracy == 1.0
    assert found[name] is CheckOutcome.FAILED
    assert found[NAMES[recipe]["reader"]] is not CheckOutcome.FAILED


def test_a_reader_that_knows_the_side_in_four_of_ten_questions_is_seen(tmp_path: Path) -> None:
    """.4 + .6 / 2 = .70."""
    data = made(on_high(hedge), (Recipe.SIDES,), scenarios=30)
    result, found = outcomes(data, read(data, mixed(hedged, 0.4), tmp_path))
    assert result.baselines["sides_reader_high_side"].accuracy == pytest.approx(0.7, abs=0.05)
    assert found["sides_reader_high_side"] is CheckOutcome.FAILED


def test_a_reader_that_takes_what_it_is_shown_first_says_nothing(tmp_path: Path) -> None:
    data = made(recipes=(Recipe.SIDES,))
    result, found = outcomes(data, read(data, first_shown, tmp_path))
    assert result.baselines["sides_reader_high_side"].accuracy is None
    assert found["sides_reader_high_side"] is CheckOutcome.NOT_MEASURED
    assert any("the order decided every pick" in line for line in in_words(result)[:2])


def test_picks_by_the_order_do_not_hide_what_the_others_say(tmp_path: Path) -> None:
    """Half go with the order, the rest with a hedge on the high side: counted as halves it would be .75."""
    data = made(on_high(hedge), (Recipe.SIDES,), scenarios=30)

    def rule(request: ChatRequest) -> str:
        by_order = uniform("by order", shown(request)["question"]) < 0.5
        return first_shown(request) if by_order else hedged(request)

    result, found = outcomes(data, read(data, rule, tmp_path))
    one = result.baselines["sides_reader_high_side"]
    assert one.accuracy == 1.0
    assert QUESTIONS * 0.3 < one.n < QUESTIONS * 0.7
    assert found["sides_reader_high_side"] is CheckOutcome.FAILED


def test_a_reader_that_leaves_one_question_in_five_open_is_not_taken_at_its_word(
    sound_of: dict[Recipe, Made], tmp_path: Path
) -> None:
    def rule(request: ChatRequest) -> str:
        left_open = uniform("open", shown(request)["question"]) < 0.2
        return out_of_order(request) if left_open else fair_coin(request)

    result, found = outcomes(sound_of[Recipe.SIDES], read(sound_of[Recipe.SIDES], rule, tmp_path))
    assert found["sides_reader_high_side"] is CheckOutcome.NOT_MEASURED
    assert any(f"of {QUESTIONS} questions" in line for line in in_words(result)[:2])
    assert result.reader is not None
    assert result.reader.failed == 2 * (QUESTIONS - result.baselines["sides_reader_high_side"].n)


def test_too_few_questions_say_how_many_more_it_takes(tmp_path: Path) -> None:
    data = made(recipes=(Recipe.SIDES,), names=DIMENSIONS[:3], scenarios=2)
    result, found = outcomes(data, read(data, fair_coin, tmp_path))
    assert found["sides_reader_high_side"] is CheckOutcome.NOT_MEASURED
    (line,) = [line for line in in_words(result) if line.startswith("NOT MEASURED sides_reader_high_side")]
    assert "more of other scenarios would do" in line
    assert line.endswith("expected within 0.40 to 0.60, with a 95% interval inside 0.40 to 0.60")


def test_without_a_reader_its_baselines_say_so_and_are_not_gated() -> None:
    result, found = outcomes(made(recipes=(Recipe.TRADEOFF,)), None)
    for name in ("tradeoff_reader_first_side", "tradeoff_reader_written_for"):
        assert result.baselines[name].undefined == "no model was asked"
        assert name not in found
    assert result.reader is None


def test_a_recipe_that_was_not_shown_is_not_measured(tmp_path: Path) -> None:
    data = made(recipes=(Recipe.SIDES, Recipe.TRADEOFF))
    half = data._replace(questions=[one for one in data.questions if one.recipe is Recipe.SIDES])
    result, found = outcomes(data, read(half, fair_coin, tmp_path))
    assert result.baselines["tradeoff_reader_first_side"].undefined == "no question was shown"
    assert found["tradeoff_reader_first_side"] is CheckOutcome.NOT_MEASURED


def test_questions_of_a_scenario_are_no_more_than_one_another(tmp_path: Path) -> None:
    """A taste for scenarios, shared by their variants, makes an interval wider by about the root of three."""
    data = made(recipes=(Recipe.SIDES,), scenarios=30)
    group = {question.text: question.stamp.scenario for question in data.questions}
    ahead = {answer.text for one in data.questions for answer in one.answers if answer.side.endswith(":high")}

    def by_scenario(request: ChatRequest) -> str:
        told = shown(request)
        high = uniform("taste", group[told["question"]]) < 0.5
        return '{"choice": "A"}' if (told["A"] in ahead) == high else '{"choice": "B"}'

    shared = outcomes(data, read(data, by_scenario, tmp_path))[0].baselines["sides_reader_high_side"]
    assert shared.low is not None
    assert shared.high is not None
    # 1.96 * .5 / sqrt(180 scenarios) = .073; of 540 questions it would be .042
    assert np.isclose((shared.high - shared.low) / 2, 0.073, atol=0.008)
