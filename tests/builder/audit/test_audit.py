"""The audit: silent on sound questions, and each planted leak trips the gate made for it, and no other."""

from collections.abc import Callable

import numpy as np
import pytest

from builder.audit.measure import MARGIN, Rule, gate, measured
from builder.audit.run import NAMES, audit, in_words
from builder.instances import choices
from schemas.identity import uniform
from schemas.questions import Recipe
from schemas.results import AuditResult, CheckOutcome
from tests.builder.audit.leaks import CHANGES, longer_high, on_high, on_own
from tests.builder.audit.made import DIMENSIONS, Made, made, sound

pytestmark = pytest.mark.slow

SIDES_ONLY = (Recipe.SIDES,)
every_recipe = pytest.mark.parametrize("recipe", Recipe)


def _audit(data: Made) -> AuditResult:
    return audit(data.questions, data.instances, data.respondents)


def _failed(result: AuditResult) -> set[str]:
    return _having(result, CheckOutcome.FAILED)


def _having(result: AuditResult, outcome: CheckOutcome) -> set[str]:
    return {check.name for check in result.checks if check.outcome is outcome}


@pytest.fixture(scope="module")
def sound_result() -> AuditResult:
    return _audit(made())


def test_sound_questions_pass_every_check(sound_result: AuditResult) -> None:
    assert _having(sound_result, CheckOutcome.PASSED) == {check.name for check in sound_result.checks}


def test_meaning_is_found_within_a_dimension_and_does_not_reach_across(sound_result: AuditResult) -> None:
    within, across = sound_result.baselines["high_side_within"], sound_result.baselines["high_side"]
    assert within.accuracy is not None
    assert across.accuracy is not None
    assert within.accuracy > 0.9
    assert across.accuracy < 0.6


def test_baselines_are_on_one_row_a_question_or_on_instances(sound_result: AuditResult) -> None:
    # 6 targets of each recipe, 8 scenarios, 3 variants: 144 questions of each, 576 instances.
    rows = {name: one.n for name, one in sound_result.baselines.items()}
    assert rows["high_side"] == rows["length"] == rows["first_side"] == 144
    assert rows["sides_written_for"] == rows["tradeoff_written_for"] == 144
    assert rows["demographics"] == rows["majority"] == 576


def test_the_majority_is_exactly_half_right_on_pairs(sound_result: AuditResult) -> None:
    found = sound_result.baselines["majority_pairs"]
    assert (found.accuracy, found.low, found.high) == (0.5, 0.5, 0.5)


def test_demographics_that_say_nothing_are_near_one_half_not_far_below(sound_result: AuditResult) -> None:
    # Folds that put counterparts apart would give .15 and less.
    found = sound_result.baselines["demographics"]
    assert found.accuracy is not None
    assert 0.4 < found.accuracy < 0.6


def test_what_cannot_be_measured_says_why(sound_result: AuditResult) -> None:
    found = sound_result.baselines["majority_unpaired"]
    assert (found.accuracy, found.n, found.undefined) == (None, 0, "no such instances")


@every_recipe
@pytest.mark.parametrize("change", CHANGES)
def test_a_mark_on_one_side_trips_the_gate_on_texts_and_no_other(change: str, recipe: Recipe) -> None:
    assert _failed(_audit(made(on_high(CHANGES[change]), (recipe,)))) == {NAMES[recipe]["across"]}


@every_recipe
@pytest.mark.parametrize("change", CHANGES)
def test_a_mark_for_whom_a_question_was_written_trips_its_gate_and_no_other(change: str, recipe: Recipe) -> None:
    assert _failed(_audit(made(on_own(CHANGES[change]), (recipe,)))) == {NAMES[recipe]["written_for"]}


@every_recipe
def test_a_longer_side_trips_the_length_gate(recipe: Recipe) -> None:
    assert NAMES[recipe]["length"] in _failed(_audit(made(longer_high, (recipe,))))


@every_recipe
def test_a_side_that_is_shown_first_trips_the_position_gate_and_no_other(recipe: Recipe) -> None:
    """The order is a hash of the pair: this keeps the pairs where it puts the answer first that is turned first."""
    data = made(sound, (recipe,))
    of_id = {question.id: question for question in data.questions}
    first = [
        one
        for one in data.instances
        if f"{one.dimensions[0]}:high" in choices(of_id[one.question_id], one)[0].side.split("+")
    ]
    assert 0.3 < len(first) / len(data.instances) < 0.7
    assert _failed(_audit(data._replace(instances=first))) == {NAMES[recipe]["position"]}


def test_what_failed_comes_first_in_words() -> None:
    result = _audit(made(on_high(CHANGES["a hedge"]), SIDES_ONLY))
    assert in_words(result)[0].startswith("FAILED high_side: found ")


