"""The adapter to a Label Studio server: with `annotation.line`, all that knows its addresses and its client library.

No write is repeated by the client: it would repeat a POST whose reply was lost, and there would be two. Foreign errors
become `ServiceError` (the server) or `StudyError` (what it holds does not fit the study).
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from annotation.export import read_export
from annotation.line import Line
from annotation.server.state import FOLDER, credentials, read_state
from mvpbench.store.study import Study
from schemas.address import is_address, is_local
from schemas.errors import ConfigError, ServiceError
from schemas.identity import content_id

if TYPE_CHECKING:
    import httpx
    from label_studio_sdk.client import LabelStudio

TIMEOUT_S = 60.0
WRITE: Any = {"max_retries": 0}
BATCH_WRITE: Any = {"max_retries": 0, "timeout": 600}
EXPORT_READ: Any = {"timeout": 1800}
UIDS_A_QUERY = 500
"""Looked for at once: `in_list` takes 2 s for 500."""
TASKS_A_PAGE = 500
PROJECTS_A_PAGE = 100
ANSWERS = "total_annotations_number"
PROJECT_FIELDS = ("id", "title", "description", "label_config")


class Glance(NamedTuple):
    """How a project stands, counted in the database.

    What a listing says of annotations is not: the server adds up counters that it keeps with each task, and one that
    was killed between an annotation and its counter leaves that wrong for good, and the time of the task's last change.
    """

    tasks: int
    annotations: int
    """Not counting those that were skipped."""
    newest: str
    """The latest `updated_at` of any task, as the server writes it; empty where there is no task."""
    at: datetime | None = None
    """The server's clock, to the second; None where it does not say."""


class OnServer(NamedTuple):
    """A project that the server has."""

    id: int
    title: str
    description: str
    config: str
    """Its labelling configuration, XML."""


