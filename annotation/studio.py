"""The adapter to a Label Studio server: the one file that knows its client library, imported when first used.

No write is repeated by the client: it would repeat a POST whose reply was lost, and there would be two. Foreign errors
become `ServiceError` (the server) or `StudyError` (what it holds does not fit the study).
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError

from annotation.server.state import FOLDER, credentials, read_state
from mvpbench.store.study import Study
from schemas.address import is_address, is_local
from schemas.errors import ConfigError, MvpbenchError, ServiceError, StudyError
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
UNAUTHORISED = (401, 403)
NOT_FOUND = 404
GATEWAY = (502, 503, 504)
"""Said by what stands before the server, which may still be at work."""
SHOWN_CHARACTERS = 200
LOOK_AT_PROJECT = "look at the project; was it changed by hand, or the server upgraded?"


class ExportedAnnotation(BaseModel):
    """What we read of one annotation in an export; the rest is the server's own."""

    id: int
    completed_by: int | None
    result: list[dict[str, Any]]
    was_cancelled: bool = False
    lead_time: float | None = None
    created_at: AwareDatetime
    updated_at: AwareDatetime


class ExportedTask(BaseModel):
    """One task of an export with its annotations."""

    id: int
    data: dict[str, Any]
    annotations: list[ExportedAnnotation]
    drafts: list[Any] = []
    """What raters began and have not sent, of all of them: elsewhere the server shows an account its own alone."""


