"""The fake's socket: requests to `Held`, sessions with cookies, forms with their token, connections cut at will."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from annotation.fake.held import Held, Json, RefusedError

TOKEN = "f" * 40
INVITATION = "made-up-invitation"
OWNER = "owner@fake.invalid"
PASSWORD_CHARACTERS = 8
POLL_S = 0.02


class Request(NamedTuple):
    """What a handler gets to see."""

    query: Mapping[str, list[str]]
    body: Any
    user: int
    page_cap: int = 0


Handler = Callable[..., tuple[int, object]]
"""(held, request, *ids in the path) -> status and JSON."""


class FakeStudio:
    """A server's data, and the port on which it is served while it runs."""

    def __init__(self) -> None:
        self.held = Held(OWNER)
        self.lock = Lock()
        self.sessions: dict[str, int] = {}
        self.locked = 0
        """So many of the next writes through the API meet a locked database when they are done, and are done again."""
        self.page_cap = 0
        """The most tasks that a page holds, whatever was asked for (`TASK_API_PAGE_SIZE_MAX`); 0: as many as asked."""
        self._port = 0
        self._serving: tuple[_Server, Thread] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def token(self) -> str:
        """Of its owner."""
        return TOKEN

    def start(self) -> None:
        """Serve, on the same port as before, if it does not."""
        if self._serving is not None:
            return
        server = _Server(("127.0.0.1", self._port), self)
        self._port = server.server_port
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": POLL_S})
        self._serving = server, thread
        thread.start()

    def serves(self, server: "_Server") -> bool:
        """Whether this one was not killed yet."""
        return self._serving is not None and self._serving[0] is server

    def kill(self) -> None:
        """End at once: whatever is at work finishes or not, and nobody gets a reply any more."""
        if self._serving is None:
            return
        (server, thread), self._serving = self._serving, None
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def fake_studio() -> Iterator[FakeStudio]:
    """Yield a server that runs while the block does."""
    fake = FakeStudio()
    fake.start()
    try:
        yield fake
    finally:
        fake.kill()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], fake: FakeStudio) -> None:
        super().__init__(address, _Connection)
        self.fake = fake


class _Connection(BaseHTTPRequestHandler):
    """One connection."""

    server: _Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: sent apart, the second waits for the first to be acknowledged

    def answer(self) -> None:
        """Answer one request."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fake = self.server.fake
        with fake.lock:
            if not fake.serves(self.server):
                self.close_connection = True
                return
            if fake.locked and self.command == "POST" and self.path.startswith("/api/"):
                fake.locked -= 1
                self._said(fake, body)
            status, content, cookies = self._said(fake, body)
        if not fake.serves(self.server):
            self.close_connection = True
            return
        self._reply(status, content, cookies)

    do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 - the names that http.server looks for

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the clock that stamps what is held, for the header `Date`."""
        return super().date_time_string(self.server.fake.held.moment().timestamp() if timestamp is None else timestamp)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _said(self, fake: FakeStudio, body: bytes) -> tuple[int, object, Mapping[str, str]]:
        parts = urlsplit(self.path)
        if parts.path.startswith("/user/"):
            return _page(fake, self.command, self.path, body, self._cookies())
        return *self._api(fake, parts.path.rstrip("/"), parse_qs(parts.query), body), {}

    def _api(self, fake: FakeStudio, path: str, query: Mapping[str, list[str]], body: bytes) -> tuple[int, object]:
        try:
            if path == "/api/version":
                return 200, {"release": "fake", "label-studio-os-package": {"version": "fake"}}
            user = self._user(fake)
            for method, pattern, handler in ROUTES:
                if method == self.command and (found := re.fullmatch(pattern, path)):
                    said = json.loads(body) if body else None
                    return handler(fake.held, Request(query, said, user, fake.page_cap), *map(int, found.groups()))
        except RefusedError as exc:
            return exc.status, exc.body
        return 404, {"status_code": 404, "detail": "Not found."}

    def _user(self, fake: FakeStudio) -> int:
        given, cookies = self.headers.get("Authorization", ""), self._cookies()
        if given == f"Token {TOKEN}":
            return 1
        user = fake.sessions.get(cookies.get("sessionid", ""))
        if given or user is None:
            raise RefusedError(401, "Invalid token." if given else "Authentication credentials were not provided.")
        return user

    def _cookies(self) -> dict[str, str]:
        return {name: one.value for name, one in SimpleCookie(self.headers.get("Cookie", "")).items()}

    def _reply(self, status: int, content: object, cookies: Mapping[str, str]) -> None:
        is_page = isinstance(content, str)
        encoded = (
            content.encode() if isinstance(content, str) else b"" if content is None else json.dumps(content).encode()
        )
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if is_page else "application/json")
        self.send_header("Content-Length", str(len(encoded)))
        for name, value in cookies.items():
            self.send_header("Set-Cookie", f"{name}={value}; Path=/")
        self.end_headers()
        self.wfile.write(encoded)


def _page(
    fake: FakeStudio, method: str, address: str, body: bytes, cookies: Mapping[str, str]
) -> tuple[int, str, dict[str, str]]:
    """Return status, page and cookies of the log-in and the sign-up, which let in who knows the invitation."""
    parts = urlsplit(address)
    if method == "GET":
        return 200, "<form></form>", {"csrftoken": cookies.get("csrftoken", f"csrf-{len(fake.sessions)}")}
    fields = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    if not cookies.get("csrftoken") or fields.get("csrfmiddlewaretoken") != cookies["csrftoken"]:
        return 403, "CSRF verification failed", {}
    email, password = fields.get("email", ""), fields.get("password", "")
    if parts.path.startswith("/user/signup"):
        if parse_qs(parts.query).get("token") != [INVITATION]:
            return 403, "Permission denied", {}
        if len(password) < PASSWORD_CHARACTERS or email in {one["email"] for one in fake.held.users()}:
            return 200, "<form>refused</form>", {}
        fake.held.add_user(email, password)
    user = fake.held.user_of(email, password)
    if user is None:
        return 200, "<form>refused</form>", {}
    session = f"session-{len(fake.sessions)}"
    fake.sessions[session] = user
    return 200, "<html>welcome</html>", {"sessionid": session, "csrftoken": f"csrf-of-{session}"}


