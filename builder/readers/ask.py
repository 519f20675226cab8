"""A model asked about texts: a folder of prompts, the shape of the reply, and one more try where it does not fit.

The texts are put in as JSON strings without angle brackets, so that none can close its string or the tags around it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from builder.asking import (
    Calls,
    Reading,
    Rounds,
    Unread,
    calls_in_words,
    read_json,
    seat,
    shown_again,
    unusable,
)
from mvpbench.chat.endpoint import require_endpoint
from mvpbench.chat.engine import CallFailed, OpenModel
from mvpbench.chat.openai_chat import openai_chat
from mvpbench.chat.price import in_dollars
from mvpbench.chat.tokens import most_tokens
from mvpbench.store.fingerprint import folder_sha256
from mvpbench.store.journal import Journal, call_id
from schemas.chat import ChatReply, ChatRequest, Message
from schemas.identity import digest
from schemas.record import Record
from schemas.study import ReaderSection

PROMPTS = Path(__file__).with_name("prompts")
NO_OBJECT = "it is no JSON object"

Shape = TypeVar("Shape", bound=Record)


class Answered(NamedTuple, Generic[Shape]):
    """A reply that could be read."""

    said: Shape
    model: str
    """As the server named it."""
    call_id: str


@dataclass(frozen=True)
class Prompts(Generic[Shape]):
    """What is asked: `system`, `question` and `repair`, and the shape of the reply."""

    name: str
    templates: ImmutableSandboxedEnvironment
    shape: type[Shape]
    version: str
    """Hash of the prompt files and of the reply's JSON Schema."""

    def request(self, section: ReaderSection, told: Mapping[str, object]) -> ChatRequest:
        """Return the request whose templates are filled with `told`."""
        return ChatRequest(
            model=section.model,
            messages=(
                Message(role="system", content=self._render("system")),
                Message(role="user", content=self._render("question", **told)),
            ),
            response_schema=_schema(self.shape),
            temperature=section.temperature,
            max_tokens=section.max_tokens,
        )

    def read(self, request: ChatRequest, reply: ChatReply) -> Answered[Shape] | Unread:
        """Return what a reply says; words around its JSON object are passed over, as servers let models chat."""
        said = unusable(reply) or read_json(reply.text, self.shape, self.shape.model_fields, no_json=NO_OBJECT)
        return said if isinstance(said, Unread) else Answered(said, reply.model, call_id(request))

    def reading(self, request: ChatRequest, reply: ChatReply) -> Reading[Answered[Shape] | Unread]:
        """Return what a reply says, with the request for a better one where asking again can be of use."""
        said = self.read(request, reply)
        if isinstance(said, Answered) or unusable(reply):
            return Reading(said)
        return Reading(said, shown_again(request, reply, self._render("repair", problem=said.problem)))

    def _render(self, template: str, **told: object) -> str:
        return self.templates.get_template(f"{template}.jinja").render(told).strip()


def prompts(name: str, shape: type[Shape]) -> Prompts[Shape]:
    """Return the prompts of folder `name`."""
    folder = PROMPTS / name
    # The values filled in are fenced; the prompt is no HTML.
    templates = ImmutableSandboxedEnvironment(loader=FileSystemLoader(folder), undefined=StrictUndefined)
    return Prompts(name, templates, shape, digest("reader", folder_sha256(folder, "*.jinja"), _schema(shape)))


def open_reader(section: ReaderSection) -> OpenModel:
    """Return what opens the model that the section names."""
    return lambda: openai_chat(seat(section)[0])


def ask(
    asked: Prompts[Shape], requests: Sequence[ChatRequest], calls: Calls[ReaderSection]
) -> list[Answered[Shape] | Unread | CallFailed]:
    """Return what became of each request, asked once more where its reply did not fit.

    Raises what `Engine.complete` does.
    """
    return _rounds(asked, calls.journal).complete(requests, calls)


def missing_calls(asked: Prompts[Shape], requests: Sequence[ChatRequest], journal: Journal) -> list[ChatRequest]:
    """Return the calls that are to be made next for the requests, as far as the journal tells; each once."""
    return _rounds(asked, journal).missing(requests)


def price(
    asked: Prompts[Shape], requests: Sequence[ChatRequest], section: ReaderSection, journal: Journal
) -> str | None:
    """Return the calls that are not in the journal yet and what they may cost, or None where all are.

    Raises:
        ConfigError: calls are to be made, and address or key are missing or malformed.
    """
    missing = missing_calls(asked, requests, journal)
    if not missing:
        return None
    endpoint, rate = seat(section)
    require_endpoint(endpoint)
    amount = "price unknown"
    if rate is not None:
        dollars = sum(rate.of(most_tokens(request)) for request in missing)
        amount = f"up to about {in_dollars(dollars)}, and more for replies that have to be asked for again"
    return calls_in_words(len(missing), section, amount)


def _rounds(asked: Prompts[Shape], journal: Journal) -> Rounds[ChatRequest, Answered[Shape] | Unread]:
    return Rounds(journal, lambda request: request, lambda _first, request, reply: asked.reading(request, reply))


def _schema(shape: type[Record]) -> str:
    return json.dumps(shape.model_json_schema(), sort_keys=True, separators=(",", ":"))
