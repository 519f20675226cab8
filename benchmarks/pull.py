"""`annotate pull`, the whole command, at the reference benchmark's size: 21 countries, two tasks, a project a slot."""

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from label_studio_sdk.client import LabelStudio

from annotation.push import push
from annotation.server.environment import server_home
from annotation.server.life import running_server
from annotation.simulated import item_result_of, result_of
from annotation.studio import Studio, connected
from annotation.sync.fetch import OVERLAP
from annotation.web import Session
from benchmarks.material import COMMAND, copied, d3code_study, silent
from benchmarks.measure import Figure, Spent, timed_process
from mvpbench.store.study import Study
from schemas.identity import uniform

PAIRS, SLOTS, ITEM_SLOTS = 3432, 4, 3
"""A pair is a task in every slot of its country, and a few tasks look at the rater: 24,024 and those."""
CHANGES = 100
LEFT = 2
"""Tasks a project that have no answer at first."""
TOKEN = "MVPBENCH_BENCH_TOKEN"  # noqa: S105 - the name of a variable
WRITE: Any = {"max_retries": 0, "timeout": 600}


class Answered(Studio):
    """Sends tasks with an answer each by a rater of the project, all but `LEFT` of a batch."""

    def __init__(self, http: httpx.Client, url: str, token: str) -> None:
        super().__init__(http, url, token)
        self.bare = LabelStudio(base_url=url, api_key=token)  # type: ignore[no-untyped-call]
        self.raters: dict[int, Session] = {}

    def import_tasks(self, project_id: int, tasks: Sequence[Mapping[str, str]]) -> None:
        """Send a batch with its answers."""
        rater = self.raters[project_id] if project_id in self.raters else self._signed_up(project_id)
        said: Any = [
            {"data": dict(task)} | ({"annotations": [_answer(task, rater.whoami())]} if place >= LEFT else {})
            for place, task in enumerate(tasks)
        ]
        self.bare.projects.import_tasks(project_id, request=said, return_task_ids=True, request_options=WRITE)

    def some_answer(self, project_id: int) -> tuple[Any, int]:
        """Return another result for some answered task of the project, and the answer's id."""
        page = self._line.read("/api/tasks", {"project": project_id, "page_size": LEFT + 4, "fields": "all"})
        answered = next(one for one in page["tasks"] if one["annotations"])
        return _result(answered["data"], "B"), int(answered["annotations"][-1]["id"])

    def _signed_up(self, project_id: int) -> Session:
        session = self.raters[project_id] = Session(self.url)
        session.sign_up(self.invite_link(), f"{uuid4().hex[:12]}@people.invalid", uuid4().hex)
        return session


def figures() -> Iterator[Figure]:
    """Yield seconds; nothing without the file of D3CODE. Waits until the pushed tasks are older than the overlap."""
    made = d3code_study()
    if made is None:
        return
    server_home(silent)
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        with (
            running_server(here / "server", say=silent) as server,
            connected(server.url, server.account.token) as studio,
            httpx.Client(timeout=600) as http,
        ):
            section = {"pairs": PAIRS, "slots": SLOTS, "item_slots": ITEM_SLOTS, "url": server.url, "key_env": TOKEN}
            study = copied(made.root, here / "study", annotate=section)
            answered = Answered(http, server.url, server.account.token)
            pushed = push(study, answered, say=silent)
            began, tasks = time.monotonic(), pushed.counts["tasks sent now"]
            yield _figure(f"first, {tasks:,} tasks in {len(answered.raters)} projects", _pulled(study, studio))
            time.sleep(max(0.0, OVERLAP.total_seconds() - (time.monotonic() - began)))
            _pulled(study, studio)
            yield _figure("again, nothing new", _pulled(study, studio))
            # Answers come over weeks: those that were imported at once are no longer the newest of any project.
            _edit_one_each(answered)
            yield _figure(f"after an edit in each of {len(answered.raters)} projects", _pulled(study, studio))
            _change(answered)
            yield _figure(f"after {CHANGES} changes", _pulled(study, studio), "under 5")


def _pulled(study: Study, studio: Studio) -> Spent:
    return timed_process([COMMAND, "annotate", "pull", "--study", str(study.root)], environment={TOKEN: studio.token})


def _answer(task: Mapping[str, str], rater: int) -> dict[str, object]:
    choice = "A" if uniform("bench-answer", task["uid"]) < 1 / 2 else "B"
    return {"result": _result(task, choice), "lead_time": 20.0, "completed_by": rater}


def _result(task: Mapping[str, str], choice: str) -> list[dict[str, object]]:
    return result_of(choice, "sure") if task.get("profile") else item_result_of(choice)


def _edit_one_each(studio: Answered) -> None:
    for project in studio.raters:
        said, known = studio.some_answer(project)
        studio.bare.annotations.update(known, result=said, request_options=WRITE)


def _change(studio: Answered) -> None:
    """Answer half of `CHANGES` tasks, edit the answer on a quarter, delete it on a quarter, over all projects."""
    projects = sorted(studio.raters)
    for number in range(CHANGES):
        project = projects[number % len(projects)]
        rater = studio.raters[project]
        said, known = studio.some_answer(project)
        if number % 2 and (task := rater.next_task(project)):
            rater.annotate(task[0], said, 20.0)
        elif number % 4:
            studio.bare.annotations.update(known, result=said, request_options=WRITE)
        else:
            studio.bare.annotations.delete(known, request_options=WRITE)


def _figure(what: str, spent: Spent, aim: str = "") -> Figure:
    return Figure("pull", f"annotate pull, {what} ({spent.cpu:.1f} s CPU)", spent.wall, "s", aim)
