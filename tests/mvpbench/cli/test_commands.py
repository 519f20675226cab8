"""The commands from a survey to audited questions, as processes."""

import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from builder.build import INSTANCES_STAGE, QUESTIONS_STAGE
from builder.run import stage_files
from mvpbench.chat.server import local_server
from mvpbench.store.stage import Produced, Stage, run_stage
from mvpbench.store.study import open_study
from mvpbench.store.tables import read_table
from schemas.questions import Instance, Question
from tests.mvpbench.chat.made import KEY, KEY_ENV
from tests.mvpbench.cli.conftest import SAMPLE, failure, run_command, run_process

pytestmark = pytest.mark.slow

HEAVY = ("pandas", "numpy", "scipy", "sklearn", "pyarrow", "torch", "transformers", "openai", "label_studio_sdk")
COMMANDS = (
    *("demo", "init", "doctor", "status", "migrate", "trace", "schema", "survey", "profile", "generate", "audit"),
    *("country", "annotate", "agree", "release"),
)
TABLES = ("surveys", "respondents", "profiles", "matches", "questions", "instances")


def test_help_lists_the_commands_and_imports_nothing_heavy() -> None:
    done = run_process("--help", PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0
    for command in COMMANDS:
        assert f"\n  {command} " in done.stdout
    imported = set(re.findall(r"\| +([a-z_]+)$", done.stderr, flags=re.MULTILINE))
    assert "typer" in imported
    assert not imported.intersection(HEAVY)


def test_every_table_is_fresh_after_the_commands(made_study: Path) -> None:
    done = run_command("status", "--study", made_study, "--json")
    result = json.loads(done.stdout)["result"]
    states = {table["table"]: table for table in result["tables"]}
    assert set(TABLES) <= set(states)
    for name in TABLES:
        assert states[name]["stale"] == []
        assert states[name]["rows"] > 0
    assert result["synthetic"] is True
    assert result["model_calls"] == 0


def test_json_is_one_object_on_stdout_and_nothing_else(study: Path) -> None:
    done = run_command("generate", "--study", study, "--json")
    printed = json.loads(done.stdout)
    assert list(printed) == ["command", "ok", "counts", "dropped", "outputs", "seconds", "result"]
    assert printed["command"] == "generate"
    assert printed["ok"] is True


def test_the_same_command_again_writes_the_same_bytes(study: Path) -> None:
    before = {name: (study / "tables" / f"{name}.parquet").read_bytes() for name in TABLES}
    sidecar = (study / "tables" / "matches.json").read_bytes()
    (study / "tables" / "matches.json").unlink()  # as if the work had been stopped before the table was whole
    assert run_command("generate", "--study", study).returncode == 0
    assert before == {name: (study / "tables" / f"{name}.parquet").read_bytes() for name in TABLES}
    assert (
        json.loads((study / "tables" / "matches.json").read_bytes())["content_sha256"]
        == (json.loads(sidecar)["content_sha256"])
    )


def test_a_change_in_study_yaml_makes_tables_stale_and_says_why(study: Path) -> None:
    config = study / "study.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("[sides, tradeoff]", "[tradeoff]"), encoding="utf-8")
    done = run_command("status", "--study", study)
    assert "matches" in done.stdout
    assert "stale: section generate of study.yaml changed" in done.stdout
    assert "next: mvpbench generate" in done.stdout


def test_synthetic_people_are_said_to_be_synthetic(study: Path) -> None:
    for command in (("survey", "import"), ("profile",), ("generate",)):
        assert "SYNTHETIC" in run_command(*command, "--study", study).stdout
    assert pq.read_table(study / "tables" / "respondents.parquet")["synthetic"].to_pylist() == [True] * 520


def test_a_trace_leads_from_the_answers_to_the_instance(study: Path) -> None:
    instance = pq.read_table(study / "tables" / "instances.parquet").to_pylist()[0]
    done = run_command("trace", instance["id"], "--study", study, "--json")
    steps = json.loads(done.stdout)["result"]["steps"]
    assert [step["what"] for step in steps] == [
        "survey answers",
        "value profile",
        "counterparts",
        "question",
        "instance",
    ]
    assert steps[0]["id"] == instance["respondent_id"]
    dimension = instance["dimensions"][0]
    answer = float(steps[0]["facts"][f"stated_prefs.{dimension}"])
    assert steps[1]["facts"][dimension].startswith(f"raw {answer:.1f} ")  # the slider is on 0-100 already
    assert instance["expected"] in steps[4]["facts"]["expected"]


@pytest.mark.slow
def test_an_audit_passes_on_the_sample(study: Path) -> None:
    done = run_command("audit", "--study", study, "--json")
    assert done.returncode == 0
    assert {check["outcome"] for check in json.loads(done.stdout)["result"]["checks"]} == {"passed"}
    assert set(json.loads(done.stdout)["result"]["baselines"]) >= {
        "high_side",
        "sides_written_for",
        "demographics",
        "length",
    }


@pytest.mark.slow
def test_a_reader_of_the_audit_is_paid_once_and_on_a_yes(study: Path) -> None:
    with local_server(key=KEY) as server:
        with (study / "study.yaml").open("a", encoding="utf-8") as config:
            config.write(
                f"audit: {{reader: {{model: tiny, base_url: {server.url}, key_env: {KEY_ENV}}}, max_questions: 20}}\n"
            )
        unasked = run_command("audit", "--study", study, "--json", **{KEY_ENV: KEY})
        assert failure(unasked)["code"] == "needs-yes"
        # Twenty questions of each of two recipes, in both orders.
        assert failure(unasked)["found"].startswith("80 model calls to tiny at ")
        assert server.requests == 0
        read = run_command("audit", "--study", study, "--json", "--yes", **{KEY_ENV: KEY})
        again = run_command("audit", "--study", study, "--json")
        assert server.requests == 80
    assert KEY not in read.stdout + read.stderr
    result = json.loads(read.stdout)["result"]
    assert json.loads(again.stdout)["result"] == result
    assert (result["reader"]["model"], result["reader"]["calls"], result["reader"]["unreadable"]) == ("tiny", 80, 0)
    decided = sum(result["baselines"][name]["n"] for name in ("tradeoff_reader_first_side", "sides_reader_high_side"))
    assert decided == round(40 * (1 - result["reader"]["flips"]))
    assert "sides_reader_high_side" in {check["name"] for check in result["checks"]}


def made_anew(root: Path, stage: Stage, rows: list[Any]) -> None:
    """Put other rows in a table as if its stage had made them: a stale one is refused."""
    study = open_study(root)
    (study.tables / f"{stage.table}.json").unlink()
    run_stage(study, stage, stage_files(study, stage.table), lambda: Produced(rows))


def test_a_failed_audit_is_a_result_with_an_error_beside_it(study: Path) -> None:
    """Of the first three pairs one instance is gone; so few questions leave other checks not measured."""
    tables = study / "tables"
    instances = read_table(tables, "instances", Instance)
    pairs = sorted({one.pair_id for one in instances if one.pair_id})[:3]
    kept = [one for one in instances if one.pair_id in pairs]
    asked = {one.question_id for one in kept}
    questions = [one for one in read_table(tables, "questions", Question) if one.id in asked]
    made_anew(study, QUESTIONS_STAGE, questions)
    made_anew(study, INSTANCES_STAGE, kept[1:])
    done = run_command("audit", "--study", study, "--json")
    printed = json.loads(done.stdout)
    assert done.returncode == 1
    assert list(printed) == ["command", "ok", "counts", "dropped", "outputs", "seconds", "result", "error"]
    assert printed["ok"] is False
    assert printed["error"]["code"] == "audit-failed"
    assert "pair-two-instances" in printed["error"]["found"]
    outcomes = {check["name"]: check["outcome"] for check in printed["result"]["checks"]}
    assert (outcomes["pair-two-instances"], outcomes["sides_written_for"]) == ("failed", "not_measured")


@pytest.mark.parametrize("what", ["study", "codebook", "country", "framework"])
def test_schema_prints_json_schema(what: str) -> None:
    schema = json.loads(run_command("schema", what).stdout)
    assert schema["additionalProperties"] is False
    assert schema["properties"]


def test_formats_and_built_in_codebooks_are_listed() -> None:
    printed = run_command("survey", "formats").stdout
    for line in ("format table", "format prism", "codebook d3code", "codebook prism"):
        assert line in printed


def test_preview_shows_questions_and_writes_no_table(study: Path) -> None:
    before = sorted(path.name for path in (study / "tables").iterdir())
    done = run_command("generate", "--preview", "3", "--study", study)
    assert done.stdout.count("?") >= 3
    assert before == sorted(path.name for path in (study / "tables").iterdir())


def test_init_recognises_the_sample_as_synthetic(tmp_path: Path) -> None:
    done = run_command("init", tmp_path / "s", "--survey", SAMPLE)
    assert "SYNTHETIC" in done.stdout
