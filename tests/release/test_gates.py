"""Each gate says no to what it is there for, and the kind of a release follows."""

from dataclasses import replace
from pathlib import Path

import pytest

from builder.audit import AUDIT_VERSION
from builder.pairs import PAIR_RULES
from mvpbench.store.atomic import write_atomic
from mvpbench.store.study import Study
from release.build import build_release
from release.candidate import BINDING, FOLDER, Validation, add_validation
from release.data import ReleaseRows, write_data
from release.evidence import Evidence, gather
from release.gates import run_gates, stopping
from release.licences import licence, objection
from release.structure import pair_faults, split_faults
from release.versions import candidate_path
from schemas.agreement import Agreement, AgreementReport, Estimate
from schemas.annotation import AnnotatorKind, SampleProgress
from schemas.questions import Scope
from schemas.release import Gate, GateOutcome, GateReport, ReleasedInstance, ReleaseKind
from schemas.results import CheckOutcome
from schemas.values import Split
from tests.release.made import (
    CLOCK,
    Made,
    declare_more,
    made_result,
    made_sample,
    made_study,
    silent,
    write_audit,
    write_built,
    write_ratings,
)

pytestmark = pytest.mark.slow

RESEARCH = Made(research=True)
PASSED, FAILED, NOT_MEASURED = GateOutcome


def gates_of(study: Study, validated: bool = True) -> GateReport:
    build_release(study, "1.0.0", silent, CLOCK)
    if validated:
        add_validation(study, "1.0.0", [made_result()], {})
    return run_gates(gather(candidate_path(study, "1.0.0"), None, study.config.release))


def gate(report: GateReport, name: str) -> Gate:
    return {gate.name: gate for gate in report.gates}[name]


def rows_of(tmp_path: Path) -> list[ReleasedInstance]:
    study = made_study(tmp_path)
    build_release(study, "1.0.0", silent, CLOCK)
    return list(gather(candidate_path(study, "1.0.0"), None, study.config.release).rows.instances)


def test_people_raters_writer_labels_and_agreement_make_research(tmp_path: Path) -> None:
    report = gates_of(made_study(tmp_path, RESEARCH))
    assert [one.name for one in report.gates if one.outcome is not PASSED] == []
    assert report.kind is ReleaseKind.RESEARCH
    assert report.reasons_demo == ()


@pytest.mark.parametrize("kind", [AnnotatorKind.SIMULATED, AnnotatorKind.MODEL])
def test_ratings_not_by_people_make_a_demo(tmp_path: Path, kind: AnnotatorKind) -> None:
    study = made_study(tmp_path, RESEARCH)
    write_ratings(study, RESEARCH, kind)
    report = gates_of(study)
    assert report.kind is ReleaseKind.DEMO
    raters = {AnnotatorKind.SIMULATED: "simulated raters", AnnotatorKind.MODEL: "models"}[kind]
    # Pair 3 of four is in train: of seven test instances six are rated, all by the raters who are not people.
    assert report.reasons_demo == (
        f"annotators: 24 {kind} ratings",
        f"labels: 6 of 7 test instances reviewed, 0 confirmed by people, 6 by {raters}",
    )
    assert gate(report, "labels").outcome is FAILED
    found = gate(report, "agreement").found
    assert found.startswith("alpha 0.85 [")
    assert f" on 8 units, by {raters}; sample declared once, on " in found
    assert stopping(report) == []


def test_what_people_confirmed_is_counted_apart_from_what_others_did(tmp_path: Path) -> None:
    study = made_study(tmp_path, RESEARCH)
    build_release(study, "1.0.0", silent, CLOCK)
    evidence = gather(candidate_path(study, "1.0.0"), None, study.config.release)
    assert gate(run_gates(evidence), "labels").found == "6 of 7 test instances reviewed, 6 confirmed by people"
    tested = {row.id for row in evidence.rows.instances if row.split is Split.TEST}
    one = next(label for label in evidence.rows.labels if label.instance_id in tested)
    others = [
        label if label is one else label.model_copy(update={"kinds": (AnnotatorKind.SIMULATED,)})
        for label in evidence.rows.labels
    ]
    mixed = gate(run_gates(replace(evidence, rows=replace(evidence.rows, labels=others))), "labels")
    found = "6 of 7 test instances reviewed, 1 confirmed by people, 5 by simulated raters"
    assert (mixed.outcome, mixed.found) == (PASSED, found)


