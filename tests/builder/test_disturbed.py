"""`generate` by a model, stopped anywhere and often: the same bytes, and nothing that is in the journal is paid again.

Content faults belong to a request: the undisturbed run has the same. Transport faults and stops must change nothing.
Under `make soak` it is twenty stops a schedule at other moments, and other mixes, each time.
"""

import json
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from builder.generate import preview_questions, run_generate
from mvpbench.chat.server import Fault, ServerSettings, local_server
from mvpbench.chat.server.faults import CONTENT_FAULTS, TRANSPORT_FAULTS
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from schemas.identity import uniform
from schemas.questions import Instance, Recipe
from tests.builder.disturbed import IN_FLIGHT, KEY_ENV, Stop, Watched, at, mixed, profiled, tables
from tests.builder.test_run import quiet
from tests.soak import SEED, SOAK

pytestmark = pytest.mark.slow

STOPS = 20 if SOAK else 2
QUICK = ServerSettings(retry_after_s=0.1, slow_s=0.3)
CONTENT: Mapping[Fault, float] = dict(zip(CONTENT_FAULTS, (0.02, 0.04, 0.06, 0.03, 0.05, 0.06), strict=True))
REFUSED: Mapping[Fault, float] = {Fault.RATE_LIMITED: 0.05, Fault.RATE_LIMITED_BARE: 0.04, Fault.SERVER_ERROR: 0.05}
LOST: Mapping[Fault, float] = {Fault.CONNECTION_LOST: 0.06, Fault.LOST_REPLY: 0.06, Fault.SLOW: 0.05}
SCHEDULES: list[tuple[str, Mapping[Fault, float]]] = [("refused", REFUSED), ("lost", LOST)]
if SOAK:
    SCHEDULES += [
        ("quiet", {}),
        *(
            (f"drawn {number}", {kind: 0.1 * uniform("rate", SEED, number, kind) for kind in TRANSPORT_FAULTS})
            for number in range(5)
        ),
    ]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Never written to: copies of it are put at a server."""
    return profiled(tmp_path_factory.mktemp("prepared") / "study")


@dataclass(frozen=True)
class Calm:
    """An undisturbed run: its content faults alone."""

    tables: Mapping[str, bytes]
    requests: int
    written: int
    """Requests before the judge's."""


@pytest.fixture(scope="module")
def calm(prepared: Study, tmp_path_factory: pytest.TempPathFactory) -> Calm:
    root = tmp_path_factory.mktemp("calm") / "study"
    judged_from: list[int] = []
    with pytest.MonkeyPatch.context() as patch, local_server(mix=mixed(CONTENT, {}, SEED)) as server:
        patch.setenv(KEY_ENV, "none")
        study = at(server, prepared, root)
        run_generate(study, quiet, lambda _price: judged_from.append(server.requests))
        instances = read_table(study.tables, "instances", Instance)
        assert {one.recipe for one in instances} == set(Recipe)
        assert set(server.paid.values()) == {1}
        return Calm(tables(study), server.requests, judged_from[-1])


def drawn(schedule: str, calm: Calm) -> list[Stop]:
    """Stops somewhere between the first request and a little after the last."""
    sys.stdout.write(f"seed {SEED}, schedule {schedule}\n")
    found = []
    for number in range(STOPS):
        share, late = (uniform(kind, SEED, schedule, number) for kind in ("request", "late"))
        found.append(Stop(1 + round(share * (calm.requests - 1)), 0.1 * late))
    return sorted(found)


@pytest.mark.parametrize(("schedule", "transport"), SCHEDULES, ids=[name for name, _ in SCHEDULES])
def test_killed_anywhere_it_goes_on_to_the_same_bytes_and_pays_nothing_twice(
    prepared: Study, calm: Calm, tmp_path: Path, schedule: str, transport: Mapping[Fault, float]
) -> None:
    with local_server(QUICK, mix=mixed(CONTENT, transport, SEED)) as server:
        watched = Watched(at(server, prepared, tmp_path / "study"), server)
        for stop in drawn(schedule, calm):
            assert watched.run(stop=stop).code in {-signal.SIGKILL, 0}
        ended = watched.run()
        assert ended.code == 0, ended.said
        watched.require_paid_once()
        assert tables(watched.study) == calm.tables


