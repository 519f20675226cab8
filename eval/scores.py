"""How one model did on complete pairs under one ablation, as arrays from which every metric is a ratio of sums."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.cases import Case, Pair
from mvpbench.statistics.components import components
from schemas.errors import Defect
from schemas.evaluation import Prediction

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]

TIE = 0.5


@dataclass(frozen=True)
class Sample:
    """Complete pairs, and to which independent group each belongs."""

    pairs: tuple[Pair, ...]
    component: Counts
    """Shape (pairs,). Pairs that share a respondent or a question text, directly or over others, have one number."""


@dataclass(frozen=True)
class PairScores:
    """Arrays of shape (pairs, 2): axis 0 the pair, axis 1 its halves as in the sample."""

    sample: Sample
    score: Numbers
    """1 where the expected answer is likelier, 1/2 for a tie, 0 else and where a likelihood is missing."""
    missing: Flags
    expected_logprob: Numbers
    """Nats over all tokens of the answer; NaN where missing."""
    other_logprob: Numbers
    expected_tokens: Numbers
    other_tokens: Numbers
    chose: NDArray[np.str_]
    """`expected`, `other` or `neither` where a reply was generated, else an empty string."""


def pair_scores(pairs: Sequence[Pair], predictions: Sequence[Prediction]) -> PairScores:
    """Return the scores of the pairs that have predictions, in the order of `pairs`.

    Raises:
        Defect: `broken-pair`, where one half of a pair has a prediction and the other has none; `doubled-prediction`.
    """
    by_instance: dict[str, Prediction] = {}
    for prediction in predictions:
        if prediction.instance_id in by_instance:
            raise Defect("doubled-prediction", f"instance {prediction.instance_id}", expected="one prediction")
        by_instance[prediction.instance_id] = prediction
    kept = tuple(pair for pair in pairs if _whole(pair, by_instance))
    halves = [[by_instance[case.instance.id] for case in pair] for pair in kept]

    def numbers(field: str) -> Numbers:
        values = [[getattr(half, field) for half in pair] for pair in halves]
        return np.array(values, dtype=np.float64).reshape(-1, 2)

    expected, other = numbers("expected_logprob"), numbers("other_logprob")
    missing = np.isnan(expected) | np.isnan(other)
    score = np.where(missing, 0.0, np.where(expected == other, TIE, expected > other))
    return PairScores(
        sample=sample_of(kept),
        score=score,
        missing=missing,
        expected_logprob=np.where(missing, np.nan, expected),
        other_logprob=np.where(missing, np.nan, other),
        expected_tokens=numbers("expected_tokens"),
        other_tokens=numbers("other_tokens"),
        chose=np.array([[half.reply_chose or "" for half in pair] for pair in halves], dtype=np.str_).reshape(-1, 2),
    )


def sample_of(pairs: Sequence[Pair]) -> Sample:
    """Return the pairs with their components: of instances joined by respondent, pair and question.

    Raises:
        Defect: `missing-cluster`, where an instance lacks one of the three.
    """
    cases: list[Case] = [case for pair in pairs for case in pair]
    joined = components(
        [case.instance.respondent_id for case in cases],
        [case.instance.pair_id for case in cases],
        [case.instance.question_id for case in cases],
    )
    return Sample(tuple(pairs), joined[::2])


def _whole(pair: Pair, by_instance: Mapping[str, Prediction]) -> bool:
    there = [case.instance.id for case in pair if case.instance.id in by_instance]
    if len(there) == 1:
        raise Defect(
            "broken-pair",
            f"pair {pair[0].instance.pair_id}",
            found=f"a prediction for {there[0]} alone",
            expected="predictions for both halves or none",
        )
    return bool(there)
