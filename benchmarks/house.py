"""The command line's start and the journal's commits."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Figure, median_process
from mvpbench.store.journal import Journal
from schemas.chat import ChatReply, ChatRequest, Message, Usage

HEAVY = ("pandas", "numpy", "scipy", "sklearn", "pyarrow", "torch", "transformers", "openai", "label_studio_sdk")
HELP_RUNS = 9
COMMITS = 1000


def figures() -> Iterator[Figure]:
    """Yield the figures of `mvpbench --help` and of the journal."""
    command = str(Path(sys.executable).with_name("mvpbench"))
    spent = median_process([command, "--help"], HELP_RUNS)
    yield Figure("house", "mvpbench --help, median wall", spent.wall, "s", "under 0.4")
    yield Figure("house", "mvpbench --help, heavy packages imported", float(len(_heavy_after_help())), "packages", "0")
    yield Figure("house", "journal, calls begun and finished (2 commits each)", _journal_calls_per_second(), "calls/s")


def _heavy_after_help() -> list[str]:
    code = (
        "import sys, mvpbench.cli.app\n"
        "sys.argv = ['mvpbench', '--help']\n"
        "try:\n    mvpbench.cli.app.main()\nexcept SystemExit:\n    pass\n"
        f"print('heavy:', *[name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    return printed.rsplit("heavy:", 1)[1].split()


def _journal_calls_per_second() -> float:
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "journal.db") as journal:
        reply = ChatReply(
            text="x" * 600,
            finish_reason="stop",
            usage=Usage(prompt_tokens=400, completion_tokens=150),
            model="m",
            raw="x" * 900,
        )
        started = time.perf_counter()
        for sample in range(COMMITS):
            request = ChatRequest(model="m", messages=(Message(role="user", content="x" * 1500),), sample=sample)
            journal.finish_attempt(journal.begin_attempt(request), reply=reply)
        return COMMITS / (time.perf_counter() - started)
