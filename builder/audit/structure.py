"""The rules of `builder.pairs` and what else a study's tables must be: checks that hold or name who breaks them."""

from collections.abc import Iterable, Sequence

from builder.normal_form import normal_form
from builder.pairs import PAIR_RULES, couples, misfits, straddling
from schemas.questions import Instance, Question
from schemas.results import AuditCheck, CheckOutcome
from schemas.values import Split

NAMED = 3
"""Offenders named in a check."""


def structure_checks(questions: Sequence[Question], instances: Sequence[Instance]) -> list[AuditCheck]:
    """Return one check a rule, in a fixed order; a pair of one or three fails `pair-two-instances` alone."""
    two, odd = couples(instances)
    checks = [
        _check("instance-once", [one.id for one in instances], _repeated(one.id for one in instances), "each id once"),
        _check("pair-two-instances", [*two, *odd], list(odd), "two instances a pair"),
    ]
    for name, rule in PAIR_RULES.items():
        broken = [pair for pair, halves in two.items() if not rule.holds(*halves)]
        checks.append(_check(name, two, broken, rule.expected))
    alone = [one.id for one in misfits(instances)]
    checks.append(_check("scope-of-pairs", instances, alone, "pair, counterpart and scope together or none of them"))
    known = {question.id: question for question in questions}
    strange = [one.id for one in instances if not _fits(one, known.get(one.question_id))]
    checks.append(
        _check("instance-fits-question", instances, strange, "its question's language, split, recipe and a side of it")
    )
    alike = [one.id for one in questions if normal_form(one.answers[0].text) == normal_form(one.answers[1].text)]
    checks.append(_check("answers-differ", questions, alike, "two answers that differ in more than case and spaces"))
    checks.append(_one_split("people-one-split", [(one.respondent_id, one.split) for one in instances]))
    checks.append(_one_split("texts-one-split", [(normal_form(one.text), one.split) for one in questions]))
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


def _one_split(name: str, members: Sequence[tuple[str, Split]]) -> AuditCheck:
    broken = straddling(members)
    return _check(name, {member for member, _ in members}, list(broken), "each in one split")


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
