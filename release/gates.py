"""The gates: conditions computed from a candidate's own files, each with what was found and what was expected.

A gate that is `demo_only` does not stop a release when it is not passed, it makes it a demo: the people, raters or
writer are not what research needs, and the card says so at its top. Every other gate stops the seal.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from annotation.agreement.gate import agreement_gate, declared_in_words
from builder.audit import AUDIT_VERSION
from release.evidence import Evidence, other_tables
from release.licences import objection
from release.numbers import PEOPLE, who
from release.structure import pair_faults, split_faults
from schemas.agreement import Estimate
from schemas.annotation import AnnotatorKind, SampleProgress, TaskKind
from schemas.labels import RULED_OUT, LabelStatus
from schemas.release import Gate, GateOutcome, GateReport, ReleasedRating, ReleaseKind
from schemas.results import AuditCheck, CheckOutcome
from schemas.values import Split

SHOWN = 3
"""Faults named in a gate's `found`; the rest are counted."""

NOTHING = Estimate(value=None, low=None, high=None, undefined="no ratings")
NO_SAMPLE = SampleProgress(declarations=(), declared=0, answered=0, waived=0, lacking="no ratings")
PASSED, FAILED, NOT_MEASURED = GateOutcome.PASSED, GateOutcome.FAILED, GateOutcome.NOT_MEASURED


def run_gates(evidence: Evidence) -> GateReport:
    """Return every gate's outcome, in the order of the card, and the kind of release that follows."""
    gates = tuple(gate(evidence) for gate in CHECKS)
    reasons = tuple(f"{gate.name}: {gate.found}" for gate in gates if gate.demo_only and gate.outcome is not PASSED)
    return GateReport(kind=ReleaseKind.DEMO if reasons else ReleaseKind.RESEARCH, reasons_demo=reasons, gates=gates)


def stopping(report: GateReport) -> list[Gate]:
    """Return the gates that stop a seal: not passed, and not of the kind that makes a demo."""
    return [gate for gate in report.gates if gate.outcome is not PASSED and not gate.demo_only]


def _pairs(evidence: Evidence) -> Gate:
    faults = pair_faults(evidence.rows.instances)
    pairs = len({row.pair_id for row in evidence.rows.instances if row.pair_id})
    expected = "two instances a pair: one question, opposite expected answers, same split, language and country"
    if not pairs and not faults:
        return Gate(name="pairs", outcome=NOT_MEASURED, found="no pair", expected=expected)
    return _of_faults("pairs", faults, f"{pairs:,} pairs", expected)


def _splits(evidence: Evidence) -> Gate:
    faults = split_faults(evidence.rows.instances, evidence.rows.profiles)
    people = len({row.respondent_id for row in evidence.rows.instances})
    return _of_faults("splits", faults, f"{people:,} people", "no person and no question text in two splits")


def _audit(evidence: Evidence) -> Gate:
    expected = "every check of `mvpbench audit` passed, on these tables"
    audit = evidence.facts.audit
    if audit is None or not audit.checks:
        return Gate(name="audit", outcome=NOT_MEASURED, found="no audit", expected=expected)
    stale = other_tables(audit.tables, evidence.facts)
    if stale:
        return Gate(name="audit", outcome=NOT_MEASURED, found=f"an audit of {stale}", expected=expected)
    if audit.version != AUDIT_VERSION:
        found = f"an audit by version {audit.version} of the checks, which are at {AUDIT_VERSION}: run `mvpbench audit`"
        return Gate(name="audit", outcome=NOT_MEASURED, found=found, expected=expected)
    barring = [check for check in audit.checks if not check.comparison]
    faults = [_in_words(check) for check in barring if check.outcome is CheckOutcome.FAILED]
    unmeasured = [_in_words(check) for check in barring if check.outcome is CheckOutcome.NOT_MEASURED]
    if unmeasured and not faults:
        return Gate(name="audit", outcome=NOT_MEASURED, found=_shown(unmeasured), expected=expected)
    return _of_faults("audit", faults, f"checks passed: {len(barring)}", expected)


def _licence(evidence: Evidence) -> Gate:
    survey, release = evidence.facts.survey, evidence.facts.licence
    fault = objection(survey.licence, release)
    kept_back = "" if survey.redistribute_profiles else "; profiles, demographics and region kept back"
    return _of_faults(
        "licence",
        [fault] if fault else [],
        f"{survey.licence} to {release}{kept_back}",
        "a survey licence that allows this release",
    )


def _version(evidence: Evidence) -> Gate:
    compared, latest = evidence.facts.previous, evidence.latest
    return Gate(
        name="version",
        outcome=PASSED if compared == latest else FAILED,
        found=f"compared with {compared or 'no release'}, the latest is {latest or 'none'}",
        expected="a changelog that compares with the latest sealed release",
    )


def _contents(evidence: Evidence) -> Gate:
    return _of_faults("contents", evidence.unknown_files, "none but known files", "no file that the build did not make")


