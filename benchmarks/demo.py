"""The demo from nothing to its report, as a user runs it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from annotation.server.environment import server_home
from benchmarks.material import COMMAND, silent
from benchmarks.measure import Figure, timed_process
from schemas.results import DemoResult


def figures() -> Iterator[Figure]:
    """Yield the seconds of one run by step, in a new folder, with the server's environment made before."""
    server_home(silent)
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "demo"
        spent = timed_process([COMMAND, "demo", str(study)])
        result = DemoResult.model_validate_json((study / "reports" / "demo.json").read_bytes())
    yield Figure("demo", "the whole demo, wall", spent.wall, "s", "under 360")
    yield Figure("demo", "the whole demo, CPU, server included", spent.cpu, "s")
    yield Figure("demo", "most memory of a process, server included", spent.megabytes, "MB")
    for number, step in enumerate(result.steps, start=1):
        name, _, _ = step.name.partition(":")
        yield Figure("demo", f"{number}. {name}", step.seconds, "s")
