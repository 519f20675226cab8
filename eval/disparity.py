"""Whether a model does alike in every country: the spread between countries, less what chance explains."""

from collections import defaultdict

import numpy as np

from eval.metrics import HEADLINES
from eval.scores import PairScores
from mvpbench.statistics.permutation import between_groups
from schemas.evaluation import Ablation, EvalResult, ModelSpec
from schemas.identity import seed


def disparity(scores: PairScores, spec: ModelSpec, ablation: Ablation) -> list[EvalResult]:
    """Return `between_country_sd` (of pair accuracy, by moments) and `between_country_p` (its permutation p).

    Over components, exchanged between countries within a language. A component that spans countries, through a question
    text they share, belongs to none and is left out; a country counts from two components on.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for place, component in enumerate(scores.sample.component.tolist()):
        members[component].append(place)
    sums, countries, languages, kept = [], [], [], []
    right = scores.score.sum(axis=1)
    for places in members.values():
        instances = [scores.sample.pairs[place][0].instance for place in places]
        if len({instance.country for instance in instances}) == 1:
            sums.append((right[places].sum(), 2 * len(places)))
            countries.append(instances[0].country or "?")
            languages.append(instances[0].language)
            kept += places
    draw = seed("between countries")
    spread = between_groups(np.array(sums, dtype=np.float64).reshape(-1, 2), countries, languages, draw)
    reason = None if spread.sd is not None else "fewer than two countries with two independent groups"
    people = {case.instance.respondent_id for place in kept for case in scores.sample.pairs[place]}

    def result(metric: str, value: float | None) -> EvalResult:
        return EvalResult(
            model=spec.name,
            stage=spec.stage,
            headline=HEADLINES.get(ablation),
            ablation=ablation,
            metric=metric,
            value=value,
            undefined=reason,
            instances=2 * len(kept),
            respondents=len(people),
            components=len(sums),
            seed=spec.seed,
        )

    return [result("between_country_sd", spread.sd), result("between_country_p", spread.p)]
