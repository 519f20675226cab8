"""The openai client, opened for an endpoint, and its errors in our words. Imported when used.

The key comes from the environment and goes into the client alone. Servers echo what they were sent, so whatever a
server says is searched for the key before it becomes a message or a reply, and no foreign error, whose text was not
searched, hangs on ours as its cause.
"""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from mvpbench.chat.endpoint import Endpoint, key_of, require_endpoint
from mvpbench.chat.openai_words import MOST_TOKENS, PASSING_KINDS, failure_kind, in_a_sentence
from schemas.address import is_local
from schemas.chat import UNREACHABLE, ChatFailure
from schemas.errors import ServiceError

if TYPE_CHECKING:
    from openai import APIConnectionError, APIStatusError, AsyncOpenAI, OpenAIError

CONNECT_TIMEOUT_S = 10.0
SECRET_CHARACTERS = 20
"""From here on a key is taken for one; what stands in for a key (`none`, `lm-studio`) may stand in replies too."""
HIDDEN = "[the key]"
ESCAPED = re.compile(r"(?<!\\)\\++(?:u00([0-9a-fA-F]{2})|/)")
"""A character of a key as JSON may write it, and JSON in a string of JSON. Each backslash is looked at once."""

SUBJECTS = {
    "key-refused": "the model's server refuses the key",
    "model-unknown": "the model's server has no such model or address",
    "quota-exhausted": "the account at the model's server is used up",
}


@asynccontextmanager
async def openai_client(endpoint: Endpoint, environ: Mapping[str, str]) -> AsyncIterator["tuple[AsyncOpenAI, Ears]"]:
    """Yield the client and what hears its server, for the event loop that opened it.

    Raises:
        ConfigError: as `require_endpoint` does.
    """
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient, Timeout

    require_endpoint(endpoint, environ)
    key = key_of(endpoint, environ)
    # A redirected POST would lose its body.
    transport = DefaultAsyncHttpxClient(trust_env=not is_local(endpoint.base_url), follow_redirects=False)
    timeout = Timeout(endpoint.timeout_s, connect=CONNECT_TIMEOUT_S)
    async with AsyncOpenAI(
        api_key=key, base_url=endpoint.base_url, max_retries=0, timeout=timeout, http_client=transport
    ) as client:
        yield client, Ears(endpoint, key)


class Ears:
    """Hears what a server says, and never the key in it."""

    def __init__(self, endpoint: Endpoint, key: str) -> None:
        self._endpoint = endpoint
        self._key = key

    def without_key(self, body: str) -> str:
        """Return a body with the key cut out, however its characters are escaped."""
        return body if len(self._key) < SECRET_CHARACTERS else self._cut(body)

    def said(self, text: str) -> str:
        """Return a foreign message without the key, however its characters are escaped, fit for a sentence."""
        return in_a_sentence(self._cut(text))

    def _cut(self, text: str) -> str:
        plain = ESCAPED.sub(_unescaped, text)
        return (plain if self._key in plain else text).replace(self._key, HIDDEN)

    def error(self, exc: "OpenAIError") -> ChatFailure | ServiceError:
        """Return a foreign error as ours. Raise it outside the handler: the foreign one would be its context."""
        from openai import APIConnectionError, APIStatusError

        match exc:
            case APIStatusError():
                return self._refused(exc)
            case APIConnectionError():
                return self._disconnected(exc)
            case _:
                return self.odd(exc)

    def odd(self, exc: Exception) -> ChatFailure:
        """Return what the client makes nothing of, as ours: a reply may have come, so it is not asked again at once."""
        return ChatFailure("client-error", self.said(f"{type(exc).__name__}: {exc}"), retry=False)

    def refusal(self, exc: "APIStatusError") -> str:
        """Return the status and what was said with it."""
        said = exc.body.get("message") if isinstance(exc.body, dict) else exc.body
        return f"http {exc.status_code}: {self.said(str(said or exc.message))}"

    def hopeless(self, code: str, subject: str, found: str, way_out: str) -> ServiceError:
        """Return the error that no request to this server will do better until somebody acts."""
        return ServiceError(code, subject, where=self._endpoint.base_url, found=found, way_out=way_out)

    def _disconnected(self, exc: "APIConnectionError") -> ChatFailure:
        cause = type(exc.__cause__).__name__
        said = self.said(str(exc.__cause__ or exc))
        if cause in {"ConnectError", "ConnectTimeout"}:
            return ChatFailure(UNREACHABLE, f"{self._endpoint.base_url}: {said or cause}", retry=True)
        kind = "timeout" if cause.endswith("Timeout") else "connection-lost"
        return ChatFailure(kind, f"{cause}: {said}".rstrip(": "), retry=True)

    def _refused(self, exc: "APIStatusError") -> ChatFailure | ServiceError:
        kind, detail = failure_kind(exc.status_code, exc.code), self.refusal(exc)
        if kind in SUBJECTS:
            return self.hopeless(kind, SUBJECTS[kind], detail, self._way_out(kind))
        wait = _retry_after(exc.response.headers) if kind in PASSING_KINDS else None
        return ChatFailure(kind, detail, retry=kind in PASSING_KINDS, retry_after=wait)

    def _way_out(self, kind: str) -> str:
        if kind == "key-refused":
            return f"put one that this server knows into the environment variable {self._endpoint.key_env}"
        if kind == "model-unknown":
            return "mend `model` or `base_url`"
        return "replies so far are kept: once the account is in credit, run the same command again"


def _unescaped(found: re.Match[str]) -> str:
    """Return the character if no key can do without it, else what stands there: JSON needs its quotes escaped."""
    char = chr(int(found[1], 16)) if found[1] else "/"
    return char if char.isascii() and char.isprintable() and char not in '"\\' else found[0]


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait as the server asks; a date is taken against the server's own clock."""
    said = headers.get("retry-after", "")
    try:
        seconds = float(said)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(said) - parsedate_to_datetime(headers.get("date", ""))).total_seconds()
        except (ValueError, TypeError):
            return None
    # Neither a NaN nor an infinity passes the comparison.
    return max(seconds, 0.0) if seconds < MOST_TOKENS else None
