"""Bad input: one message, the exit code of the design, nothing half-written, never a traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mvpbench.cli.conftest import SAMPLE, failure, run_command, run_process

pytestmark = pytest.mark.slow

CSV = """id,country,care,equality
p1,Kenya,1,5
p2,Kenya,2,4
p3,Kenya,5,1
"""
CODEBOOK = """codebook: 1
name: tiny
title: Tiny
version: "1"
framework: mfq2
citation: nobody
licence: CC0-1.0
id: id
country: {column: country}
items:
  - {column: care, dimension: care, scale: {low: 1, high: 5}}
  - {column: equality, dimension: equality, scale: {low: 1, high: 5}}
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A study of three people, not imported yet; its survey and codebook lie beside study.yaml."""
    (tmp_path / "people.csv").write_text(CSV, encoding="utf-8")
    (tmp_path / "book.yaml").write_text(CODEBOOK, encoding="utf-8")
    done = run_command(
        "init", tmp_path / "study", "--survey", tmp_path / "people.csv", "--codebook", tmp_path / "book.yaml"
    )
    assert done.returncode == 0, done.stderr
    return tmp_path / "study"


def test_no_study_here(tmp_path: Path) -> None:
    done = run_command("profile", "--study", tmp_path, "--json")
    assert done.returncode == 2
    assert failure(done)["code"] == "not-a-study"
    assert list(tmp_path.iterdir()) == []


def test_a_missing_survey_file(tmp_path: Path) -> None:
    done = run_command("init", tmp_path / "study", "--survey", tmp_path / "none.csv", "--json")
    assert done.returncode == 2
    error = failure(done)
    assert (error["code"], error["found"]) == ("survey-missing", "no such file")
    assert not (tmp_path / "study").exists()


def test_a_survey_that_no_codebook_describes(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(CSV, encoding="utf-8")
    done = run_command("init", tmp_path / "study", "--survey", tmp_path / "people.csv", "--json")
    assert done.returncode == 2
    assert failure(done)["code"] == "survey-unrecognised"
    assert not (tmp_path / "study").exists()


def test_a_study_begun_without_a_survey_says_what_it_needs(tmp_path: Path) -> None:
    study = tmp_path / "study"
    begun = run_command("init", study, "--json")
    assert begun.returncode == 0
    assert json.loads(begun.stdout)["result"] == {"study": str(study.resolve()), "survey": None, "codebook": None}
    done = run_command("survey", "import", "--study", study, "--json")
    assert done.returncode == 2
    error = failure(done)
    assert (error["code"], error["where"]) == ("survey-unnamed", f"{study / 'study.yaml'}, survey.file")
    assert "mvpbench schema codebook" in error["way_out"]
    assert json.loads(run_command("status", "--study", study, "--json").stdout)["ok"] is True
    # What it asked for is done by hand, in the line that is there as a comment.
    (tmp_path / "people.csv").write_text(CSV, encoding="utf-8")
    (study / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    config = study / "study.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("# file: answers.csv", "file: ../people.csv"), encoding="utf-8")
    assert json.loads(run_command("survey", "import", "--study", study, "--json").stdout)["ok"] is True


def test_a_study_begun_with_a_codebook_alone(tmp_path: Path) -> None:
    (tmp_path / "book.yaml").write_text(CODEBOOK, encoding="utf-8")
    done = run_command("init", tmp_path / "study", "--codebook", tmp_path / "book.yaml", "--json")
    assert json.loads(done.stdout)["result"]["codebook"] == "tiny"
    assert (tmp_path / "study" / "codebook.yaml").read_text(encoding="utf-8") == CODEBOOK


def test_init_tells_at_once_what_the_import_would_refuse(tmp_path: Path) -> None:
    book = tmp_path / "book.yaml"
    book.write_text(CODEBOOK, encoding="utf-8")
    done = run_command("init", tmp_path / "s", "--survey", tmp_path / "gone.csv", "--codebook", book, "--json")
    assert failure(done)["code"] == "survey-missing"
    book.write_text(CODEBOOK.replace("framework: mfq2", "framework: pvq"), encoding="utf-8")
    done = run_command("init", tmp_path / "s", "--codebook", book, "--json")
    assert failure(done)["code"] == "framework-unknown"
    assert not (tmp_path / "s" / "study.yaml").exists()


def test_a_folder_that_holds_a_study_already(tiny: Path) -> None:
    before = (tiny / "study.yaml").read_bytes()
    done = run_command("init", tiny, "--survey", SAMPLE, "--json")
    assert done.returncode == 2
    assert failure(done)["code"] == "study-exists"
    assert (tiny / "study.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("before", "after", "code", "where"),
    [
        ("p2,Kenya,2,4", "p2,Kenya,2", "too-many-bad-rows", "people.csv"),
        ("care,equality", 'care,"e"quality', "row-broken", "header"),
        ("p2,Kenya,2,4", "p2,Atlantis,2,4", "country-unknown", "column country"),
        ("care,equality", "care,fairness", "column-unknown", "tiny"),
        ("p2,Kenya,2,4", "p2,Kenya,9,4", "too-many-bad-rows", "people.csv"),
    ],
)
def test_a_survey_file_that_cannot_be_used(tiny: Path, before: str, after: str, code: str, where: str) -> None:
    survey = tiny.parent / "people.csv"
    survey.write_text(CSV.replace(before, after), encoding="utf-8")
    done = run_command("survey", "import", "--study", tiny, "--json")
    assert done.returncode == 2
    error = failure(done)
    assert error["code"] == code
    assert where in error["where"]
    assert list((tiny / "tables").iterdir()) == []


def test_a_message_for_people_is_one_line(tiny: Path) -> None:
    (tiny.parent / "people.csv").unlink()
    done = run_process("survey", "import", "--study", tiny)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("survey import: survey file (")
    assert done.stderr.count("\n") == 1


def test_a_command_before_its_table(tiny: Path) -> None:
    done = run_command("profile", "--study", tiny, "--json")
    assert done.returncode == 2
    error = failure(done)
    assert error["code"] == "table-missing"
    assert "mvpbench survey import" in error["way_out"]


def test_a_newer_study_is_refused_and_left_alone(tiny: Path) -> None:
    config = tiny / "study.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("format: 1", "format: 99"), encoding="utf-8")
    for command in ("profile", "migrate"):
        done = run_command(command, "--study", tiny, "--json")
        assert done.returncode == 2
        assert failure(done)["code"] == "study-newer"


def test_an_unknown_key_in_study_yaml(tiny: Path) -> None:
    with (tiny / "study.yaml").open("a", encoding="utf-8") as file:
        file.write("generat:\n  max_uses: 3\n")
    done = run_command("profile", "--study", tiny, "--json")
    assert done.returncode == 2
    assert "generat" in str(failure(done))


def test_a_second_process_is_told_the_pid_of_the_first(study: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(study)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdin
    assert holder.stdout
    with holder, holder.stdin, holder.stdout:
        assert holder.stdout.readline() == "held\n"
        done = run_command("generate", "--study", study, "--json")
        assert done.returncode == 75
        error = failure(done)
        assert error["code"] == "study-locked"
        assert str(holder.pid) in str(error)
        holder.stdin.write("\n")
    assert run_command("generate", "--study", study).returncode == 0


HOLD = """
import sys
from pathlib import Path
from mvpbench.store.study import locked, open_study
with locked(open_study(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_an_id_that_nothing_has(study: Path) -> None:
    done = run_command("trace", "i-0000000000000000", "--study", study, "--json")
    assert done.returncode == 2
    assert failure(done)["code"] == "id-unknown"


def test_a_writer_that_costs_money_needs_a_yes_and_a_key(study: Path) -> None:
    config = study / "study.yaml"
    text = config.read_text(encoding="utf-8")
    writer = "writer: {kind: openai, model: m, base_url: 'http://127.0.0.1:9/v1', key_env: MVPBENCH_TEST_KEY}"
    config.write_text(text.replace("writer: {kind: template}", writer), encoding="utf-8")
    without_key = run_command("generate", "--study", study, "--json")
    assert without_key.returncode == 2
    assert "MVPBENCH_TEST_KEY" in str(failure(without_key))
    without_yes = run_command("generate", "--study", study, "--json", MVPBENCH_TEST_KEY="k-secret")
    assert without_yes.returncode == 2
    assert failure(without_yes)["code"] == "needs-yes"
    dead = run_command("generate", "--study", study, "--json", "--yes", MVPBENCH_TEST_KEY="k-secret")
    assert dead.returncode == 2
    assert "127.0.0.1:9" in str(failure(dead))
    config.write_text(config.read_text(encoding="utf-8").replace("127.0.0.1:9/", "127.0.0.1:abc/"), encoding="utf-8")
    misspelt = run_command("generate", "--study", study, "--json", "--yes", MVPBENCH_TEST_KEY="k-secret")
    assert misspelt.returncode == 2
    assert failure(misspelt)["code"] == "base-url-invalid"
    for done in (without_key, without_yes, dead, misspelt):
        assert "k-secret" not in done.stdout + done.stderr
    assert b"k-secret" not in (study / "journal.db").read_bytes()
