"""`status` follows the flow to its end, and is there when something is wrong; it changes nothing."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from mvpbench.store.study import open_study
from mvpbench.store.tables import write_table
from schemas.annotation import Assignment
from schemas.questions import Dropped
from tests.modes import with_mode
from tests.mvpbench.cli.conftest import failure, run_command
from tests.mvpbench.store.test_atomic import public_folder

pytestmark = pytest.mark.slow


def result_of(study: Path, *options: str) -> dict[str, Any]:
    done = run_command("status", "--study", study, "--json", *options)
    assert done.returncode == 0, done.stdout
    result: dict[str, Any] = json.loads(done.stdout)["result"]
    return result


def stale_of(study: Path, table: str) -> list[str]:
    return next(row["stale"] for row in result_of(study)["tables"] if row["table"] == table)


def files_of(study: Path) -> dict[str, bytes]:
    return {path.relative_to(study).as_posix(): path.read_bytes() for path in study.rglob("*") if path.is_file()}


def test_the_tables_of_the_annotation_are_told_with_the_commands_that_make_them(study: Path) -> None:
    last = result_of(study)["tables"][-8:]
    assert [(table["table"], table["rows"], table["makes_with"]) for table in last] == [
        ("assignments", None, "mvpbench annotate push"),
        ("annotations", None, "mvpbench annotate pull"),
        ("item_annotations", None, "mvpbench annotate pull"),
        ("check_annotations", None, "mvpbench annotate pull"),
        ("adjudications", None, "mvpbench annotate pull"),
        ("labels", None, "mvpbench annotate pull"),
        ("item_labels", None, "mvpbench annotate pull"),
        ("rater_quality", None, "mvpbench annotate pull"),
    ]


def test_assignments_that_no_stage_made_are_stale(study: Path) -> None:
    write_table(open_study(study).tables, "assignments", Assignment, [])
    done = run_command("status", "--study", study)
    assert "assignments              0 rows, stale: version changed" in done.stdout
    assert "next: mvpbench audit" in done.stdout


@pytest.mark.parametrize("table", ["surveys", "instances"])
def test_a_table_whose_writing_was_interrupted_is_told_in_its_line(study: Path, table: str) -> None:
    """As a kill between two renames leaves it: rows that are newer than the sidecar."""
    rows = study / "tables" / f"{table}.parquet"
    rows.write_bytes(rows.read_bytes() + b"newer")
    assert stale_of(study, table) == [f"not whole: a {table}.parquet that is not the one its sidecar vouches for"]
    assert result_of(study)["synthetic"] is (None if table == "surveys" else True)


@pytest.mark.parametrize("gone", ["codebook.yaml", "survey"])
def test_a_file_that_is_gone_is_told_in_the_line_of_its_table(study: Path, gone: str) -> None:
    if gone == "survey":
        config = study / "study.yaml"
        config.write_text(config.read_text(encoding="utf-8").replace('sample"', 'moved"'), encoding="utf-8")
    else:
        (study / gone).unlink()
    (why,) = stale_of(study, "respondents")
    assert why.startswith("no file" if gone == "codebook.yaml" else "PRISM survey")


def test_it_makes_no_journal(tmp_path: Path) -> None:
    assert run_command("init", tmp_path / "new").returncode == 0
    before = files_of(tmp_path / "new")
    assert result_of(tmp_path / "new")["model_calls"] == 0
    assert files_of(tmp_path / "new") == before


def test_a_study_that_may_only_be_read(study: Path) -> None:
    with public_folder() as folder:
        copy = Path(shutil.copytree(study, folder / "study"))
        before = files_of(copy)
        expected = result_of(copy)
        with with_mode(copy, 0o555):
            assert result_of(copy) == expected
        assert expected["synthetic"] is True
        assert files_of(copy) == before


def test_what_was_dropped_is_listed_with_its_reason(study: Path) -> None:
    drops = [
        Dropped(stage="survey import", subject="p7", reason="off-scale", detail="found 6", where="a.csv, row 7"),
        Dropped(stage="survey import", subject="p2", reason="id-doubled"),
    ]
    write_table(open_study(study).tables, "assignments", Assignment, [], drops)
    result = result_of(study, "--dropped", "assignments")
    assert result == {"table": "assignments", "rows": [drop.model_dump() for drop in drops]}
    printed = run_command("status", "--study", study, "--dropped", "assignments").stdout
    assert "off-scale                p7 (a.csv, row 7): found 6\nid-doubled               p2\n" in printed
    assert "nothing was dropped" in run_command("status", "--study", study, "--dropped", "surveys").stdout


@pytest.mark.parametrize(("table", "code"), [("people", "table-unknown"), ("labels", "table-missing")])
def test_drops_of_a_table_that_is_not_there(study: Path, table: str, code: str) -> None:
    done = run_command("status", "--study", study, "--dropped", table, "--json")
    assert done.returncode == 2
    assert failure(done)["code"] == code
