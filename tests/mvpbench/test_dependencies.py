"""What pyproject.toml asks for is what the code imports: no more in the core, no less anywhere."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
OURS = ("schemas", "builder", "annotation", "release", "eval", "mvpbench")
ELSEWHERE = {ROOT / "annotation" / "server" / "launch.py"}
"""Runs in the environment of the Label Studio server, which has its own constraints."""


def modules_in(path: Path) -> Iterator[str]:
    """Yield the top-level module of every import in a file, those inside functions too."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def imported() -> set[str]:
    """Return the packages whose modules our code imports."""
    files = {path for folder in OURS for path in (ROOT / folder).rglob("*.py")} - ELSEWHERE
    modules = {module for path in files for module in modules_in(path)} - {*OURS, *sys.stdlib_module_names}
    known = packages_distributions()
    return {canonicalize_name(known.get(module, [module])[0]) for module in modules}


def declared() -> dict[str, set[str]]:
    """Return the packages that pyproject.toml asks for: of the core and of each extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lists = {"core": project["dependencies"], **project["optional-dependencies"]}
    return {name: {canonicalize_name(Requirement(line).name) for line in lines} for name, lines in lists.items()}


def test_everything_imported_is_asked_for() -> None:
    asked = {package for name, packages in declared().items() if name != "dev" for package in packages}
    assert imported() - asked == set()


def test_everything_in_the_core_is_imported() -> None:
    assert declared()["core"] - imported() == set()


def test_every_extra_but_that_of_developers_is_imported() -> None:
    for name, packages in declared().items():
        assert name == "dev" or packages & imported(), name


def test_the_constraints_pin_everything_asked_for() -> None:
    lines = (ROOT / "mvpbench" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.split("==")[0] for line in lines if "==" in line}
    assert set().union(*declared().values()) - pinned == set()
