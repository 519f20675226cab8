"""A small study of all three recipes, written by a model, and `generate` on it as processes that are stopped."""

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from builder.run import run_import, run_profile
from builder.survey import built_in_codebooks
from mvpbench.chat.openai_words import body_of
from mvpbench.chat.server import Fault, FaultMix, LocalServer, request_key
from mvpbench.store.study import Study, init_study, open_study
from schemas.chat import ChatRequest
from tests.builder.test_run import answers
from tests.mvpbench.cli.conftest import run_command
from tests.whole import COMMAND

KEY_ENV = "MVPBENCH_TEST_KEY"
NOWHERE = "http://127.0.0.1:1/v1"
PEOPLE = 14
IN_FLIGHT = 8
PATIENCE_S = 120.0
LOOK_S = 0.02

PRICES = "price_per_million_prompt_tokens: 1, price_per_million_completion_tokens: 4"
MODEL = f"base_url: '{NOWHERE}', key_env: {KEY_ENV}, in_flight: {IN_FLIGHT}"
JUDGE = f"  judge: {{model: j, {MODEL}, {PRICES}}}\n"
CONFIG = f"""\
format: 1
name: made
survey: {{file: answers.csv}}
generate:
  recipes: [sides, tradeoff, paper]
  max_per_couple: 2
  writer: {{kind: openai, model: m, {MODEL}, {PRICES}}}
{JUDGE}"""


def profiled(root: Path, config: str = CONFIG, people: int = PEOPLE) -> Study:
    """Return a study that is ready for `generate`, whose model is nowhere yet."""
    codebook = built_in_codebooks()["d3code"].read_text(encoding="utf-8")
    study = init_study(root, config, {"codebook.yaml": codebook, "answers.csv": answers(range(people))})
    run_import(study)
    run_profile(study)
    return study


def at(server: LocalServer, prepared: Study, root: Path) -> Study:
    """Return a copy of a study whose models are at the server."""
    shutil.copytree(prepared.root, root)
    config = root / "study.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace(NOWHERE, server.url), encoding="utf-8")
    return open_study(root)


def mixed(content: Mapping[Fault, float], transport: Mapping[Fault, float], seed: int) -> FaultMix:
    """Return a mix: with other `transport`, the content faults of the same seed stay the same."""
    return FaultMix(rates={**content, **transport}, seed=seed)


def tables(study: Study) -> dict[str, bytes]:
    """Return the bytes of what `generate` made: rows and drops, of every table."""
    return {path.name: path.read_bytes() for path in sorted(study.tables.glob("*.parquet"))}


def start(study: Study, *options: str, **environment: str) -> subprocess.Popen[str]:
    """Start `generate` as a user would."""
    return subprocess.Popen(
        [COMMAND, "generate", "--study", str(study.root), "--yes", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, KEY_ENV: "none", "COLUMNS": "300", **environment},
    )


class Ended(NamedTuple):
    """How a process ended."""

    code: int
    """Exit code; minus the signal that killed it."""
    printed: str
    said: str


class Stop(NamedTuple):
    """When a process is stopped, and how."""

    request: int
    """Once the server has had so many, over all processes; ..."""
    delay_s: float = 0.0
    """... and so long after that."""
    how: signal.Signals = signal.SIGKILL


def run_until(server: LocalServer, process: subprocess.Popen[str], stop: Stop | None = None) -> Ended:
    """Let a process run to its end or until it is stopped."""
    due = time.monotonic() + PATIENCE_S
    with process:
        try:
            while stop is not None and not server.await_requests(stop.request, LOOK_S) and process.poll() is None:
                assert time.monotonic() < due, "never came so far"
            if stop is not None:
                time.sleep(stop.delay_s)
                process.send_signal(stop.how)
            printed, said = process.communicate(timeout=PATIENCE_S)
        finally:
            process.kill()
    return Ended(process.returncode, printed, said)


@dataclass(frozen=True)
class Ledger:
    """What the journal says of every request, by the server's key for it."""

    replied: frozenset[str]
    lost: Counter[str]
    """Attempts whose reply was made and did not arrive."""
    failed: Counter[str]
    """These, and those that were refused."""
    unfinished: Counter[str]
    """Attempts that were in flight when their process was stopped."""


def ledger(study: Study, server: LocalServer) -> Ledger:
    """Read the journal as it is on the disk, by its format."""
    replied, lost, failed, unfinished = set[str](), Counter[str](), Counter[str](), Counter[str]()
    connection = sqlite3.connect(study.journal)
    try:
        rows = connection.execute("SELECT request, state, failure FROM attempts JOIN calls USING (call_id)").fetchall()
    finally:
        connection.close()
    for request, state, failure in rows:
        key = request_key(body_of(ChatRequest.model_validate_json(request), server.url))
        if state == "done":
            replied.add(key)
        elif state == "begun":
            unfinished[key] += 1
        else:
            failed[key] += 1
            lost[key] += failure == "connection-lost"
    return Ledger(frozenset(replied), lost, failed, unfinished)


@dataclass
class Watched:
    """A study under the eyes of its server: nothing in the journal is asked for again."""

    study: Study
    server: LocalServer
    settled: Mapping[str, int] = field(default_factory=dict)
    """Key of a request with a reply in the journal -> how often it had come when that was seen."""
    unfinished: int = 0

    def run(self, *options: str, stop: Stop | None = None) -> Ended:
        """Run `generate`, as a process if it is to be stopped.

        It asks for nothing that was settled, and leaves no more without an end than it had in flight.
        """
        if stop is None:
            done = run_command("generate", "--study", self.study.root, "--yes", *options, **{KEY_ENV: "none"})
            ended = Ended(done.returncode, done.stdout, done.stderr)
        else:
            ended = run_until(self.server, start(self.study, *options), stop)
        now = ledger(self.study, self.server)
        assert {key: self.server.asked[key] for key in self.settled} == self.settled
        left = sum(now.unfinished.values())
        assert "--batch" in options or left - self.unfinished <= (IN_FLIGHT if stop else 0)
        self.unfinished = left
        self.settled = {key: self.server.asked[key] for key in now.replied}
        return ended

    def require_paid_once(self) -> None:
        """See that every call is paid, and twice only what was lost on its way or in flight at a stop."""
        now = ledger(self.study, self.server)
        assert now.replied == set(self.server.paid)
        for key, paid in self.server.paid.items():
            assert paid <= 1 + now.lost[key] + now.unfinished[key]
            assert self.server.asked[key] <= 1 + now.failed[key] + now.unfinished[key]
