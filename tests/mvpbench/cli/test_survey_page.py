"""`mvpbench survey describe --html`, as a process."""

import json
from pathlib import Path

import pytest

from tests.mvpbench.cli.conftest import SAMPLE, run_command


@pytest.mark.slow
def test_the_page_and_its_numbers_as_json(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = run_command("survey", "describe", SAMPLE, "--html", page, "--country", "birth", "--json")
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    overview = printed["result"]["overview"]
    assert printed["outputs"] == [str(page)]
    assert overview["survey"]["country_of"] == "birth"
    assert overview["people"] == printed["counts"]["people"]
    assert "of birth" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--html", "page.html", "--framework", "mfq2"], "found --framework"),
        (["--codebook", "codebook.yaml"], "found --codebook"),
        (["--country", "birth"], "found --country"),
        (["--html", "page.csv"], "found 'page.csv'"),
    ],
)
def test_options_that_do_not_fit_together(options: list[str], found: str) -> None:
    done = run_command("survey", "describe", SAMPLE, *options)
    assert done.returncode == 2
    assert found in done.stderr
    assert not Path("page.csv").exists()
