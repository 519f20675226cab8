"""What complete pairs must be: checks that hold or name who breaks them.

On pairs that hold, a scorer that ignores the person gets exactly one half, whatever it prefers; no statistics is needed
to know it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from builder.normal_form import normal_form
from schemas.questions import Instance, Question, Scope
from schemas.results import AuditCheck, CheckOutcome

NAMED = 3
"""Offenders named in a check."""

Couple = tuple[Instance, Instance]


class _Rule(NamedTuple):
    expected: str
    holds: Callable[[Instance, Instance, Mapping[str, str]], bool]
    """Of the two instances of a pair and the texts of all answers, in a plain form, by id."""


PAIR_RULES: Mapping[str, _Rule] = {
    "pair-same-question": _Rule("one question for both", lambda a, b, _: a.question_id == b.question_id),
    "pair-two-people": _Rule("two different people", lambda a, b, _: a.respondent_id != b.respondent_id),
    "pair-same-country": _Rule(
        "one country for both, unless matched within a region",
        lambda a, b, _: a.scope is not Scope.COUNTRY or (a.country is not None and a.country == b.country),
    ),
    "pair-same-scope": _Rule("one scope for both", lambda a, b, _: a.scope is b.scope is not Scope.NONE),
    "pair-same-language": _Rule("one language for both", lambda a, b, _: a.language == b.language),
    "pair-same-split": _Rule("both in one split", lambda a, b, _: a.split is b.split),
    "pair-opposite-answers": _Rule(
        "opposite expected answers, different in text and in side",
        lambda a, b, text: (
            text.get(a.expected, a.expected) != text.get(b.expected, b.expected) and a.expected_side != b.expected_side
        ),
    ),
    "pair-mutual": _Rule(
        "each the counterpart of the other", lambda a, b, _: a.counterpart == b.id and b.counterpart == a.id
    ),
}


def structure_checks(questions: Sequence[Question], instances: Sequence[Instance]) -> list[AuditCheck]:
    """Return one check a rule, in a fixed order; a pair of one or three fails `pair-two-instances` alone."""
    texts = {answer.id: normal_form(answer.text) for question in questions for answer in question.answers}
    pairs: dict[str, list[Instance]] = defaultdict(list)
    for instance in instances:
        if instance.pair_id is not None:
            pairs[instance.pair_id].append(instance)
    couples: dict[str, Couple] = {
        pair: (members[0], members[1])
        for pair, members in pairs.items()
        if len(members) == 2  # noqa: PLR2004 - a couple
    }
    checks = [
        _check("instance-once", [one.id for one in instances], _repeated(one.id for one in instances), "each id once"),
        _check("pair-two-instances", pairs, [pair for pair in pairs if pair not in couples], "two instances a pair"),
    ]
    for name, rule in PAIR_RULES.items():
        broken = [pair for pair, (one, other) in couples.items() if not rule.holds(one, other, texts)]
        checks.append(_check(name, couples, broken, rule.expected))
    alone = [one.id for one in instances if (one.pair_id is None) is not (one.scope is Scope.NONE)]
    checks.append(_check("scope-of-pairs", instances, alone, "a scope where there is a pair, none where there is none"))
    known = {question.id: question for question in questions}
    misfits = [one.id for one in instances if not _fits(one, known.get(one.question_id))]
    checks.append(
        _check("instance-fits-question", instances, misfits, "its question's language, split, recipe and a side of it")
    )
    checks.append(_one_split("people-one-split", ((one.respondent_id, one.split) for one in instances)))
    checks.append(_one_split("texts-one-split", ((normal_form(one.text), one.split) for one in questions)))
    return checks


def _fits(instance: Instance, question: Question | None) -> bool:
    if question is None:
        return False
    same = (instance.language, instance.split, instance.recipe, instance.dimensions) == (
        question.language,
        question.split,
        question.recipe,
        question.dimensions,
    )
    return same and any(
        (answer.id, answer.side) == (instance.expected, instance.expected_side) for answer in question.answers
    )


def _one_split(name: str, members: Iterable[tuple[str, str]]) -> AuditCheck:
    splits: dict[str, set[str]] = defaultdict(set)
    for member, split in members:
        splits[member].add(split)
    return _check(name, splits, [member for member, found in splits.items() if len(found) > 1], "each in one split")


def _check(name: str, subjects: Iterable[object], broken: Sequence[str], expected: str) -> AuditCheck:
    total = sum(1 for _ in subjects)
    examples = f", e.g. {', '.join(broken[:NAMED])}" if broken else ""
    outcome = CheckOutcome.FAILED if broken else CheckOutcome.PASSED
    found = f"{len(broken):,} of {total:,} break it{examples}"
    return AuditCheck(name=name, outcome=outcome, found=found, expected=expected)


def _repeated(ids: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    twice = []
    for one in ids:
        if one in seen:
            twice.append(one)
        seen.add(one)
    return twice
