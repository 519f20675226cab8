"""The adapter to any server of the chat-completions API: the one file that knows the openai client, imported when used.

The key comes from the environment and goes into the client alone. Servers echo what they were sent, so whatever a
server says is searched for the key before it becomes a message or a reply, and no foreign error, whose text was not
searched, hangs on ours as its cause.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from schemas.address import is_address, is_local
from schemas.chat import UNREACHABLE, ChatFailure, ChatModel, ChatReply, ChatRequest, Usage
from schemas.errors import ConfigError, ServiceError

if TYPE_CHECKING:
    from openai import APIConnectionError, APIStatusError, AsyncOpenAI, OpenAIError

OFFICIAL_URL = "https://api.openai.com/v1"
CONNECT_TIMEOUT_S = 10.0
SHOWN_CHARACTERS = 300
SECRET_CHARACTERS = 20
"""From here on a key is taken for one; what stands in for a key (`none`, `lm-studio`) may stand in replies too."""
HIDDEN = "[the key]"

UNAUTHORISED = (401, 403)
UNPAID = 402
NOT_FOUND = 404
RATE_LIMITED = 429
PASSING = (408, 409, 425)
SERVER_ERROR = 500
MOST_TOKENS = 2**31


@dataclass(frozen=True)
class Endpoint:
    """A server and the name of the environment variable that holds the key for it."""

    base_url: str
    key_env: str
    timeout_s: float = 120.0
    """For a whole attempt, however slowly the reply trickles in."""


def require_endpoint(endpoint: Endpoint, environ: Mapping[str, str] = os.environ) -> None:
    """Check address and key before anything is asked.

    Raises:
        ConfigError: `base-url-invalid`, `key-missing` or `key-invalid`.
    """
    if not is_address(endpoint.base_url):
        raise ConfigError(
            "base-url-invalid",
            "the address of the model's server",
            found="something else, not shown as it may hold a password",
            expected="an address such as http://127.0.0.1:8000/v1, without a user or password in it",
            way_out="mend `base_url`",
        )
    _key(endpoint, environ)


@asynccontextmanager
async def openai_chat(endpoint: Endpoint, environ: Mapping[str, str] = os.environ) -> AsyncIterator[ChatModel]:
    """Yield a model whose calls go to `endpoint`, for the event loop that opened it.

    Raises:
        ConfigError: as `require_endpoint` does.
    """
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient, Timeout

    require_endpoint(endpoint, environ)
    key = _key(endpoint, environ)
    # A redirected POST would lose its body.
    transport = DefaultAsyncHttpxClient(trust_env=not is_local(endpoint.base_url), follow_redirects=False)
    timeout = Timeout(endpoint.timeout_s, connect=CONNECT_TIMEOUT_S)
    async with AsyncOpenAI(
        api_key=key, base_url=endpoint.base_url, max_retries=0, timeout=timeout, http_client=transport
    ) as client:
        yield _OpenAIChat(client, endpoint, key)


class _OpenAIChat:
    def __init__(self, client: "AsyncOpenAI", endpoint: Endpoint, key: str) -> None:
        self._client = client
        self._endpoint = endpoint
        self._key = key

    async def complete(self, request: ChatRequest) -> ChatReply:
        from openai import OpenAIError

        ended: ChatFailure | ServiceError
        try:
            async with asyncio.timeout(self._endpoint.timeout_s):
                response = await self._client.chat.completions.with_raw_response.create(
                    **_body(request, self._endpoint.base_url)
                )
                body = response.text
            # A body that is cut off raises: what comes here is whole, and is never asked for again.
            return _reply(self._without_key(body), request)
        except TimeoutError:
            ended = ChatFailure("timeout", f"no whole reply in {self._endpoint.timeout_s:g} s", retry=True)
        except OpenAIError as exc:
            ended = self._translated(exc)
        # Outside the handlers, so that no foreign error with the key in its text is this one's context.
        raise ended

    def _translated(self, exc: "OpenAIError") -> ChatFailure | ServiceError:
        from openai import APIConnectionError, APIStatusError

        match exc:
            case APIStatusError():
                return self._refused(exc)
            case APIConnectionError():
                return self._disconnected(exc)
            case _:
                return ChatFailure("client-error", self._said(str(exc)), retry=False)

    def _disconnected(self, exc: "APIConnectionError") -> ChatFailure:
        cause = type(exc.__cause__).__name__
        said = self._said(str(exc.__cause__ or exc))
        if cause in {"ConnectError", "ConnectTimeout"}:
            return ChatFailure(UNREACHABLE, f"{self._endpoint.base_url}: {said or cause}", retry=True)
        kind = "timeout" if cause.endswith("Timeout") else "connection-lost"
        return ChatFailure(kind, f"{cause}: {said}".rstrip(": "), retry=True)

    def _refused(self, exc: "APIStatusError") -> ChatFailure | ServiceError:
        status = exc.status_code
        said = exc.body.get("message") if isinstance(exc.body, dict) else exc.body
        detail = f"http {status}: {self._said(str(said or exc.message))}"
        if status in UNAUTHORISED:
            way_out = f"put one that this server knows into the environment variable {self._endpoint.key_env}"
            return self._hopeless("key-refused", "the model's server refuses the key", detail, way_out)
        if status == NOT_FOUND:
            way_out = "mend `model` or `base_url`"
            return self._hopeless("model-unknown", "the model's server has no such model or address", detail, way_out)
        if status == UNPAID or exc.code == "insufficient_quota":
            way_out = "replies so far are kept: once the account is in credit, run the same command again"
            return self._hopeless("quota-exhausted", "the account at the model's server is used up", detail, way_out)
        if status == RATE_LIMITED:
            return ChatFailure("rate-limited", detail, retry=True, retry_after=_retry_after(exc.response.headers))
        if status in PASSING or status >= SERVER_ERROR:
            return ChatFailure("server-error", detail, retry=True, retry_after=_retry_after(exc.response.headers))
        return ChatFailure("request-refused", detail, retry=False)

    def _hopeless(self, code: str, subject: str, found: str, way_out: str) -> ServiceError:
        return ServiceError(code, subject, where=self._endpoint.base_url, found=found, way_out=way_out)

    def _said(self, text: str) -> str:
        """A foreign message on one line, short, without the key and the full stop: it goes into a sentence."""
        return " ".join(text.replace(self._key, HIDDEN).split())[:SHOWN_CHARACTERS].rstrip(".")

    def _without_key(self, body: str) -> str:
        return body.replace(self._key, HIDDEN) if len(self._key) >= SECRET_CHARACTERS else body


def _body(request: ChatRequest, base_url: str) -> dict[str, Any]:
    # The official server has renamed the limit and refuses the old name for newer models; others know only the old.
    limit = "max_completion_tokens" if base_url.rstrip("/") == OFFICIAL_URL else "max_tokens"
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [message.model_dump() for message in request.messages],
        "temperature": request.temperature,
        "seed": request.sample,
        limit: request.max_tokens,
    }
    if request.response_schema is not None:
        schema = {"name": "reply", "schema": json.loads(request.response_schema), "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def _reply(body: str, request: ChatRequest) -> ChatReply:
    """Return what a whole body says. It was paid: where it cannot be read the text is empty, and `raw` has it all."""
    said = _object(_parsed(body))
    choice = _object(next(iter(_list(said.get("choices"))), None))
    message = _object(choice.get("message"))
    content = message.get("content")
    refusal = _text(message.get("refusal")) or _joined(content, "refusal")
    return ChatReply(
        text=refusal or _text(content) or _joined(content, "text"),
        finish_reason="refusal" if refusal else _text(choice.get("finish_reason")) or None,
        usage=_usage(_object(said.get("usage"))),
        model=_text(said.get("model")) or request.model,
        raw=body,
    )


def _parsed(body: str) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # no JSON, or brackets without end
        return None


def _joined(content: object, kind: str) -> str:
    """Some servers send content as a list of parts, `{"type": "text", "text": ...}`; other kinds are passed over."""
    parts = [_object(part) for part in _list(content)]
    return "".join(_text(part.get(kind)) for part in parts if part.get("type") == kind)


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _text(value: object) -> str:
    """JSON may escape half of a surrogate pair, which the journal has no bytes for."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""


def _usage(said: Mapping[str, object]) -> Usage | None:
    prompt, completion = said.get("prompt_tokens"), said.get("completion_tokens")
    if isinstance(prompt, int) and isinstance(completion, int) and min(prompt, completion) >= 0:
        return Usage(prompt_tokens=min(prompt, MOST_TOKENS), completion_tokens=min(completion, MOST_TOKENS))
    return None


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


def _key(endpoint: Endpoint, environ: Mapping[str, str]) -> str:
    name = endpoint.key_env
    key = environ.get(name, "").strip()
    if not key:
        raise ConfigError(
            "key-missing",
            "the key for the model's server is not set",
            where=endpoint.base_url,
            found=f"no environment variable {name}",
            way_out=f"export {name}=<your key>; any word does for a server that asks for none",
        )
    # An HTTP header cannot hold anything else, and the client's complaint about it would quote the key.
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise ConfigError(
            "key-invalid",
            "the key for the model's server",
            where=f"environment variable {name}",
            found="spaces or characters that no key has",
            expected="one word of printable ASCII",
            way_out=f"export {name}=<your key>",
        )
    return key