def test_a_leaky_recipe_is_not_seen_in_the_figures_of_the_others(sound_result: AuditResult) -> None:
    data = made()
    leaky = made(on_own(CHANGES["a hedge"]), (Recipe.PAPER,))
    every = Made(*(one + other for one, other in zip(data, leaky, strict=True)))
    result = _audit(every)
    assert _failed(result) == {"paper_written_for"}
    assert {name: result.baselines[name] for name in sound_result.baselines} == sound_result.baselines


def test_eleven_of_fourteen_is_no_pass() -> None:
    """11/14 = .786. With 14 independent questions the 99 % interval is about .79 +- 2.6 * .11: it holds one half."""
    found = gate("length", measured("length", np.array([1.0] * 11 + [0.0] * 3), np.arange(14)), Rule(two_sided=True))
    assert found.outcome is CheckOutcome.NOT_MEASURED
    assert "too few to say; about " in found.found


@pytest.mark.parametrize("two_sided", [True, False])
@pytest.mark.parametrize(
    ("right", "count", "outcome"),
    [
        (0.5, 10, CheckOutcome.NOT_MEASURED),  # reaches .5 + 2.58 * .5 / sqrt(10) = .91
        (0.5, 40, CheckOutcome.PASSED),  # .5 + 2.58 * .5 / sqrt(40) = .70
        (0.6, 40, CheckOutcome.NOT_MEASURED),  # .80
        (0.6, 400, CheckOutcome.PASSED),  # .66
        (0.65, 40, CheckOutcome.NOT_MEASURED),  # .65 - .19 = .46: it may be one half
        (0.65, 400, CheckOutcome.FAILED),  # .59
    ],
)
def test_a_gate_passes_near_one_half_with_an_interval_that_says_so(
    right: float, count: int, outcome: CheckOutcome, two_sided: bool
) -> None:
    ones = round(right * count)
    rows = np.array([1.0] * ones + [0.0] * (count - ones))
    assert gate("made up", measured("made up", rows, np.arange(count)), Rule(two_sided)).outcome is outcome
    turned_round = gate("made up", measured("made up", 1 - rows, np.arange(count)), Rule(two_sided))
    assert turned_round.outcome is (outcome if two_sided or count == 10 else CheckOutcome.PASSED)


def test_as_many_questions_as_a_gate_asks_for_are_about_enough() -> None:
    """At one half, .25 = 2.576 * .5 / sqrt(n) gives n = 27: 17 more than ten."""
    found = gate("made up", measured("made up", np.array([1.0, 0.0] * 5), np.arange(10)), Rule(two_sided=False))
    more = int(found.found.split("about ")[1].split()[0])
    assert 12 <= more <= 24


BAND = Rule(two_sided=True, reach=MARGIN)


@pytest.mark.parametrize(
    ("right", "count", "outcome"),
    [
        (0.5, 80, CheckOutcome.NOT_MEASURED),  # .5 + 1.96 * .5 / sqrt(80) = .61
        (0.5, 120, CheckOutcome.PASSED),  # .59
        (0.55, 200, CheckOutcome.NOT_MEASURED),  # .62
        (0.55, 500, CheckOutcome.PASSED),  # .594
        (0.62, 50, CheckOutcome.NOT_MEASURED),  # .62 - .135 = .485: it may be one half
        (0.62, 100, CheckOutcome.FAILED),  # .525
        (0.59, 5000, CheckOutcome.NOT_MEASURED),  # .604
    ],
)
def test_a_band_passes_with_its_whole_interval_inside(right: float, count: int, outcome: CheckOutcome) -> None:
    """At 95 %; either way round."""
    ones = round(right * count)
    rows = np.array([1.0] * ones + [0.0] * (count - ones))
    for turned in (rows, 1 - rows):
        assert gate("made up", measured("made up", turned, np.arange(count), level=0.95), BAND).outcome is outcome


def test_a_figure_on_the_bound_of_its_band_is_never_enough() -> None:
    rows = np.array([1.0] * 60 + [0.0] * 40)
    found = gate("made up", measured("made up", rows, np.arange(100), level=0.95), BAND)
    assert found.outcome is CheckOutcome.NOT_MEASURED
    assert found.found.endswith("no number of questions would do if the figure stayed so")


def test_what_is_doubtful_does_not_pass_and_still_fails() -> None:
    half = measured("made up", np.array([1.0, 0.0] * 100), np.arange(200), level=0.95)._replace(doubt="half asleep")
    found = gate("made up", half, BAND)
    assert (found.outcome, found.found.endswith(": half asleep")) == (CheckOutcome.NOT_MEASURED, True)
    all_right = measured("made up", np.ones(200), np.arange(200), level=0.95)._replace(doubt="half asleep")
    assert gate("made up", all_right, BAND).outcome is CheckOutcome.FAILED


