"""An evaluation as a whole: every ablation, comparisons, and what cannot be measured."""

from pathlib import Path

import pytest

from eval.cases import Case, Pair
from eval.run import baseline_scores, compared, evaluate, exam
from schemas.errors import InputError
from schemas.evaluation import Ablation, EvalResult, Stage
from schemas.study import EvalSection
from schemas.values import Split
from tests.eval.made import SPEC, Counted, made_pair, reads_care

BASE = SPEC
TUNED = SPEC.model_copy(update={"name": "tuned", "stage": Stage.SFT, "weights_sha256": "1" * 64, "seed": 1})


def everyone(pairs: list[Pair]) -> list[Case]:
    return [case for pair in pairs for case in pair]


def made_cases(count: int, values: tuple[str, ...] = ("care", "purity", "loyalty")) -> list[Case]:
    train = [made_pair(number, split=Split.TRAIN, values=values) for number in range(12)]
    return everyone(train) + everyone([made_pair(number, values=values) for number in range(count)])


def accuracy(results: tuple[EvalResult, ...], ablation: Ablation) -> EvalResult:
    return next(
        result
        for result in results
        if result.ablation is ablation and result.metric == "pair_accuracy" and not result.group
    )


def test_a_reader_of_values_is_right_with_them_and_at_one_half_without(tmp_path: Path) -> None:
    paper = exam(made_cases(20), EvalSection())
    found = evaluate(Counted(reads_care).model, paper, tmp_path, lambda _line: None)
    assert accuracy(found.results, Ablation.FULL).value == 1
    blind = [accuracy(found.results, one).value for one in (Ablation.CONTEXT, Ablation.COUNTRY, Ablation.NONE)]
    assert blind == [0.5, 0.5, 0.5]
    assert {result.respondents for result in found.results if not result.group} <= {40}


def test_inference_is_not_measurable_where_nothing_else_is_known(tmp_path: Path) -> None:
    paper = exam(made_cases(3, values=("care",)), EvalSection())
    found = evaluate(Counted(reads_care).model, paper, tmp_path, lambda _line: None)
    inference = accuracy(found.results, Ablation.CONTEXT)
    assert inference.value is None
    assert inference.undefined == "not measurable: the source holds nothing else about these people"
    assert found.dropped == {"context: nothing-else-known": 3}


def test_no_more_pairs_are_asked_than_the_study_says(tmp_path: Path) -> None:
    paper = exam(made_cases(9), EvalSection(max_pairs=4, replies=2))
    scorer = Counted(reads_care)
    found = evaluate(scorer.model, paper, tmp_path, lambda _line: None, (Ablation.FULL,))
    assert paper.test_pairs == 9
    assert len(found.predictions) == len(scorer.asked) == 8
    assert len(scorer.replied) == 2


def test_a_release_without_test_pairs_is_refused() -> None:
    with pytest.raises(InputError, match="no complete same-country pair"):
        exam(everyone([made_pair(0, split=Split.TRAIN)]), EvalSection())


def test_models_are_compared_with_the_first_and_with_the_baselines(tmp_path: Path) -> None:
    paper = exam(made_cases(20), EvalSection(replies=0))
    blind = evaluate(Counted(lambda _choice: (-1.0, -2.0)).model, paper, tmp_path, lambda _line: None)
    reader = evaluate(Counted(reads_care, TUNED).model, paper, tmp_path, lambda _line: None)
    found = {
        (result.model, result.ablation, result.metric): result.value
        for result in compared([blind, reader], baseline_scores(paper), paper)
    }
    assert found["baseline:majority", Ablation.NONE, "baseline_accuracy"] == 0.5
    assert found["tuned", Ablation.FULL, "gain_over_base"] == 0.5
    assert found["tuned", Ablation.FULL, "excess_over_majority"] == 0.5
    assert found["made-up", Ablation.FULL, "excess_over_majority"] == 0
    assert ("made-up", Ablation.FULL, "gain_over_base") not in found
    # twelve training questions are too few to fit the author baseline
    assert found["baseline:author", Ablation.NONE, "baseline_accuracy"] is None
