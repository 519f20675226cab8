"""Schedules of faults: at a drawn request of a push or a pull the line breaks, the server is killed, or we are."""

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPException
from threading import Event, Thread
from time import sleep
from typing import NamedTuple, Protocol, cast
from urllib.parse import urlsplit

from annotation.simulated import result_of
from annotation.studio import Studio
from annotation.web import Session
from schemas.errors import ServiceError
from tests.annotation.lossy import Fault, Forward, Lossy

STRIKES = (
    "request lost",
    "reply lost",
    "lost while at work",
    "reply 500",
    "reply 502 while at work",
    "client killed before",
    "client killed after",
    "server killed before",
    "server killed at work",
    "server killed after",
)
IMPORT, CREATE, TASKS = "/import", "/projects/", "/tasks"
"""Ends of the paths to which batches are sent, projects are made at, and tasks are asked of."""
AT_WORK_S = 0.02
LATE_S = 0.3


class Strike(NamedTuple):
    """What happens at the `at`-th request (from 0) to a path that ends so, if there are that many."""

    what: str
    at: int
    path: str = ""


class Step(NamedTuple):
    """A command, and what strikes it."""

    command: str
    strikes: tuple[Strike, ...]


def struck(command: str, *strikes: tuple[str, int, str]) -> Step:
    """Return a step."""
    return Step(command, tuple(Strike(*one) for one in strikes))


class Target(Protocol):
    """A server that can be killed and started again with what it held."""

    url: str
    token: str

    def kill(self) -> None:
        """SIGKILL, or as good."""

    def start(self) -> None:
        """On the same address."""


def drawn(seed: int) -> list[Step]:
    """Return a schedule of six steps."""
    chance = random.Random(seed)
    steps = []
    for _ in range(6):
        path, many = chance.choice([("", 30), (IMPORT, 3), (IMPORT, 3), (CREATE, 3), (TASKS, 6)])
        command = "pull" if path == TASKS and chance.random() < 1 / 2 else "push"
        steps.append(struck(command, (chance.choice(STRIKES), chance.randrange(many), path)))
    return steps


class Zygote:
    """Runs commands in processes of their own."""

    def __init__(self, scale: float) -> None:
        command = [sys.executable, "-m", "tests.annotation.zygote", str(scale)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = 0

    def run(self, *order: str) -> int:
        """Return the exit status: negative where it was killed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(" ".join(order) + "\n")
        self._process.stdin.flush()
        self.pid = int(self._process.stdout.readline().split()[1])
        return int(self._process.stdout.readline().split()[1])

    def kill(self) -> None:
        """Kill what runs now."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=30)


class Striking(Lossy):
    """Forwards, and strikes at the request of a step."""

    def __init__(self, host: str, step: Step, kill_client: Callable[[], None], kill_server: Callable[[], None]) -> None:
        super().__init__(host, "", "", [])
        self.RequestHandlerClass = Struck
        self.kills = {"client": kill_client, "server": kill_server}
        self.left = [*step.strikes]
        self.late_s = LATE_S
        self._count = Counter[Strike]()

    def strike(self, path: str) -> str | None:
        """Return what is to happen to a request."""
        now = None
        for one in [one for one in self.left if urlsplit(path).path.endswith(one.path)]:
            if now is None and self._count[one] == one.at:
                self.left.remove(one)
                now = one.what
            else:
                self._count[one] += 1
        return now


class Struck(Forward):
    """One connection."""

    server: Striking

    def forward(self) -> None:
        """Answer one request, or do what the step says."""
        strike = self.server.strike(self.path)
        who, _, when = (strike or "").partition(" killed ")
        with suppress(OSError, HTTPException):
            if not when:
                self.meet(cast("Fault | None", strike))
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if when == "after":
                self._ask(body)
            elif when == "at work":
                Thread(target=self._asked_in_vain, args=[body]).start()
                sleep(AT_WORK_S)
            self.server.kills[who]()
        self.close_connection = True

    do_GET = do_POST = do_DELETE = forward  # noqa: N815 - the names that http.server looks for

    def _asked_in_vain(self, body: bytes) -> None:
        with suppress(OSError, HTTPException):
            self._ask(body)


@contextmanager
def striking(target: Target, step: Step, kill_client: Callable[[], None]) -> Iterator[Striking]:
    """Yield what stands before the target while the step runs."""
    with Striking(urlsplit(target.url).netloc, step, kill_client, target.kill) as between:
        thread = Thread(target=between.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield between
        finally:
            for work in between.late:
                work.join()
            between.shutdown()
            thread.join()


class Rater(Thread):
    """Answers tasks of a project while others work, each uid once, whatever the server does."""

    def __init__(self, session: Session, project: int, pause_s: float) -> None:
        super().__init__()
        self.answered: dict[int, str] = {}
        """Annotation id, as the server confirmed it -> uid."""
        self._session = session
        self._project = project
        self._pause_s = pause_s
        self._enough = Event()
        self._tried: set[str] = set()

    def run(self) -> None:
        """Answer until told to stop."""
        while not self._enough.wait(self._pause_s):
            with suppress(ServiceError):
                found = self._session.next_task(self._project)
                if found is None or found[1] in self._tried:
                    continue
                self._tried.add(found[1])
                self.answered[self._session.annotate(found[0], result_of("A", "sure"), 1.0)] = found[1]

    def stop(self) -> None:
        """Let it finish what it is at."""
        self._enough.set()
        self.join()


def play(
    steps: Sequence[Step], root: str, target: Target, zygote: Zygote, adopt: Callable[[], None]
) -> list[tuple[Step, list[Strike], int]]:
    """Run the steps, with the server up at the start of each; `adopt` is called between.

    Returns of each the strikes that it did not meet, and its exit status.
    """
    ended = []
    for step in steps:
        with striking(target, step, zygote.kill) as between:
            status = zygote.run(step.command, root, f"http://127.0.0.1:{between.server_port}", target.token)
            ended.append((step, between.left, status))
        target.start()
        adopt()
    return ended


def answers_there(studio: Studio, projects: Sequence[int]) -> dict[int, str]:
    """Return annotation id -> uid of all that is on the server."""
    return {
        one["id"]: task["data"]["uid"]
        for project in projects
        for task in studio.tasks(project)
        for one in task["annotations"]
    }