class Studio:
    """The few operations we need on one server, for one account. Made by `connected`."""

    def __init__(self, http: "httpx.Client", url: str, token: str) -> None:
        self._line = Line(http, url, token)
        self._http = http
        self.url = url
        self.token = token

    @property
    def _client(self) -> "LabelStudio":
        return self._line.client

    def check(self) -> None:
        """Raise unless the server says it is a Label Studio and knows our token."""
        with self._line.translated():
            reply = self._http.get(f"{self.url}/api/version")
        try:
            told = reply.json()
        except ValueError:
            told = None
        if not isinstance(told, dict) or "label-studio-os-package" not in told:
            raise ServiceError(
                "not-label-studio",
                "what answers there is no label studio",
                where=self.url,
                found=f"http {reply.status_code} with {reply.headers.get('content-type', 'no content type')}",
                expected="the version that a label studio server tells",
                way_out="check `annotate.url` in study.yaml",
            )
        self.owner_id()

    def create_project(self, title: str, description: str, config: str, instruction: str) -> int:
        """Create a project and return its id. `instruction` is HTML shown to raters before they start."""
        with self._line.translated():
            project = self._client.projects.create(
                title=title,
                description=description,
                label_config=config,
                expert_instruction=instruction,
                show_instruction=True,
                show_skip_button=False,  # "cannot tell" says the same and can be counted
                enable_empty_annotation=False,
                maximum_annotations=1,
                request_options=WRITE,
            )
        if project.id is None:
            raise self._line.strange("a project without an id")
        return int(project.id)

    def find_project(self, marker: str) -> int | None:
        """Return the project whose description holds `marker`; None where there is none."""
        return next((one.id for one in self.projects() if marker in one.description), None)

    def drop_twins(self, project_id: int) -> None:
        """Delete the other projects of the same title and description that hold no task.

        On SQLite the server itself repeats a request that met a locked database, and one creation may make two.
        """
        if (made := self.project(project_id)) is None:
            return
        for one in self.projects(made.title):
            if one.id != project_id and one[1:] == made[1:] and not self.tasks_in(one.id):
                self.delete_project(one.id)

    def projects(self, title: str = "") -> Iterator[OnServer]:
        """Return every project that the account sees, in the server's order; of those whose title holds `title`."""
        return self._projects({"title": title} if title else {})

    def _projects(self, only: Mapping[str, str]) -> Iterator[OnServer]:
        for one in self._project_rows(PROJECT_FIELDS, only):
            with self._line.translated():
                yield _on_server(one)

    def _project_rows(self, fields: Sequence[str], only: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        page = 1
        while page:
            asked = {"page": page, "page_size": PROJECTS_A_PAGE, "include": ",".join(fields), **only}
            found = self._line.read("/api/projects", asked)
            with self._line.translated():
                yield from found["results"]
                page = page + 1 if found["next"] else 0

    def numbered(self, project_ids: Iterable[int]) -> dict[int, OnServer]:
        """Return number -> project, of those that the server has."""
        return {one.id: one for numbers in _in_parts(project_ids) for one in self._projects({"ids": numbers})}

    def answers_in(self, project_ids: Iterable[int]) -> dict[int, int]:
        """Return number -> how many annotations, not counting those that were skipped, of projects that are there."""
        asked, fields = [{"ids": numbers} for numbers in _in_parts(project_ids)], ("id", ANSWERS)
        rows = [row for only in asked for row in self._project_rows(fields, only)]
        with self._line.translated():
            return {int(one["id"]): int(one[ANSWERS]) for one in rows}

    def has_project(self, project_id: int, marker: str) -> bool:
        """Whether the project is there and its description holds `marker`."""
        found = self.project(project_id)
        return found is not None and marker in found.description

    def project(self, project_id: int) -> OnServer | None:
        """Return the project, or None where the server has none of this number."""
        return self.numbered([project_id]).get(project_id)

    def delete_project(self, project_id: int) -> None:
        """Delete a project with all its tasks and annotations."""
        with self._line.translated():
            self._client.projects.delete(project_id, request_options=WRITE)

    def import_tasks(self, project_id: int, tasks: Sequence[Mapping[str, str]]) -> None:
        """Send one batch of task data, whole or not at all.

        An error does not say that nothing landed: ask `present` afterwards. If it is `server-unreachable`, the server
        may still be at work on the batch.
        """
        with self._line.translated():
            reply = self._client.projects.import_tasks(
                project_id,
                request=[{"data": dict(task)} for task in tasks],  # type: ignore[misc, list-item, unused-ignore]
                return_task_ids=True,
                request_options=BATCH_WRITE,
            )
        if reply.task_count != len(tasks):
            found = f"an import of {len(tasks)} tasks that made {reply.task_count}"
            raise self._line.strange(found)

    def present(self, project_id: int, uids: Iterable[str]) -> dict[str, list[int]]:
        """Return those of `uids` that are in the project's task data, each with the ids of its tasks, ascending.

        Asked of the tasks themselves, as counters lag.
        """
        wanted, found = sorted(set(uids)), dict[str, list[int]]()
        for first in range(0, len(wanted), UIDS_A_QUERY):
            asked = wanted[first : first + UIDS_A_QUERY]
            mine = {"filter": "filter:tasks:data.uid", "operator": "in_list", "type": "List", "value": asked}
            for task in self._tasks(project_id, [mine], "task_only"):
                with self._line.translated():
                    found.setdefault(str(task["data"]["uid"]), []).append(task["id"])
        return {uid: sorted(set(found[uid])) for uid in wanted if uid in found}

    def glance(self, project_id: int, annotations: int | None = None) -> Glance:
        """Return how many tasks and annotations the project holds and when it last changed.

        `annotations` is what `answers_in` said a while before, of many projects at once.
        """
        if annotations is None:
            annotations = self.answers_in([project_id]).get(project_id, 0)
        query = json.dumps({"ordering": ["-tasks:updated_at"]})
        asked = {"project": project_id, "page_size": 1, "fields": "task_only", "query": query}
        found, at = self._line.read_at("/api/tasks", asked)
        with self._line.translated():
            newest = [str(one["updated_at"]) for one in found["tasks"]]
            return Glance(int(found["total"]), annotations, max(newest, default=""), at)

    def tasks_in(self, project_id: int) -> int:
        """Return how many tasks the project holds."""
        return self.glance(project_id, 0).tasks

    def tasks(self, project_id: int, since: str = "") -> Iterator[dict[str, Any]]:
        """Yield the project's tasks with their annotations by all accounts, as the server says them, by id.

        With `since`, those changed after that moment: a task changes with its annotations, be they made, edited or
        deleted. A task that is deleted is in no later listing. Of drafts only our own are in it.
        """
        later = {"filter": "filter:tasks:updated_at", "operator": "greater", "type": "Datetime", "value": since}
        yield from self._tasks(project_id, [later] if since else [], "all")

    def _tasks(self, project_id: int, filters: Sequence[object], fields: str) -> Iterator[dict[str, Any]]:
        """Yield what the filters let through, page by page after the last id: numbered pages shift under changes.

        Until a page is empty: a server may be set to give fewer than it is asked for, and as it counts before it
        selects, a task that changes meanwhile takes the place of another that was counted.
        """
        last, more = 0, True
        while more:
            after = {"filter": "filter:tasks:id", "operator": "greater", "type": "Number", "value": last}
            query = {"ordering": ["tasks:id"], "filters": {"conjunction": "and", "items": [*filters, after]}}
            asked = {"project": project_id, "page_size": TASKS_A_PAGE, "fields": fields, "query": json.dumps(query)}
            found = self._line.read("/api/tasks", asked)
            with self._line.translated():
                tasks = [task | {"id": int(task["id"])} for task in found["tasks"]]
            yield from tasks
            last, more = tasks[-1]["id"] if tasks else last, bool(tasks)

    def touched(self, project_id: int, task_ids: Sequence[int]) -> set[int]:
        """Return those of the tasks that anybody has answered, skipped or begun to answer."""
        content = self._exported(project_id, {"additional_query_parameters": {"ids[]": list(task_ids)}})
        tasks = read_export(content, f"project {project_id} on {self.url}")
        return {task.id for task in tasks if task.annotations or task.drafts}

    def delete_task(self, task_id: int) -> None:
        """Delete a task with its annotations; one that is gone already is no error."""
        try:
            with self._line.translated():
                self._client.tasks.delete(str(task_id), request_options=WRITE)
        except ServiceError as exc:
            if exc.report.code != "not-found":
                raise

    def accounts(self) -> list[str]:
        """Return the address of every account on the server but ours, sorted."""
        return sorted(self.users().values())

    def users(self) -> dict[int, str]:
        """Return id -> address of every account on the server but ours."""
        ours, found = self.owner_id(), self._line.read("/api/users", {})
        with self._line.translated():
            return {int(one["id"]): str(one["email"]) for one in found if one["id"] != ours}

    def joined(self) -> dict[int, datetime]:
        """Return id -> when it was made, to the microsecond, of every account on the server."""
        found = self._line.read("/api/users", {})
        with self._line.translated():
            return {int(one["id"]): datetime.fromisoformat(one["date_joined"]).astimezone(UTC) for one in found}

    def owner_id(self) -> int:
        """Return the id of our own account."""
        found = self._line.read("/api/current-user/whoami", {})
        with self._line.translated():
            return int(found["id"])

    def exported(self, project_id: int) -> list[dict[str, Any]]:
        """Return every task of the project with its annotations, as the server said them."""
        with self._line.translated():
            found = json.loads(self._exported(project_id, {}))
        if not isinstance(found, list) or not all(isinstance(task, dict) and "id" in task for task in found):
            told = f"an export that is no list of tasks but {str(found)[:80]}"
            raise self._line.strange(told)
        return found

    def _exported(self, project_id: int, options: Mapping[str, Any]) -> bytes:
        request: Any = {**EXPORT_READ, **options}
        with self._line.translated():
            pieces = self._client.projects.exports.download_sync(
                project_id, export_type="JSON", download_all_tasks=True, request_options=request
            )
            return b"".join(pieces)

    def server_id(self) -> str:
        """Return what tells this server's database from others: when its organisation was made, to the microsecond.

        Not the address: a server of the study's own gets another port at each start.
        """
        with self._line.translated():
            found: Iterable[Any] = self._client.organizations.list()
            made = sorted((one.id, one.created_at.isoformat()) for one in found if one.id and one.created_at)
        if not made:
            raise self._line.strange("no organisation with the time at which it was made")
        return content_id("ls", *made[0])

    def invite_link(self) -> str:
        """Return the address where raters sign up. Who has it gets in: hand it to raters only."""
        with self._line.translated():
            invite = self._client.organizations.invites.get_invite_link()
        if not invite.token:
            raise self._line.strange("no invitation token")
        return f"{self.url}/user/signup/?token={invite.token}"


def _on_server(row: Mapping[str, Any]) -> OnServer:
    return OnServer(int(row["id"]), *(str(row[name] or "") for name in PROJECT_FIELDS[1:]))


def _in_parts(project_ids: Iterable[int]) -> Iterator[str]:
    wanted = sorted(set(project_ids))
    for first in range(0, len(wanted), PROJECTS_A_PAGE):
        yield ",".join(map(str, wanted[first : first + PROJECTS_A_PAGE]))


@contextmanager
def open_studio(study: Study) -> Iterator[Studio]:
    """Yield the study's Label Studio: the one at `annotate.url`, else the one that `annotate serve` runs.

    Raises what `connected` raises, ConfigError `key-missing` and ServiceError `server-not-running`.
    """
    section = study.config.annotate
    if section.url is not None:
        url, token = section.url, os.environ.get(section.key_env, "")
        if not token:
            raise ConfigError(
                "key-missing",
                "the access token of the label studio server is not set",
                where="study.yaml: annotate.key_env",
                found=f"no environment variable {section.key_env}",
                way_out=f"export {section.key_env}=<a token from Account & Settings of {section.url}>",
            )
    else:
        folder = study.root / FOLDER
        state = read_state(folder)
        if state is None:
            raise ServiceError(
                "server-not-running",
                "this study's label studio is not running",
                where=str(folder),
                way_out="start it with `mvpbench annotate serve --detach`, or name one of your own in `annotate.url`",
            )
        url, token = state.url, credentials(folder).token
    with connected(url, token) as studio:
        yield studio


@contextmanager
def connected(url: str, token: str) -> Iterator[Studio]:
    """Yield the adapter to a server that was found alive, a Label Studio, and willing to know us.

    Raises ConfigError `url-invalid` and ServiceError: `server-unreachable`, `not-label-studio`, `token-refused`,
    `sdk-missing`.
    """
    if not is_address(url):
        raise ConfigError(
            "url-invalid",
            "the address of the label studio server",
            where="study.yaml: annotate.url",
            found=repr(url),
            expected="an address such as https://label-studio.example.org or http://127.0.0.1:8080",
        )
    url = url.rstrip("/")
    try:
        import httpx
        import label_studio_sdk  # noqa: F401 - its parts are imported when they are used
    except ImportError as exc:
        raise ServiceError(
            "sdk-missing",
            "the label studio client is not installed",
            found=str(exc),
            way_out="pip install 'mvpbench[labelstudio]'",
        ) from exc
    with httpx.Client(timeout=TIMEOUT_S, trust_env=not is_local(url), follow_redirects=True) as http:
        studio = Studio(http, url, token)
        studio.check()
        yield studio
