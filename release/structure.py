"""The structure that makes a scorer that ignores the person right in exactly half of the complete pairs."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from schemas.questions import Scope
from schemas.release import ReleasedInstance, ReleasedProfile
from schemas.values import Split

PAIR = 2


def pair_faults(rows: Sequence[ReleasedInstance]) -> list[str]:
    """Return what is wrong with pairs and rows, one line each; computed from the rows alone."""
    faults = [f"{row.id}: {fault}" for row in rows for fault in _row_faults(row)]
    times = Counter(row.id for row in rows)
    faults += [f"{key}: occurs {count} times" for key, count in times.items() if count > 1]
    pairs: dict[str, list[ReleasedInstance]] = defaultdict(list)
    for row in rows:
        if row.pair_id is not None:
            pairs[row.pair_id].append(row)
    for pair_id, members in sorted(pairs.items()):
        if len(members) == PAIR:
            faults += [f"pair {pair_id}: {fault}" for fault in _pair_faults(*members)]
        else:
            faults.append(f"pair {pair_id}: {len(members)} instances instead of two")
    return faults


def split_faults(rows: Sequence[ReleasedInstance], profiles: Sequence[ReleasedProfile]) -> list[str]:
    """Return people and question texts that occur in more than one split, one line each.

    Texts are compared without regard to case, spaces and Unicode form.
    """
    people = [(row.respondent_id, row.split) for row in rows] + [(row.respondent_id, row.split) for row in profiles]
    texts = [(_normal(row.question), row.split) for row in rows]
    faults = [f"respondent {person}: in {_names(splits)}" for person, splits in _straddling(people)]
    return faults + [f"question {text[:60]!r}: in {_names(splits)}" for text, splits in _straddling(texts)]


def _row_faults(row: ReleasedInstance) -> Iterator[str]:
    if row.choices[row.label] != row.expected_answer or row.choices[1 - row.label] != row.other_answer:
        yield "label and choices do not say which answer is expected"
    if row.expected == row.other or row.expected_side == row.other_side or row.expected_answer == row.other_answer:
        yield "the two answers are one"
    if (row.pair_id is None, row.counterpart is None, row.scope is Scope.NONE) not in {(True,) * 3, (False,) * 3}:
        yield "pair, counterpart and scope do not go together"


def _pair_faults(first: ReleasedInstance, second: ReleasedInstance) -> Iterator[str]:
    same = ("question_id", "question", "choices", "recipe", "dimensions", "split", "language", "scope")
    yield from (f"different {name}" for name in same if getattr(first, name) != getattr(second, name))
    if (first.expected, first.other) != (second.other, second.expected):
        yield "expected answers are not opposite"
    if (first.expected_side, first.other_side) != (second.other_side, second.expected_side):
        yield "expected sides are not opposite"
    if (first.counterpart, second.counterpart) != (second.id, first.id):
        yield "not each other's counterpart"
    if first.respondent_id == second.respondent_id:
        yield "one respondent twice"
    if first.scope is Scope.COUNTRY and (first.country is None or first.country != second.country):
        yield f"countries {first.country} and {second.country}"


def _straddling(cases: Iterable[tuple[str, Split]]) -> list[tuple[str, set[Split]]]:
    splits: dict[str, set[Split]] = defaultdict(set)
    for what, split in cases:
        splits[what].add(split)
    return sorted((what, found) for what, found in splits.items() if len(found) > 1)


def _normal(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _names(splits: Iterable[Split]) -> str:
    return " and ".join(sorted(splits))
