"""Cases come back from a release as they went in, and results on a sealed one stay beside it."""

from pathlib import Path

import pytest

from eval.cases import complete_pairs
from eval.run import evaluate, exam
from eval.target import evaluated, open_target
from eval.write import found, outcome, write_attestation, write_study
from mvpbench.store.fingerprint import file_sha256
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from release.build import build_release
from release.candidate import add_validation
from release.seal import seal_release
from release.verify import verify_release
from schemas.annotation import AnnotatorKind
from schemas.errors import CheckFailed, StudyError
from schemas.evaluation import Attestation, EvalResult, Prediction
from schemas.questions import Instance, Question
from schemas.study import EvalSection
from schemas.survey import Respondent
from schemas.values import Split, ValueProfile
from tests.eval.made import Counted
from tests.release.made import CLOCK, Made, made_result, made_study, silent, write_ratings

pytestmark = pytest.mark.slow


def built(root: Path, made: Made | None = None, version: str = "1.0.0") -> Study:
    study = made_study(root, made)
    build_release(study, version, silent, CLOCK)
    return study


@pytest.mark.parametrize("redistribute", [True, False])
def test_a_case_is_what_the_tables_said(tmp_path: Path, redistribute: bool) -> None:
    study = built(tmp_path, Made(redistribute=redistribute))
    instances = {row.id: row for row in read_table(study.tables, "instances", Instance)}
    questions = {row.id: row for row in read_table(study.tables, "questions", Question)}
    profiles = {row.respondent_id: row for row in read_table(study.tables, "profiles", ValueProfile)}
    people = {row.id: row for row in read_table(study.tables, "respondents", Respondent)}
    cases = open_target(study, None).cases
    assert {case.instance.id: case.instance for case in cases} == instances
    for case in cases:
        question = questions[case.instance.question_id]
        assert (case.question.text, case.question.answers) == (question.text, question.answers)
        assert case.question.written_for == question.written_for
        assert case.profile == profiles[case.instance.respondent_id]
        assert case.respondent.demographics == people[case.instance.respondent_id].demographics
    # made_study: three of its four pairs are for testing
    assert len(complete_pairs(cases, Split.TEST)) == 3


def test_without_a_version_the_only_candidate_is_meant(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    with pytest.raises(StudyError, match="mvpbench release build"):
        open_target(study, None)
    build_release(study, "1.0.0", silent, CLOCK)
    assert open_target(study, None, candidate=True).version == "1.0.0"
    build_release(study, "1.1.0", silent, CLOCK)
    with pytest.raises(StudyError, match=r"1\.0\.0, 1\.1\.0"):
        open_target(study, None)
    assert open_target(study, "1.1.0").folder.name == "1.1.0.candidate"


def test_results_on_a_sealed_release_are_an_attestation_that_names_its_manifest(tmp_path: Path) -> None:
    study = built(tmp_path)
    add_validation(study, "1.0.0", [made_result()], {})
    seal_release(study, "1.0.0", silent, CLOCK)
    target = open_target(study, None)
    paper = exam(target.cases, EvalSection())
    scorer = Counted(lambda _choice: (-1.0, -2.0))
    made = found(target, paper, [evaluate(scorer.model, paper, tmp_path / "eval", silent)])
    path = write_attestation(study, made, CLOCK)
    with pytest.raises(StudyError) as caught:
        open_target(study, "1.0.0", candidate=True)
    assert caught.value.report.code == "already-sealed"
    assert caught.value.report.way_out is not None
    assert "mvpbench eval run --release 1.0.0" in caught.value.report.way_out
    read = Attestation.model_validate_json(path.read_bytes())
    assert read.evaluated.manifest_sha256 == file_sha256(study.releases / "1.0.0" / "manifest.json")
    assert read.results == made.results
    verify_release(study.releases / "1.0.0")


def test_nothing_is_said_of_a_sealed_release_that_was_changed(tmp_path: Path) -> None:
    study = built(tmp_path)
    add_validation(study, "1.0.0", [made_result()], {})
    seal_release(study, "1.0.0", silent, CLOCK)
    card = study.releases / "1.0.0" / "README.md"
    card.chmod(0o644)
    card.write_text("for research", encoding="utf-8")
    with pytest.raises(CheckFailed, match=r"README\.md") as caught:
        open_target(study, "1.0.0")
    assert (caught.value.report.code, caught.value.exit_code) == ("release-changed", 1)


@pytest.mark.parametrize("kind", [AnnotatorKind.HUMAN, AnnotatorKind.SIMULATED])
def test_results_say_who_reviewed_the_pairs(tmp_path: Path, kind: AnnotatorKind) -> None:
    study = made_study(tmp_path)
    write_ratings(study, Made(), kind)
    build_release(study, "1.0.0", silent, CLOCK)
    target = open_target(study, None)
    facts = evaluated(target, exam(target.cases, EvalSection()), [])
    assert facts.labels == {"confirmed": 3}
    assert facts.reviewers == ("people" if kind is AnnotatorKind.HUMAN else "simulated raters")


def test_an_evaluation_leaves_tables_and_a_page_and_says_the_headlines(tmp_path: Path) -> None:
    study = built(tmp_path)
    target = open_target(study, "1.0.0")
    paper = exam(target.cases, EvalSection())
    scorer = Counted(lambda _choice: (-1.0, -2.0))
    made = found(target, paper, [evaluate(scorer.model, paper, tmp_path / "eval", silent)])
    page = write_study(study, made)
    assert read_table(study.tables, "results", EvalResult) == list(made.results)
    assert read_table(study.tables, "predictions", Prediction) == list(made.predictions)
    assert str(tmp_path) not in page.read_text(encoding="utf-8")
    said = outcome(study, made, [page], None)
    assert said.result.report == "reports/eval-1.0.0-base.html"
    assert {result.value for result in said.result.headlines if not result.group} == {0.5}
    assert "use of stated values, made-up: accuracy 0.500" in "\n".join(said.summary)
