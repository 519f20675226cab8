"""Sync at the reference benchmark's size on a real server (SQLite): push beside bare import, pull of changes."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from label_studio_sdk.client import LabelStudio

from annotation.server.environment import server_home
from annotation.server.life import running_server
from annotation.simulated import result_of
from annotation.studio import Studio, connected
from annotation.sync.fetch import OVERLAP, Fetched, fetch
from annotation.sync.kept import Said, kept, said
from annotation.sync.send import BATCH, send
from benchmarks.material import silent
from benchmarks.measure import Figure
from mvpbench.store.journal import Journal
from schemas.annotation import Slot

TASKS = 24_020
CHANGES = 100
ROUNDS = 2
WRITE: Any = {"max_retries": 0, "timeout": 600}
CONFIG = """<View><Text name="question" value="$question"/><Text name="a" value="$answer_a"/>
<Text name="b" value="$answer_b"/><Text name="profile" value="$profile"/>
<Choices name="preference" toName="question"><Choice value="A"/><Choice value="B"/></Choices></View>"""
KEY = "bench/1"

Task = dict[str, Any]
T = TypeVar("T")


def figures() -> Iterator[Figure]:
    """Yield rates and seconds. Each task has about 1.8 kB of text, each but the pushed ones an annotation."""
    server_home(silent)
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        with (
            running_server(here / "server", say=silent) as server,
            connected(server.url, server.account.token) as studio,
        ):
            bare = LabelStudio(base_url=server.url, api_key=server.account.token)  # type: ignore[no-untyped-call]
            yield from _pushes(here / "journal.db", studio, bare)
            yield from _pulls(here, studio, bare)


def _tasks() -> list[Task]:
    text = "What would you say to a neighbour who asks for help with something that you think is wrong? " * 20
    lengths = {"question": 400, "answer_a": 350, "answer_b": 350, "profile": 700}
    return [{"uid": f"t-{n:016x}", **{name: text[:size] for name, size in lengths.items()}} for n in range(TASKS)]


def _pushes(journal_file: Path, studio: Studio, bare: LabelStudio) -> Iterator[Figure]:
    tasks, rates = _tasks(), dict[str, list[float]]()
    server = studio.server_id()
    with Journal(journal_file) as journal:
        for number in range(ROUNDS):
            slot = Slot(id=f"bench-{number}", project_id=_project(studio), project_title="bench", server=server)
            work: dict[str, Callable[[], object]] = {
                "ours": partial(send, studio, journal, slot, tasks, silent),
                "bare": partial(_import, bare, _project(studio), [{"data": task} for task in tasks]),
            }
            for name in sorted(work, reverse=number % 2 == 0):
                rates.setdefault(name, []).append(TASKS / _timed(work[name])[0])
        seconds, sent = _timed(partial(send, studio, journal, slot, tasks, silent))
        assert sent == 0
    for name, found in sorted(rates.items()):
        yield _figure(f"push {TASKS:,} tasks, {name}, median of {ROUNDS}", median(found), "tasks/s")
    ratio = median(ours / theirs for ours, theirs in zip(rates["ours"], rates["bare"], strict=True))
    yield _figure(f"push {TASKS:,} tasks, ours / bare import_tasks", 100 * ratio, "%", "90 or more")
    yield _figure(f"push again, {TASKS:,} there, none sent", seconds, "s")


def _pulls(folder: Path, studio: Studio, bare: LabelStudio) -> Iterator[Figure]:
    project = _project(studio)
    answer = {"result": result_of("A", "sure"), "lead_time": 3.5}
    _import(bare, project, [{"data": task, "annotations": [answer]} for task in _tasks()])
    bring = partial(fetch, studio, folder, {KEY: project}, silent)
    seconds, first = _timed(bring)
    assert first == [Fetched(TASKS, 0, whole=True)]
    yield _figure(f"pull, first, {TASKS:,} tasks with an answer each", seconds, "s")
    # Raters work for weeks: the tasks were not all made in the minutes that a pull asks for again.
    time.sleep(OVERLAP.total_seconds())
    tasks = sorted(kept(folder, KEY).tasks)
    bare.annotations.create(tasks[-1], result=result_of("B", "sure"), request_options=WRITE)
    bring()
    _change(bare, tasks[:: TASKS // CHANGES][:CHANGES])
    seconds, (found, read) = _timed(partial(_fetched_and_read, bring, folder))
    assert found.whole is False
    assert found.changed >= CHANGES
    yield _figure(f"pull after {CHANGES} changes among {TASKS:,}, with reading", seconds, "s", "under 5")
    yield _figure("  of which reading all that is kept", _timed(partial(said, folder, KEY))[0], "s")
    assert sum(one.gone for one in read) == CHANGES // 4
    yield _figure("pull without news, with reading", _timed(partial(_fetched_and_read, bring, folder))[0], "s")


def _fetched_and_read(bring: Callable[[], list[Fetched]], folder: Path) -> tuple[Fetched, list[Said]]:
    return bring()[0], said(folder, KEY)


def _change(bare: LabelStudio, tasks: Sequence[int]) -> None:
    """Answer half of the tasks again, edit the answer on a quarter, delete it on a quarter."""
    for number, task in enumerate(tasks):
        if number % 2:
            bare.annotations.create(task, result=result_of("B", "sure"), request_options=WRITE)
            continue
        known = bare.annotations.list(task)[0].id
        assert known is not None
        if number % 4:
            bare.annotations.update(known, result=result_of("B", "sure"), request_options=WRITE)
        else:
            bare.annotations.delete(known, request_options=WRITE)


def _project(studio: Studio) -> int:
    return studio.create_project("Benchmark", "bench", CONFIG, "")


def _import(bare: LabelStudio, project: int, tasks: Sequence[Task]) -> None:
    for start in range(0, len(tasks), BATCH):
        batch: Any = tasks[start : start + BATCH]
        bare.projects.import_tasks(project, request=batch, return_task_ids=True, request_options=WRITE)


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def _figure(what: str, value: float, unit: str, aim: str = "") -> Figure:
    return Figure("annotation", what, value, unit, aim)
