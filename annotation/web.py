"""A rater's browser session with Label Studio, as far as a script needs one: sign up, log in, next task, answer."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode

from schemas.address import is_local
from schemas.errors import ServiceError

TIMEOUT_S = 60.0
NOT_FOUND = 404
SHOWN_CHARACTERS = 200


class Session:
    """One browser: its cookies and the cross-site token that the server asks for. Raises ServiceError throughout."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._cookies = CookieJar()
        proxies = [urllib.request.ProxyHandler({})] if is_local(url) else []
        self._opener = urllib.request.build_opener(*proxies, urllib.request.HTTPCookieProcessor(self._cookies))

    def log_in(self, email: str, password: str) -> bool:
        """Whether the server let us in with these."""
        self._form(f"{self._url}/user/login/", {"email": email, "password": password, "persist_session": "on"})
        return self._ask("/api/current-user/whoami", allowed=401) is not None

    def sign_up(self, invite_link: str, email: str, password: str) -> None:
        """Make an account and be logged in with it."""
        self._form(invite_link, {"email": email, "password": password, "allow_newsletters": "false"})
        if self._ask("/api/current-user/whoami", allowed=401) is None:
            raise self._error("sign-up-refused", f"no account for {email}")

    def whoami(self) -> int:
        """Return our user id."""
        with self._read("/api/current-user/whoami") as reply:
            return int(reply["id"])

    def next_task(self, project_id: int) -> tuple[int, str] | None:
        """Return id and uid of the next task the queue has for us; None where it has no more."""
        with self._read(f"/api/projects/{project_id}/next", allowed=NOT_FOUND) as task:
            return None if task is None else (int(task["id"]), str(task["data"].get("uid")))

    def annotate(self, task_id: int, result: Sequence[Mapping[str, Any]], lead_time_s: float) -> int:
        """Submit an annotation and return its id."""
        body = {"result": result, "lead_time": lead_time_s}
        with self._read(f"/api/tasks/{task_id}/annotations/", body) as reply:
            return int(reply["id"])

    def _form(self, address: str, fields: Mapping[str, str]) -> None:
        """Fetch a page for its cookie, then send its form."""
        self._send(urllib.request.Request(address))  # noqa: S310 - the study's server
        filled = urlencode(dict(fields) | {"csrfmiddlewaretoken": self._token()}).encode()
        self._send(urllib.request.Request(address, data=filled, headers={"Referer": address}))  # noqa: S310

    @contextmanager
    def _read(self, path: str, body: object = None, *, allowed: int | None = None) -> Iterator[Any]:
        """Yield what `_ask` returns to a block that reads it: a reply of another shape is the server's fault."""
        reply = self._ask(path, body, allowed=allowed)
        try:
            yield reply
        except (AttributeError, KeyError, TypeError, ValueError) as exc:
            found = f"{type(exc).__name__}: {exc} in the reply at {path}"[:SHOWN_CHARACTERS]
            raise self._error("server-answer", found) from exc

    def _ask(self, path: str, body: object = None, *, allowed: int | None = None) -> Any:  # noqa: ANN401 - JSON
        """Return the JSON reply; None for the status `allowed`."""
        request = urllib.request.Request(f"{self._url}{path}", headers={"Accept": "application/json"})  # noqa: S310
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
            request.add_header("X-CSRFToken", self._token())
        reply = self._send(request, allowed)
        try:
            return None if reply is None else json.loads(reply)
        except ValueError as exc:
            raise self._error("server-answer", f"no JSON at {path}") from exc

    def _send(self, request: urllib.request.Request, allowed: int | None = None) -> bytes | None:
        """Return the reply's bytes; None for the status `allowed`."""
        try:
            return self._exchange(request, allowed)
        except (OSError, HTTPException) as exc:
            raise self._error("server-unreachable", f"{type(exc).__name__}: {exc}".rstrip(": ")) from exc

    def _exchange(self, request: urllib.request.Request, allowed: int | None) -> bytes | None:
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as response:
                content: bytes = response.read()
                return content
        except urllib.error.HTTPError as exc:
            with exc:
                said = exc.read(SHOWN_CHARACTERS).decode(errors="replace")
            if exc.code == allowed:
                return None
            raise self._error("server-refused", f"http {exc.code}: {' '.join(said.split())}") from exc

    def _token(self) -> str:
        return next((cookie.value or "" for cookie in self._cookies if cookie.name == "csrftoken"), "")

    def _error(self, code: str, found: str) -> ServiceError:
        return ServiceError(
            code,
            "the label studio server did not serve a simulated annotator",
            where=self._url,
            found=found,
            way_out="run the command again: what was answered is not answered twice",
        )
