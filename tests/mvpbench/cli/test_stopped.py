"""Ctrl-C and a kind kill: exit 75, nothing on stdout but the object, and the same command goes on to the same bytes."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mvpbench.chat.server import Fault, LocalServer, local_server
from mvpbench.store.journal import Journal
from tests.mvpbench.cli.conftest import run_command
from tests.whole import COMMAND

pytestmark = pytest.mark.slow

KEY = {"MVPBENCH_TEST_KEY": "none"}
SENT = r" of (?!20 )\d+ calls sent"
"""Said once the first twenty orders, by which the model is tried, are done."""
WRITTEN = ("matches", "questions", "instances")
HANGS = range(31, 47)
"""Of the requests in order of arrival: more than are in flight at once, so that the command waits to be stopped."""


@dataclass(frozen=True)
class Paid:
    """A study whose questions a model is to write, at a server that will not answer all of the first run."""

    root: Path
    server: LocalServer

    def tables(self) -> dict[str, bytes]:
        """Return the bytes of what `generate` makes."""
        return {name: (self.root / "tables" / f"{name}.parquet").read_bytes() for name in WRITTEN}


def to_be_written_by(study: Path, url: str) -> None:
    """Put the openai writer at `url` into study.yaml, and fewer questions: one recipe, two a couple."""
    config = study / "study.yaml"
    text = config.read_text(encoding="utf-8").replace("[sides, tradeoff]", "[sides]\n  max_per_couple: 2")
    writer = f"writer: {{kind: openai, model: m, base_url: '{url}', key_env: MVPBENCH_TEST_KEY}}"
    config.write_text(text.replace("writer: {kind: template}", writer), encoding="utf-8")


@pytest.fixture
def paid(study: Path) -> Iterator[Paid]:
    with local_server(faults=dict.fromkeys(HANGS, Fault.HANG)) as server:
        to_be_written_by(study, server.url)
        yield Paid(study, server)


def start(*arguments: str | Path, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [COMMAND, *map(str, arguments)],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, **KEY, "COLUMNS": "200"},
    )


def stop_at(process: subprocess.Popen[str], progress: str, how: signal.Signals) -> tuple[str, str]:
    """Send `how` at the first line of stderr that `progress` is found in; return what was printed, and said after."""
    assert process.stderr is not None
    try:
        assert any(re.search(progress, line) for line in process.stderr), "ended before it was stopped"
        process.send_signal(how)
        return process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_command_ends_with_75_and_run_again_with_the_same_bytes(
    paid: Paid, tmp_path: Path, how: signal.Signals
) -> None:
    undisturbed = Paid(Path(shutil.copytree(paid.root, tmp_path / "undisturbed")), paid.server)
    command = ("generate", "--study", paid.root, "--yes", "--json")
    process = start(*command)
    printed, said = stop_at(process, SENT, how)
    assert process.returncode == 75
    assert json.loads(printed)["error"]["code"] == "stopped"
    assert json.loads(printed)["ok"] is False
    assert said == ""
    with Journal(paid.root / "journal.db", view=True) as journal:
        before = journal.spent()
    assert 0 < before.calls < HANGS.start
    assert before.unfinished > 0
    paid.server.faults = {}
    assert run_command(*command, **KEY).returncode == 0
    with Journal(paid.root / "journal.db", view=True) as journal:
        after = journal.spent()
    assert after.attempts == after.calls + before.unfinished  # no call that had its reply was made again
    assert run_command("generate", "--study", undisturbed.root, "--yes", **KEY).returncode == 0
    assert paid.tables() == undisturbed.tables()


def test_a_stopped_command_tells_people_in_one_line(paid: Paid) -> None:
    process = start("generate", "--study", paid.root, "--yes")
    printed, said = stop_at(process, SENT, signal.SIGINT)
    assert process.returncode == 75
    assert (printed, said) == ("", "generate: stopped. run the same command again to go on\n")


@pytest.mark.parametrize(
    ("typed", "how", "code"),
    [
        ("", signal.SIGINT, "stopped"),
        ("", signal.SIGTERM, "stopped"),
        ("n\n", None, "declined"),
        ("\x04", None, "declined"),
    ],
)
def test_a_question_that_is_not_agreed_to_stops_and_spends_nothing(
    paid: Paid, typed: str, how: signal.Signals | None, code: str
) -> None:
    keyboard, terminal = pty.openpty()
    try:
        process = start("generate", "--study", paid.root, "--json", stdin=terminal)
        assert process.stderr is not None
        asked = ""
        while "Go on?" not in asked:
            read = process.stderr.read(1)
            assert read, asked
            asked += read
        if how is None:
            os.write(keyboard, typed.encode())
        else:
            process.send_signal(how)
        printed, _ = process.communicate(timeout=60)
    finally:
        os.close(keyboard)
        os.close(terminal)
    assert process.returncode == 75
    assert json.loads(printed)["error"]["code"] == code
    assert printed.startswith("{")
    assert paid.server.requests == 0
    assert "model calls to m at" in asked
