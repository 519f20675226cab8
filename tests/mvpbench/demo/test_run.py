"""The demo, stopped on its way, ends where one that was left alone does."""

import json
import shutil
import signal
from collections import Counter
from pathlib import Path

import pytest

from annotation.pull import STAGES as PULLED
from annotation.server.state import FOLDER, read_state
from mvpbench.store.study import open_study
from mvpbench.store.tables import read_table
from release.candidate import validation_of
from release.verify import verify_release, violations
from schemas.annotation import AnnotatorKind, Assignment, Purpose, TaskKind
from schemas.evaluation import Ablation, EvalResult, Stage
from schemas.survey import Respondent
from tests.mvpbench.cli.conftest import run_command
from tests.whole import STOPS, WholeDemo, run_demo_process

pytestmark = [pytest.mark.slow, pytest.mark.server]


def test_it_was_stopped_and_then_came_to_its_end(whole_demo: WholeDemo) -> None:
    assert [run.code for run in whole_demo.stopped] == [75 if how is signal.SIGINT else -how for _, how in STOPS]
    assert whole_demo.last.code == 0, whole_demo.last.said[-20:]
    assert "Traceback" not in "\n".join(line for run in whole_demo.stopped for line in run.said)


def test_every_task_was_answered_once_by_simulated_raters(whole_demo: WholeDemo) -> None:
    study = open_study(whole_demo.study)
    sent = [row.uid for row in read_table(study.tables, "assignments", Assignment)]
    rows = [row for stage in PULLED for row in read_table(study.tables, stage.table, stage.record)]
    # Of 30 pairs 90 ratings of persons and 60 of questions; the others look at raters.
    rated = [one for one in read_table(study.tables, "assignments", Assignment) if one.purpose is Purpose.RATED]
    assert Counter(one.task for one in rated) == {TaskKind.PERSON: 90, TaskKind.ITEM: 60}
    assert Counter(row.uid for row in rows) == Counter(sent)
    assert {row.annotator_kind for row in rows} == {AnnotatorKind.SIMULATED}


def test_its_people_are_marked_synthetic_wherever_they_are_shown(whole_demo: WholeDemo) -> None:
    study = open_study(whole_demo.study)
    assert all(row.synthetic for row in read_table(study.tables, "respondents", Respondent))
    assert "SYNTHETIC" in whole_demo.last.printed
    release = whole_demo.study / "releases" / "0.1.0"
    assert "synthetic" in (release / "README.md").read_text(encoding="utf-8").lower()


def test_its_release_is_a_demo_sealed_and_as_it_was_sealed(whole_demo: WholeDemo) -> None:
    release = whole_demo.study / "releases" / "0.1.0"
    assert verify_release(release).result.kind == "demo"
    assert (release / "validation" / "report.html").is_file()
    assert not (release / "README.md").stat().st_mode & 0o222
    done = run_command("release", "verify", "0.1.0", "--study", whole_demo.study, "--json")
    assert json.loads(done.stdout)["result"]["version"] == "0.1.0"


def test_the_paths_it_names_are_there(whole_demo: WholeDemo) -> None:
    made = json.loads((whole_demo.study / "reports" / "demo.json").read_text(encoding="utf-8"))
    assert made["open"]
    for path in made["open"]:
        assert (whole_demo.study / path).is_file()


def test_its_server_runs_no_longer(whole_demo: WholeDemo) -> None:
    assert read_state(whole_demo.study / FOLDER) is None


def test_the_whole_run_says_where_it_is_and_ends_in_a_table(whole_demo: WholeDemo) -> None:
    steps = [line for line in whole_demo.last.said if line.startswith("[")]
    assert [line.split("]")[0] for line in steps] == [f"[{number}/12" for number in range(1, 13)]
    for title in ("values in the prompt", "values withheld", "shuffled people", "replies on its side"):
        assert title in whole_demo.last.printed


def results_of(release: Path) -> dict[tuple[Stage, Ablation, str], EvalResult]:
    validation = validation_of(release)
    assert validation is not None
    return {(row.stage, row.ablation, row.metric): row for row in validation[1] if row.group == {}}


def test_tuning_teaches_the_tiny_model_to_answer_the_person(whole_demo: WholeDemo) -> None:
    """Near one half before; surely above it after SFT and after DPO, but not for shuffled people."""
    results = results_of(whole_demo.study / "releases" / "0.1.0")
    full = {stage: results[stage, Ablation.FULL, "pair_accuracy"] for stage in Stage}
    assert full[Stage.BASE].value == pytest.approx(0.5, abs=0.04)
    for stage in (Stage.SFT, Stage.DPO):
        low, value = full[stage].low, full[stage].value
        assert low is not None
        assert value is not None
        assert low > 0.51
        assert value > (full[Stage.BASE].value or 1) + 0.03
        assert results[stage, Ablation.SHUFFLED, "pair_accuracy"].value == pytest.approx(0.5, abs=0.04)
        assert results[stage, Ablation.NONE, "pair_accuracy"].value == pytest.approx(0.5, abs=0.005)


def test_run_again_elsewhere_it_has_nothing_left_to_do(whole_demo: WholeDemo, tmp_path: Path) -> None:
    copy = shutil.copytree(whole_demo.study, tmp_path / "moved")
    again = run_demo_process(copy)
    assert again.code == 0, again.said[-20:]
    manifest = Path("releases", "0.1.0", "manifest.json")
    assert (copy / manifest).read_bytes() == (whole_demo.study / manifest).read_bytes()
    assert not any("tasks answered" in line or "rows, preset" in line for line in again.said)
    assert violations(copy / "releases" / "0.1.0") == []
