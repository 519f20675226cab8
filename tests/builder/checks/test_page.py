"""docs/question-checks.md is what the code says."""

import re
from pathlib import Path

from builder.checks import CHECKS
from builder.checks.explain import IN_PART, checks_table
from builder.checks.words import FOLDER

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "question-checks.md"


def test_the_page_holds_the_table_of_the_checks() -> None:
    assert checks_table() in PAGE.read_text(encoding="utf-8")


def test_the_table_has_a_row_a_check_in_their_order() -> None:
    assert re.findall(r"^\| `([a-z-]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE) == list(CHECKS)
    assert set(IN_PART) < set(CHECKS)


def test_files_named_on_the_page_are_there() -> None:
    named = re.findall(r"`(builder/[\w./]+)`", PAGE.read_text(encoding="utf-8"))
    assert named
    assert all((ROOT / name).exists() for name in named)
    assert FOLDER.relative_to(ROOT).as_posix() in named
