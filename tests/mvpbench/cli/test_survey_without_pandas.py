"""Survey files are read as `pip install mvpbench` leaves it: pandas and polars are packages of the tests alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builder.survey.draft.made import BY_HAND, kenya, write_dta, write_sav

pytestmark = pytest.mark.slow

BARE = """
import json, sys

class Absent:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in {"pandas", "polars"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
from mvpbench.cli.app import app
for arguments in json.loads(sys.argv[1]):
    code = app(arguments, standalone_mode=False)
    if code:
        sys.exit(code)
"""


@pytest.mark.parametrize("ending", [".sav", ".dta", ".csv"])
def test_a_file_is_described_imported_and_made_a_page_of(tmp_path: Path, ending: str) -> None:
    path, book, study, page = (tmp_path / name for name in (f"kenya{ending}", "book.yaml", "study", "page.html"))
    frame = kenya(60)
    match ending:
        case ".sav":
            write_sav(path, frame)
        case ".dta":
            write_dta(path, frame)
        case _:
            frame.to_csv(path, index=False)
    book.write_text(BY_HAND, encoding="utf-8")
    commands = [
        ["survey", "describe", path, "--draft", tmp_path / "draft.yaml"],
        ["survey", "describe", path, "--html", page, "--codebook", book],
        ["init", study, "--survey", path, "--codebook", book],
        ["survey", "import", "--study", study],
    ]
    told = json.dumps([list(map(str, one)) for one in commands])
    done = subprocess.run([sys.executable, "-c", BARE, told], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "framework: mfq2" in (tmp_path / "draft.yaml").read_text(encoding="utf-8")
    assert "<h1>Values in Kenya" in page.read_text(encoding="utf-8")
    assert "respondents" in done.stdout