IN = SampleProgress(declarations=(), declared=16, answered=16, waived=0, lacking=None)


def measured(evidence: Evidence, alpha: Estimate, sample: SampleProgress | None = IN) -> Gate:
    """The gate's word on a release whose raters agree that far."""
    overall = Agreement(alpha=alpha, level="nominal", percent_agreement=0.9, units=8, raters=2, pairable=16)
    facts = evidence.facts.model_copy(update={"agreement": AgreementReport(overall=overall, sample=sample)})
    return gate(run_gates(replace(evidence, facts=facts)), "agreement")


def test_agreement_looks_at_the_lower_bound_and_at_units_rated_twice(tmp_path: Path) -> None:
    study = made_study(tmp_path, RESEARCH)
    build_release(study, "1.0.0", silent, CLOCK)
    # Eight instances are rated by three; the study asks for four and for a lower bound of 0.40.
    evidence = gather(candidate_path(study, "1.0.0"), None, study.config.release)
    low = measured(evidence, Estimate(value=0.8, low=0.39, high=0.9))
    assert (low.outcome, low.found) == (FAILED, "alpha 0.80 [0.39, 0.90] on 8 units, by people")
    assert measured(evidence, Estimate(value=0.8, low=0.40, high=0.9)).outcome is PASSED
    undefined = measured(evidence, Estimate(value=None, low=None, high=None, undefined="all said the same"))
    assert (undefined.outcome, undefined.found) == (NOT_MEASURED, "alpha undefined: all said the same")
    nine = replace(evidence, section=evidence.section.model_copy(update={"min_units": 9}))
    assert measured(nine, Estimate(value=0.8, low=0.7, high=0.9)).outcome is NOT_MEASURED
    # Four ratings make at most two units that were rated twice.
    fewer = replace(evidence, rows=replace(evidence.rows, ratings=evidence.rows.ratings[:4]))
    assert measured(fewer, Estimate(value=0.8, low=0.7, high=0.9)).outcome is NOT_MEASURED


def test_before_the_latest_declared_sample_is_in_agreement_is_not_held_against_anything(tmp_path: Path) -> None:
    study = made_study(tmp_path, RESEARCH)
    assert gate(gates_of(study), "agreement").outcome is PASSED
    day = made_sample(study)[0].declared_at[:10]
    declare_more(study)
    report = gates_of(study)
    found = f"the declared sample is not in (24 of 25 ratings); sample declared 2 times, first on {day}, last on {day}"
    assert (gate(report, "agreement").outcome, gate(report, "agreement").found) == (NOT_MEASURED, found)
    assert report.reasons_demo == (f"agreement: {found}",)
    declare_more(study, "the rater left")
    waived = gate(gates_of(study), "agreement")
    assert waived.outcome is PASSED
    assert waived.found.endswith("; 1 of 25 declared ratings waived: the rater left")


def test_a_report_that_does_not_say_whether_the_sample_is_in_passes_nothing(tmp_path: Path) -> None:
    study = made_study(tmp_path, RESEARCH)
    build_release(study, "1.0.0", silent, CLOCK)
    evidence = gather(candidate_path(study, "1.0.0"), None, study.config.release)
    high = Estimate(value=0.9, low=0.8, high=1.0)
    assert measured(evidence, high).outcome is PASSED
    assert measured(evidence, high, None).outcome is NOT_MEASURED


def test_without_ratings_nothing_is_asked_of_a_sample(tmp_path: Path) -> None:
    found = gate(gates_of(made_study(tmp_path)), "agreement")
    assert (found.outcome, found.found) == (NOT_MEASURED, "no ratings")


