"""What a fake server holds: accounts, projects, tasks and annotations, with a clock that every change moves."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

TICK = timedelta(seconds=1)
VALUE = re.compile(r"""value=["']\$(\w+)["']""")

Json = dict[str, Any]


class RefusedError(Exception):
    """A request that the server does not do, with the status and what it says."""

    def __init__(self, status: int, detail: str, **more: Any) -> None:  # noqa: ANN401 - JSON
        super().__init__(detail)
        self.status = status
        self.body = {"status_code": status, "detail": detail, **more}


@dataclass
class Contents:
    """The database."""

    users: dict[int, Json] = field(default_factory=dict)
    projects: dict[int, Json] = field(default_factory=dict)
    tasks: dict[int, Json] = field(default_factory=dict)
    annotations: dict[int, Json] = field(default_factory=dict)
    drafts: list[Json] = field(default_factory=list)
    last: dict[str, int] = field(default_factory=dict)
    """Kind -> the last id that was given out."""


class Held:
    """The database and what can be done to it; for one thread at a time."""

    def __init__(self, owner: str, started: datetime = datetime(2026, 3, 1, tzinfo=UTC)) -> None:
        self._contents = Contents()
        self._now = started
        self.made = self.tick()
        self._counted: dict[int, int] = {}
        self.meanwhile: Callable[[], object] | None = None
        """Happens once, between the server's count of tasks and its selection of a page of them."""
        self.dies = False
        """Whether it is killed between the next annotation and what it keeps of it with the task."""
        self._uncounted: set[int] = set()
        self.add_user(owner, "")

    def tick(self) -> str:
        """Move the clock and return it as the server writes it."""
        self._now += TICK
        return self._now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def moment(self) -> datetime:
        """Return where the clock stands."""
        return self._now

    def backup(self) -> Contents:
        """Return what `restore` takes."""
        return deepcopy(self._contents)

    def restore(self, backup: Contents) -> None:
        """Go back: ids are given out again, the clock goes on."""
        self._contents = deepcopy(backup)

    def add_user(self, email: str, password: str) -> int:
        """Make an account and return its id."""
        user = self._next("user")
        told = {"id": user, "email": email, "date_joined": self.tick()}
        self._contents.users[user] = told | {"password": password}
        return user

    def users(self) -> list[Json]:
        """Return the accounts without their passwords."""
        known = self._contents.users.values()
        return [{name: value for name, value in one.items() if name != "password"} for one in known]

    def delete_user(self, user: int) -> None:
        """Delete an account; its annotations stay, are nobody's, and say of no change."""
        _found(self._contents.users, user, "User")
        del self._contents.users[user]
        for one in self._contents.annotations.values():
            one["completed_by"] = None if one["completed_by"] == user else one["completed_by"]

    def user_of(self, email: str, password: str) -> int | None:
        """Return the account that these open."""
        known = self._contents.users.values()
        return next((one["id"] for one in known if (one["email"], one["password"]) == (email, password)), None)

    def add_project(self, said: Json) -> Json:
        """Make a project."""
        if len(str(said.get("title", ""))) < 3:  # noqa: PLR2004 - Label Studio's own
            raise _invalid(title=["Ensure this field has at least 3 characters."])
        project = self._next("project")
        usual = {"description": "", "label_config": "<View></View>", "maximum_annotations": 1}
        self._contents.projects[project] = usual | said | {"id": project, "created_at": self.tick()}
        return self.project(project)

    def projects(self) -> list[Json]:
        """Return the projects, the newest first."""
        return [self.project(one) for one in sorted(self._contents.projects, reverse=True)]

    def project(self, project: int) -> Json:
        """Return a project; its counters are those of the look before."""
        found = _found(self._contents.projects, project, "Project")
        counted = self._counted.get(project, 0)
        self._counted[project] = len(self._tasks_of(project))
        answers = sum(
            not one["was_cancelled"] for one in self._contents.annotations.values() if one["project"] == project
        )
        return {**found, "task_number": counted, "total_annotations_number": answers}

    def edit_project(self, project: int, said: Json) -> Json:
        """Change what is said of a project."""
        _found(self._contents.projects, project, "Project").update(said)
        return self.project(project)

    def delete_project(self, project: int) -> None:
        """Delete a project with its tasks."""
        _found(self._contents.projects, project, "Project")
        for task in self._tasks_of(project):
            self.delete_task(task["id"])
        del self._contents.projects[project]

    def add_tasks(self, project: int, said: Sequence[Json]) -> list[int]:
        """Make tasks, all or none, and return their ids."""
        config = _found(self._contents.projects, project, "Project")["label_config"]
        wanted = set(VALUE.findall(config))
        for number, one in enumerate(said):
            if missing := sorted(wanted - one["data"].keys()):
                detail = f'Error at item {number}: "{missing[0]}" key is expected in task data'
                raise _invalid(non_field_errors=[detail])
        moment, ids = self.tick(), [self._next("task") for _ in said]
        for task, one in zip(ids, said, strict=True):
            made = {"id": task, "project": project, "data": one["data"], "created_at": moment, "updated_at": moment}
            self._contents.tasks[task] = made
        return ids

    def task(self, task: int, *, whole: bool = True, reader: int = 0) -> Json:
        """Return a task, `whole` with its annotations and the drafts of `reader` (0: of all)."""
        found = _found(self._contents.tasks, task, "Task")
        if not whole:
            return found
        drafts = [one for one in self._contents.drafts if one["task"] == task and reader in (0, one["user"])]
        return {**found, "annotations": list(self._annotations_of(task)), "drafts": drafts}

    def edit_task(self, task: int, said: Json) -> Json:
        """Change a task's data."""
        _found(self._contents.tasks, task, "Task").update(said | {"updated_at": self.tick()})
        return self.task(task)

    def delete_task(self, task: int) -> None:
        """Delete a task with its annotations."""
        _found(self._contents.tasks, task, "Task")
        for one in list(self._annotations_of(task)):
            del self._contents.annotations[one["id"]]
        del self._contents.tasks[task]

    def listed(self, project: int, filters: Sequence[Json], ordering: Sequence[str]) -> list[Json]:
        """Return the project's tasks that every filter lets through, without their annotations."""
        _found(self._contents.projects, project, "Project")
        found = [one for one in self._tasks_of(project) if all(_lets(each, one) for each in filters)]
        for name in ordering[:1]:
            column = name.lstrip("-").removeprefix("tasks:")
            found.sort(key=lambda one: one[column], reverse=name.startswith("-"))
        return found

    def annotated(self, tasks: Sequence[Json]) -> int:
        """Return how many annotations the tasks are said to have, not counting those that were skipped."""
        there = [one for task in tasks for one in self._annotations_of(task["id"])]
        return sum(not one["was_cancelled"] and one["id"] not in self._uncounted for one in there)

    def next_task(self, project: int, user: int) -> Json:
        """Return the task that the queue has for the account."""
        overlap = _found(self._contents.projects, project, "Project")["maximum_annotations"]
        for task in self._tasks_of(project):
            said = list(self._annotations_of(task["id"]))
            done = sum(not one["was_cancelled"] for one in said)
            if done < overlap and all(one["completed_by"] != user for one in said):
                return self.task(task["id"], reader=user)
        raise RefusedError(404, "There are still some tasks to complete for the user, but they seem to be locked")

    def annotate(self, task: int, user: int, said: Json) -> Json:
        """Make an annotation of whatever content, by whatever account it names, beyond whatever overlap."""
        found, unique = _found(self._contents.tasks, task, "Task"), said.get("unique_id")
        if unique and any(one["unique_id"] == unique for one in self._contents.annotations.values()):
            raise RefusedError(409, "Annotation with this unique id already exists")
        moment, number = self.tick(), self._next("annotation")
        usual = {"result": [], "completed_by": user, "was_cancelled": False, "lead_time": None, "unique_id": None}
        made = usual | said | {"id": number, "task": task, "project": found["project"]}
        self._contents.annotations[number] = made | {"created_at": moment, "updated_at": moment}
        if self.dies:
            self.dies = False
            self._uncounted.add(number)
            raise RefusedError(502, "killed")
        self._uncounted -= {one["id"] for one in self._annotations_of(task)}
        found["updated_at"] = self.tick()
        self._contents.drafts = [one for one in self._contents.drafts if (one["task"], one["user"]) != (task, user)]
        return self._contents.annotations[number]

    def draft(self, task: int, user: int, said: Json) -> Json:
        """Keep what an account began to say."""
        _found(self._contents.tasks, task, "Task")
        self._contents.drafts.append(said | {"id": self._next("draft"), "task": task, "user": user})
        return self._contents.drafts[-1]

    def edit_annotation(self, annotation: int, said: Json) -> Json:
        """Change an annotation."""
        found = _found(self._contents.annotations, annotation, "Annotation")
        found.update(said | {"updated_at": self.tick()})
        self._contents.tasks[found["task"]]["updated_at"] = self.tick()
        return found

    def delete_annotation(self, annotation: int) -> None:
        """Delete an annotation."""
        found = _found(self._contents.annotations, annotation, "Annotation")
        del self._contents.annotations[annotation]
        self._contents.tasks[found["task"]]["updated_at"] = self.tick()

    def _tasks_of(self, project: int) -> list[Json]:
        return [one for one in self._contents.tasks.values() if one["project"] == project]

    def _annotations_of(self, task: int) -> Iterator[Json]:
        return (one for one in self._contents.annotations.values() if one["task"] == task)

    def _next(self, kind: str) -> int:
        self._contents.last[kind] = self._contents.last.get(kind, 0) + 1
        return self._contents.last[kind]


def _lets(one: Json, task: Json) -> bool:
    """Whether a filter of the data manager lets the task through."""
    column = one["filter"].removeprefix("filter:tasks:")
    held = task["data"].get(column.removeprefix("data.")) if column.startswith("data.") else task[column]
    match one["operator"]:
        case "greater":
            return bool(held > one["value"])
        case "in_list":
            return held in one["value"]
        case other:
            raise RefusedError(400, f"the fake knows no operator {other}")


def _found(table: Mapping[int, Json], number: int, kind: str) -> Json:
    if number not in table:
        raise RefusedError(404, f"No {kind} matches the given query.")
    return table[number]


def _invalid(**problems: list[str]) -> RefusedError:
    return RefusedError(400, "Validation error", validation_errors=problems)