def _validation(evidence: Evidence) -> Gate:
    expected = "results of models on exactly these data"
    made_on = evidence.validated_sha256
    if made_on is None or not evidence.results:
        found = "no validation" if made_on is None else "a validation without results"
        return Gate(name="validation", outcome=NOT_MEASURED, found=found, expected=expected)
    if made_on != evidence.data_sha256:
        found = f"a validation of data {made_on[:12]}, not {evidence.data_sha256[:12]}"
        return Gate(name="validation", outcome=FAILED, found=found, expected=expected)
    models = len({(result.model, result.stage) for result in evidence.results})
    found = f"results: {len(evidence.results):,}, of models and stages: {models}"
    return Gate(name="validation", outcome=PASSED, found=found, expected=expected)


def _people(evidence: Evidence) -> Gate:
    synthetic = evidence.facts.survey.synthetic
    return Gate(
        name="people",
        outcome=FAILED if synthetic else PASSED,
        found="synthetic people" if synthetic else "people of a survey",
        expected="people of a survey",
        demo_only=True,
    )


def _writer(evidence: Evidence) -> Gate:
    writers = sorted({row.writer for row in evidence.rows.instances})
    return Gate(
        name="writer",
        outcome=FAILED if "template" in writers else PASSED if writers else NOT_MEASURED,
        found=f"questions by {', '.join(writers) or 'nobody'}",
        expected="no question by the template writer",
        demo_only=True,
    )


def _annotators(evidence: Evidence) -> Gate:
    kinds = Counter(rating.annotator_kind.value for rating in evidence.rows.ratings)
    human = set(kinds) == {AnnotatorKind.HUMAN.value}
    return Gate(
        name="annotators",
        outcome=PASSED if human else FAILED if kinds else NOT_MEASURED,
        found=", ".join(f"{count:,} {kind} ratings" for kind, count in sorted(kinds.items())) or "no ratings",
        expected="human ratings alone",
        demo_only=True,
    )


def _labels(evidence: Evidence) -> Gate:
    tested = {row.id for row in evidence.rows.instances if row.split is Split.TEST}
    labels = [label for label in evidence.rows.labels if label.instance_id in tested and label.votes]
    found_right = [label for label in labels if label.status is LabelStatus.CONFIRMED]
    confirmed = Counter(who(label.kinds) for label in found_right if label.ruling not in RULED_OUT)
    by_people, ruled_out = confirmed.pop(PEOPLE, 0), sum(label.ruling in RULED_OUT for label in found_right)
    found = f"{len(labels):,} of {len(tested):,} test instances reviewed, {by_people:,} confirmed by people"
    found += "".join(f", {count:,} by {raters}" for raters, count in sorted(confirmed.items()))
    return Gate(
        name="labels",
        outcome=PASSED if by_people else FAILED if labels else NOT_MEASURED,
        found=found + (f"; {ruled_out:,} more of questions that adjudicators ruled out" if ruled_out else ""),
        expected="test instances that people confirmed",
        demo_only=True,
    )


def _agreement(evidence: Evidence) -> Gate:
    """Where nothing was rated it does not matter what was declared."""
    report, raters = evidence.facts.agreement, who(rating.annotator_kind for rating in _counted(evidence))
    alpha, sample = (report.overall.alpha, report.sample) if report is not None else (NOTHING, NO_SAMPLE)
    gate = agreement_gate(alpha, _rated_twice(evidence), sample, evidence.section, raters)
    return Gate(
        name="agreement",
        outcome=GateOutcome(gate.outcome),
        found="; ".join([gate.found, *(declared_in_words(sample) if sample is not None else ())]),
        expected=gate.expected,
        demo_only=True,
    )


CHECKS: tuple[Callable[[Evidence], Gate], ...] = (
    _pairs,
    _splits,
    _audit,
    _licence,
    _validation,
    _version,
    _contents,
    _people,
    _writer,
    _annotators,
    _labels,
    _agreement,
)


def _rated_twice(evidence: Evidence) -> int:
    """Return how many instances have two ratings or more of those that count: people's, where there are any."""
    ratings = Counter(rating.instance_id for rating in _counted(evidence))
    return sum(count > 1 for count in ratings.values())


def _counted(evidence: Evidence) -> Sequence[ReleasedRating]:
    """Return the ratings of instances that count: where any person rated anything, people's alone."""
    people = any(rating.annotator_kind is AnnotatorKind.HUMAN for rating in evidence.rows.ratings)
    return [
        rating
        for rating in evidence.rows.ratings
        if rating.task is TaskKind.PERSON and (rating.annotator_kind is AnnotatorKind.HUMAN or not people)
    ]


def _of_faults(name: str, faults: Sequence[str], found: str, expected: str) -> Gate:
    outcome = FAILED if faults else PASSED
    return Gate(name=name, outcome=outcome, found=_shown(faults) if faults else found, expected=expected)


def _in_words(check: AuditCheck) -> str:
    return f"{check.name}: {check.found}, expected {check.expected}"


def _shown(faults: Sequence[str]) -> str:
    more = f" and {len(faults) - SHOWN:,} more" if len(faults) > SHOWN else ""
    return "; ".join(faults[:SHOWN]) + more
