"""`audit`: the structure of the pairs, what texts, models and demographics give away, and the gates on it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from builder.asking import Calls
from builder.audit.measure import MARGIN, Measured, Rule, gate
from builder.audit.people import demographics, majority
from builder.audit.reader import read_blind
from builder.audit.structure import structure_checks
from builder.audit.texts import differences, length, position, told_apart, turned, written_for
from builder.readers import Picks, open_reader, picks, picks_price, sampled
from builder.recipes import PAIRINGS
from builder.run import Say, require_fresh_until
from mvpbench.store.atomic import write_atomic
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study, locked
from mvpbench.store.tables import read_table, require_info
from schemas.questions import Instance, Question, Recipe, Scope
from schemas.results import AuditCheck, AuditReader, AuditResult, Baseline, CheckOutcome, Outcome
from schemas.survey import Respondent

AUDIT_VERSION = 4
"""Of the checks and what they ask: raised by hand whenever the same tables would be judged otherwise."""
REPORT = "audit.json"
AUDITED = ("respondents", "questions", "instances")

NAMES: Mapping[Recipe, Mapping[str, str]] = {
    Recipe.SIDES: {
        "across": "high_side",
        "within": "high_side_within",
        "written_for": "sides_written_for",
        "length": "length",
        "position": "position",
        "reader": "sides_reader_high_side",
        "reader_written_for": "sides_reader_written_for",
    },
    Recipe.TRADEOFF: {
        "across": "first_side",
        "within": "first_side_within",
        "written_for": "tradeoff_written_for",
        "length": "first_side_length",
        "position": "first_side_position",
        "reader": "tradeoff_reader_first_side",
        "reader_written_for": "tradeoff_reader_written_for",
    },
    Recipe.PAPER: {
        "across": "paper_high_side",
        "within": "paper_high_side_within",
        "written_for": "paper_written_for",
        "length": "paper_length",
        "position": "paper_position",
        "reader": "paper_reader_high_side",
        "reader_written_for": "paper_reader_written_for",
    },
}
"""What is measured of every recipe, and what it is called."""

RULES: Mapping[str, Rule] = {
    "across": Rule(two_sided=False),
    "written_for": Rule(two_sided=False),
    "length": Rule(two_sided=True),
    "position": Rule(two_sided=True),
    "reader": Rule(two_sided=True, reach=MARGIN),
    "reader_written_for": Rule(two_sided=True, reach=MARGIN),
}
"""What of it is gated; the two readers only where a model was asked."""
OF_A_MODEL = frozenset({"reader", "reader_written_for"})


def run_audit(study: Study, say: Say, confirm: Callable[[str | None], None]) -> Outcome[AuditResult]:
    """Return every baseline and check of the study's questions and instances, and write them to reports/audit.json.

    Where the study names a reader, it is asked, once: its calls are journaled. `confirm` is called first with what that
    is about to cost, in words, or None; it raises to stop.

    Raises StudyError `table-missing` before `generate`, and `table-stale` where it would make something else now; with
    a reader, what `Engine.complete` does. A failed check is a result, not an error.
    """
    with locked(study, "mvpbench audit"):
        require_fresh_until(study, "instances")
        questions = read_table(study.tables, "questions", Question)
        instances = read_table(study.tables, "instances", Instance)
        respondents = read_table(study.tables, "respondents", Respondent)
        say(f"auditing {len(questions):,} questions and {len(instances):,} instances")
        tables = {name: require_info(study.tables, name).content_sha256 for name in AUDITED}
        chosen = _ask_reader(study, questions, say, confirm)
        result = audit(questions, instances, respondents, chosen).model_copy(update={"tables": tables})
        write_atomic(study.reports / REPORT, result.model_dump_json(indent=2) + "\n")
    outcomes = Counter(check.outcome for check in result.checks if not check.comparison)
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
    questions: Sequence[Question],
    instances: Sequence[Instance],
    respondents: Sequence[Respondent],
    chosen: Picks | None = None,
) -> AuditResult:
    """Return the baselines by name, and the checks: structure first, then one gate a gated baseline.

    Every figure on texts is of one recipe, so that a leaky one neither hides in the figure of the others nor spoils it;
    a recipe without questions has none. They are on one row a question, `position` on one a pair; `demographics` and
    `majority_pairs` are on complete pairs of one country, `majority` on all instances but those of `paper`, which have
    no counterpart by design and `paper_demographics` and `paper_majority` of their own.
    """
    checks = structure_checks(questions, instances)
    if not questions:
        checks.append(
            AuditCheck(
                name="questions",
                outcome=CheckOutcome.NOT_MEASURED,
                found="none",
                expected="questions to look at",
            )
        )
    found: dict[str, Measured] = {}
    for recipe, names in NAMES.items():
        of_recipe = [question for question in questions if question.recipe is recipe]
        if not of_recipe:
            continue
        figures = _of_texts(of_recipe, instances, chosen)
        found |= {names[what]: one for what, one in figures.items()}
        checks += [
            gate(names[what], figures[what], rule).model_copy(update={"comparison": recipe not in PAIRINGS})
            for what, rule in RULES.items()
            if chosen is not None or what not in OF_A_MODEL
        ]
    found |= _of_people(instances, respondents)
    return AuditResult(
        baselines={name: one.baseline for name, one in found.items()},
        checks=tuple(checks),
        version=AUDIT_VERSION,
        reader=None if chosen is None else _reader(chosen),
    )


def in_words(result: AuditResult) -> list[str]:
    """Return the checks that did not pass, then the baselines as a table, then how the reader went."""
    lines = [_shortfall(check) for check in result.checks if check.outcome is CheckOutcome.FAILED]
    lines += [_shortfall(check) for check in result.checks if check.outcome is CheckOutcome.NOT_MEASURED]
    lines = lines or [f"all {len(result.checks)} checks hold"]
    width = max(len(name) for name in result.baselines)
    gated = {check.name for check in result.checks}
    lines.append(f"{'baseline':<{width}}  accuracy  95 % interval       n")
    lines += [_line(name.ljust(width), one, name in gated) for name, one in result.baselines.items()]
    if result.reader is not None:
        lines.append(_of_reader(result.reader))
    return lines


def _ask_reader(
    study: Study, questions: Sequence[Question], say: Say, confirm: Callable[[str | None], None]
) -> Picks | None:
    section = study.config.audit.reader
    if section is None:
        return None
    shown = sampled(questions, study.config.audit.max_questions)
    with Journal(study.journal) as journal:
        confirm(picks_price(shown, section, journal))
        return picks(shown, Calls(section, open_reader(section), journal, say))


def _of_texts(
    questions: Sequence[Question], instances: Sequence[Instance], chosen: Picks | None
) -> dict[str, Measured]:
    """The figures of one recipe, by what they measure, in the order of `NAMES`."""
    rows = [turned(question) for question in questions]
    features = differences(rows)
    reader, reader_written_for = read_blind(rows, instances, chosen)
    return {
        **told_apart(rows, features),
        "written_for": written_for(rows, features, instances),
        "length": length(rows),
        "position": position(rows, instances),
        "reader": reader,
        "reader_written_for": reader_written_for,
    }


def _of_people(instances: Sequence[Instance], respondents: Sequence[Respondent]) -> dict[str, Measured]:
    people = {person.id: person for person in respondents}
    ours = [one for one in instances if one.recipe is not Recipe.PAPER]
    papers = [one for one in instances if one.recipe is Recipe.PAPER]
    paired = [one for one in ours if one.scope is Scope.COUNTRY]
    alone = [one for one in ours if one.scope is Scope.NONE]
    found = {
        "demographics": demographics("demographics", paired, people),
        "majority": majority("majority", ours),
        "majority_pairs": majority("majority_pairs", paired),
        "majority_unpaired": majority("majority_unpaired", alone),
    }
    if papers:
        found["paper_demographics"] = demographics("paper_demographics", papers, people)
        found["paper_majority"] = majority("paper_majority", papers)
    return found


def _reader(chosen: Picks) -> AuditReader:
    return AuditReader(
        model=chosen.model,
        version=chosen.version,
        questions=len(chosen.chosen),
        calls=chosen.asked,
        unreadable=chosen.unreadable,
        failed=chosen.failed,
        flips=chosen.flips(chosen.chosen),
        first_shown=chosen.first_shown(chosen.chosen),
    )


def _of_reader(reader: AuditReader) -> str:
    words = [f"{reader.model} read {reader.questions:,} questions in both orders"]
    if reader.flips is not None:
        words.append(f"the order decided {reader.flips:.0%} of the picks")
    if reader.first_shown is not None:
        words.append(f"{reader.first_shown:.0%} took the answer shown first")
    words += [f"{count:,} calls {what}" for what, count in _lost(reader).items() if count]
    return "; ".join(words)


def _lost(reader: AuditReader) -> dict[str, int]:
    return {"brought nothing that can be read": reader.unreadable, "failed": reader.failed}


def _shortfall(check: AuditCheck) -> str:
    word = check.outcome.value.replace("_", " ").upper() + (" (for comparison)" if check.comparison else "")
    return f"{word} {check.name}: found {check.found}; expected {check.expected}"


def _line(name: str, one: Baseline, gated: bool) -> str:
    gate_mark = "  gated" if gated else ""
    if one.accuracy is None:
        return f"{name}  {'none':>8}  {one.undefined}"
    span = f"{one.low:.3f} to {one.high:.3f}" if one.low is not None and one.high is not None else "none"
    return f"{name}  {one.accuracy:>8.3f}  {span:<14}  {one.n:>6,}{gate_mark}"