def test_two_answers_that_differ_in_case_alone_are_named() -> None:
    data = made(sound, SIDES_ONLY)
    one = data.questions[0]
    alike = (one.answers[0], one.answers[1].model_copy(update={"text": f"  {one.answers[0].text.upper()}"}))
    broken = data._replace(questions=[one.model_copy(update={"answers": alike}), *data.questions[1:]])
    assert "answers-differ" in _failed(_audit(broken))


def test_a_mark_is_seen_in_a_study_of_three_dimensions() -> None:
    """Too few sets to resample: the scenarios decide."""
    three = DIMENSIONS[:3]
    assert "high_side" in _failed(_audit(made(on_high(CHANGES["a stock phrase"]), SIDES_ONLY, three)))
    assert "high_side" in _having(_audit(made(sound, SIDES_ONLY, three)), CheckOutcome.PASSED)


def test_what_cannot_be_measured_has_not_passed() -> None:
    """Trade-offs of three dimensions all share one with each other: there is nothing to train on."""
    result = _audit(made(sound, (Recipe.TRADEOFF,), DIMENSIONS[:3]))
    assert _having(result, CheckOutcome.NOT_MEASURED) == {"first_side"}
    assert in_words(result)[0].startswith("NOT MEASURED first_side: found no questions of other dimensions")


def test_a_recipe_without_questions_is_not_judged() -> None:
    """Nor is there a line on it."""
    result = _audit(made(sound, SIDES_ONLY))
    assert {"high_side", "length", "position", "sides_written_for"} <= {check.name for check in result.checks}
    others = {name for recipe in (Recipe.TRADEOFF, Recipe.PAPER) for name in NAMES[recipe].values()}
    assert not others & ({check.name for check in result.checks} | set(result.baselines))


def test_a_mark_on_six_in_ten_high_sides_is_enough() -> None:
    def plant(text: str, ahead: bool, own: bool) -> str:
        return marked(text, ahead, own) if uniform("six in ten", text) < 0.6 else text

    marked = on_high(CHANGES["a stock phrase"])
    assert "high_side" in _failed(_audit(made(plant, SIDES_ONLY)))


def _straddle(data: Made) -> Made:
    broken = data.instances[0].model_copy(update={"split": "train"})
    return data._replace(instances=[broken, *data.instances[1:]])


def _same_expected_twice(data: Made) -> Made:
    first, second = data.instances[:2]
    broken = second.model_copy(update={"expected": first.expected, "expected_side": first.expected_side})
    return data._replace(instances=[first, broken, *data.instances[2:]])


def _lost_half(data: Made) -> Made:
    return data._replace(instances=data.instances[1:])


def _one_person_twice(data: Made) -> Made:
    first, second = data.instances[:2]
    broken = second.model_copy(update={"respondent_id": first.respondent_id})
    return data._replace(instances=[first, broken, *data.instances[2:]])


def _abroad(data: Made) -> Made:
    return data._replace(instances=[data.instances[0].model_copy(update={"country": "NG"}), *data.instances[1:]])


def _strange_counterpart(data: Made) -> Made:
    broken = data.instances[0].model_copy(update={"counterpart": data.instances[5].id})
    return data._replace(instances=[broken, *data.instances[1:]])


def _text_in_two_splits(data: Made) -> Made:
    other = data.questions[1].model_copy(update={"text": data.questions[0].text.upper(), "split": "train"})
    return data._replace(questions=[data.questions[0], other, *data.questions[2:]])


def _person_in_two_splits(data: Made) -> Made:
    moved = data.instances[-1].model_copy(update={"respondent_id": data.instances[0].respondent_id, "split": "train"})
    return data._replace(instances=[*data.instances[:-1], moved])


@pytest.mark.parametrize(
    ("spoil", "checks"),
    [
        (_straddle, {"pair-same-split", "instance-fits-question"}),
        (_same_expected_twice, {"pair-opposite-answers"}),
        (_lost_half, {"pair-two-instances"}),
        (_one_person_twice, {"pair-two-people"}),
        (_abroad, {"pair-same-country"}),
        (_strange_counterpart, {"pair-mutual"}),
        (_text_in_two_splits, {"texts-one-split", "instance-fits-question"}),
        (_person_in_two_splits, {"pair-same-split", "instance-fits-question", "people-one-split"}),
    ],
)
def test_a_broken_structure_trips_its_check_and_names_who(spoil: Callable[[Made], Made], checks: set[str]) -> None:
    result = _audit(spoil(made(sound, SIDES_ONLY)))
    assert _failed(result) == checks
    assert all(", e.g. " in check.found for check in result.checks if check.name in checks)


def test_nothing_at_all_is_an_audit_of_nothing() -> None:
    result = audit([], [], [])
    assert _failed(result) == set()
    assert _having(result, CheckOutcome.NOT_MEASURED) == {"questions"}
    assert {one.n for one in result.baselines.values()} == {0}
    assert all(one.undefined for one in result.baselines.values())
