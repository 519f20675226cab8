"""docs/agreement.md: every command on the page prints what the page says."""

import re

import pytest

from tests.test_extend_page import ROOT, matches, printed, typed

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs" / "agreement.md").read_text(encoding="utf-8")
COMMANDS = [
    one for block in re.findall(r"^```\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL) for one in typed(block)
]


def test_there_are_examples() -> None:
    assert len(COMMANDS) == 3


@pytest.mark.parametrize(("command", "expected"), COMMANDS)
def test_an_example_prints_what_the_page_says(
    command: str, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT / "docs" / "examples" / "agreement")
    found = printed(command)
    assert matches(expected, found), "\n".join([command, *found])
