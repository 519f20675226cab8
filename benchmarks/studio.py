"""Label Studio: our push and pull beside bare calls of its client, on one running server, with the same task data."""

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from label_studio_sdk.client import LabelStudio

from annotation.assign import assign
from annotation.interface import labelling_config
from annotation.person import task_data
from annotation.projects import open_project
from annotation.pull import pull
from annotation.push import push
from annotation.server.environment import server_home
from annotation.server.life import running_server
from annotation.simulated import result_of, simulate
from annotation.studio import Studio, connected
from annotation.sync.send import BATCH, send
from benchmarks.material import copied, d3code_study, sample_study, silent
from benchmarks.measure import Figure
from builder.profiles.plain import plain_profile
from builder.run import framework_of
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from schemas.questions import Instance, Question
from schemas.values import ValueProfile

SLOTS = 3
PUSHED = 2000
"""Tasks in each slot."""
PULLED = 600
"""Answered tasks in each slot: exports are ten times as slow."""
ANSWERED = 20
"""Tasks in each slot that simulated annotators answer one by one."""
ROUNDS = 3
WRITE: Any = {"max_retries": 0, "timeout": 600}

Task = dict[str, Any]
Turn = tuple[Callable[[], object], list[float]]
"""What is timed, and where its rates are kept."""
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
            bare = LabelStudio(base_url=server.url, api_key=server.account.token)  # type: ignore[no-untyped-call]
            yield from _simulated(_study(here / "answered", ANSWERED), studio)
            pushed = _study(here / "pushed", PUSHED)
            yield from _push_whole(pushed, studio)
            yield from _push_rates(pushed, studio, bare)
            yield from _pull_rates(_study(here / "pulled", PULLED), studio, bare)


def _study(to: Path, pairs: int) -> Study:
    """Return a study with `pairs` tasks a slot, of the same instances and so of the same uids each time."""
    made = d3code_study()
    return copied(made.root if made else sample_study().root, to, annotate={"pairs": pairs, "slots": SLOTS})


def _starts(folder: Path) -> Iterator[Figure]:
    for what in ("first start of a study", "start on a database that is there"):
        started = time.perf_counter()
        with running_server(folder, say=silent):
            yield _figure(f"server, {what}, n = 1", time.perf_counter() - started, "s")


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


def _task_data(study: Study) -> dict[str, list[Task]]:
    """Return what `push` sends, by slot; it need not have been sent yet."""
    section, framework = study.config.annotate, framework_of(study)
    questions = {one.id: one for one in read_table(study.tables, "questions", Question)}
    profiles = {
        one.respondent_id: plain_profile(one, framework) for one in read_table(study.tables, "profiles", ValueProfile)
    }
    instances = {one.id: one for one in read_table(study.tables, "instances", Instance)}
    tasks: dict[str, list[Task]] = {}
    assigned, _ = assign(list(instances.values()), questions, profiles, section.pairs, section.slots)
    for one in assigned:
        instance = instances[one.instance_id]
        profile = profiles[instance.respondent_id]
        tasks.setdefault(one.slot, []).append(dict(task_data(one, questions[instance.question_id], profile)))
    return tasks


def _push_rates(study: Study, studio: Studio, bare: LabelStudio) -> Iterator[Figure]:
    """Yield the rates of sending a slot's tasks to a new, empty project, by `send` and bare, in turns."""
    ours: list[float] = []
    theirs: list[float] = []
    batches = list(_task_data(study).values())
    with Journal(study.journal) as journal:
        for number in range(ROUNDS):
            batch = batches[number % len(batches)]
            slot = open_project(studio, journal, f"rate-{number}", "en", anew=False)
            by_send = partial(send, studio, journal, slot, batch, silent)
            by_hand = partial(_import, bare, _project(bare), [{"data": task} for task in batch])
            for work, kept in _turns(number, (by_send, ours), (by_hand, theirs)):
                kept.append(len(batch) / _timed(work)[0])
    yield from _beside(f"push of {len(batches[0]):,} tasks", ours, theirs, "tasks/s")


def _pull_rates(study: Study, studio: Studio, bare: LabelStudio) -> Iterator[Figure]:
    """Yield the rates of `pull` (export, check, table) and of bare exports, parsed; one answer a task."""
    raters = {user.email: user.id for user in bare.users.list()}
    tasks, projects = _task_data(study), []
    with Journal(study.journal) as journal:
        for name, batch in tasks.items():
            slot = open_project(studio, journal, name, "en", anew=False)
            answer = {"result": result_of("A", "sure"), "completed_by": raters[f"sim-{name}@simulated.invalid"]}
            _import(bare, slot.project_id, [{"data": task, "annotations": [answer]} for task in batch])
            projects.append(slot.project_id)
    total = sum(map(len, tasks.values()))
    assert push(study, studio, say=silent).counts == {"tasks": total, "tasks sent now": 0}
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(ROUNDS):
        # An unchanged export would not be read again.
        for file in study.tables.glob("annotations.*"):
            file.unlink()
        by_pull = partial(_pull_all, study, studio, total)
        by_hand = partial(_export_all, bare, projects, total)
        for work, kept in _turns(number, (by_pull, ours), (by_hand, theirs)):
            kept.append(total / _timed(work)[0])
    yield from _beside(f"pull of {total:,} answered tasks", ours, theirs, "tasks/s")


def _pull_all(study: Study, studio: Studio, total: int) -> None:
    assert pull(study, studio, say=silent).counts["annotations"] == total


def _export_all(bare: LabelStudio, projects: Sequence[int], total: int) -> None:
    found = 0
    for project in projects:
        pieces = bare.projects.exports.download_sync(project, export_type="JSON", download_all_tasks=True)
        found += len(json.loads(b"".join(pieces)))
    assert found == total


def _project(bare: LabelStudio) -> int:
    project = bare.projects.create(title="bare", label_config=labelling_config(), request_options=WRITE)
    assert project.id is not None
    return int(project.id)


def _import(bare: LabelStudio, project: int, tasks: Sequence[Task]) -> None:
    for start in range(0, len(tasks), BATCH):
        batch: Any = tasks[start : start + BATCH]
        bare.projects.import_tasks(project, request=batch, return_task_ids=True, request_options=WRITE)


def _turns(number: int, *pair: Turn) -> Sequence[Turn]:
    """Return the two in an order that changes from round to round."""
    return pair[:: -1 if number % 2 else 1]


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def _beside(what: str, ours: Sequence[float], theirs: Sequence[float], unit: str) -> Iterator[Figure]:
    """Yield both medians, and the median of the ratios round by round: what else the machine does hits both alike."""
    yield _figure(f"{what}, ours, median of {len(ours)}", median(ours), unit)
    yield _figure(f"{what}, bare client, median of {len(theirs)}", median(theirs), unit)
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    yield _figure(f"{what}, ours / bare, median of {len(ratios)}", median(ratios), "x")


def _figure(what: str, value: float, unit: str) -> Figure:
    return Figure("studio", what, value, unit)
