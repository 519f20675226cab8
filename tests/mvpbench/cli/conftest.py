"""A study of the bundled sample with its questions, made once by the commands themselves; tests work on copies."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mvpbench.cli.app import app
from tests.whole import COMMAND

SAMPLE = Path(__file__).parents[3] / "mvpbench" / "demo" / "sample"


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def run_command(*arguments: str | Path, **environment: str) -> Done:
    """Run the command line in this process, without a terminal: an import costs more than most commands."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200", **environment})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


def run_process(*arguments: str | Path, **environment: str) -> Done:
    """Run `mvpbench` as a process of its own, as a user would."""
    done = subprocess.run(
        [COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "COLUMNS": "200", **environment},
    )
    return Done(done.returncode, done.stdout, done.stderr)


def failure(done: Done) -> dict[str, Any]:
    """Return the error that `--json` printed; stdout holds that one object and nothing else."""
    printed = json.loads(done.stdout)
    assert printed["ok"] is False
    assert "Traceback" not in done.stderr
    error: dict[str, Any] = printed["error"]
    return error


@pytest.fixture(scope="session")
def made_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study up to `generate`; never written to."""
    study = tmp_path_factory.mktemp("cli") / "study"
    for arguments in (
        ("init", study, "--survey", SAMPLE, "--country", "birth"),
        ("survey", "import", "--study", study),
        ("profile", "--study", study),
        ("generate", "--study", study),
    ):
        done = run_command(*arguments)
        assert done.returncode == 0, done.stderr
    return study


@pytest.fixture
def study(made_study: Path, tmp_path: Path) -> Path:
    """A copy to do with as one likes."""
    return Path(shutil.copytree(made_study, tmp_path / "study"))
