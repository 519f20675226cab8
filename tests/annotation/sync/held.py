"""A project in memory that says of itself what `Studio` does, with a clock that only its changes move."""

from collections.abc import Iterable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from annotation.studio import Glance

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Held:
    """Tasks by id, as Label Studio lists them."""

    url = "http://held"

    def __init__(self) -> None:
        self.listed: list[int] = []
        """How many tasks each listing held."""
        self._tasks: dict[int, dict[str, Any]] = {}
        self._now = NOON
        self._ids = 0

    def now(self, minutes: float = 1) -> str:
        """Let time pass and return it as the server writes it."""
        self._now += timedelta(minutes=minutes)
        return self._now.isoformat().replace("+00:00", "Z")

    def add(self, uid: str) -> int:
        """Make a task."""
        task = max(self._tasks, default=0) + 1
        self._tasks[task] = {
            "id": task,
            "data": {"uid": uid},
            "annotations": [],
            "created_at": self.now(0),
            "updated_at": self.now(),
        }
        return task

    def answer(self, task: int, choice: str = "A", *, skipped: bool = False) -> int:
        """Make an annotation."""
        self._ids += 1
        moment = self.now()
        made = {"id": self._ids, "completed_by": 7, "result": [{"choice": choice}], "was_cancelled": skipped}
        made |= {"created_at": moment, "updated_at": moment, "created_username": "a@b, 7", "created_ago": moment}
        self._tasks[task]["annotations"].append(made)
        self._tasks[task]["updated_at"] = moment
        return self._ids

    def edit(self, task: int, choice: str) -> None:
        """Change every annotation of a task."""
        for one in self._tasks[task]["annotations"]:
            one |= {"result": [{"choice": choice}], "updated_at": self.now()}
            self._tasks[task]["updated_at"] = one["updated_at"]

    def unanswer(self, task: int, *, moves: bool = True) -> None:
        """Delete every annotation of a task; where it does not move the task's time, as no listing shows."""
        self._tasks[task]["annotations"] = []
        if moves:
            self._tasks[task]["updated_at"] = self.now()

    def remove(self, task: int) -> None:
        """Delete a task."""
        del self._tasks[task]

    def backup(self) -> Any:
        """Return what `restore` takes."""
        return deepcopy((self._tasks, self._ids))

    def restore(self, backup: Any) -> None:
        """Go back; ids are given out again, time is not."""
        self._tasks, self._ids = deepcopy(backup)

    def answers_in(self, projects: Iterable[int]) -> dict[int, int]:
        """Count what was not skipped."""
        said = [one for task in self._tasks.values() for one in task["annotations"]]
        return dict.fromkeys(projects, sum(not one["was_cancelled"] for one in said))

    def glance(self, project: int, annotations: int | None = None) -> Glance:
        """Count."""
        newest = max((task["updated_at"] for task in self._tasks.values()), default="")
        answers = self.answers_in([project])[project] if annotations is None else annotations
        return Glance(len(self._tasks), answers, newest, self._now)

    def joined(self) -> dict[int, datetime]:
        """Say when accounts were made."""
        return {7: NOON}

    def tasks(self, _project: int, since: str = "") -> list[dict[str, Any]]:
        """List; the text of `created_ago` differs each time."""
        found = [deepcopy(task) for task in self._tasks.values() if not since or _after(task["updated_at"], since)]
        for task in found:
            for one in task["annotations"]:
                one["created_ago"] = f"{len(self.listed)} minutes"
        self.listed.append(len(found))
        return found

    def exported(self, project: int) -> list[dict[str, Any]]:
        """List all, the task's own time of creation told too."""
        return self.tasks(project)

    def answers(self) -> dict[tuple[str, int, str], str]:
        """Return (uid, id, created) -> choice of what is there."""
        return {
            (task["data"]["uid"], one["id"], one["created_at"]): one["result"][0]["choice"]
            for task in self._tasks.values()
            for one in task["annotations"]
        }


def _after(moment: str, since: str) -> bool:
    return datetime.fromisoformat(moment) > datetime.fromisoformat(since)