def test_killed_in_batches_it_goes_on_to_the_same_bytes_and_pays_nothing_twice(
    prepared: Study, calm: Calm, tmp_path: Path
) -> None:
    """A batch is a few requests to the server: list, upload and create, or look and fetch."""
    with local_server(QUICK, mix=mixed(CONTENT, REFUSED, SEED)) as server:
        watched = Watched(at(server, prepared, tmp_path / "study"), server)
        for number in range(STOPS):
            step = "submit" if number % 3 == 0 else "collect"
            few, late = 1 + round(3 * uniform("few", SEED, number)), 0.1 * uniform("late", SEED, number)
            watched.run("--batch", step, stop=Stop(server.requests + few, late))
        left = 1
        while left:
            assert watched.run("--batch", "submit").code == 0
            collected = watched.run("--batch", "collect", "--json")
            assert collected.code == 0, collected.said
            left = json.loads(collected.printed)["result"]["left"]
        assert set(server.paid.values()) == {1}
        assert sum(server.paid.values()) == calm.written
        assert watched.run(stop=Stop(server.requests + 20)).code == -signal.SIGKILL
        assert watched.run().code == 0
        watched.require_paid_once()
        assert tables(watched.study) == calm.tables


@pytest.mark.parametrize(
    ("phase", "how"), [("judging", signal.SIGINT), ("submit", signal.SIGTERM), ("collect", signal.SIGINT)]
)
def test_stopped_kindly_it_says_so_in_a_line_and_goes_on(
    prepared: Study, calm: Calm, tmp_path: Path, phase: str, how: signal.Signals
) -> None:
    """While a writer writes: `tests/mvpbench/cli/test_stopped.py`."""
    with local_server(QUICK, mix=mixed(CONTENT, {}, SEED)) as server:
        watched = Watched(at(server, prepared, tmp_path / "study"), server)
        if phase == "collect":
            assert watched.run("--batch", "submit").code == 0
        options = () if phase == "judging" else ("--batch", phase)
        hangs = calm.written + 10 if phase == "judging" else server.requests + 1
        server.faults = dict.fromkeys(range(hangs, hangs + IN_FLIGHT), Fault.HANG)
        ended = watched.run(*options, stop=Stop(hangs, 0.2, how))
        assert ended.code == 75
        assert ended.said.splitlines()[-1] == "generate: stopped. run the same command again to go on"
        assert "Traceback" not in ended.said
        server.faults = {}
        while phase != "judging" and watched.run("--batch", "submit").code == 0:
            collected = json.loads(watched.run("--batch", "collect", "--json").printed)
            if not collected["result"]["left"]:
                break
        assert watched.run().code == 0
        watched.require_paid_once()
        assert tables(watched.study) == calm.tables


def test_after_a_preview_and_from_the_journal_alone_it_makes_the_same_bytes(
    prepared: Study, calm: Calm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a kill between what the journal was told and what the tables say: all of it was recorded by then."""
    monkeypatch.setenv(KEY_ENV, "none")
    with local_server(mix=mixed(CONTENT, {}, SEED)) as server:
        study = at(server, prepared, tmp_path / "study")
        preview_questions(study, 10, quiet, lambda _price: None)
        run_generate(study, quiet, lambda _price: None)
        assert (tables(study), server.requests) == (calm.tables, calm.requests)
        for table in ("matches", "questions", "instances"):
            (study.tables / f"{table}.json").unlink()
            run_generate(study, quiet, lambda price: None if price is None else pytest.fail(price))
            assert (tables(study), server.requests) == (calm.tables, calm.requests)
