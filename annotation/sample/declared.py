"""Which pairs are annotated: the declared sample, stratified, a part of it at higher overlap.

One question may serve several pairs, so at most one of these enters the sample: else the same texts would reach one
rater with opposite expectations.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from schemas.identity import digest
from schemas.questions import Dropped, Instance, Scope
from schemas.values import Split

STAGE = "assign"
SPLITS = (Split.TEST, Split.VALIDATION, Split.TRAIN)
"""Pairs of the test split first: the primary figure is computed there."""

Pair = tuple[Instance, Instance]
Stratum = tuple[Split, str, str, str]
"""Split, country, language, recipe."""


class Sampled(NamedTuple):
    """A pair that is annotated."""

    pair: Pair
    deep: bool
    """Whether it is in the part at higher overlap."""


def sample(
    instances: Sequence[Instance],
    size: int,
    deep_share: float,
    sent: Mapping[str, bool] | None = None,
    taken: Iterable[str] = (),
    countries: Sequence[str] = (),
) -> tuple[list[Sampled], list[Dropped]]:
    """Return the sampled pairs in order, and every instance left out with its reason.

    Depends on the instances' content alone, not on their order.

    Args:
        instances: all of them.
        size: pairs wanted. Fewer complete pairs, or fewer questions: all are taken, one pair a question.
        deep_share: of the pairs of each stratum at higher overlap, spread evenly over its order.
        sent: pairs already in the sample -> whether deep: they are taken as they were, whatever hashes and countries
            say, and count.
        taken: questions that serve no other pair, those of pairs that are gone among them.
        countries: ISO codes; empty: all.
    """
    complete, dropped = _complete_pairs(instances)
    known, used = sent or {}, set(taken)
    kept = [Sampled(pair, known[pair[0].pair_id or ""]) for pair in _ranked(complete) if pair[0].pair_id in known]
    used |= {one.pair[0].question_id for one in kept}
    deep = _deep(complete, deep_share)
    drawn: list[Sampled] = []
    for pair in _ranked(complete):
        if pair[0].pair_id in known:
            continue
        if countries and pair[0].country not in countries:
            dropped += _left_out(pair, "country-not-annotated", size)
        elif pair[0].question_id in used:
            dropped += _left_out(pair, "question-sampled", size)
        elif len(kept) + len(drawn) >= size:
            dropped += _left_out(pair, "not-sampled", size)
        else:
            drawn.append(Sampled(pair, pair[0].pair_id in deep))
            used.add(pair[0].question_id)
    return kept + drawn, dropped


def _left_out(pair: Pair, reason: str, size: int) -> list[Dropped]:
    detail = f"the sample holds {size} pairs"
    return [Dropped(stage=STAGE, subject=one.id, reason=reason, detail=detail) for one in pair]


def _complete_pairs(instances: Sequence[Instance]) -> tuple[list[Pair], list[Dropped]]:
    """Return the same-country pairs with both members, each ordered by id, and the instances in none."""
    members: dict[str, list[Instance]] = defaultdict(list)
    dropped: list[Dropped] = []
    for instance in sorted(instances, key=lambda one: one.id):
        if instance.pair_id is None:
            dropped.append(Dropped(stage=STAGE, subject=instance.id, reason="no-counterpart"))
        elif instance.scope is not Scope.COUNTRY:
            dropped.append(Dropped(stage=STAGE, subject=instance.id, reason="regional-pair"))
        else:
            members[instance.pair_id].append(instance)
    complete: list[Pair] = []
    for pair_id, found in members.items():
        match found:
            case [first, second]:
                complete.append((first, second))
            case _:
                dropped += [
                    Dropped(stage=STAGE, subject=one.id, reason="incomplete-pair", detail=pair_id) for one in found
                ]
    return complete, dropped


def _strata(pairs: Iterable[Pair]) -> dict[Stratum, list[Pair]]:
    """The pairs of each stratum, in the order in which they enter a sample."""
    strata: dict[Stratum, list[Pair]] = defaultdict(list)
    for pair in pairs:
        first = pair[0]
        strata[(first.split, str(first.country), first.language, first.recipe)].append(pair)
    return {
        key: sorted(found, key=lambda pair: digest("annotation-sample", pair[0].pair_id))
        for key, found in strata.items()
    }


def _ranked(pairs: Iterable[Pair]) -> list[Pair]:
    """Return the pairs in the order in which they enter a sample: the sample of n is the first n.

    Split by split; within a split the strata take turns, so that a small country gets as many as a large one until it
    has no more; within a stratum, and among strata in a turn, by hash.
    """
    strata = _strata(pairs)
    ranked: list[Pair] = []
    for split in SPLITS:
        queues = [
            strata[key] for key in sorted(strata, key=lambda key: digest("annotation-stratum", *key)) if key[0] is split
        ]
        ranked += [pair for turn in zip_longest(*queues) for pair in turn if pair is not None]
    return ranked


def _deep(pairs: Iterable[Pair], share: float) -> set[str]:
    """Ids of the pairs at higher overlap: in each stratum's order the k-th where k * share passes a whole number."""
    return {
        pair[0].pair_id or ""
        for found in _strata(pairs).values()
        for rank, pair in enumerate(found)
        if math.floor((rank + 1) * share + 1e-9) > math.floor(rank * share + 1e-9)
    }
