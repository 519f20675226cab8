"""docs/extend-a-country.md, typed word by word: what it says comes out, and the report is green."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.mvpbench.cli.conftest import run_command

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "extend-a-country.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
SECONDS = re.compile(r"\d+\.\d s")


def typed(block: str) -> list[tuple[str, list[str]]]:
    """The commands of a block, each with the lines that the page says it prints."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [(lines[0], lines[1:]) for lines in (part.rstrip("\n").split("\n") for part in parts)]


def printed(command: str) -> list[str]:
    """What a command prints, progress before results, without the seconds it took."""
    tool, *arguments = shlex.split(command)
    assert tool == "mvpbench"
    done = run_command(*arguments, COLUMNS="120")
    lines = [line for line in f"{done.stderr}{done.stdout}".split("\n") if not SECONDS.fullmatch(line)]
    return lines[:-1] if lines and not lines[-1] else lines


def matches(expected: list[str], found: list[str]) -> bool:
    """Whether the lines are those expected, `...` standing for any lines."""
    pattern = "\n".join(r"(?:.*\n)*?.*" if line == "..." else re.escape(line) for line in expected)
    return re.fullmatch(pattern, "\n".join(found)) is not None


def fill_in(file: Path, block: str) -> None:
    """Write what a block of the page says in the places of a file where it is missing, as a person would."""
    text = file.read_text(encoding="utf-8")
    for key, value in re.findall(r"^( *\w+:) (.+(?:\n  (?!\w+:)\w.*)*)$", block, flags=re.MULTILINE):
        place = re.compile(rf"^{re.escape(key)}(?: (?:null|\"\"))? *(?:#.*)?$", re.MULTILINE)
        text, count = place.subn(lambda _, new=f"{key} {value}": new, text, count=1)
        assert count == 1, key
    file.write_text(text, encoding="utf-8")


def test_a_country_that_no_pack_knows_is_added_as_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "kenya"
    work.mkdir()
    shutil.copy(ROOT / "docs" / "examples" / "kenya" / "kenya.sav", work)
    folder, filled = work, 0
    for block in BLOCKS[1:]:  # the first makes the folder and copies the file
        if not block.startswith("$"):
            pack = folder / "countries" / "KE" / "country.yaml"
            fill_in(pack if pack.exists() else folder / "codebook.yaml", block)
            filled += 1
        for command, expected in typed(block):
            if command.startswith("cd "):
                folder = folder / command.removeprefix("cd ")
                continue
            monkeypatch.chdir(folder)
            found = printed(command)
            assert matches(expected, found), "\n".join([command, *found])
    assert filled == 4
    assert folder == work / "study"
    report = (folder / "reports" / "country-KE.md").read_text(encoding="utf-8")
    assert "🟢 **Ready**" in report
    assert "1,973 pairs at most" in PAGE  # before there is a study, and as the report has it:
    assert "at most 1,973 pairs" in report
    assert "| written 50; read by: nobody has said |" in report
    assert (work / "kenya.html").stat().st_size > 10_000
