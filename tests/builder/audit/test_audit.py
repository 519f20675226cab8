"""The audit: silent on sound questions, and each planted leak trips the gate made for it, and no other."""

from collections.abc import Callable

import numpy as np
import pytest

from builder.audit.measure import gate, measured
from builder.audit.run import audit, in_words
from builder.instances import choices
from schemas.identity import uniform
from schemas.questions import Recipe
from schemas.results import AuditResult, CheckOutcome
from tests.builder.audit.made import DIMENSIONS, Made, Plant, made, sound

pytestmark = pytest.mark.slow

SIDES_ONLY = (Recipe.SIDES,)


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
    assert rows["written_for"] == 288
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


def _marked(high: str) -> Plant:
    def plant(text: str, side: str, _own: bool) -> str:
        return f"{text} {high}" if side.endswith(":high") else text

    return plant


def _marked_own(text: str, _side: str, own: bool) -> str:
    return f"{text} surely" if own else text


def _longer_high(text: str, side: str, _own: bool) -> str:
    return text + " na" * 9 if side.endswith(":high") else text


@pytest.mark.parametrize(
    ("plant", "gate"),
    [
        (_marked("indeed"), "high_side"),
        (_marked("- as everyone knows!"), "high_side"),
        (_longer_high, "length"),
        (_marked_own, "written_for"),
    ],
)
def test_a_planted_leak_trips_its_gate(plant: Plant, gate: str) -> None:
    result = _audit(made(plant, SIDES_ONLY))
    assert gate in _failed(result)
    failures = [line.split()[1] for line in in_words(result) if line.startswith("FAILED ")]
    assert f"{gate}:" in failures
    assert in_words(result)[0].startswith("FAILED ")


def test_a_high_side_that_is_shown_first_trips_the_position_gate() -> None:
    """The order is a hash of the pair: this keeps the pairs where it puts the high side first."""
    data = made(sound, SIDES_ONLY)
    of_id = {question.id: question for question in data.questions}
    first = [one for one in data.instances if choices(of_id[one.question_id], one)[0].side.endswith(":high")]
    assert 40 < len(first) / 2 < 104
    assert "position" in _failed(_audit(data._replace(instances=first)))


def test_eleven_of_fourteen_is_no_pass() -> None:
    """11/14 = .786. With 14 independent questions the 99 % interval is about .79 +- 2.6 * .11: it holds one half."""
    found = gate("length", measured("length", np.array([1.0] * 11 + [0.0] * 3), np.arange(14)), two_sided=True)
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
    assert gate("made up", measured("made up", rows, np.arange(count)), two_sided=two_sided).outcome is outcome
    turned_round = gate("made up", measured("made up", 1 - rows, np.arange(count)), two_sided=two_sided)
    assert turned_round.outcome is (outcome if two_sided or count == 10 else CheckOutcome.PASSED)


def test_as_many_questions_as_a_gate_asks_for_are_about_enough() -> None:
    """At one half, .25 = 2.576 * .5 / sqrt(n) gives n = 27: 17 more than ten."""
    found = gate("made up", measured("made up", np.array([1.0, 0.0] * 5), np.arange(10)), two_sided=False)
    more = int(found.found.split("about ")[1].split()[0])
    assert 12 <= more <= 24


def test_two_answers_that_differ_in_case_alone_are_named() -> None:
    data = made(sound, SIDES_ONLY)
    one = data.questions[0]
    alike = (one.answers[0], one.answers[1].model_copy(update={"text": f"  {one.answers[0].text.upper()}"}))
    broken = data._replace(questions=[one.model_copy(update={"answers": alike}), *data.questions[1:]])
    assert "answers-differ" in _failed(_audit(broken))


def test_a_mark_is_seen_in_a_study_of_three_dimensions() -> None:
    """Too few sets to resample: the scenarios decide."""
    three = DIMENSIONS[:3]
    assert "high_side" in _failed(_audit(made(_marked("indeed"), SIDES_ONLY, three)))
    assert "high_side" in _having(_audit(made(sound, SIDES_ONLY, three)), CheckOutcome.PASSED)


def test_what_cannot_be_measured_has_not_passed() -> None:
    """Trade-offs of three dimensions all share one with each other: there is nothing to train on."""
    result = _audit(made(sound, (Recipe.TRADEOFF,), DIMENSIONS[:3]))
    assert _having(result, CheckOutcome.NOT_MEASURED) == {"first_side"}
    assert in_words(result)[0].startswith("NOT MEASURED first_side: found no questions of other dimensions")


def test_a_recipe_without_questions_is_not_judged() -> None:
    names = {check.name for check in _audit(made(sound, SIDES_ONLY)).checks}
    assert {"high_side", "length", "position", "written_for"} <= names
    assert not any(name.startswith("first_side") for name in names)


def test_a_mark_on_six_in_ten_high_sides_is_enough() -> None:
    def plant(text: str, side: str, _own: bool) -> str:
        return f"{text} indeed" if side.endswith(":high") and uniform("six in ten", text) < 0.6 else text

    assert "high_side" in _failed(_audit(made(plant, SIDES_ONLY)))


def test_a_mark_on_the_first_dimension_of_trade_offs_trips_its_gate() -> None:
    firsts: list[str] = []

    def plant(text: str, side: str, _own: bool) -> str:
        firsts.append(side)
        return f"{text} indeed" if len(firsts) % 2 else text

    assert "first_side" in _failed(_audit(made(plant, (Recipe.TRADEOFF,))))


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
    assert _having(result, CheckOutcome.NOT_MEASURED) == {"written_for"}
    assert {one.n for one in result.baselines.values()} == {0}
    assert all(one.undefined for one in result.baselines.values())
