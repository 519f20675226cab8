"""`mvpbench generate` with its options: what fits together, what `--json` says, and how it ends."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mvpbench.chat.server import LocalServer, local_server
from mvpbench.cli import main
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study
from schemas.batches import CollectResult, ForgetResult, SubmitResult
from schemas.results import EstimateResult
from tests.builder.disturbed import KEY_ENV, PRICES, at, profiled
from tests.mvpbench.cli.conftest import Done, failure, run_command

pytestmark = pytest.mark.slow

PEOPLE = 8


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return profiled(tmp_path_factory.mktemp("prepared") / "study", people=PEOPLE)


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with local_server() as running:
        yield running


@pytest.fixture
def study(prepared: Study, server: LocalServer, tmp_path: Path) -> Study:
    return at(server, prepared, tmp_path / "study")


def generate(study: Study, *options: str | Path) -> Done:
    return run_command("generate", "--study", study.root, *options, **{KEY_ENV: "none"})


def printed(done: Done) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    assert (said["command"], said["ok"]) == ("generate", True)
    assert set(said) == {"command", "ok", "counts", "dropped", "outputs", "seconds", "result"}
    return said


def made(study: Study) -> set[str]:
    return {path.name for path in study.tables.iterdir()} & {
        f"{name}.parquet" for name in ("matches", "questions", "instances")
    }


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--estimate", "--preview", "2"), "--estimate and --preview"),
        (("--preview", "2", "--batch", "submit"), "--preview and --batch submit"),
        (("--estimate", "--batch", "collect"), "--estimate and --batch collect"),
        (("--estimate", "--html", "p.html"), "--estimate and --html"),
        (("--html", "p.html", "--preview", "1", "--batch", "submit"), "--preview and --html and --batch submit"),
        (("--estimate", "--max-usd", "1"), "--estimate and --max-usd"),
        (("--html", "p.html", "--max-usd", "1"), "--html and --max-usd"),
        (("--batch", "collect", "--max-usd", "1"), "--batch collect and --max-usd"),
        (("--batch", "forget", "--max-usd", "1"), "--batch forget and --max-usd"),
    ],
)
def test_options_that_do_not_fit_are_named_before_anything_is_done(
    tmp_path: Path, options: tuple[str, ...], found: str
) -> None:
    """There is not even a study here."""
    done = run_command("generate", "--study", tmp_path, "--json", *options)
    error = failure(done)
    assert (done.returncode, error["code"], error["found"]) == (2, "options-unfit", found)
    told = run_command("generate", "--study", tmp_path, *options)
    assert (told.returncode, told.stdout) == (2, "")
    assert found in told.stderr


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--preview", "0"), "--preview"),
        (("--preview", "few"), "--preview"),
        (("--max-usd", "-1"), "--max-usd"),
        (("--max-usd", "nan"), "--max-usd"),
        (("--max-usd", "inf"), "--max-usd"),
        (("--batch", "both"), "--batch"),
    ],
)
def test_a_value_that_is_none_is_wrong_use(
    study: Study,
    server: LocalServer,
    options: tuple[str, ...],
    found: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(KEY_ENV, "none")
    with pytest.raises(SystemExit) as caught:
        main(("generate", "--study", str(study.root), "--yes", *options, "--json"))
    error = json.loads(capsys.readouterr().out)["error"]
    assert (caught.value.code, error["code"], server.requests) == (2, "wrong-use", 0)
    assert f"invalid value for '{found}'" in error["found"]


def test_an_estimate_needs_no_yes_and_touches_nothing(study: Study, server: LocalServer) -> None:
    said = printed(generate(study, "--estimate", "--json"))
    result = EstimateResult.model_validate(said["result"])
    assert said["counts"] == {
        "model calls": result.calls,
        "prompt tokens": result.prompt_tokens,
        "completion tokens": result.completion_tokens,
    }
    assert result.calls > PEOPLE
    assert (said["dropped"], said["outputs"]) == ({}, [])
    assert (made(study), study.journal.exists(), server.requests) == (set(), False, 0)
    told = generate(study, "--estimate").stdout
    assert f"about ${result.usd:,.2f}" in told
    assert "of the model calls are the judge's" in told
    assert "next: mvpbench generate\n" in told


def test_an_estimate_without_a_price_says_so(study: Study) -> None:
    config = study.config_file.read_text(encoding="utf-8")
    study.config_file.write_text(config.replace(f", {PRICES}", "", 1), encoding="utf-8")
    assert printed(generate(study, "--estimate", "--json"))["result"]["usd"] is None
    assert "no price is known" in generate(study, "--estimate").stdout


def test_a_preview_is_paid_once_and_leaves_no_table(study: Study, server: LocalServer) -> None:
    refused = generate(study, "--preview", "4", "--json")
    assert (refused.returncode, failure(refused)["code"], server.requests) == (2, "needs-yes", 0)
    said = printed(generate(study, "--preview", "4", "--yes", "--json"))
    assert set(said["counts"]) == {"questions"}
    assert (said["result"], said["outputs"], made(study)) == ({}, [], set())
    paid = server.requests
    assert paid > 0
    told = generate(study, "--preview", "4")
    assert (told.returncode, server.requests) == (0, paid)
    assert " · " in told.stdout
    printed(generate(study, "--yes", "--json"))
    assert set(server.paid.values()) == {1}


def test_a_bound_ends_with_75_and_the_rest_is_made_with_more(study: Study, server: LocalServer) -> None:
    done = generate(study, "--yes", "--max-usd", "0.01", "--json")
    error = failure(done)
    assert (done.returncode, error["code"], error["subject"]) == (75, "budget-spent", "--max-usd")
    assert "of $0.0100 spent in this run" in error["found"]
    with Journal(study.journal, view=True) as journal:
        assert 0 < journal.spent().usd <= 0.01
    assert generate(study, "--yes", "--max-usd", "100").returncode == 0
    assert set(server.paid.values()) == {1}


def test_a_run_says_what_it_paid_and_a_second_one_that_it_paid_nothing(study: Study) -> None:
    first = generate(study, "--yes")
    with Journal(study.journal, view=True) as journal:
        spent = journal.spent()
    assert f"{spent.calls:,} model calls replied to" in first.stdout
    assert f"${spent.usd:,.4f} of known prices" in first.stdout
    assert "model calls" not in generate(study).stdout


def test_batches_are_handed_over_and_collected(study: Study, server: LocalServer) -> None:
    refused = generate(study, "--batch", "submit", "--json")
    assert (refused.returncode, failure(refused)["code"], server.requests) == (2, "needs-yes", 0)
    small = generate(study, "--batch", "submit", "--yes", "--max-usd", "0.001", "--json")
    assert (small.returncode, failure(small)["code"], server.requests) == (2, "batch-over-budget", 0)
    submitted = printed(generate(study, "--batch", "submit", "--yes", "--json"))
    result = SubmitResult.model_validate(submitted["result"])
    assert (result.created, result.adopted, result.waiting) == (1, 0, 0)
    assert submitted["counts"] == {"batches": 1, "calls": result.calls, "calls in earlier batches": 0}
    meanwhile = generate(study, "--yes", "--json")
    assert (meanwhile.returncode, failure(meanwhile)["code"]) == (75, "batch-open")
    again = printed(generate(study, "--batch", "submit", "--json"))
    assert again["result"] == {"created": 0, "adopted": 0, "calls": 0, "waiting": result.calls, "elsewhere": {}}
    collected = printed(generate(study, "--batch", "collect", "--json"))
    brought = CollectResult.model_validate(collected["result"])
    assert (brought.replies, brought.open_batches, brought.open_calls) == (result.calls, 0, 0)
    assert collected["counts"] == {"replies": result.calls, "calls in open batches": 0, "calls left": brought.left}
    assert made(study) == {"matches.parquet"}
    printed(generate(study, "--yes", "--json"))
    assert set(server.paid.values()) == {1}


def test_giving_up_a_batch_needs_a_yes_and_says_what_it_means(study: Study, server: LocalServer) -> None:
    result = SubmitResult.model_validate(printed(generate(study, "--batch", "submit", "--yes", "--json"))["result"])
    config = study.config_file.read_text(encoding="utf-8")
    study.config_file.write_text(config.replace(server.url, "http://127.0.0.1:9/v1"), encoding="utf-8")
    refused = generate(study, "--batch", "forget", "--json")
    assert (refused.returncode, failure(refused)["code"]) == (2, "needs-yes")
    assert f"1 batch went to {server.url}" in failure(refused)["found"]
    assert "may be paid again" in failure(refused)["found"]
    given_up = printed(generate(study, "--batch", "forget", "--yes", "--json"))
    assert ForgetResult.model_validate(given_up["result"]) == ForgetResult(batches=1, calls=result.calls)
    assert printed(generate(study, "--batch", "forget", "--json"))["counts"] == {"batches given up": 0, "calls": 0}


def test_a_batch_of_what_no_model_writes_is_refused(study: Study, server: LocalServer) -> None:
    config = study.config_file.read_text(encoding="utf-8")
    writer = next(line for line in config.splitlines() if line.startswith("  writer:"))
    study.config_file.write_text(config.replace(writer, "  writer: {kind: template}"), encoding="utf-8")
    for step in ("submit", "collect"):
        done = generate(study, "--batch", step, "--yes", "--json")
        assert (done.returncode, failure(done)["code"], server.requests) == (2, "batch-by-template", 0)


def test_a_page_needs_what_was_generated(study: Study, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = generate(study, "--html", page, "--json")
    assert (done.returncode, failure(done)["code"]) == (2, "table-missing")
    wrong = generate(study, "--html", tmp_path / "page.txt", "--json")
    assert (wrong.returncode, failure(wrong)["code"]) == (2, "page-ending")
    assert not page.exists()
    assert generate(study, "--yes").returncode == 0
    said = printed(generate(study, "--html", page, "--json"))
    assert (said["outputs"], page.exists()) == ([str(page)], True)
