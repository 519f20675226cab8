"""A reply read as JSON of a shape: the server's promise of a schema is not relied on."""

from collections.abc import Container
from typing import NamedTuple, TypeVar

from pydantic import ValidationError

from schemas.chat import ChatReply, ChatRequest, Message
from schemas.record import Record

UNUSABLE = {"length": "truncated", "refusal": "refused", "content_filter": "refused"}
"""How a reply ended -> why it is not read: asking again in other words would be asking for something else."""
SHOWN_CHARACTERS = 4000
"""Of a reply that is to be mended."""
PROBLEM_CHARACTERS = 500
"""Of what is wrong with a reply, in the request for a better one."""
NO_TEXT = "(no text)"
"""Stands for a reply without any: servers refuse empty messages."""

Shape = TypeVar("Shape", bound=Record)


class Unread(NamedTuple):
    """Why a reply cannot be used."""

    reason: str
    """`not-json`, `wrong-shape` (other fields than asked for), `truncated` or `refused`."""
    problem: str
    """In words, without quoting the reply: neither its values nor names of fields it made up."""


def unusable(reply: ChatReply) -> Unread | None:
    """Return why a reply is not even read, by how it ended; asking for it again is no use."""
    if reply.finish_reason not in UNUSABLE:
        return None
    return Unread(UNUSABLE[reply.finish_reason], f"finish reason {reply.finish_reason}")


def read_json(text: str, shape: type[Shape], fields: Container[str], no_json: str | None = None) -> Shape | Unread:
    """Return what a text says, or what is wrong with its shape.

    Words around the JSON object are passed over: servers that do not know structured output let models chat. `fields`
    are the names that we asked for; `no_json` is said instead of what the parser says.
    """
    inner = text[text.find("{") : text.rfind("}") + 1]
    try:
        return shape.model_validate_json(inner)
    except ValidationError as exc:
        problems = exc.errors(include_url=False, include_input=False, include_context=False)
    is_json = problems[0]["type"] != "json_invalid"
    if not is_json and no_json is not None:
        return Unread("not-json", no_json)
    said = dict.fromkeys(
        ": ".join([*(_field(name, fields) for name in problem["loc"]), problem["msg"]]) for problem in problems
    )
    return Unread("wrong-shape" if is_json else "not-json", "; ".join(said)[:PROBLEM_CHARACTERS])


def shown_again(request: ChatRequest, reply: ChatReply, words: str) -> ChatRequest:
    """Return the request that shows the model its reply, and tells it `words`."""
    messages = (
        *request.messages,
        Message(role="assistant", content=reply.text[:SHOWN_CHARACTERS] or NO_TEXT),
        Message(role="user", content=words),
    )
    return request.model_copy(update={"messages": messages})


def _field(name: int | str, fields: Container[str]) -> str:
    """A name that is not ours is the model's text; a number says which of several."""
    if isinstance(name, int):
        return f"number {name + 1}"
    return name if name in fields else "a field that was not asked for"