class Studio:
    """The few operations we need on one server, for one account. Made by `connected`."""

    def __init__(self, client: "LabelStudio", url: str, token: str) -> None:
        self._client = client
        self.url = url
        self.token = token

    def check(self, http: "httpx.Client") -> None:
        """Raise unless the server says it is a Label Studio and knows our token."""
        with self._translated():
            reply = http.get(f"{self.url}/api/version")
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
        with self._translated():
            self._client.users.whoami()

    def create_project(self, title: str, description: str, config: str, instruction: str) -> int:
        """Create a project and return its id. `instruction` is HTML shown to raters before they start."""
        with self._translated():
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
            raise self._strange("a project without an id")
        return int(project.id)

    def find_project(self, marker: str) -> int | None:
        """Return the project whose description holds `marker`; None where there is none."""
        with self._translated():
            projects: Iterable[Any] = self._client.projects.list(page_size=100)
            for project in projects:
                if marker in (project.description or ""):
                    return int(project.id)
        return None

    def has_project(self, project_id: int, marker: str) -> bool:
        """Whether the project is there and its description holds `marker`."""
        try:
            with self._translated():
                project = self._client.projects.get(project_id)
        except ServiceError as exc:
            if exc.report.code == "not-found":
                return False
            raise
        return marker in (project.description or "")

    def delete_project(self, project_id: int) -> None:
        """Delete a project with all its tasks and annotations."""
        with self._translated():
            self._client.projects.delete(project_id, request_options=WRITE)

    def import_tasks(self, project_id: int, tasks: Sequence[Mapping[str, str]]) -> None:
        """Send one batch of task data, whole or not at all.

        An error does not say that nothing landed: ask `present` afterwards. If it is `server-unreachable`, the server
        may still be at work on the batch.
        """
        with self._translated():
            reply = self._client.projects.import_tasks(
                project_id,
                request=[{"data": dict(task)} for task in tasks],  # type: ignore[misc, list-item, unused-ignore]
                return_task_ids=True,
                request_options=BATCH_WRITE,
            )
        if reply.task_count != len(tasks):
            found = f"an import of {len(tasks)} tasks that made {reply.task_count}"
            raise self._strange(found)

    def present(self, project_id: int, uids: Iterable[str]) -> dict[str, list[int]]:
        """Return those of `uids` that are in the project's task data, each with the ids of its tasks, ascending.

        Asked of the tasks themselves, as counters lag.
        """
        wanted, found = sorted(set(uids)), dict[str, list[int]]()
        for first in range(0, len(wanted), UIDS_A_QUERY):
            query = {
                "filters": {
                    "conjunction": "and",
                    "items": [
                        {
                            "filter": "filter:tasks:data.uid",
                            "operator": "in_list",
                            "type": "List",
                            "value": wanted[first : first + UIDS_A_QUERY],
                        }
                    ],
                }
            }
            with self._translated():
                tasks: Iterable[Any] = self._client.tasks.list(
                    project=project_id, query=json.dumps(query), fields="task_only", page_size=UIDS_A_QUERY
                )
                for task in tasks:
                    found.setdefault(str(task.data["uid"]), []).append(int(task.id))
        return {uid: sorted(set(found[uid])) for uid in wanted if uid in found}

    def touched(self, project_id: int, task_ids: Sequence[int]) -> set[int]:
        """Return those of the tasks that anybody has answered, skipped or begun to answer."""
        content = self._exported(project_id, {"additional_query_parameters": {"ids[]": list(task_ids)}})
        tasks = read_export(content, f"project {project_id} on {self.url}")
        return {task.id for task in tasks if task.annotations or task.drafts}

    def delete_task(self, task_id: int) -> None:
        """Delete a task with its annotations; one that is gone already is no error."""
        try:
            with self._translated():
                self._client.tasks.delete(str(task_id), request_options=WRITE)
        except ServiceError as exc:
            if exc.report.code != "not-found":
                raise

    def accounts(self) -> list[str]:
        """Return the address of every account on the server but ours, sorted."""
        with self._translated():
            ours = self._client.users.whoami().id
            return sorted(str(one.email) for one in self._client.users.list() if one.id != ours)

    def export(self, project_id: int) -> bytes:
        """Return the JSON of every task of the project with its annotations, as the server wrote it."""
        return self._exported(project_id, {})

    def _exported(self, project_id: int, options: Mapping[str, Any]) -> bytes:
        request: Any = {**EXPORT_READ, **options}
        with self._translated():
            pieces = self._client.projects.exports.download_sync(
                project_id, export_type="JSON", download_all_tasks=True, request_options=request
            )
            return b"".join(pieces)

    def server_id(self) -> str:
        """Return what tells this server's database from others: when its organisation was made, to the microsecond.

        Not the address: a server of the study's own gets another port at each start.
        """
        with self._translated():
            found: Iterable[Any] = self._client.organizations.list()
            made = sorted((one.id, one.created_at.isoformat()) for one in found if one.id and one.created_at)
        if not made:
            raise self._strange("no organisation with the time at which it was made")
        return content_id("ls", *made[0])

    def invite_link(self) -> str:
        """Return the address where raters sign up. Who has it gets in: hand it to raters only."""
        with self._translated():
            invite = self._client.organizations.invites.get_invite_link()
        if not invite.token:
            raise self._strange("no invitation token")
        return f"{self.url}/user/signup/?token={invite.token}"

    def _strange(self, found: str) -> ServiceError:
        return ServiceError(
            "server-answer",
            "the label studio server answered something else than asked",
            where=self.url,
            found=found,
            expected="label studio 1.23, community edition",
            way_out="check `annotate.url` in study.yaml",
        )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn the client's errors into ours."""
        import httpx
        from label_studio_sdk.core.api_error import ApiError
        from label_studio_sdk.core.parse_error import ParsingError

        try:
            yield
        except (httpx.RequestError, httpx.InvalidURL) as exc:
            raise self._unreachable(f"{type(exc).__name__}: {exc}".rstrip(": ")) from exc
        except ApiError as exc:
            raise self._refused(exc.status_code, exc.body) from exc
        except (ParsingError, ValidationError, AttributeError) as exc:
            # The client checks nothing: a reply of another shape surfaces as a field that is not there.
            raise self._strange(f"{type(exc).__name__}: {exc}"[:SHOWN_CHARACTERS]) from exc

    def _unreachable(self, found: str) -> ServiceError:
        return ServiceError(
            "server-unreachable",
            "no label studio server answers",
            where=self.url,
            found=found,
            way_out="start it with `mvpbench annotate serve --detach`, or mend `annotate.url` in study.yaml;"
            " then run the command again: what landed is not sent twice",
        )

    def _refused(self, status: int | None, body: object) -> MvpbenchError:
        if status in GATEWAY:
            return self._unreachable(f"http {status}")
        if status in UNAUTHORISED:
            return ServiceError(
                "token-refused",
                "the label studio server refuses the access token",
                where=self.url,
                found=f"http {status}",
                expected="the token of an account on this server",
                way_out="for a server of your own, put one (Account & Settings) into the variable that"
                " `annotate.key_env` names; else start the study's own with `mvpbench annotate serve`",
            )
        said = body.get("validation_errors") or body.get("detail") if isinstance(body, dict) else body
        found = f"http {status}: {' '.join(str(said).split())[:SHOWN_CHARACTERS]}"
        code = "not-found" if status == NOT_FOUND else "server-refused"
        return ServiceError(code, "the label studio server did not do what was asked", where=self.url, found=found)


def read_export(content: bytes, where: str, way_out: str = LOOK_AT_PROJECT) -> list[ExportedTask]:
    """Return the tasks of an export. StudyError `export-misfit` at `where` if it is none."""
    try:
        return TypeAdapter(list[ExportedTask]).validate_json(content)
    except ValidationError as exc:
        first = exc.errors()[0]
        raise StudyError(
            "export-misfit",
            "the export of the label studio project is not what its tasks were",
            where=f"{where}: {'.'.join(map(str, first['loc']))}",
            found=first["msg"],
            expected="a list of tasks with data and annotations, as label studio 1.23 writes it",
            way_out=way_out,
        ) from exc


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
        from label_studio_sdk.client import LabelStudio
    except ImportError as exc:
        raise ServiceError(
            "sdk-missing",
            "the label studio client is not installed",
            found=str(exc),
            way_out="pip install 'mvpbench[labelstudio]'",
        ) from exc
    with httpx.Client(timeout=TIMEOUT_S, trust_env=not is_local(url), follow_redirects=True) as http:
        client = LabelStudio(base_url=url, api_key=token, httpx_client=http)  # type: ignore[no-untyped-call]
        studio = Studio(client, url, token)
        studio.check(http)
        yield studio
