"""A model asked about texts: a folder of prompts, the shape of the reply, and one more try where it does not fit.

The texts are put in as JSON strings without angle brackets, so that none can close its string or the tags around it.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import ValidationError

from mvpbench.chat.budget import Budget
from mvpbench.chat.engine import CallFailed, Engine, EngineSettings, OpenModel, Say, Sleep
from mvpbench.chat.ledger import CallJournal
from mvpbench.chat.openai_chat import OFFICIAL_URL, Endpoint, openai_chat, require_endpoint
from mvpbench.chat.price import Price, in_dollars, price_for
from mvpbench.chat.tokens import most_tokens
from mvpbench.store.fingerprint import folder_sha256
from mvpbench.store.journal import call_id
from schemas.chat import ChatReply, ChatRequest, Message
from schemas.identity import digest
from schemas.record import Record
from schemas.study import ReaderSection

PROMPTS = Path(__file__).with_name("prompts")
SHOWN_CHARACTERS = 4000
"""Of a reply that is to be mended."""
PROBLEM_CHARACTERS = 500
NO_TEXT = "(no text)"
"""Stands for a reply without any: servers refuse empty messages."""
UNUSABLE = {"length": "truncated", "refusal": "refused", "content_filter": "refused"}
"""How a reply ended -> why it is not read: the same question in other words would be cut or refused again."""

Shape = TypeVar("Shape", bound=Record)


class Answered(NamedTuple, Generic[Shape]):
    """A reply that could be read."""

    said: Shape
    model: str
    """As the server named it."""
    call_id: str


class Unread(NamedTuple):
    """A reply that could not, asked again where that could help."""

    reason: str
    """`not-json`, `wrong-shape`, `truncated` or `refused`."""
    problem: str
    """In words, without quoting the reply."""


@dataclass(frozen=True)
class Calls:
    """What it takes to ask."""

    section: ReaderSection
    open_model: OpenModel
    journal: CallJournal
    say: Say
    sleep: Sleep = asyncio.sleep
    budget: Budget | None = None


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
        if reply.finish_reason in UNUSABLE:
            return Unread(UNUSABLE[reply.finish_reason], f"finish reason {reply.finish_reason}")
        inner = reply.text[reply.text.find("{") : reply.text.rfind("}") + 1]
        try:
            return Answered(self.shape.model_validate_json(inner), reply.model, call_id(request))
        except ValidationError as exc:
            problems = exc.errors(include_url=False, include_input=False, include_context=False)
        if problems[0]["type"] == "json_invalid":
            return Unread("not-json", "it is no JSON object")
        said = dict.fromkeys(": ".join([*map(self._field, one["loc"]), one["msg"]]) for one in problems)
        return Unread("wrong-shape", "; ".join(said)[:PROBLEM_CHARACTERS])

    def repair(self, request: ChatRequest, reply: ChatReply, unread: Unread) -> ChatRequest | None:
        """Return the request that shows the model its reply and what is wrong; None where asking again is no use."""
        if unread.reason in UNUSABLE.values():
            return None
        messages = (
            *request.messages,
            Message(role="assistant", content=reply.text[:SHOWN_CHARACTERS] or NO_TEXT),
            Message(role="user", content=self._render("repair", problem=unread.problem)),
        )
        return request.model_copy(update={"messages": messages})

    def _field(self, name: int | str) -> str:
        """A name that is not ours is the model's text."""
        return str(name) if name in self.shape.model_fields else "a field that was not asked for"

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
    asked: Prompts[Shape], requests: Sequence[ChatRequest], calls: Calls
) -> list[Answered[Shape] | Unread | CallFailed]:
    """Return what became of each request, asked once more where its reply did not fit.

    Raises what `Engine.complete` does.
    """
    read = _read(asked, requests, _complete(requests, calls))
    repairs = {place: request for place, request in enumerate(read) if isinstance(request, ChatRequest)}
    if repairs:
        calls.say(f"{len(repairs):,} replies did not fit and are asked for once more")
    again = _complete(list(repairs.values()), calls)
    mended = dict(zip(repairs, _read(asked, list(repairs.values()), again, last=True), strict=True))
    ended = [mended.get(place, one) for place, one in enumerate(read)]
    return [one for one in ended if not isinstance(one, ChatRequest)]


def missing_calls(asked: Prompts[Shape], requests: Sequence[ChatRequest], journal: CallJournal) -> list[ChatRequest]:
    """Return the calls that are to be made next for the requests, as far as the journal tells; each once."""
    calls = (_next_call(asked, request, journal) for request in dict.fromkeys(requests))
    return [call for call in calls if call is not None]


def seat(section: ReaderSection) -> tuple[Endpoint, Price | None]:
    """Return where a reader sits and what it takes."""
    endpoint = Endpoint(section.base_url or OFFICIAL_URL, section.key_env)
    return endpoint, price_for(section, endpoint.base_url)


def price(
    asked: Prompts[Shape], requests: Sequence[ChatRequest], section: ReaderSection, journal: CallJournal
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
    made = "model call" if len(missing) == 1 else "model calls"
    return f"{len(missing):,} {made} to {section.model} at {endpoint.base_url} ({amount})"


def _read(
    asked: Prompts[Shape],
    requests: Sequence[ChatRequest],
    results: Sequence[ChatReply | CallFailed],
    *,
    last: bool = False,
) -> list[Answered[Shape] | Unread | CallFailed | ChatRequest]:
    """What was said or why nothing was, or the request for a better reply unless this was the last."""
    ended: list[Answered[Shape] | Unread | CallFailed | ChatRequest] = []
    for request, result in zip(requests, results, strict=True):
        if isinstance(result, CallFailed):
            ended.append(result)
            continue
        said = asked.read(request, result)
        repair = asked.repair(request, result, said) if isinstance(said, Unread) and not last else None
        ended.append(repair or said)
    return ended


def _next_call(asked: Prompts[Shape], request: ChatRequest, journal: CallJournal) -> ChatRequest | None:
    """The call that is to be made for a request, as far as the journal tells; None if it is done."""
    reply = journal.reply_to(request)
    if reply is None:
        return request
    said = asked.read(request, reply)
    repair = asked.repair(request, reply, said) if isinstance(said, Unread) else None
    return repair if repair is not None and journal.reply_to(repair) is None else None


def _complete(requests: Sequence[ChatRequest], calls: Calls) -> list[ChatReply | CallFailed]:
    settings = EngineSettings(in_flight=calls.section.in_flight, price=seat(calls.section)[1])
    engine = Engine(calls.open_model, calls.journal, settings, calls.say, budget=calls.budget, sleep=calls.sleep)
    return engine.complete(requests)


def _schema(shape: type[Record]) -> str:
    return json.dumps(shape.model_json_schema(), sort_keys=True, separators=(",", ":"))
