"""Pair accuracy and what it is made of, by hand and by the laws it must obey."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.cases import Pair, drawn, pair_label
from eval.disparity import disparity
from eval.metrics import OUTCOMES, gain, measured, ratios, results
from eval.scores import PairScores, pair_scores, sample_of
from schemas.errors import Defect
from schemas.evaluation import Ablation, EvalResult, Headline
from schemas.identity import digest
from schemas.labels import LabelStatus, Ruling
from tests.eval.made import SPEC, made_pair, predictions

Like = tuple[float, float]
RIGHT, WRONG, TIE = (-1.0, -2.0), (-2.0, -1.0), (-1.0, -1.0)

likes = st.tuples(st.floats(-50, 0), st.floats(-50, 0))
pair_likes = st.lists(st.tuples(likes, likes), min_size=1, max_size=12)


def value(found: list[EvalResult], metric: str, **group: str) -> EvalResult:
    return next(result for result in found if result.metric == metric and result.group == group)


def scored(both: Sequence[tuple[Like | None, Like | None]]) -> PairScores:
    pairs = [made_pair(number) for number in range(len(both))]
    return pair_scores(pairs, predictions(pairs, both))


def share(metric: str, both: Sequence[tuple[Like, Like]]) -> float:
    numerator, denominator = ratios(scored(both))[metric]
    return float(numerator.sum() / denominator.sum())


def test_outcomes_by_hand() -> None:
    both = [(RIGHT, RIGHT), (RIGHT, WRONG), (WRONG, WRONG), (RIGHT, TIE), (RIGHT, None)]
    found = results(scored(both), SPEC, Ablation.FULL)
    # scores: 2 + 1 + 0 + 1.5 + 1 of 10 halves
    assert value(found, "pair_accuracy").value == pytest.approx(0.55)
    assert [value(found, name).value for name in OUTCOMES] == [0.2, 0.2, 0.2, 0.4]
    assert value(found, "missing_share").value == 0.1
    # margins of the nine halves that are there: five of 1, one of 0, three of -1
    assert value(found, "margin").value == pytest.approx(2 / 9)
    assert value(found, "pair_accuracy").instances == 10
    assert value(found, "pair_accuracy").headline is Headline.USE


def test_length_control_keeps_pairs_with_equally_long_answers() -> None:
    pairs = [made_pair(0), made_pair(1)]
    made = predictions(pairs, [(RIGHT, RIGHT), (WRONG, WRONG)])
    # 10 against 12 tokens differ by a sixth of the longer one
    uneven = [row.model_copy(update={"other_tokens": 12}) for row in made[2:]]
    found = results(pair_scores(pairs, [*made[:2], *uneven]), SPEC, Ablation.FULL)
    assert value(found, "length_controlled_accuracy").value == 1


@given(pair_likes)
def test_swapping_the_two_profiles_of_every_pair_gives_one_minus_accuracy(
    both: list[tuple[Like, Like]],
) -> None:
    # A half that reads the counterpart's profile finds its own answers as likely as the counterpart did: what was
    # expected there is the other answer here.
    swapped = [((second[1], second[0]), (first[1], first[0])) for first, second in both]
    assert share("pair_accuracy", swapped) == pytest.approx(1 - share("pair_accuracy", both))


@given(st.lists(likes, min_size=4, max_size=12))
def test_a_scorer_that_ignores_the_person_is_at_one_half_with_a_point_interval(blind: list[Like]) -> None:
    scores = scored([(like, (like[1], like[0])) for like in blind])
    everything = {}, np.ones(len(blind), dtype=np.bool_)
    ratio = ratios(scores)["pair_accuracy"]
    accuracy = measured(scores.sample, SPEC, Ablation.FULL, ("pair_accuracy", ratio), everything)
    assert (accuracy.value, accuracy.low, accuracy.high) == (0.5, 0.5, 0.5)
    assert accuracy.components == len(blind)


@given(pair_likes)
def test_outcomes_are_shares_of_all_pairs(both: list[tuple[Like, Like]]) -> None:
    assert sum(share(name, both) for name in OUTCOMES) == pytest.approx(1)


def test_half_a_pair_is_a_defect() -> None:
    pairs = [made_pair(0)]
    with pytest.raises(Defect, match="a prediction for i-"):
        pair_scores(pairs, predictions(pairs, [(RIGHT, RIGHT)])[:1])


def test_a_missing_cluster_id_is_a_defect() -> None:
    first, second = made_pair(0)
    loose = first.__class__(
        first.instance.model_copy(update={"pair_id": None}),
        first.question,
        first.profile,
        first.respondent,
        first.label,
    )
    with pytest.raises(Defect, match="no id"):
        sample_of([(loose, second)])


def test_pairs_that_share_a_person_are_one_component() -> None:
    shared = [made_pair(0, people=("r-a", "r-b")), made_pair(1, people=("r-b", "r-c")), made_pair(2)]
    assert sample_of(shared).component.tolist() == [0, 0, 1]


def test_countries_with_few_people_are_hidden_and_nothing_else_is() -> None:
    # nine pairs in KE are 18 people; four pairs in BR are 8
    pairs = [made_pair(number, country="KE" if number < 9 else "BR") for number in range(13)]
    found = results(pair_scores(pairs, predictions(pairs, [(RIGHT, RIGHT)] * 13)), SPEC, Ablation.FULL)
    assert value(found, "pair_accuracy", country="KE").value == 1
    hidden = value(found, "pair_accuracy", country="BR")
    assert (hidden.value, hidden.low, hidden.undefined) == (None, None, "hidden: fewer than 10 people")
    assert value(found, "pair_accuracy", dimension="care").value == 1


def labelled(pair: Pair, *labels: LabelStatus) -> Pair:
    first, second = (
        case.__class__(case.instance, case.question, case.profile, case.respondent, label)
        for case, label in zip(pair, labels, strict=True)
    )
    return first, second


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ((LabelStatus.CONFIRMED, LabelStatus.CONFIRMED), LabelStatus.CONFIRMED),
        ((LabelStatus.CONFIRMED, LabelStatus.UNREVIEWED), LabelStatus.UNREVIEWED),
        ((LabelStatus.CONFIRMED, LabelStatus.CONTESTED), LabelStatus.CONTESTED),
        ((LabelStatus.CANNOT_TELL, LabelStatus.CONTESTED), LabelStatus.CONTESTED),
        ((LabelStatus.CANNOT_TELL, LabelStatus.CONFIRMED), LabelStatus.CANNOT_TELL),
    ],
)
def test_a_pair_is_confirmed_only_where_both_halves_are(
    labels: tuple[LabelStatus, LabelStatus], expected: LabelStatus
) -> None:
    assert pair_label(labelled(made_pair(0), *labels)) is expected


def test_the_primary_figure_is_over_confirmed_pairs() -> None:
    confirmed = labelled(made_pair(0), LabelStatus.CONFIRMED, LabelStatus.CONFIRMED)
    pairs = [confirmed, made_pair(1)]
    found = results(pair_scores(pairs, predictions(pairs, [(RIGHT, RIGHT), (WRONG, WRONG)])), SPEC, Ablation.FULL)
    assert value(found, "pair_accuracy", label="confirmed").value == 1
    assert value(found, "pair_accuracy", label="unreviewed").value == 0
    assert value(found, "pair_accuracy").value == 0.5


@pytest.mark.parametrize(
    ("ruling", "label"), [(Ruling.KEEP, "confirmed"), (Ruling.REPAIR, "repair"), (Ruling.DROP, "drop")]
)
def test_a_question_that_is_ruled_out_takes_its_pair_out_of_the_primary_figure(ruling: Ruling, label: str) -> None:
    ruled = labelled(made_pair(0), LabelStatus.CONFIRMED, LabelStatus.CONFIRMED)
    ruled = (replace(ruled[0], ruling=ruling), replace(ruled[1], ruling=ruling))
    pairs = [ruled, labelled(made_pair(1), LabelStatus.CONFIRMED, LabelStatus.CONFIRMED)]
    found = results(pair_scores(pairs, predictions(pairs, [(WRONG, WRONG), (RIGHT, RIGHT)])), SPEC, Ablation.FULL)
    # Kept: one of two pairs right; ruled out: the other alone.
    assert value(found, "pair_accuracy", label="confirmed").value == (0.5 if ruling is Ruling.KEEP else 1)
    assert value(found, "pair_accuracy", label=label).value == (0.5 if ruling is Ruling.KEEP else 0)
    assert value(found, "pair_accuracy").value == 0.5


def test_pairs_that_are_ruled_out_are_drawn_with_those_that_nobody_reviewed() -> None:
    pairs = [made_pair(number) for number in range(30)]
    ruled = labelled(pairs[7], LabelStatus.CONFIRMED, LabelStatus.CONFIRMED)
    pairs[7] = (replace(ruled[0], ruling=Ruling.DROP), replace(ruled[1], ruling=Ruling.DROP))
    few = [pair[0].instance.pair_id for pair in drawn(pairs, 5)]
    assert few == sorted((pair[0].instance.pair_id for pair in pairs), key=turn)[:5]


def test_reviewed_pairs_are_drawn_first_and_the_rest_by_hash() -> None:
    pairs = [made_pair(number) for number in range(30)]
    pairs[7] = labelled(pairs[7], LabelStatus.CONTESTED, LabelStatus.CONFIRMED)
    few = {pair[0].instance.pair_id for pair in drawn(pairs, 5)}
    rest = sorted((pair[0].instance.pair_id for pair in pairs if pair is not pairs[7]), key=turn)
    assert few == {pairs[7][0].instance.pair_id, *rest[:4]}


def turn(pair_id: str | None) -> str:
    return digest("drawn pairs", pair_id)


def test_a_gain_is_paired_and_leaves_out_what_the_other_cannot_score() -> None:
    pairs = [made_pair(number) for number in range(3)]
    ours = pair_scores(pairs, predictions(pairs, [(RIGHT, RIGHT), (RIGHT, WRONG), (RIGHT, RIGHT)]))
    theirs = pair_scores(pairs, predictions(pairs, [(RIGHT, WRONG), (WRONG, WRONG), (WRONG, WRONG)])).score
    theirs[2] = float("nan")
    found = gain(ours, theirs, SPEC, Ablation.FULL, "gain_over_base")
    assert (found.value, found.instances) == (0.5, 4)


@pytest.mark.slow
def test_disparity_finds_a_planted_one_and_none_where_there_is_none() -> None:
    pairs = [made_pair(number, country="KE" if number % 2 else "BR") for number in range(80)]
    planted = [(RIGHT, RIGHT) if number % 2 else (RIGHT, WRONG) for number in range(80)]
    planted[:2] = [(RIGHT, WRONG), (RIGHT, RIGHT)]
    sd, p = disparity(pair_scores(pairs, predictions(pairs, planted)), SPEC, Ablation.FULL)
    assert sd.value is not None
    assert sd.value > 0.3  # 1.0 against 0.5 is a standard deviation of .35
    assert p.value is not None
    assert p.value < 0.01
    alike = [(RIGHT, RIGHT) if number % 4 < 2 else (RIGHT, WRONG) for number in range(80)]
    sd, p = disparity(pair_scores(pairs, predictions(pairs, alike)), SPEC, Ablation.FULL)
    assert sd.value == 0
    assert p.value == 1
