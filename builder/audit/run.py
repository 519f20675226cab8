"""`audit`: the structure of the pairs, what texts and demographics give away, and the gates on it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from builder.audit.measure import Measured, gate
from builder.audit.people import demographics, majority
from builder.audit.structure import structure_checks
from builder.audit.texts import differences, length, position, told_apart, turned, written_for
from builder.run import require_fresh_until
from mvpbench.store.atomic import write_atomic
from mvpbench.store.study import Study, locked
from mvpbench.store.tables import read_table, require_info
from schemas.questions import Instance, Question, Recipe, Scope
from schemas.results import AuditCheck, AuditResult, Baseline, CheckOutcome, Outcome
from schemas.survey import Respondent

AUDIT_VERSION = 3
"""Of the checks and what they ask: raised by hand whenever the same tables would be judged otherwise."""
REPORT = "audit.json"
AUDITED = ("respondents", "questions", "instances")


class _Gated(NamedTuple):
    two_sided: bool
    """Whether falling below one half counts too."""
    recipe: Recipe | None = None
    """The recipe whose questions it is about; without such questions there is nothing to judge."""


GATED: Mapping[str, _Gated] = {
    "high_side": _Gated(two_sided=False, recipe=Recipe.SIDES),
    "first_side": _Gated(two_sided=False, recipe=Recipe.TRADEOFF),
    "written_for": _Gated(two_sided=False),
    "length": _Gated(two_sided=True, recipe=Recipe.SIDES),
    "position": _Gated(two_sided=True, recipe=Recipe.SIDES),
    "first_side_length": _Gated(two_sided=True, recipe=Recipe.TRADEOFF),
    "first_side_position": _Gated(two_sided=True, recipe=Recipe.TRADEOFF),
}


def run_audit(study: Study, say: Callable[[str], None]) -> Outcome[AuditResult]:
    """Return every baseline and check of the study's questions and instances, and write them to reports/audit.json.

    Raises StudyError `table-missing` before `generate`, and `table-stale` where it would make something else now. A
    failed check is a result, not an error.
    """
    with locked(study, "mvpbench audit"):
        require_fresh_until(study, "instances")
        questions = read_table(study.tables, "questions", Question)
        instances = read_table(study.tables, "instances", Instance)
        respondents = read_table(study.tables, "respondents", Respondent)
        say(f"auditing {len(questions):,} questions and {len(instances):,} instances")
        tables = {name: require_info(study.tables, name).content_sha256 for name in AUDITED}
        result = audit(questions, instances, respondents).model_copy(update={"tables": tables})
        write_atomic(study.reports / REPORT, result.model_dump_json(indent=2) + "\n")
    outcomes = Counter(check.outcome for check in result.checks)
    failed, unmeasured = outcomes[CheckOutcome.FAILED], outcomes[CheckOutcome.NOT_MEASURED]
    return Outcome(
        result=result,
        counts={"questions": len(questions), "checks": len(result.checks), "checks failed": failed}
        | ({"checks not measured": unmeasured} if unmeasured else {}),
        outputs=(f"{study.reports.name}/{REPORT}",),
        summary=tuple(in_words(result)),
        next_step="mvpbench annotate serve --detach, then mvpbench annotate push"
        if not failed
        else "mend what failed, then `mvpbench generate` again",
    )


def audit(
    questions: Sequence[Question], instances: Sequence[Instance], respondents: Sequence[Respondent]
) -> AuditResult:
    """Return the baselines by name, and the checks: structure first, then one gate a gated baseline.

    Recipes without questions have no gates. `high_side` (recipe `sides`), `first_side` (recipe `tradeoff`) and `length`
    are on one row a question, `position` on one a pair; `demographics` and `majority_pairs` are on complete pairs of
    one country, `majority` on all instances.
    """
    found = _of_texts(questions, instances)
    paired = [one for one in instances if one.scope is Scope.COUNTRY]
    alone = [one for one in instances if one.scope is Scope.NONE]
    found |= {
        "demographics": demographics(paired, {person.id: person for person in respondents}),
        "majority": majority("majority", instances),
        "majority_pairs": majority("majority_pairs", paired),
        "majority_unpaired": majority("majority_unpaired", alone),
    }
    checks = structure_checks(questions, instances)
    recipes = {question.recipe for question in questions}
    checks += [
        gate(name, found[name], two_sided=gated.two_sided)
        for name, gated in GATED.items()
        if gated.recipe is None or gated.recipe in recipes
    ]
    return AuditResult(
        baselines={name: one.baseline for name, one in found.items()}, checks=tuple(checks), version=AUDIT_VERSION
    )


def in_words(result: AuditResult) -> list[str]:
    """Return the checks that did not pass, then the baselines as a table."""
    lines = [_shortfall(check) for check in result.checks if check.outcome is CheckOutcome.FAILED]
    lines += [_shortfall(check) for check in result.checks if check.outcome is CheckOutcome.NOT_MEASURED]
    lines = lines or [f"all {len(result.checks)} checks hold"]
    width = max(len(name) for name in result.baselines)
    lines.append(f"{'baseline':<{width}}  accuracy  95 % interval       n")
    lines += [_line(name.ljust(width), one, name in GATED) for name, one in result.baselines.items()]
    return lines


def _of_texts(questions: Sequence[Question], instances: Sequence[Instance]) -> dict[str, Measured]:
    rows = [turned(question) for question in questions]
    features = differences(rows)
    told: dict[Recipe, dict[str, Measured]] = {}
    rules: dict[Recipe, dict[str, Measured]] = {}
    for recipe in Recipe:
        places = [place for place, row in enumerate(rows) if row.question.recipe is recipe]
        told[recipe] = told_apart([rows[place] for place in places], features[places])
        of_recipe = [rows[place] for place in places]
        rules[recipe] = {"length": length(of_recipe), "position": position(of_recipe, instances)}
    sides, tradeoffs = told[Recipe.SIDES], told[Recipe.TRADEOFF]
    return {
        "high_side": sides["across"],
        "high_side_within": sides["within"],
        "first_side": tradeoffs["across"],
        "first_side_within": tradeoffs["within"],
        "written_for": written_for(rows, features, instances),
        **rules[Recipe.SIDES],
        **{f"first_side_{name}": one for name, one in rules[Recipe.TRADEOFF].items()},
    }


def _shortfall(check: AuditCheck) -> str:
    word = check.outcome.value.replace("_", " ").upper()
    return f"{word} {check.name}: found {check.found}; expected {check.expected}"


def _line(name: str, one: Baseline, gated: bool) -> str:
    gate_mark = "  gated" if gated else ""
    if one.accuracy is None:
        return f"{name}  {'none':>8}  {one.undefined}"
    span = f"{one.low:.3f} to {one.high:.3f}" if one.low is not None and one.high is not None else "none"
    return f"{name}  {one.accuracy:>8.3f}  {span:<14}  {one.n:>6,}{gate_mark}"
