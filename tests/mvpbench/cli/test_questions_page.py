"""`mvpbench generate --html`."""

import json
from pathlib import Path

import pytest

from tests.mvpbench.cli.conftest import failure, run_command

pytestmark = pytest.mark.slow


def test_the_page_is_written_and_nothing_generated(made_study: Path, tmp_path: Path) -> None:
    page, journal = tmp_path / "page.html", (made_study / "journal.db").read_bytes()
    done = run_command("generate", "--study", made_study, "--html", page, "--json")
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed["outputs"] == [str(page)]
    assert printed["counts"]["questions"] > 100
    assert "SYNTHETIC" in page.read_text(encoding="utf-8")
    assert (made_study / "journal.db").read_bytes() == journal


def test_a_page_of_a_preview_is_refused(made_study: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = run_command("generate", "--study", made_study, "--html", page, "--preview", "2", "--json")
    assert (done.returncode, failure(done)["code"]) == (2, "options-unfit")
    assert not page.exists()
