"""`mvpbench country`: what a newcomer types, from the list to the report, and what stops them."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from mvpbench.chat.server import local_server
from tests.builder.countries.made import begun_study, own_pack, profiled_study
from tests.mvpbench.cli.conftest import failure, run_command, run_process

pytestmark = pytest.mark.slow


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """A study whose survey is not imported yet."""
    return begun_study(tmp_path / "study").root


@pytest.fixture(scope="module")
def profiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of 60 people of Kenya, which as a medium community has enough of them."""
    root = profiled_study(tmp_path_factory.mktemp("country") / "study").root
    return own_pack(root, community={"size": 5_000_000, "source": "a census"})


def requests(study: Path) -> set[str]:
    """What models were asked so far, without how a reply is mended."""
    with closing(sqlite3.connect(study / "journal.db")) as journal:
        return {text for (text,) in journal.execute("SELECT request FROM calls") if '"assistant"' not in text}


def printed(*arguments: str | Path) -> dict[str, Any]:
    done = run_command(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_the_built_in_packs_are_listed_without_a_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = printed("country", "list")["result"]
    assert len(result["countries"]) == 27
    assert {one["built_in"] for one in result["countries"]} == {True}


def test_a_study_is_listed_with_its_people_and_who_has_no_pack(profiled: Path) -> None:
    result = printed("country", "list", "--study", profiled)["result"]
    assert {one["code"]: one["respondents"] for one in result["countries"]}["KE"] == 60
    assert result["without_pack"] == []


def test_from_init_to_what_is_left_to_fill_in(begun: Path) -> None:
    made = run_command("country", "init", "Kenya", "--languages", "sw,en", "--study", begun)
    assert made.returncode == 0, made.stderr
    assert "wrote countries/KE/country.yaml" in made.stdout
    assert "next: mvpbench country check KE" in made.stdout
    done = run_command("country", "check", "KE", "--study", begun)
    assert done.returncode == 1
    assert "KE Kenya (countries/KE, size unknown): not ready, 2 errors, " in done.stdout
    for told in ("error    community-unset   community.size: nothing", "card-unset", "warning  pay-floor-unset"):
        assert told in done.stdout
    assert "not measured yet: people, sides and pairs: " in done.stdout
    assert "next: mend the errors in countries/KE, then `mvpbench country check KE`" in done.stdout


def test_a_failed_check_is_a_result_with_an_error_beside_it(begun: Path) -> None:
    run_command("country", "init", "KE", "--languages", "sw", "--study", begun)
    done = run_command("country", "check", "--study", begun, "--json")
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["ok"]) == (1, False)
    assert answer["error"]["code"] == "country-not-ready"
    assert answer["error"]["found"] == "errors: card-unset, community-unset"
    (checked,) = answer["result"]["countries"]
    assert (checked["code"], checked["ready"]) == ("KE", False)


def test_a_pack_alone_is_checked_offline_in_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    started = monotonic()
    done = run_process("country", "check", "DE")
    assert done.returncode == 0, done.stdout
    assert monotonic() - started < 10
    assert "no study here, the pack alone was checked" in done.stdout
    assert run_command("country", "check", "DE", "--recruiting").returncode == 1


def test_the_way_from_check_over_pilot_to_report(profiled: Path) -> None:
    before = {path: path.read_bytes() for path in (profiled / "tables").iterdir()}
    checked = run_command("country", "check", "KE", "--study", profiled)
    assert checked.returncode == 0, checked.stdout
    assert "next: mvpbench country pilot KE --n 30" in checked.stdout
    piloted = run_command("country", "pilot", "KE", "--n", "30", "--study", profiled)
    assert piloted.returncode == 0, piloted.stderr
    assert "the pilot's price: nothing" in piloted.stderr
    assert "next: mvpbench country report KE" in piloted.stdout
    again = run_command("country", "check", "KE", "--study", profiled).stdout
    assert "pilot-missing" not in again
    assert "warning  pilot-unread   pilot.read_by: 30 questions written, and nobody has said" in again
    reported = run_command("country", "report", "KE", "--study", profiled)
    assert "wrote reports/country-KE.md" in reported.stdout
    page = (profiled / "reports" / "country-KE.md").read_text(encoding="utf-8")
    assert page.splitlines()[2].startswith("🟢 **Ready**")
    assert {path: path.read_bytes() for path in (profiled / "tables").iterdir()} == before


