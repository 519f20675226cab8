"""The line to a Label Studio server: plain reads, its client library when it is needed, foreign errors made ours.

What is read often is read without the client: its import takes two seconds, and its models keep less than the server
said.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from schemas.errors import MvpbenchError, ServiceError

if TYPE_CHECKING:
    import httpx
    from label_studio_sdk.client import LabelStudio

UNAUTHORISED = (401, 403)
NOT_FOUND = 404
GATEWAY = (502, 503, 504)
"""Said by what stands before the server, which may still be at work."""
SHOWN_CHARACTERS = 200
READ_TIMEOUT_S = 300.0
"""A page of tasks with their annotations takes a busy server some seconds."""
JWT_DOTS = 2


class Line:
    """To one server, for one account."""

    def __init__(self, http: "httpx.Client", url: str, token: str) -> None:
        self._http = http
        self._url = url
        self._token = token

    @cached_property
    def client(self) -> "LabelStudio":
        """The foreign client, over the same connections."""
        from label_studio_sdk.client import LabelStudio

        return LabelStudio(base_url=self._url, api_key=self._token, httpx_client=self._http)  # type: ignore[no-untyped-call]

    def read(self, path: str, query: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
        """Return the JSON that the server answers to a GET; asked twice where the line broke, as nothing is written."""
        return self.read_at(path, query)[0]

    def read_at(self, path: str, query: Mapping[str, object]) -> tuple[Any, datetime | None]:
        """Return what `read` does, and the server's clock as it answered; None where it does not say."""
        import httpx

        with self.translated():
            headers = self._headers()
            sought = {name: str(value) for name, value in query.items()}
            asked = self._http.build_request(
                "GET", f"{self._url}{path}", params=sought, headers=headers, timeout=READ_TIMEOUT_S
            )
            try:
                reply = self._http.send(asked)
            except httpx.TransportError:  # of a connection that was kept and has gone stale
                reply = self._http.send(asked)
        try:
            said = reply.json()
        except ValueError:
            said = reply.text
        if not reply.is_success:
            raise self._refused(reply.status_code, said)
        if isinstance(said, str):
            found = f"no JSON at {path}"
            raise self.strange(found)
        return said, _clock(reply.headers.get("Date", ""))

    def _headers(self) -> dict[str, str]:
        """Of a personal access token (a JWT) the client makes the short-lived one that opens doors."""
        if self._token.count(".") == JWT_DOTS:
            return dict(self.client._client_wrapper.get_headers())
        return {"Authorization": f"Token {self._token}"}

    def strange(self, found: str) -> ServiceError:
        """Return the error for an answer of another shape than asked for."""
        return ServiceError(
            "server-answer",
            "the label studio server answered something else than asked",
            where=self._url,
            found=found,
            expected="label studio 1.23, community edition",
            way_out="check `annotate.url` in study.yaml",
        )

    @contextmanager
    def translated(self) -> Iterator[None]:
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
        except (ParsingError, ValidationError, AttributeError, KeyError, TypeError, ValueError) as exc:
            # The client checks nothing: a reply of another shape surfaces as a field that is not there.
            raise self.strange(f"{type(exc).__name__}: {exc}"[:SHOWN_CHARACTERS]) from exc

    def _unreachable(self, found: str) -> ServiceError:
        return ServiceError(
            "server-unreachable",
            "no label studio server answers",
            where=self._url,
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
                where=self._url,
                found=f"http {status}",
                expected="the token of an account on this server",
                way_out="for a server of your own, put one (Account & Settings) into the variable that"
                " `annotate.key_env` names; else start the study's own with `mvpbench annotate serve`",
            )
        said = body.get("validation_errors") or body.get("detail") if isinstance(body, dict) else body
        found = f"http {status}: {' '.join(str(said).split())[:SHOWN_CHARACTERS]}"
        code = "not-found" if status == NOT_FOUND else "server-refused"
        return ServiceError(code, "the label studio server did not do what was asked", where=self._url, found=found)


def _clock(date: str) -> datetime | None:
    """Return what the header `Date` says."""
    try:
        return parsedate_to_datetime(date)
    except ValueError:
        return None
