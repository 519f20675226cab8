"""Documentation under test: every command is documented, and every command documented is there."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main

from mvpbench.cli.app import app

ROOT = Path(__file__).parents[1]


def commands(group: Any, path: str = "mvpbench") -> set[str]:
    """Return the full names of all commands under `group`, a click group (typer brings its own click)."""
    found: set[str] = set()
    for name, command in group.commands.items():
        full = f"{path} {name}"
        found |= commands(command, full) if hasattr(command, "commands") else {full}
    return found


@pytest.fixture(scope="module")
def real() -> set[str]:
    return commands(typer.main.get_command(app))


def test_every_command_is_documented_and_every_documented_command_is_there(real: set[str]) -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(mvpbench [^`]+)` \|", page, flags=re.MULTILINE)
    documented = {next(name for name in sorted(real, key=len, reverse=True) if row.startswith(name)) for row in rows}
    assert documented == real
    assert len(rows) == len(real)


@pytest.mark.parametrize("page", sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/**/*.md")))
def test_pages_name_only_commands_that_are_there(page: str, real: set[str]) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    groups = {name.rsplit(" ", 1)[0] for name in real}
    for used in re.findall(r"`(mvpbench(?: [a-z]+)+)", text):
        words = used.split()
        known = any(" ".join(words[:count]) in real | groups for count in (2, 3) if len(words) >= count)
        assert known, used


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/architecture.md"])
def test_links_and_files_named_are_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)[)#]", text):
        if not target.startswith("http"):
            assert ((ROOT / page).parent / target).exists(), target
    for target in re.findall(r"`((?:builder|mvpbench|eval|release|annotation|schemas|tests)/[\w./]+)`", text):
        assert (ROOT / target).exists() or "NAME" in target, target


def test_the_readme_fits_one_page() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 70
