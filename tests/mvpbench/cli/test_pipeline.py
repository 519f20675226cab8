"""`status` follows the flow to its end: the tables of the annotation are among it."""

import json
from pathlib import Path

from mvpbench.store.study import open_study
from mvpbench.store.tables import write_table
from schemas.annotation import Assignment
from tests.mvpbench.cli.conftest import run_command


def test_the_tables_of_the_annotation_are_told_with_the_commands_that_make_them(study: Path) -> None:
    printed = json.loads(run_command("status", "--study", study, "--json").stdout)
    last = printed["result"]["tables"][-3:]
    assert [(table["table"], table["rows"], table["makes_with"]) for table in last] == [
        ("assignments", None, "mvpbench annotate push"),
        ("annotations", None, "mvpbench annotate pull"),
        ("labels", None, "mvpbench annotate pull"),
    ]


def test_assignments_that_no_stage_made_are_stale(study: Path) -> None:
    write_table(open_study(study).tables, "assignments", Assignment, [])
    done = run_command("status", "--study", study)
    assert "assignments         0 rows, stale: version changed" in done.stdout
    assert "next: mvpbench annotate push" in done.stdout
