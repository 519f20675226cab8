"""The lines of the Batch API's files: what is asked, and what came of it, which may be anything."""

import json
from collections.abc import Mapping

from mvpbench.chat.openai_words import (
    PASSING_KINDS,
    body_of,
    failure_kind,
    in_a_sentence,
    object_in,
    parsed,
    reply_in,
    text_in,
)
from schemas.chat import ChatFailure, ChatReply, ChatRequest

SUCCESS = range(200, 300)
ENDED_EARLY = {"batch_expired": "batch-expired", "batch_cancelled": "batch-cancelled"}


def asking_line(call_id: str, request: ChatRequest, base_url: str) -> bytes:
    """Return the line that asks for a request. ASCII: no character in it ends a line for anybody."""
    body = body_of(request, base_url)
    line = {"custom_id": call_id, "method": "POST", "url": "/v1/chat/completions", "body": body}
    return json.dumps(line, separators=(",", ":")).encode("ascii") + b"\n"


def read_line(line: str, model: str) -> tuple[str, ChatReply | ChatFailure] | None:
    """Return the call id in a line and how the call ended; None for a line that names no call."""
    said = object_in(parsed(line))
    call_id = text_in(said.get("custom_id"))
    return (call_id, _ended(said, model)) if call_id else None


def _ended(said: Mapping[str, object], model: str) -> ChatReply | ChatFailure:
    response = object_in(said.get("response"))
    status, body = response.get("status_code"), response.get("body")
    if isinstance(status, int) and status not in SUCCESS:
        return _refused(status, object_in(object_in(body).get("error")))
    if isinstance(status, int) and body is not None:
        return _reply(body, model)
    error = object_in(said.get("error"))
    code = text_in(error.get("code"))
    if code:
        told = in_a_sentence(f"{code}: {text_in(error.get('message'))}")
        return ChatFailure(ENDED_EARLY.get(code, "batch-error"), told, retry=True)
    return ChatFailure("batch-unreadable", "a line with neither a response nor an error", retry=True)


def _refused(status: int, error: Mapping[str, object]) -> ChatFailure:
    kind = failure_kind(status, error.get("code"))
    told = in_a_sentence(f"http {status}: {text_in(error.get('message'))}")
    return ChatFailure(kind, told, retry=kind in PASSING_KINDS)


def _reply(body: object, model: str) -> ChatReply | ChatFailure:
    try:
        return reply_in(json.dumps(body), model)
    except RecursionError:  # brackets that could just be read
        return ChatFailure("batch-unreadable", "a body with brackets in brackets without end", retry=True)
