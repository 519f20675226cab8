"""Which instances are annotated, and by which slot: the declared sample of complete pairs, blind and balanced.

A pair's two instances share their texts and have opposite expected answers, so a rater who saw both would judge the
second by the first. Every slot therefore gets exactly one member of every sampled pair: all slots have the same amount
of work, whatever the number of slots. With three slots one member of a pair (drawn by hash) has two raters and the
other has one, so half of the instances carry the agreement; with four, every instance has two raters; with 2k, k. One
question may serve several pairs, so at most one of these enters the sample: else the same texts would reach one rater
with opposite expectations after all.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest

from annotation.person import assignment
from schemas.annotation import Assignment
from schemas.identity import digest, uniform
from schemas.questions import Dropped, Instance, Question, Scope
from schemas.values import Split

STAGE = "assign"
SPLITS = (Split.TEST, Split.VALIDATION, Split.TRAIN)
"""Pairs of the test split first: the primary figure is computed there."""

Pair = tuple[Instance, Instance]


def slot_ids(slots: int) -> tuple[str, ...]:
    """Return the names of the person task's slots: `person-1` and so on."""
    return tuple(f"person-{number}" for number in range(1, slots + 1))


def assign(
    instances: Sequence[Instance],
    questions: Mapping[str, Question],
    profiles: Mapping[str, str],
    pairs: int,
    slots: int,
    keep: Iterable[str] = (),
) -> tuple[list[Assignment], list[Dropped]]:
    """Return the assignments, in slot order, and every instance left out with its reason.

    Depends on the instances' content alone, not on their order. `profiles` maps respondents to their profiles in plain
    words. `keep` names pairs already sent to raters: they are taken whatever the hashes say, and count. Fewer complete
    pairs, or fewer questions, than asked for: all are taken, one pair a question.
    """
    complete, dropped = _complete_pairs(instances)
    sample, left = _sampled(_ranked(complete), pairs, frozenset(keep))
    dropped += left
    names = slot_ids(slots)
    assigned = [
        assignment(instance, questions[instance.question_id], profiles[instance.respondent_id], slot)
        for pair in sample
        for slot, instance in _members(pair, names)
    ]
    return sorted(assigned, key=lambda one: (names.index(one.slot), one.uid)), dropped


def _members(pair: Pair, slots: Sequence[str]) -> Iterator[tuple[str, Instance]]:
    """Yield each slot with the member it judges: a random half of the slots, by hash, gets the first member."""
    turned = sorted(slots, key=lambda slot: digest("annotation-slot", pair[0].pair_id, slot))
    larger = (len(slots) + 1) // 2
    first, second = pair if uniform("annotation-twice", pair[0].pair_id) < 1 / 2 else reversed(pair)
    for rank, slot in enumerate(turned):
        yield slot, first if rank < larger else second


def _sampled(ranked: Sequence[Pair], size: int, keep: frozenset[str]) -> tuple[list[Pair], list[Dropped]]:
    """Return the kept pairs and the first others up to `size`, no question twice, and the instances left out."""
    sample = [pair for pair in ranked if pair[0].pair_id in keep]
    taken = {pair[0].question_id for pair in sample}
    left: list[tuple[Pair, str]] = []
    for pair in ranked:
        if pair[0].pair_id in keep:
            continue
        if pair[0].question_id in taken:
            left.append((pair, "question-sampled"))
        elif len(sample) >= size:
            left.append((pair, "not-sampled"))
        else:
            sample.append(pair)
            taken.add(pair[0].question_id)
    return sample, [
        Dropped(stage=STAGE, subject=one.id, reason=reason, detail=f"the sample holds {len(sample)} pairs")
        for pair, reason in left
        for one in pair
    ]


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


def _ranked(pairs: Iterable[Pair]) -> list[Pair]:
    """Return the pairs in the order in which they enter a sample: the sample of n is the first n.

    Split by split; within a split the strata (country, recipe) take turns, so that a small country gets as many as a
    large one until it has no more; within a stratum, and among strata in a turn, by hash.
    """
    strata: dict[tuple[Split, str, str], list[Pair]] = defaultdict(list)
    for pair in pairs:
        strata[(pair[0].split, str(pair[0].country), pair[0].recipe)].append(pair)
    ranked: list[Pair] = []
    for split in SPLITS:
        queues = [
            sorted(strata[key], key=lambda pair: digest("annotation-sample", pair[0].pair_id))
            for key in sorted(strata, key=lambda key: digest("annotation-stratum", *key))
            if key[0] is split
        ]
        ranked += [pair for turn in zip_longest(*queues) for pair in turn if pair is not None]
    return ranked
