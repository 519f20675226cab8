"""Whatever is killed or lost while raters answer: every task is in its slot exactly once, no answer is lost or doubled.

The same schedules against the real server and the fake; `make soak` draws thirty more for the real one.
"""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from annotation.fake.server import FakeStudio
from annotation.projects import projects
from annotation.server.life import Running, running_server
from annotation.server.state import FOLDER
from annotation.studio import connected
from annotation.sync.kept import said
from annotation.sync.reconcile import reconcile
from annotation.web import Session
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from schemas.annotation import Annotation
from tests.annotation.faults import (
    CREATE,
    IMPORT,
    TASKS,
    Rater,
    Step,
    Target,
    Zygote,
    answers_there,
    drawn,
    play,
    struck,
)
from tests.annotation.made import made_study
from tests.annotation.pushed import quiet, uids_assigned, uids_on_server
from tests.soak import SEED, SOAK

PAIRS = 4
SCHEDULES = {
    "the line loses replies": [
        struck("push", ("reply lost", 0, CREATE)),
        struck("push", ("reply lost", 0, IMPORT), ("reply 500", 1, IMPORT), ("request lost", 2, IMPORT)),
        struck("pull", ("reply lost", 1, TASKS), ("reply 500", 4, TASKS)),
        struck("push", ("request lost", 2, TASKS)),
    ],
    "the server is killed": [
        struck("push", ("server killed after", 0, IMPORT)),
        struck("push", ("server killed at work", 0, IMPORT)),
        struck("pull", ("server killed before", 2, TASKS)),
    ],
    "we are killed": [
        struck("push", ("client killed after", 0, CREATE)),
        struck("push", ("client killed after", 0, IMPORT)),
        struck("push", ("client killed before", 0, IMPORT)),
        struck("pull", ("client killed after", 1, TASKS)),
        struck("pull", ("client killed before", 2, TASKS)),
    ],
    "what timed out lands later": [
        struck("push", ("lost while at work", 1, CREATE)),
        struck("push", ("lost while at work", 0, IMPORT), ("reply 502 while at work", 1, IMPORT)),
        struck("pull", ("lost while at work", 3, TASKS)),
    ],
    "all of it": [
        struck("push", ("reply lost", 0, IMPORT), ("client killed after", 1, IMPORT)),
        struck("push", ("lost while at work", 2, TASKS), ("server killed at work", 0, IMPORT)),
        struck("pull", ("client killed after", 3, TASKS)),
        struck("push", ("reply 500", 1, TASKS)),
    ],
}
"""Every strike is met."""


class Real:
    """A server of its own for these tests, as it dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: Running | None = None
        self._stack = ExitStack()
        self.start()

    @property
    def url(self) -> str:
        """Where it answers."""
        assert self._running is not None
        return self._running.url

    @property
    def token(self) -> str:
        """Of its owner."""
        assert self._running is not None
        return self._running.account.token

    def start(self) -> None:
        """Start it on the port that it had, if it does not run."""
        if self._running is not None and _alive(self._running.pid):
            return
        port = None if self._running is None else int(self._running.url.rpartition(":")[2])
        self._stack.close()
        self._running = self._stack.enter_context(running_server(self._folder, say=quiet, port=port))

    def kill(self) -> None:
        """Kill it with all its processes."""
        assert self._running is not None
        os.killpg(self._running.pid, signal.SIGKILL)
        os.waitpid(self._running.pid, 0)

    def close(self) -> None:
        """End it."""
        self._stack.close()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


QUICK = "the server is killed"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    server = Real(tmp_path_factory.mktemp("faults") / FOLDER)
    yield server
    server.close()


@pytest.fixture
def fake() -> Iterator[FakeStudio]:
    server = FakeStudio()
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def quick_zygote() -> Iterator[Zygote]:
    zygote = Zygote(scale=0.05)
    yield zygote
    zygote.close()


@pytest.fixture(scope="module")
def patient_zygote() -> Iterator[Zygote]:
    zygote = Zygote(scale=0.3)
    yield zygote
    zygote.close()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name == QUICK else pytest.mark.slow) for name in SCHEDULES]
)
def test_a_schedule_against_the_fake(name: str, tmp_path: Path, fake: FakeStudio, quick_zygote: Zygote) -> None:
    played(SCHEDULES[name], made_study(tmp_path / "study", PAIRS), fake, quick_zygote)


@pytest.mark.server
@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_against_the_real_server(name: str, tmp_path: Path, real: Real, patient_zygote: Zygote) -> None:
    played(SCHEDULES[name], made_study(tmp_path / "study", PAIRS), real, patient_zygote)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEED, SEED + (30 if SOAK else 1)))
def test_a_drawn_schedule_against_the_fake(seed: int, tmp_path: Path, fake: FakeStudio, quick_zygote: Zygote) -> None:
    played(drawn(seed), made_study(tmp_path / "study", PAIRS), fake, quick_zygote)


if SOAK:

    @pytest.mark.server
    @pytest.mark.slow
    @pytest.mark.parametrize("seed", range(SEED, SEED + 30))
    def test_a_drawn_schedule_against_the_real_server(
        seed: int, tmp_path: Path, real: Real, patient_zygote: Zygote
    ) -> None:
        played(drawn(seed), made_study(tmp_path / "study", PAIRS), real, patient_zygote)


def played(steps: list[Step], study: Study, target: Target, zygote: Zygote) -> None:
    """Play the steps while a rater works in every project that there is, then push and pull in peace, and look."""
    raters: dict[int, Rater] = {}
    with connected(target.url, target.token) as studio:
        invitation = studio.invite_link()

    def adopt() -> None:
        with Journal(study.journal) as journal:
            made = [one.slot.project_id for one in projects(journal)]
        for project in set(made) - raters.keys():
            session = Session(target.url)
            session.sign_up(invitation, f"{uuid4().hex[:12]}@people.invalid", "a long password of ours")
            raters[project] = Rater(session, project, pause_s=0.02)
            raters[project].start()

    try:
        ended = play(steps, str(study.root), target, zygote, adopt)
        pushed = zygote.run("push", str(study.root), target.url, target.token)
    finally:
        for one in raters.values():
            one.stop()
    assert steps not in SCHEDULES.values() or not any(left for _, left, _ in ended), ended
    assert (pushed, zygote.run("pull", str(study.root), target.url, target.token)) == (0, 0), ended
    with connected(target.url, target.token) as studio:
        assert uids_on_server(study, studio) == uids_assigned(study), ended
        assert reconcile(study, studio, say=quiet).result.findings == (), ended
        there = answers_there(studio, list(raters))
    confirmed = {number: uid for one in raters.values() for number, uid in one.answered.items()}
    assert confirmed.items() <= there.items(), ended
    with Journal(study.journal) as journal:
        known = [one for made in projects(journal) for one in said(study.root / FOLDER, made.key)]
    assert Counter(one.annotation.id for one in known) == Counter(there.keys()), ended
    assert not any(one.gone for one in known), ended
    rows = read_table(study.tables, "annotations", Annotation)
    # One a rater and task: on SQLite the server repeats a submission that met a locked database.
    assert sorted(one.uid for one in rows) == sorted(set(there.values())), ended
