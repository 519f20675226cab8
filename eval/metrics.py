"""From predictions to `EvalResult` records: pair accuracy against one half, what it is made of, and by group.

Every metric is a ratio of sums over complete pairs; its interval resamples components of (respondent, pair, question),
so no pair is ever broken. Breakdowns are over all test pairs, reviewed or not; the primary figure is the group
`label: confirmed` where people reviewed, else all pairs. A question that adjudicators ruled to be repaired or dropped
takes its pairs out of that group, whatever raters said of them.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from eval.cases import pair_label
from eval.scores import Counts, Flags, Numbers, PairScores, Sample
from mvpbench.statistics.bootstrap import Resampling, ratio_interval, share_interval
from schemas.agreement import Estimate
from schemas.errors import Defect
from schemas.evaluation import Ablation, EvalResult, Headline, ModelSpec
from schemas.identity import seed

HIDDEN_BELOW = 10
"""People in a country below which its figure is not given: its interval would not hold what it says."""
FLAGGED_BELOW = 30
LENGTH_TOLERANCE = 0.1
"""Answers whose token counts differ by at most this share of the longer one count as equally long."""

HEADLINES: Mapping[Ablation, Headline] = {Ablation.FULL: Headline.USE, Ablation.CONTEXT: Headline.INFERENCE}

Group = dict[str, str]
Ratio = tuple[Numbers, Numbers]
"""Numerator and denominator, each of shape (pairs,)."""

IN_NATS = frozenset({"expected_logprob_mean", "other_logprob_mean", "margin"})
DIFFERENCES = ("gain_", "excess_")
"""How metrics that compare two scorers begin: they can be negative, all others but those in nats are shares."""

OUTCOMES = ("both_right", "same_answer_twice", "both_wrong", "undecided")
"""Shares of pairs; they sum to 1. `undecided`: a half is tied or missing."""


def ratios(scores: PairScores) -> dict[str, Ratio]:
    """Return every metric of `scores` by name.

    `*_logprob_mean` and `margin` are in nats per instance, over instances with likelihoods;
    `length_controlled_accuracy` is over pairs with equally long answers; `reply_*` are shares of the instances for
    which a reply was generated.
    """
    pairs = np.ones(len(scores.sample.pairs))
    there = ~scores.missing
    decided = (there & (scores.score != 0.5)).all(axis=1)  # noqa: PLR2004 - a tie
    right = scores.score.sum(axis=1)
    outcomes = {
        "both_right": decided & (right == 2),  # noqa: PLR2004 - halves of a pair
        "same_answer_twice": decided & (right == 1),
        "both_wrong": decided & (right == 0),
        "undecided": ~decided,
    }
    longer = np.maximum(scores.expected_tokens, scores.other_tokens)
    alike = np.abs(scores.expected_tokens - scores.other_tokens) <= LENGTH_TOLERANCE * longer
    even = (alike & there).all(axis=1).astype(np.float64)
    known = there.sum(axis=1).astype(np.float64)
    replied = (scores.chose != "").sum(axis=1).astype(np.float64)
    margin = scores.expected_logprob - scores.other_logprob
    return {
        "pair_accuracy": (right, 2 * pairs),
        **{name: (share.astype(np.float64), pairs) for name, share in outcomes.items()},
        "missing_share": (scores.missing.sum(axis=1).astype(np.float64), 2 * pairs),
        "expected_logprob_mean": (np.nansum(scores.expected_logprob, axis=1), known),
        "other_logprob_mean": (np.nansum(scores.other_logprob, axis=1), known),
        "margin": (np.nansum(margin, axis=1), known),
        "length_controlled_accuracy": (right * even, 2 * even),
        **{
            f"reply_{side}": ((scores.chose == side).sum(axis=1).astype(np.float64), replied)
            for side in ("expected", "other", "neither")
        },
    }


def results(scores: PairScores, spec: ModelSpec, ablation: Ablation) -> list[EvalResult]:
    """Return every metric overall, and pair accuracy by group (by domain alone outside the headlines).

    A country with fewer than `HIDDEN_BELOW` people has `value` None and says so; one below `FLAGGED_BELOW` can be told
    by its `respondents`.
    """
    every = ratios(scores)
    found = []
    for group, members in groups(scores.sample, full=ablation in HEADLINES):
        names: Sequence[str] = tuple(every) if not group else ("pair_accuracy",)
        if group.keys() & {"label", "domain"}:
            names = ("pair_accuracy", *OUTCOMES)
        found += [measured(scores.sample, spec, ablation, (name, every[name]), (group, members)) for name in names]
    return found


def measured(
    sample: Sample,
    spec: ModelSpec,
    ablation: Ablation,
    metric: tuple[str, Ratio],
    group: tuple[Group, Flags],
) -> EvalResult:
    """Return one metric over the pairs that `group` holds, with its interval.

    The seed of the resampling depends on the metric and the group, not on the model: models are resampled alike.
    """
    name, (numerator, denominator) = metric
    key, members = group
    pairs = [pair for pair, member in zip(sample.pairs, members, strict=True) if member]
    people = {case.instance.respondent_id for pair in pairs for case in pair}
    component = sample.component[members]
    if "country" in key and len(people) < HIDDEN_BELOW:
        estimate = _undefined(f"hidden: fewer than {HIDDEN_BELOW} people")
    elif not denominator[members].any():
        estimate = _undefined("nothing to measure: no instance counts")
    else:
        draw = seed("eval interval", name, [f"{label}={value}" for label, value in sorted(key.items())])
        bounded = name not in IN_NATS and not name.startswith(DIFFERENCES)
        interval = share_interval if bounded else _ratio_interval
        estimate = interval(numerator[members], denominator[members], component, Resampling(draw))
    return EvalResult(
        model=spec.name,
        stage=spec.stage,
        headline=HEADLINES.get(ablation),
        ablation=ablation,
        metric=name,
        group=key,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        undefined=estimate.undefined,
        instances=2 * len(pairs),
        respondents=len(people),
        components=len(set(component.tolist())),
        seed=spec.seed,
    )


def gain(scores: PairScores, over: Numbers, spec: ModelSpec, ablation: Ablation, metric: str) -> EvalResult:
    """Return mean(score - `over`), paired by instance; `over` (pairs, 2) has another scorer's scores.

    Pairs in which `over` has a NaN are left out. Raises Defect `not-paired` where shapes differ.
    """
    if over.shape != scores.score.shape:
        raise Defect("not-paired", metric, found=str(over.shape), expected=str(scores.score.shape))
    both: Flags = np.isfinite(over.sum(axis=1))
    difference = np.where(both[:, None], scores.score - over, 0.0).sum(axis=1)
    return measured(scores.sample, spec, ablation, (metric, (difference, 2 * both.astype(np.float64))), ({}, both))


def not_measurable(spec: ModelSpec, ablation: Ablation, reason: str) -> EvalResult:
    """Return the result that says why a headline or control has no figure."""
    return EvalResult(
        model=spec.name,
        stage=spec.stage,
        headline=HEADLINES.get(ablation),
        ablation=ablation,
        metric="pair_accuracy",
        value=None,
        undefined=reason,
        instances=0,
        respondents=0,
        components=0,
        seed=spec.seed,
    )


def groups(sample: Sample, *, full: bool) -> Iterator[tuple[Group, Flags]]:
    """Yield each group with the pairs in it: all, by domain and, if `full`, label, recipe, country and dimension.

    A trade-off counts for both of its dimensions.
    """
    yield {}, np.ones(len(sample.pairs), dtype=np.bool_)
    columns: dict[str, list[frozenset[str]]] = {
        "domain": [frozenset({pair[0].instance.domain}) for pair in sample.pairs]
    }
    if full:
        columns["label"] = [frozenset({pair_label(pair)}) for pair in sample.pairs]
        columns["recipe"] = [frozenset({pair[0].instance.recipe}) for pair in sample.pairs]
        columns["country"] = [frozenset({pair[0].instance.country or "?"}) for pair in sample.pairs]
        columns["dimension"] = [frozenset(pair[0].instance.dimensions) for pair in sample.pairs]
    for label, column in columns.items():
        for value in sorted(frozenset().union(*column)):
            yield {label: value}, np.array([value in cell for cell in column], dtype=np.bool_)


def _ratio_interval(numerator: Numbers, denominator: Numbers, component: Counts, draw: Resampling) -> Estimate:
    return ratio_interval(numerator, denominator, component, *draw)


def _undefined(reason: str) -> Estimate:
    return Estimate(value=None, low=None, high=None, undefined=reason)
