"""The engine: many requests to one model, every attempt journaled before and after, nothing paid twice.

A request with a reply in the journal is never sent. The first request goes alone: what is wrong with the key, the
address or the model shows on one call. The others go `in_flight` at a time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import Field

from mvpbench.chat.price import Price
from schemas.chat import UNREACHABLE, ChatFailure, ChatModel, ChatReply, ChatRequest
from schemas.errors import ServiceError, Stopped
from schemas.identity import uniform
from schemas.record import Record

PROGRESS_STEPS = 10
SHOWN_CHARACTERS = 300
"""Of a body that is no reply, in a message; the journal has all of it."""

Say = Callable[[str], None]
Sleep = Callable[[float], Awaitable[None]]
OpenModel = Callable[[], AbstractAsyncContextManager[ChatModel]]
"""Opens the model inside the event loop that will use it."""


class CallJournal(Protocol):
    """What the engine needs of the journal."""

    def reply_to(self, request: ChatRequest) -> ChatReply | None:
        """Return the reply the request had, if it ever had one."""
        ...

    def begin_attempt(self, request: ChatRequest) -> int:
        """Write down that the request is about to be sent."""
        ...

    def finish_attempt(
        self,
        attempt: int,
        *,
        reply: ChatReply | None = None,
        failure: ChatFailure | None = None,
        usd: float | None = None,
    ) -> None:
        """Write down how it ended."""
        ...


class EngineSettings(Record):
    """How hard the server is asked, and for how long."""

    in_flight: int = Field(default=8, ge=1)
    attempts: int = Field(default=5, ge=1)
    """At most, for one request in one run."""
    backoff_s: float = Field(default=1.0, ge=0)
    """Before the second attempt; doubles with each one."""
    longest_wait_s: float = Field(default=120.0, ge=0)
    """A server that asks for a longer wait is not asked again in this run."""
    stop_after: int = Field(default=10, ge=1)
    """Requests failed one after another, with no reply that can be read in between, after which the run stops."""
    price: Price | None = None


class CallFailed(Record):
    """A request that got no reply in this run."""

    kind: str
    detail: str
    attempts: int
    """Made in this run."""
    retry: bool
    """Whether the reason passes: the same request may succeed in another run."""


@dataclass
class _Run:
    model: ChatModel
    journal: CallJournal
    settings: EngineSettings
    sleep: Sleep
    failed: dict[ChatRequest, CallFailed] = field(default_factory=dict)
    met: bool = False
    """Whether any server has answered, be it with an error."""
    streak: int = 0
    """Requests failed, or replied to with nothing that can be read, since the last good reply."""


def complete_all(
    requests: Sequence[ChatRequest],
    open_model: OpenModel,
    journal: CallJournal,
    settings: EngineSettings,
    say: Say,
    sleep: Sleep = asyncio.sleep,
) -> list[ChatReply | CallFailed]:
    """Return what became of each request, in their order; equal requests are one call.

    The model is opened only if something is to be sent. Replies reach the journal as they come, so that whenever this
    ends, by an error, Ctrl-C or `kill -9`, the next run sends only what has no reply; attempts that were in flight
    then stay begun in the journal, for they may have been paid.

    Raises:
        ServiceError: no call can succeed: `server-unreachable` if the first meets nobody, or what the model raises.
        Stopped: `model-failing` after `settings.stop_after` requests in a row that failed, or whose reply, kept and
            never asked for again, says nothing.
    """
    pending = [request for request in dict.fromkeys(requests) if journal.reply_to(request) is None]
    failed: dict[ChatRequest, CallFailed] = {}
    if pending:
        failed = asyncio.run(_send_all(_told(pending, say), open_model, journal, settings, sleep))
    ended: list[ChatReply | CallFailed] = []
    for request in requests:
        ended.append(failed[request] if request in failed else _journaled(journal, request))
    return ended


async def _send_all(
    pending: Iterator[ChatRequest],
    open_model: OpenModel,
    journal: CallJournal,
    settings: EngineSettings,
    sleep: Sleep,
) -> dict[ChatRequest, CallFailed]:
    async with open_model() as model:
        run = _Run(model, journal, settings, sleep)
        await _send(run, next(pending))
        workers = [asyncio.create_task(_work(run, pending)) for _ in range(settings.in_flight)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
    return run.failed


async def _work(run: _Run, pending: Iterator[ChatRequest]) -> None:
    for request in pending:
        await _send(run, request)


async def _send(run: _Run, request: ChatRequest) -> None:
    """Attempt a request until it has a reply, or no attempt is left or allowed."""
    made = 0
    while True:
        made += 1
        ended = await _attempt(run, request)
        if isinstance(ended, ChatReply):
            _count(run, None if ended.text or ended.finish_reason else f"a body that is no reply: {_start(ended.raw)}")
            return
        failure = ended
        wait = _wait(run.settings, request, made, failure)
        if not failure.retry or made == run.settings.attempts or wait > run.settings.longest_wait_s:
            break
        await run.sleep(wait)
    run.failed[request] = CallFailed(kind=failure.kind, detail=failure.detail, attempts=made, retry=failure.retry)
    _count(run, str(failure))


def _count(run: _Run, problem: str | None) -> None:
    """Take down how a request ended. Raises Stopped `model-failing` when too many ended badly, one after another."""
    run.streak = 0 if problem is None else run.streak + 1
    if run.streak >= run.settings.stop_after:
        raise Stopped(
            "model-failing",
            "calls to the model",
            found=f"{run.streak} failed one after another, the last by {problem}",
            way_out="replies so far are kept: run the same command again to go on",
        )


async def _attempt(run: _Run, request: ChatRequest) -> ChatReply | ChatFailure:
    """Make one journaled attempt; return its reply or how it failed."""
    attempt = run.journal.begin_attempt(request)
    try:
        reply = await run.model.complete(request)
    except ChatFailure as failure:
        run.journal.finish_attempt(attempt, failure=failure)
        if failure.kind == UNREACHABLE and not run.met:
            raise _unreachable(failure) from failure
        run.met = run.met or failure.kind != UNREACHABLE
        return failure
    except ServiceError as error:
        hopeless = ChatFailure(error.report.code, error.report.found or "", retry=False)
        run.journal.finish_attempt(attempt, failure=hopeless)
        raise
    run.met = True
    price = run.settings.price
    run.journal.finish_attempt(attempt, reply=reply, usd=price.of(reply.usage) if price and reply.usage else None)
    return reply


def _start(body: str) -> str:
    return " ".join(body.split())[:SHOWN_CHARACTERS] or "nothing"


def _wait(settings: EngineSettings, request: ChatRequest, made: int, failure: ChatFailure) -> float:
    """Seconds before the next attempt: doubling, spread by half so that failed calls do not come back all at once."""
    spread = 0.5 + uniform("backoff", request.model_dump_json(), made)
    backoff = min(settings.backoff_s * 2.0 ** (made - 1) * spread, settings.longest_wait_s)
    return max(backoff, failure.retry_after or 0.0)


def _told(pending: Sequence[ChatRequest], say: Say) -> Iterator[ChatRequest]:
    """Yield the requests, and say at every tenth of them how far they are."""
    total = len(pending)
    step = max(total // PROGRESS_STEPS, 1)
    for number, request in enumerate(pending):
        if number and number % step == 0:
            say(f"{number:,} of {total:,} calls sent")
        yield request


def _journaled(journal: CallJournal, request: ChatRequest) -> ChatReply:
    reply = journal.reply_to(request)
    if reply is None:
        raise AssertionError  # every pending request has ended with a reply or as failed
    return reply


def _unreachable(failure: ChatFailure) -> ServiceError:
    return ServiceError(
        "server-unreachable",
        "no model server answers",
        found=failure.detail,
        expected="a server of the chat-completions API",
        way_out="start it, or mend `base_url`; then run the same command again",
    )