def test_perfect_agreement_without_an_interval_passes_nothing(tmp_path: Path) -> None:
    study = made_study(tmp_path, RESEARCH)
    build_release(study, "1.0.0", silent, CLOCK)
    evidence = gather(candidate_path(study, "1.0.0"), None, study.config.release)
    found = measured(evidence, Estimate(value=1.0, low=None, high=None, undefined="no interval: why"))
    assert (found.outcome, found.found) == (NOT_MEASURED, "alpha 1.00, no interval: why")


def test_an_audit_that_failed_or_could_not_measure_or_is_of_other_tables_or_missing_stops(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    write_audit(study, CheckOutcome.FAILED)
    failed = gates_of(study)
    assert gate(failed, "audit").found == "high_side: 0.520, expected not above 0.500"
    assert [one.name for one in stopping(failed)] == ["audit"]
    write_audit(study, CheckOutcome.NOT_MEASURED)
    unmeasured = gates_of(study)
    assert gate(unmeasured, "audit").outcome is NOT_MEASURED
    assert gate(unmeasured, "audit").found == "high_side: 0.520, expected not above 0.500"
    assert [one.name for one in stopping(unmeasured)] == ["audit"]
    write_audit(study)
    write_built(study, Made(pairs=5))
    stale = gates_of(study)
    assert gate(stale, "audit").outcome is NOT_MEASURED
    assert gate(stale, "audit").found == "an audit of another version of instances, questions"
    (study.reports / "audit.json").unlink()
    assert [one.name for one in stopping(gates_of(study))] == ["audit"]


def test_a_validation_counts_on_exactly_these_data(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    assert [one.name for one in stopping(gates_of(study, validated=False))] == ["validation"]
    assert stopping(gates_of(study)) == []
    other = Validation(data_sha256="0" * 64, results=1).model_dump_json()
    write_atomic(candidate_path(study, "1.0.0") / FOLDER / BINDING, other)
    report = run_gates(gather(candidate_path(study, "1.0.0"), None, study.config.release))
    assert gate(report, "validation").outcome is FAILED
    add_validation(study, "1.0.0", [], {})
    report = run_gates(gather(candidate_path(study, "1.0.0"), None, study.config.release))
    assert gate(report, "validation").outcome is NOT_MEASURED


def test_an_audit_by_other_checks_than_todays_has_not_passed(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    build_release(study, "1.0.0", silent, CLOCK)
    evidence = gather(candidate_path(study, "1.0.0"), None, study.config.release)
    assert evidence.facts.audit is not None
    older = evidence.facts.audit.model_copy(update={"version": AUDIT_VERSION - 1})
    facts = evidence.facts.model_copy(update={"audit": older})
    found = gate(run_gates(replace(evidence, facts=facts)), "audit")
    assert found.outcome is NOT_MEASURED
    assert "run `mvpbench audit`" in found.found


def test_rows_changed_in_the_candidate_are_seen_in_its_own_rows(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    build_release(study, "1.0.0", silent, CLOCK)
    candidate = candidate_path(study, "1.0.0")
    rows = gather(candidate, None, study.config.release).rows
    one = next(row for row in rows.instances if row.pair_id)
    flipped = one.model_copy(
        update={"expected": one.other, "other": one.expected, "label": 1 - one.label}
        | {"expected_answer": one.other_answer, "other_answer": one.expected_answer}
    )
    instances = [flipped if row.id == one.id else row for row in rows.instances]
    write_data(candidate, ReleaseRows(instances, rows.labels, rows.ratings, rows.profiles))
    report = run_gates(gather(candidate, None, study.config.release))
    assert gate(report, "pairs").found == f"pair {one.pair_id}: not {PAIR_RULES['pair-opposite-answers'].expected}"


def test_a_file_that_the_build_did_not_make_stops(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    build_release(study, "1.0.0", silent, CLOCK)
    candidate = candidate_path(study, "1.0.0")
    (candidate / "respondents.csv").write_text("secret")
    (candidate / "data" / "link").symlink_to(tmp_path)
    report = run_gates(gather(candidate, None, study.config.release))
    assert gate(report, "contents").found == "data/link, which is no plain file; respondents.csv"


def test_a_changelog_against_an_older_release_stops(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    build_release(study, "1.0.0", silent, CLOCK)
    report = run_gates(gather(candidate_path(study, "1.0.0"), "0.9.0", study.config.release))
    assert gate(report, "version").outcome is FAILED


def test_pairs_as_built_have_no_fault(tmp_path: Path) -> None:
    assert pair_faults(rows_of(tmp_path)) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"label": "turn"}, "{id}: label and choices do not say which answer is expected"),
        ({"counterpart": "i-x"}, "pair {pair_id}: not each the counterpart of the other"),
        ({"split": Split.VALIDATION}, "pair {pair_id}: not both in one split"),
        ({"country": "US"}, "pair {pair_id}: not one country for both"),
        ({"question": "Another?"}, "pair {pair_id}: different question"),
        ({"pair_id": "m-x"}, "pair m-x: 1 instances instead of two"),
        ({"scope": Scope.NONE}, "{id}: pair, counterpart and scope do not go together"),
        ({"counterpart": None}, "{id}: pair, counterpart and scope do not go together"),
    ],
)
def test_what_breaks_a_pair_is_named(tmp_path: Path, change: dict[str, object], fault: str) -> None:
    rows = rows_of(tmp_path)
    place, one = next((place, row) for place, row in enumerate(rows) if row.pair_id)
    update = {"label": 1 - one.label} if "label" in change else change
    rows[place] = one.model_copy(update=update)
    wanted = fault.format(id=one.id, pair_id=one.pair_id)
    assert any(found.startswith(wanted) for found in pair_faults(rows))


def test_one_person_on_both_sides_and_one_id_twice_are_named(tmp_path: Path) -> None:
    rows = rows_of(tmp_path)
    first = next(row for row in rows if row.pair_id)
    both = [
        row.model_copy(update={"respondent_id": first.respondent_id}) for row in rows if row.pair_id == first.pair_id
    ]
    assert pair_faults(both) == [f"pair {first.pair_id}: not two different people"]
    assert f"{first.id}: occurs 2 times" in pair_faults([*rows, first])


def test_a_person_or_a_question_in_two_splits_is_named(tmp_path: Path) -> None:
    rows = rows_of(tmp_path)
    assert split_faults(rows, []) == []
    one = rows[0].model_copy(update={"split": Split.VALIDATION, "question": f"  {rows[0].question.upper()}"})
    faults = split_faults([rows[0], one], [])
    assert faults[0] == f"respondent {one.respondent_id}: in {rows[0].split} and validation"
    assert faults[1].startswith("question 'made-up question")


@pytest.mark.parametrize(
    ("survey", "release", "why"),
    [
        ("CC0-1.0", "CC-BY-4.0", None),
        ("CC-BY-4.0", "CC-BY-4.0", None),
        ("cc-by-4.0", "CC-BY-SA-4.0", None),
        ("CC-BY-NC-4.0", "CC-BY-NC-4.0", None),
        ("CC0-1.0", "PDDL-1.0", None),
        ("MIT", "Apache-2.0", None),
        ("CC-BY-4.0", "CC0-1.0", "asks for attribution"),
        ("ODC-By-1.0", "PDDL-1.0", "asks for attribution"),
        ("CC-BY-NC-4.0", "CC-BY-4.0", "forbids commerce"),
        ("CC-BY-SA-4.0", "CC-BY-4.0", "asks for the same terms"),
        ("CC-BY-ND-4.0", "CC-BY-ND-4.0", "allows no derivatives"),
        ("all rights reserved", "CC-BY-4.0", "survey licence 'all rights reserved', of which nothing is known"),
        ("CC-BY-4.0", "mine", "release licence 'mine', of which nothing is known"),
    ],
)
def test_a_licence_is_held_against_the_surveys(survey: str, release: str, why: str | None) -> None:
    found = objection(survey, release)
    assert (found is None) if why is None else (found is not None and why in found)


def test_a_survey_under_an_unknown_licence_stops(tmp_path: Path) -> None:
    report = gates_of(made_study(tmp_path, Made(licence="proprietary")))
    assert [one.name for one in stopping(report)] == ["licence"]


def test_the_default_licence_is_known() -> None:
    found = licence("CC-BY-4.0")
    assert found is not None
    assert found.hub == "cc-by-4.0"
