"""`Figure`: one measured number beside what was aimed at; `timed_process`: a command with its time and memory."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

KIBIBYTES = 1024
SPAWN = Path(__file__).parent / "spawn.py"


@dataclass(frozen=True)
class Figure:
    """A number; `aim` is what the project set itself, in words, empty where nothing was set."""

    part: str
    what: str
    value: float
    unit: str
    aim: str = ""


@dataclass(frozen=True)
class Spent:
    """What a command took: wall seconds, CPU seconds of all its processes, peak resident megabytes of the largest."""

    wall: float
    cpu: float
    megabytes: float


def timed_process(
    command: Sequence[str], folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> Spent:
    """Run a command to its end and return what it took. Raises CalledProcessError with its output when it fails."""
    with tempfile.TemporaryDirectory() as kept:
        report, said = Path(kept) / "report", Path(kept) / "said"
        with said.open("wb") as output:
            code = subprocess.call(
                [sys.executable, "-S", str(SPAWN), str(report), *command],
                cwd=folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
            )
        if code != 0:
            raise subprocess.CalledProcessError(code, command, said.read_bytes())
        wall, cpu, peak = json.loads(report.read_text(encoding="utf-8"))
    return Spent(wall, cpu, peak / KIBIBYTES)


def median_process(command: Sequence[str], runs: int) -> Spent:
    """Return the medians over `runs` runs, after one that does not count."""
    timed_process(command)
    every = [timed_process(command) for _ in range(runs)]
    return Spent(
        median(one.wall for one in every), median(one.cpu for one in every), max(one.megabytes for one in every)
    )
