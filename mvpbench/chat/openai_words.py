"""The words of the chat-completions API: how a request is put, what a reply says, what a status means."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mvpbench.chat.endpoint import OFFICIAL_URL
from schemas.chat import ChatReply, ChatRequest, Usage

KINDS = {
    401: "key-refused",
    402: "quota-exhausted",
    403: "key-refused",
    404: "model-unknown",
    408: "timeout",
    409: "server-error",
    425: "server-error",
    429: "rate-limited",
    504: "timeout",
    524: "timeout",
}
"""What a status means, where it is not as its neighbours. Time-outs are told by a gateway, behind which the reply may
have been made, and paid."""
SERVER_ERROR = 500
REDIRECTED = range(300, 400)
MOST_TOKENS = 2**31
SHOWN_CHARACTERS = 300
"""Of a foreign message, in ours."""

PASSING_KINDS = frozenset({"rate-limited", "server-error", "timeout"})
"""Of failures: the same request may succeed later."""


def failure_kind(status: int, code: object) -> str:
    """Return what a status other than success means, with the code that the server gives beside it."""
    if code == "insufficient_quota":
        return "quota-exhausted"
    if status in REDIRECTED:  # as every request to this address is
        return "model-unknown"
    return KINDS.get(status) or ("server-error" if status >= SERVER_ERROR else "request-refused")


def in_a_sentence(text: str) -> str:
    """Return a foreign message on one line, short and without the full stop."""
    return " ".join(text.split())[:SHOWN_CHARACTERS].rstrip(".")


def body_of(request: ChatRequest, base_url: str) -> dict[str, Any]:
    """Return the body that asks a server for a request."""
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


def reply_in(body: str, model: str) -> ChatReply:
    """Return what a whole body says, of `model` unless it names another.

    It was paid: where it cannot be read the text is empty, and `raw` has it all.
    """
    said = object_in(parsed(body))
    choice = object_in(next(iter(list_in(said.get("choices"))), None))
    message = object_in(choice.get("message"))
    content = message.get("content")
    refusal = text_in(message.get("refusal")) or _joined(content, "refusal")
    return ChatReply(
        text=refusal or text_in(content) or _joined(content, "text"),
        finish_reason="refusal" if refusal else text_in(choice.get("finish_reason")) or None,
        usage=_usage(object_in(said.get("usage"))),
        model=text_in(said.get("model")) or model,
        raw=text_in(body),
    )


def parsed(body: str | bytes) -> object:
    """Return the JSON value, or None where there is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # no JSON, or brackets without end
        return None


def _joined(content: object, kind: str) -> str:
    """Some servers send content as a list of parts, `{"type": "text", "text": ...}`; other kinds are passed over."""
    parts = [object_in(part) for part in list_in(content)]
    return "".join(text_in(part.get(kind)) for part in parts if part.get("type") == kind)


def object_in(value: object) -> Mapping[str, object]:
    """Return the value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_in(value: object) -> Sequence[object]:
    """Return the value if it is a list, else an empty one."""
    return value if isinstance(value, list) else ()


def text_in(value: object) -> str:
    """Return the value if it is a text, else an empty one.

    JSON may escape half of a surrogate pair, and a body in UTF-7 may hold one, which the journal has no bytes for: a
    question mark stands for it.
    """
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""


def _usage(said: Mapping[str, object]) -> Usage | None:
    prompt, completion = said.get("prompt_tokens"), said.get("completion_tokens")
    if isinstance(prompt, int) and isinstance(completion, int) and min(prompt, completion) >= 0:
        return Usage(prompt_tokens=min(prompt, MOST_TOKENS), completion_tokens=min(completion, MOST_TOKENS))
    return None
