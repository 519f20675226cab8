"""What complete pairs must be, for instances of a study and rows of a release alike.

On pairs that hold, a scorer that ignores the person gets exactly one half, whatever it prefers; no statistics is needed
to know it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from schemas.questions import Instance, Scope
from schemas.release import ReleasedInstance
from schemas.values import Split

Half = Instance | ReleasedInstance
H = TypeVar("H", Instance, ReleasedInstance)


class Rule(NamedTuple):
    """One thing that holds between the two halves of every pair."""

    expected: str
    holds: Callable[[Half, Half], bool]


PAIR_RULES: Mapping[str, Rule] = {
    "pair-same-question": Rule(
        "one question for both, on the same dimensions",
        lambda a, b: (a.question_id, a.recipe, a.dimensions) == (b.question_id, b.recipe, b.dimensions),
    ),
    "pair-two-people": Rule("two different people", lambda a, b: a.respondent_id != b.respondent_id),
    "pair-same-country": Rule(
        "one country for both, unless matched within a region",
        lambda a, b: a.scope is not Scope.COUNTRY or (a.country is not None and a.country == b.country),
    ),
    "pair-same-scope": Rule("one scope for both", lambda a, b: a.scope is b.scope is not Scope.NONE),
    "pair-same-language": Rule("one language for both", lambda a, b: a.language == b.language),
    "pair-same-split": Rule("both in one split", lambda a, b: a.split is b.split),
    "pair-opposite-answers": Rule(
        "opposite expected answers, different in side too",
        lambda a, b: a.expected != b.expected and a.expected_side != b.expected_side,
    ),
    "pair-mutual": Rule(
        "each the counterpart of the other", lambda a, b: (a.counterpart, b.counterpart) == (b.id, a.id)
    ),
}


def couples(halves: Iterable[H]) -> tuple[dict[str, tuple[H, H]], dict[str, int]]:
    """Return pair id -> its two halves; and of every pair that has not two, how many it has."""
    pairs: dict[str, list[H]] = defaultdict(list)
    for half in halves:
        if half.pair_id is not None:
            pairs[half.pair_id].append(half)
    two = {pair: (members[0], members[1]) for pair, members in pairs.items() if len(members) == 2}  # noqa: PLR2004 - a couple
    return two, {pair: len(members) for pair, members in pairs.items() if pair not in two}


def misfits(halves: Iterable[H]) -> list[H]:
    """Return those who have one or two of pair, counterpart and scope: all three go together."""
    return [one for one in halves if len({one.pair_id is None, one.counterpart is None, one.scope is Scope.NONE}) > 1]


def straddling(members: Iterable[tuple[str, Split]]) -> dict[str, Sequence[Split]]:
    """Return who or what is in more than one split, with these in order."""
    splits: dict[str, set[Split]] = defaultdict(set)
    for member, split in members:
        splits[member].add(split)
    return {member: sorted(found) for member, found in splits.items() if len(found) > 1}
