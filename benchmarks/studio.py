"""Label Studio: how long our server takes to start, simulated raters to answer, and a study's sample to be sent."""

import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

from annotation.push import push
from annotation.server.environment import server_home
from annotation.server.life import running_server
from annotation.simulated import simulate
from annotation.studio import Studio, connected
from benchmarks.material import copied, d3code_study, sample_study, silent
from benchmarks.measure import Figure
from mvpbench.store.study import Study

SLOTS = 3
PUSHED = 2000
"""Tasks in each slot."""
REPLIES = 50
ANSWERED = 20
"""Tasks in each slot that simulated annotators answer one by one."""
T = TypeVar("T")


def figures() -> Iterator[Figure]:
    """Yield seconds and rates. The people are D3CODE's; where that is not there, the bundled sample's (fewer tasks)."""
    server_home(silent)
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        yield from _starts(here / "server")
        with (
            running_server(here / "server", say=silent) as server,
            connected(server.url, server.account.token) as studio,
        ):
            yield _reply(studio)
            yield from _simulated(_study(here / "answered", ANSWERED), studio)
            yield from _push_whole(_study(here / "pushed", PUSHED), studio)


def _study(to: Path, pairs: int) -> Study:
    """Return a study with `pairs` tasks a slot, of the same instances and so of the same uids each time."""
    made = d3code_study()
    return copied(
        made.root if made else sample_study().root,
        to,
        annotate={"pairs": pairs, "slots": SLOTS, "countries": ["US"], "item_slots": 0},
    )


def _starts(folder: Path) -> Iterator[Figure]:
    for what in ("first start of a study", "start on a database that is there"):
        started = time.perf_counter()
        with running_server(folder, say=silent):
            yield _figure(f"server, {what}, n = 1", time.perf_counter() - started, "s")


def _reply(studio: Studio) -> Figure:
    """Where the head of a reply is sent apart from its body, waiting for it to be confirmed takes 40 ms of this."""
    milliseconds = median(1000 * _timed(studio.owner_id)[0] for _ in range(REPLIES))
    return _figure(f"the smallest reply, median of {REPLIES}", milliseconds, "ms")


def _simulated(study: Study, studio: Studio) -> Iterator[Figure]:
    push(study, studio, say=silent)
    seconds, outcome = _timed(partial(simulate, study, studio, say=silent))
    answered = outcome.counts["simulated annotations"]
    yield _figure(f"simulated annotators, {answered} tasks one by one", answered / seconds, "annotations/s")


def _push_whole(study: Study, studio: Studio) -> Iterator[Figure]:
    """Yield what the command takes: tables read, sample drawn, projects made, tasks sent; and run again."""
    seconds, outcome = _timed(partial(push, study, studio, say=silent))
    total = outcome.counts["tasks sent now"]
    yield _figure(f"annotate push, whole, {total:,} tasks, n = 1", total / seconds, "tasks/s")
    seconds, again = _timed(partial(push, study, studio, say=silent))
    assert again.counts["tasks sent now"] == 0
    yield _figure(f"annotate push again, {total:,} there, none sent, n = 1", seconds, "s")


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def _figure(what: str, value: float, unit: str) -> Figure:
    return Figure("studio", what, value, unit)