def _whoami(held: Held, request: Request) -> tuple[int, object]:
    return 200, next(one for one in held.users() if one["id"] == request.user)


def _projects(held: Held, request: Request) -> tuple[int, object]:
    size, page = (
        int(request.query.get(name, ["100" if name == "page_size" else "1"])[0]) for name in ("page_size", "page")
    )
    title = request.query.get("title", [""])[0].lower()
    ids = request.query.get("ids", [""])[0]
    found = [one for one in held.projects() if title in one["title"].lower()]
    found = [one for one in found if not ids or str(one["id"]) in ids.split(",")]
    shown = found[(page - 1) * size : page * size]
    more = f"/api/projects?page={page + 1}" if page * size < len(found) else None
    return 200, {"count": len(found), "next": more, "previous": None, "results": shown}


def _import(held: Held, request: Request, project: int) -> tuple[int, object]:
    ids = held.add_tasks(project, request.body)
    return 201, {"task_count": len(ids), "annotation_count": 0, "prediction_count": 0, "task_ids": ids}


def _export(held: Held, request: Request, project: int) -> tuple[int, object]:
    wanted = {int(one) for one in request.query.get("ids[]", [])}
    tasks = [one for one in held.listed(project, [], []) if not wanted or one["id"] in wanted]
    return 200, [held.task(one["id"]) for one in tasks]


def _tasks(held: Held, request: Request) -> tuple[int, object]:
    query = json.loads(request.query.get("query", ["{}"])[0])
    filters = query.get("filters", {}).get("items", [])
    asked = int(request.query["project"][0]), filters, query.get("ordering", [])
    found = held.listed(*asked)
    total = len(found)
    if filters and held.meanwhile is not None:
        happens, held.meanwhile = held.meanwhile, None
        happens()
        found = held.listed(*asked)
    size, page = int(request.query.get("page_size", ["100"])[0]), int(request.query.get("page", ["1"])[0])
    size = min(size, request.page_cap or size)
    shown = found[(page - 1) * size : min(page * size, total)]
    if not shown and page > 1:
        raise RefusedError(404, "Invalid page.")
    whole = request.query.get("fields") == ["all"]
    tasks = [_named(held, held.task(one["id"], whole=whole, reader=request.user)) for one in shown]
    return 200, {
        "total": total,
        "total_annotations": held.annotated(found),
        "total_predictions": 0,
        "tasks": tasks,
    }


def _named(held: Held, task: Json) -> Json:
    """Return the task with what a listing says beyond an export."""
    emails = {one["id"]: one["email"] for one in held.users()}
    for_people = [
        {name: value for name, value in one.items() if name != "unique_id"}
        | {"created_username": f" {emails.get(one['completed_by'])}, {one['completed_by']}", "created_ago": held.tick()}
        for one in task.get("annotations", [])
    ]
    return {**task, "annotations": for_people} if "annotations" in task else task


def _emptied(work: Callable[[Held, int], None]) -> Handler:
    def handler(held: Held, _: Request, number: int) -> tuple[int, object]:
        work(held, number)
        return 204, None

    return handler


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/api/current-user/whoami", _whoami),
    ("GET", "/api/users", lambda held, _: (200, held.users())),
    ("DELETE", r"/api/users/(\d+)", _emptied(Held.delete_user)),
    ("GET", "/api/organizations", lambda held, _: (200, [{"id": 1, "title": "Fake", "created_at": held.made}])),
    ("GET", "/api/invite", lambda *_: (200, {"token": INVITATION, "invite_url": f"/user/signup/?token={INVITATION}"})),
    ("GET", "/api/projects", _projects),
    ("POST", "/api/projects", lambda held, request: (201, held.add_project(request.body))),
    ("GET", r"/api/projects/(\d+)", lambda held, _, project: (200, held.project(project))),
    ("PATCH", r"/api/projects/(\d+)", lambda held, asked, project: (200, held.edit_project(project, asked.body))),
    ("DELETE", r"/api/projects/(\d+)", _emptied(Held.delete_project)),
    ("POST", r"/api/projects/(\d+)/import", _import),
    ("GET", r"/api/projects/(\d+)/export", _export),
    ("GET", r"/api/projects/(\d+)/next", lambda held, asked, project: (200, held.next_task(project, asked.user))),
    ("GET", "/api/tasks", _tasks),
    ("GET", r"/api/tasks/(\d+)", lambda held, asked, task: (200, held.task(task, reader=asked.user))),
    ("PATCH", r"/api/tasks/(\d+)", lambda held, asked, task: (200, held.edit_task(task, asked.body))),
    ("DELETE", r"/api/tasks/(\d+)", _emptied(Held.delete_task)),
    (
        "POST",
        r"/api/tasks/(\d+)/annotations",
        lambda held, asked, task: (201, held.annotate(task, asked.user, asked.body)),
    ),
    ("POST", r"/api/tasks/(\d+)/drafts", lambda held, asked, task: (201, held.draft(task, asked.user, asked.body))),
    ("PATCH", r"/api/annotations/(\d+)", lambda held, asked, one: (200, held.edit_annotation(one, asked.body))),
    ("DELETE", r"/api/annotations/(\d+)", _emptied(Held.delete_annotation)),
)
