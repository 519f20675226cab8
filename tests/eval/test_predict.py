"""Predictions are made once for the same texts and weights, and go on after a stop."""

from pathlib import Path

import pytest

from builder.frameworks import load_framework
from eval.asked import Asked, asked
from eval.choices import Choice
from eval.predict import BLOCK, predict
from eval.scores import pair_scores
from schemas.evaluation import Ablation, Stage
from tests.eval.made import SPEC, Counted, made_pair, reads_care

MFQ2 = load_framework("mfq2")


def rows_for(count: int, ablation: Ablation = Ablation.FULL) -> list[Asked]:
    return asked([made_pair(number) for number in range(count)], [], MFQ2, ablation)[0]


def test_a_reader_of_profiles_is_right_about_every_half(tmp_path: Path) -> None:
    made = predict(Counted(reads_care).model, rows_for(4), Ablation.FULL, 0, tmp_path)
    assert all(row.expected_logprob == 1 and row.other_logprob == -1 for row in made)


def test_what_was_computed_is_read_again_under_any_name(tmp_path: Path) -> None:
    first = predict(Counted(reads_care).model, rows_for(4), Ablation.FULL, 2, tmp_path)
    renamed = Counted(reads_care, SPEC.model_copy(update={"name": "other", "stage": Stage.SFT}))
    second = predict(renamed.model, rows_for(4), Ablation.FULL, 2, tmp_path)
    assert renamed.asked == []
    assert renamed.replied == []
    assert [row.model_copy(update={"model": SPEC.name, "stage": SPEC.stage}) for row in second] == first
    assert {(row.model, row.stage) for row in second} == {("other", Stage.SFT)}


def test_other_weights_are_asked_again(tmp_path: Path) -> None:
    predict(Counted(reads_care).model, rows_for(4), Ablation.FULL, 0, tmp_path)
    tuned = Counted(reads_care, SPEC.model_copy(update={"weights_sha256": "1" * 64}))
    predict(tuned.model, rows_for(4), Ablation.FULL, 0, tmp_path)
    assert len(tuned.asked) == 8


def test_an_interrupted_run_goes_on_at_the_block_it_stopped_in(tmp_path: Path) -> None:
    rows = rows_for(BLOCK)

    def stops(choice: Choice) -> tuple[float, float]:
        if choice.first == rows[BLOCK + 3].case.question.answers[0].text:
            raise KeyboardInterrupt
        return reads_care(choice)

    with pytest.raises(KeyboardInterrupt):
        predict(Counted(stops).model, rows, Ablation.FULL, 0, tmp_path)
    again = Counted(reads_care)
    assert len(predict(again.model, rows, Ablation.FULL, 0, tmp_path)) == 2 * BLOCK
    assert len(again.asked) == BLOCK


def test_equal_prompts_are_scored_once_so_that_a_blind_model_ties_nothing_away(tmp_path: Path) -> None:
    pairs = [made_pair(number) for number in range(5)]
    scorer = Counted(lambda choice: (-len(choice.first) - 0.1, -len(choice.second) - 0.2))
    made = predict(scorer.model, asked(pairs, [], MFQ2, Ablation.NONE)[0], Ablation.NONE, 0, tmp_path)
    assert len(scorer.asked) == 5
    assert (pair_scores(pairs, made).score.sum(axis=1) == 1).all()


def test_replies_are_generated_for_the_first_rows_alone(tmp_path: Path) -> None:
    scorer = Counted(reads_care)
    made = predict(scorer.model, rows_for(3), Ablation.FULL, 4, tmp_path)
    assert [row.reply is not None for row in made] == [True] * 4 + [False] * 2
    assert len(scorer.replied) == 4
