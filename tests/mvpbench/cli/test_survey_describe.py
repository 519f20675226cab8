"""`mvpbench survey describe`: a codebook on stdout or in a file, one JSON object, no study needed."""

import json
from pathlib import Path

import pytest

from mvpbench.store.config_file import parse_yaml
from tests.builder.survey.draft.made import ddi, fill, kenya, write_sav
from tests.mvpbench.cli.conftest import failure, run_command

pytestmark = pytest.mark.slow

KEYS = ["path", "format", "known", "rows", "all_rows", "columns", "codebook", "todo", "notes"]
COLUMN_KEYS = [
    *("name", "label", "question", "labels", "missing", "kind", "blank", "distinct", "low", "high", "examples"),
]


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    return write_sav(tmp_path / "kenya.sav", kenya(80))


def test_stdout_is_the_codebook_and_nothing_else(survey: Path) -> None:
    done = run_command("survey", "describe", survey)
    assert done.returncode == 0
    assert parse_yaml(done.stdout, "stdout")["framework"] == "mfq2"
    assert "still to be filled: title, citation" in done.stderr
    assert "all 80 rows were looked at" in done.stderr
    assert "next: save it as codebook.yaml" in done.stderr


def test_a_draft_leads_to_an_imported_survey(survey: Path, tmp_path: Path) -> None:
    draft, study = tmp_path / "book.yaml", tmp_path / "study"
    done = run_command("survey", "describe", survey, "--draft", draft)
    assert done.returncode == 0
    assert f"wrote {draft}" in done.stdout
    refused = run_command("init", study, "--survey", survey, "--codebook", draft, "--json")
    assert failure(refused)["where"] == "title, citation, licence, country"
    text = draft.read_text(encoding="utf-8")
    draft.write_text(fill(text, title="Kenya", citation="Otieno", licence="CC0-1.0", constant="KE"), encoding="utf-8")
    assert run_command("init", study, "--survey", survey, "--codebook", draft).returncode == 0
    done = run_command("survey", "import", "--study", study, "--json")
    assert json.loads(done.stdout)["counts"]["respondents"] > 60


def test_json_has_facts_codebook_and_gaps(survey: Path) -> None:
    done = run_command("survey", "describe", survey, "--json")
    printed = json.loads(done.stdout)
    assert printed["command"] == "survey describe"
    assert printed["counts"] == {"columns": 48, "rows looked at": 80}
    result = printed["result"]
    assert list(result) == KEYS
    assert list(result["columns"][0]) == COLUMN_KEYS
    assert (result["format"], result["known"], result["rows"], result["all_rows"]) == ("table", None, 80, True)
    assert result["todo"] == ["title", "citation", "licence", "country.constant"]
    columns = {column["name"]: column for column in result["columns"]}
    assert columns["mfq_1"]["missing"] == ["97", "98"]
    assert columns["mfq_1"]["labels"]["5"] == "Describes me extremely well"
    assert (columns["mfq_1"]["low"], columns["mfq_1"]["high"]) == (1, 5)
    assert columns["respid"]["examples"] == []
    assert columns["respid"]["low"] is None
    assert parse_yaml(result["codebook"], "json")["id"] == "respid"


def test_documentation_is_read_beside_the_file(survey: Path, tmp_path: Path) -> None:
    xml = tmp_path / "kenya.xml"
    xml.write_text(ddi(kenya(3)), encoding="utf-8")
    done = run_command("survey", "describe", survey, "--ddi", xml, "--json")
    assert json.loads(done.stdout)["result"]["todo"] == []


@pytest.mark.parametrize(
    ("options", "code"),
    [(("--framework", "mfq3"), "framework-unknown"), (("--ddi", "none.xml"), "disk-error")],
)
def test_wrong_options_are_said(survey: Path, options: tuple[str, ...], code: str) -> None:
    done = run_command("survey", "describe", survey, *options, "--json")
    assert done.returncode == 2
    assert failure(done)["code"] == code


def test_an_unknown_survey_is_led_here(survey: Path, tmp_path: Path) -> None:
    done = run_command("init", tmp_path / "study", "--survey", survey, "--json")
    assert failure(done)["code"] == "survey-unrecognised"
    assert "mvpbench survey describe" in failure(done)["way_out"]


def test_a_known_survey_is_named(tmp_path: Path) -> None:
    from tests.synthetic import wvs7

    done = run_command("survey", "describe", wvs7(30).write(tmp_path / "wvs.csv"))
    assert "the built-in codebook `wvs7` reads it" in done.stdout
    assert "next: mvpbench init DIR --survey" in done.stdout
