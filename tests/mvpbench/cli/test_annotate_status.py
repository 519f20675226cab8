"""`mvpbench annotate status` as a command: one JSON object, once where there is no terminal, one message where not."""

import json
from pathlib import Path

import pytest

from annotation.declare import declare
from annotation.sample.plan import plan
from annotation.sample.read import read_material
from mvpbench.store.journal import Journal
from mvpbench.store.tables import write_table
from schemas.annotation import Assignment
from tests.annotation.made import made_study
from tests.mvpbench.cli.conftest import failure, run_command


@pytest.fixture
def pushed(tmp_path: Path) -> Path:
    study = made_study(tmp_path / "study", 4)
    rows = [one.assignment for one in plan(read_material(study), study.config.annotate)[0]]
    write_table(study.tables, "assignments", Assignment, rows)
    with Journal(study.journal) as journal:
        declare(journal, study.config.annotate, rows)
    return study.root


def test_json_is_one_object_whose_alpha_is_null_with_the_reason(pushed: Path) -> None:
    done = run_command("annotate", "status", "--study", pushed, "--json")
    printed = json.loads(done.stdout)
    assert list(printed) == ["command", "ok", "counts", "dropped", "outputs", "seconds", "result"]
    assert (printed["command"], printed["ok"], done.returncode) == ("annotate status", True, 0)
    reason = "not told: the declared sample is not in (0 of 12 ratings)"
    assert printed["result"]["agreement"]["alpha"] == {"value": None, "low": None, "high": None, "undefined": reason}
    assert list(printed["result"]) == [
        *("study", "at", "pulled", "counted", "not_counted", "sample", "pace", "groups", "agreement", "raters"),
        *("adjudication", "given_up", "items", "left_out", "deleted", "comments"),
    ]


def test_without_a_terminal_a_watch_looks_once_and_the_page_is_named(pushed: Path) -> None:
    done = run_command("annotate", "status", "--watch", "5", "--html", "--study", pushed)
    assert done.returncode == 0
    assert done.stdout.count("declared sample: 0 of 12 ratings are in") == 1
    assert "wrote reports/annotation.html" in done.stdout
    assert (pushed / "reports" / "annotation.html").is_file()


def test_before_the_push_one_message_says_what_to_run(tmp_path: Path) -> None:
    made_study(tmp_path / "study", 1)
    done = run_command("annotate", "status", "--study", tmp_path / "study", "--json")
    assert done.returncode == 2
    error = failure(done)
    assert (error["code"], error["way_out"]) == ("table-missing", "run `mvpbench annotate push`")


def test_a_pull_that_cannot_be_is_one_message(pushed: Path) -> None:
    done = run_command("annotate", "status", "--pull", "--study", pushed, "--json")
    assert failure(done)["code"] == "server-not-running"


def test_a_watch_takes_a_second_at_least(pushed: Path) -> None:
    assert run_command("annotate", "status", "--watch", "0", "--study", pushed).returncode == 2