@pytest.mark.slow
def test_a_pilot_that_costs_money_says_the_price_and_needs_a_yes(tmp_path: Path) -> None:
    writer = "{kind: openai, model: m, base_url: 'http://127.0.0.1:9/v1', key_env: MVPBENCH_TEST_KEY"
    prices = "price_per_million_prompt_tokens: 1, price_per_million_completion_tokens: 1}"
    study = profiled_study(tmp_path / "study", extra=f"generate: {{writer: {writer}, {prices}}}\n").root
    done = run_command("country", "pilot", "KE", "--n", "3", "--study", study, "--json", MVPBENCH_TEST_KEY="k-secret")
    assert done.returncode == 2
    assert "the pilot's price: 3 model calls to m at http://127.0.0.1:9/v1 (about $0.0" in done.stderr
    assert failure(done)["code"] == "needs-yes"
    assert list((study / "reports").iterdir()) == []


@pytest.mark.slow
def test_a_packs_prompts_reach_the_model_and_are_paid_once(tmp_path: Path) -> None:
    """In the pilot, and in `generate` for the same pairs; for no other country, of which there is none here."""
    with local_server() as server:
        writer = f"{{kind: openai, model: tiny, base_url: '{server.url}', key_env: MVPBENCH_TEST_KEY}}"
        study = profiled_study(tmp_path / "study", extra=f"generate: {{writer: {writer}}}\n").root
        own_pack(study, prompts={"topic": "Kuhusu {{ area }}."})
        key = {"MVPBENCH_TEST_KEY": "k-secret"}
        done = run_command("country", "pilot", "KE", "--n", "3", "--yes", "--study", study, **key)
        assert done.returncode == 0, done.stderr
        piloted = requests(study)
        again = run_command("country", "pilot", "KE", "--n", "3", "--study", study)
        assert "the pilot's price: nothing" in again.stderr
        assert requests(study) == piloted
        assert run_command("generate", "--yes", "--study", study, **key).returncode == 0
    assert len(piloted) == 3
    assert piloted < requests(study)
    assert all("Kuhusu " in request for request in requests(study))
    assert '"overridden": [\n    "topic"' in (study / "reports" / "pilot-KE.json").read_text(encoding="utf-8")
    # Another prompt makes the questions stale.
    own_pack(study, prompts={"topic": "About {{ area }}."})
    tables = printed("status", "--study", study)["result"]["tables"]
    stale = {one["table"]: one["stale"] for one in tables}
    assert stale["questions"] == ["prompt topic of the country pack KE changed"]
    assert stale["matches"] == []


def test_a_rule_is_explained(tmp_path: Path) -> None:
    done = run_command("country", "check", "--explain", "pay-floor-unset")
    assert done.returncode == 0
    assert done.stdout.startswith("pay-floor-unset (warning, an error before recruiting; looks at the pack)\n  expects")
    assert failure(run_command("country", "check", "--explain", "pay", "--json"))["code"] == "rule-unknown"
    assert len(printed("country", "check", "--explain", "all")["result"]["rules"]) > 30


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("check", "Atlantis"), "country-unknown"),
        (("check", "KE"), "pack-missing"),
        (("check",), "no-packs"),
        (("init", "KE", "--languages", "xx"), "language-invalid"),
        (("pilot", "KE"), "pack-missing"),
        (("report", "KE"), "pack-missing"),
    ],
)
def test_bad_input_is_one_message_and_nothing_is_written(begun: Path, arguments: tuple[str, ...], code: str) -> None:
    before = sorted(begun.rglob("*"))
    done = run_command("country", *arguments, "--study", begun, "--json")
    assert done.returncode == 2
    assert failure(done)["code"] == code
    assert sorted(begun.rglob("*")) == before


def test_a_study_that_is_named_and_not_there_is_refused(tmp_path: Path) -> None:
    done = run_command("country", "check", "DE", "--study", tmp_path / "none", "--json")
    assert (done.returncode, failure(done)["code"]) == (2, "not-a-study")


def test_a_pack_that_yaml_cannot_read_is_bad_input(begun: Path) -> None:
    own_pack(begun, text="code: KE\ncode: KE\n")
    done = run_command("country", "check", "--study", begun, "--json")
    assert done.returncode == 2
    assert failure(done)["found"] == "`code` a second time"


def test_the_schema_of_a_pack_is_printed() -> None:
    schema = json.loads(run_command("schema", "country").stdout)
    assert schema["title"] == "CountryPack"
    assert schema["additionalProperties"] is False
