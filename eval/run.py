"""The evaluation of one model or several: what they are asked, what came of it, and how they compare."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from builder.frameworks import load_framework
from eval.asked import asked
from eval.baselines import BASELINES
from eval.cases import Case, Pair, complete_pairs, drawn
from eval.disparity import disparity
from eval.metrics import HEADLINES, gain, measured, not_measurable, results
from eval.predict import EvaluatedModel, predict
from eval.scores import Flags, Numbers, PairScores, pair_scores, sample_of
from schemas.errors import InputError
from schemas.evaluation import Ablation, EvalResult, ModelSpec, Prediction, Stage
from schemas.questions import Dropped
from schemas.study import EvalSection
from schemas.values import Domain, Split, ValueFramework

Say = Callable[[str], None]

WHY_NOT = {
    "nothing-else-known": "not measurable: the source holds nothing else about these people",
    "nobody-else": "not measurable: fewer than two other people in the same country, language and split",
}


@dataclass(frozen=True)
class Exam:
    """What every model is asked alike."""

    train: tuple[Pair, ...]
    """Pairs of the training split, in-domain countries alone."""
    test: tuple[Pair, ...]
    """Drawn pairs of the test split, in and out of domain."""
    test_pairs: int
    """How many they were drawn from."""
    people: tuple[Case, ...]
    """Whose profiles may be lent to others under `SHUFFLED`."""
    framework: ValueFramework
    replies: int


@dataclass(frozen=True)
class Evaluation:
    """One model's answers to an exam."""

    spec: ModelSpec
    predictions: tuple[Prediction, ...]
    results: tuple[EvalResult, ...]
    scores: Mapping[Ablation, PairScores]
    dropped: Mapping[str, int] = field(default_factory=dict)
    """`ablation: reason` -> pairs."""


def exam(cases: Sequence[Case], section: EvalSection, study: Path | None = None) -> Exam:
    """Return what is asked of a release; `study` is the folder whose own frameworks count.

    Raises:
        InputError: `no-test-pairs`, where no pair of one country is complete in the test split.
    """
    test = complete_pairs(cases, Split.TEST)
    if not test:
        raise InputError(
            "no-test-pairs",
            "evaluation",
            found=f"{len(cases)} instances and no complete same-country pair in the test split",
            expected="at least one",
            way_out="give `profile.splits` in study.yaml a larger test share, or survey more people",
        )
    return Exam(
        train=tuple(pair for pair in complete_pairs(cases, Split.TRAIN) if pair[0].instance.domain is Domain.IN),
        test=tuple(drawn(test, section.max_pairs)),
        test_pairs=len(test),
        people=tuple(case for case in cases if case.instance.split is Split.TEST),
        framework=load_framework(test[0][0].profile.framework, study),
        replies=section.replies,
    )


def evaluate(
    model: EvaluatedModel, paper: Exam, kept: Path, say: Say, ablations: Sequence[Ablation] = tuple(Ablation)
) -> Evaluation:
    """Return the model's predictions and results under each ablation; replies are generated for the headlines.

    Predictions are kept in the folder `kept`: stopped and run again, it goes on, and an unchanged model is not asked
    again. An ablation that no pair can be asked under gives one result without a value that says why.
    """
    predictions: list[Prediction] = []
    found: list[EvalResult] = []
    scores: dict[Ablation, PairScores] = {}
    dropped: dict[str, int] = {}
    for place, ablation in enumerate(ablations, start=1):
        rows, left_out = asked(paper.test, paper.people, paper.framework, ablation)
        for reason, count in _by_reason(left_out).items():
            dropped[f"{ablation}: {reason}"] = count
        if not rows:
            found.append(not_measurable(model.spec, ablation, WHY_NOT[left_out[0].reason]))
            continue
        replies = paper.replies if ablation in HEADLINES else 0
        made = predict(model, rows, ablation, replies, kept)
        predictions += made
        scores[ablation] = pair_scores(paper.test, made)
        found += results(scores[ablation], model.spec, ablation)
        if ablation in HEADLINES:
            found += disparity(scores[ablation], model.spec, ablation)
        say(f"{model.spec.name} {place}/{len(ablations)} {ablation}: {_in_words(scores[ablation])}")
    return Evaluation(model.spec, tuple(predictions), tuple(found), scores, dropped)


def baseline_scores(paper: Exam) -> dict[str, Numbers]:
    """Return the score of every baseline on the exam's test pairs, (pairs, 2); see `eval.baselines`."""
    return {name: baseline(paper.train, paper.test) for name, baseline in BASELINES.items()}


def compared(evaluations: Sequence[Evaluation], baselines: Mapping[str, Numbers], paper: Exam) -> list[EvalResult]:
    """Return the baselines' accuracy, and for each model and headline its excess over them and its gain over the first.

    Differences are paired by instance. Metrics: `baseline_accuracy` (model: `baseline:<name>`), `excess_over_<name>`,
    `gain_over_<stage of the first model>`.
    """
    found = _baseline_results(baselines, paper)
    for evaluation in evaluations:
        for ablation in HEADLINES:
            scores = evaluation.scores.get(ablation)
            if scores is None:
                continue
            for name, over in baselines.items():
                found.append(
                    gain(scores, _of(scores, paper.test, over), evaluation.spec, ablation, f"excess_over_{name}")
                )
            first = evaluations[0].scores.get(ablation)
            if evaluation is not evaluations[0] and first is not None:
                metric = f"gain_over_{evaluations[0].spec.stage}"
                over = _of(scores, first.sample.pairs, first.score)
                found.append(gain(scores, over, evaluation.spec, ablation, metric))
    return found


def _baseline_results(baselines: Mapping[str, Numbers], paper: Exam) -> list[EvalResult]:
    sample = sample_of(paper.test)
    found = []
    for name, score in baselines.items():
        known: Flags = np.isfinite(score.sum(axis=1))
        ratio = np.where(known[:, None], score, 0.0).sum(axis=1), 2 * known.astype(np.float64)
        spec = ModelSpec(name=f"baseline:{name}", path=None, stage=Stage.BASE, weights_sha256="")
        ablation = Ablation.DEMOGRAPHICS if name == "demographics" else Ablation.NONE
        found.append(measured(sample, spec, ablation, ("baseline_accuracy", ratio), ({}, known)))
    return found


def _of(scores: PairScores, pairs: Sequence[Pair], values: Numbers) -> Numbers:
    """Return the rows of `values`, one a pair of `pairs`, that belong to the pairs of `scores`; NaN where none does."""
    place = {pair[0].instance.pair_id: index for index, pair in enumerate(pairs)}
    rows = [place.get(pair[0].instance.pair_id) for pair in scores.sample.pairs]
    return np.array([[np.nan] * 2 if row is None else values[row] for row in rows]).reshape(-1, 2)


def _by_reason(dropped: Sequence[Dropped]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in dropped:
        counts[row.reason] = counts.get(row.reason, 0) + 1
    return counts


def _in_words(scores: PairScores) -> str:
    return f"{len(scores.sample.pairs):,} pairs, accuracy {scores.score.mean():.3f}"
