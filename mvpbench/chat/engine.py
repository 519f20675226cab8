"""The engine: many requests to one model, every attempt journaled before and after, nothing paid twice.

A request with a reply in the journal is never sent. The first request goes alone: what is wrong with the key, the
address or the model shows on one call. The others go up to `in_flight` at a time, fewer while the server asks for it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from itertools import islice

from pydantic import Field

from mvpbench.chat.budget import Budget
from mvpbench.chat.ledger import CallJournal, Ledger
from mvpbench.chat.limit import Limit
from mvpbench.chat.price import Price
from mvpbench.chat.tokens import most_tokens
from schemas.chat import UNREACHABLE, ChatFailure, ChatModel, ChatReply, ChatRequest
from schemas.errors import ServiceError, Stopped
from schemas.identity import uniform
from schemas.record import Record

PROGRESS_STEPS = 10
SHOWN_CHARACTERS = 300
"""Of a body that is no reply, in a message; the journal has all of it."""
CROWDED = "rate-limited"
"""The failure that says that the server is asked too much."""
REFUSED = "request-refused"
"""The failure that says nothing of the server."""
PERHAPS_PAID = frozenset({"timeout", "connection-lost", "client-error"})
"""Failures after which nobody knows whether the reply was made."""

Say = Callable[[str], None]
Sleep = Callable[[float], Awaitable[None]]
Now = Callable[[], float]
OpenModel = Callable[[], AbstractAsyncContextManager[ChatModel]]
"""Opens the model inside the event loop that will use it."""


class EngineSettings(Record):
    """How hard the server is asked, and for how long."""

    in_flight: int = Field(default=8, ge=1)
    """At most."""
    attempts: int = Field(default=5, ge=1)
    """At most, for one request in one run."""
    backoff_s: float = Field(default=1.0, ge=0)
    """Before the second attempt; doubles with each one."""
    longest_wait_s: float = Field(default=120.0, ge=0)
    """A server that asks for a longer wait ends the run."""
    stop_after: int = Field(default=10, ge=1)
    """Requests failed one after another, with no reply that can be read in between, after which the run stops. Refused
    ones do not count: that is about the request, and as it is asked again in the next run, they would stop every run
    at the same place."""
    patience_s: float = Field(default=300.0, gt=0)
    """Without a reply that can be read, after which the run stops at the next failed attempt, whatever is left to try:
    it would only stall."""
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
    ledger: Ledger
    since: float
    """When the last reply that can be read, or refusal of a request, came, or the run began."""
    failed: dict[ChatRequest, CallFailed] = field(default_factory=dict)
    met: bool = False
    """Whether any server has answered, be it with an error."""
    streak: int = 0
    """Requests failed, or replied to with nothing that can be read, since the last good reply."""
    workers: list[asyncio.Task[None]] = field(default_factory=list)
    calling: set[asyncio.Task[None] | None] = field(default_factory=set)
    """Workers whose attempt is begun and has not ended."""
    error: BaseException | None = None
    """Why the run ends early: nothing more is begun."""

    def end(self, error: Exception) -> None:
        """End early, once what is in flight has ended: it may be paid. The first error is told."""
        if self.error is None:
            self.error = error
            for worker in self.workers:
                if worker not in self.calling and worker is not asyncio.current_task():
                    worker.cancel()


class Engine:
    """Calls to one endpoint. What it learned about how much the server bears lasts from one round to the next.

    Engines with one endpoint may share a `limit`, one round at a time.
    """

    def __init__(  # noqa: PLR0913 - what it is made of, passed in
        self,
        open_model: OpenModel,
        journal: CallJournal,
        settings: EngineSettings,
        say: Say,
        *,
        budget: Budget | None = None,
        limit: Limit | None = None,
        sleep: Sleep = asyncio.sleep,
        now: Now = time.monotonic,
    ) -> None:
        self._open_model = open_model
        self._journal = journal
        self._settings = settings
        self._say = say
        self._budget = budget or Budget()
        self._sleep = sleep
        self._now = now
        self._limit = limit or Limit(settings.in_flight)

    def complete(self, requests: Sequence[ChatRequest]) -> list[ChatReply | CallFailed]:
        """Return what became of each request, in their order; equal requests are one call.

        The model is opened only if something is to be sent. Replies reach the journal as they come, so that whenever
        this ends, by an error, Ctrl-C or `kill -9`, the next run sends only what has no reply; attempts that were in
        flight then stay begun in the journal, for they may have been paid. But where an error ends it, calls in flight
        are awaited and written down first.

        Raises:
            ServiceError: no call can succeed: `server-unreachable` if the first meets nobody, or what the model raises.
            Stopped: `model-failing` after `settings.stop_after` requests in a row that failed, or whose reply, kept
                and never asked for again, says nothing, or after `settings.patience_s` without a good one;
                `server-busy` where the server asks for a wait above `settings.longest_wait_s`; `budget-spent`.
            ConfigError: `price-unknown` where there is a budget.
        """
        ids = {request: self._journal.id_of(request) for request in dict.fromkeys(requests)}
        replies = dict(self._journal.replies(ids.values()))
        pending = [request for request, call in ids.items() if call not in replies]
        failed: dict[ChatRequest, CallFailed] = {}
        if pending:
            self._budget.require_price(known=self._settings.price is not None, model=pending[0].model)
            failed = asyncio.run(self._send_all(_told(pending, self._say)))
            replies |= self._journal.replies(ids[request] for request in pending)
        return [failed[request] if request in failed else replies[ids[request]] for request in requests]

    async def _send_all(self, pending: Iterator[ChatRequest]) -> dict[ChatRequest, CallFailed]:
        ledger = Ledger(self._journal)
        self._limit.enter()
        self._budget.enter()
        async with self._open_model() as model:
            run = _Run(model, ledger, self._now())
            try:
                await self._work(run, islice(pending, 1))
                if run.error is None:
                    await self._work_together(run, pending)
            finally:
                ledger.flush()
        ledger.require_written()
        if run.error is not None:
            raise run.error
        return run.failed

    async def _work_together(self, run: _Run, pending: Iterator[ChatRequest]) -> None:
        run.workers = [asyncio.create_task(self._work(run, pending)) for _ in range(self._settings.in_flight)]
        ended = await asyncio.gather(*run.workers, return_exceptions=True)
        run.error = run.error or next((one for one in ended if one is not None), None)

    async def _work(self, run: _Run, pending: Iterator[ChatRequest]) -> None:
        try:
            for request in pending:
                await self._send(run, request)
                if run.error is not None:
                    return
        except Exception as error:  # noqa: BLE001 - raised once the calls in flight have ended
            awaited = len(run.calling) if run.error is None else 0
            run.end(error)
            if awaited:
                self._say(f"stopping once {awaited:,} that are in flight have ended")

    async def _send(self, run: _Run, request: ChatRequest) -> None:
        """Attempt a request until it has a reply, or no attempt is left or allowed."""
        made = 0
        while True:
            made += 1
            ended = await self._attempt(run, request)
            if isinstance(ended, ChatReply):
                self._count(
                    run, None if ended.text or ended.finish_reason else f"a body that is no reply: {_start(ended.raw)}"
                )
                return
            failure = ended
            self._require_short(failure)
            if not failure.retry or made == self._settings.attempts or run.error is not None:
                break
            self._require_patience(run, failure)
            await self._wait_out(_wait(self._settings, request, made, failure), failure.retry_after or 0.0)
        run.failed[request] = CallFailed(kind=failure.kind, detail=failure.detail, attempts=made, retry=failure.retry)
        if failure.kind == REFUSED:
            run.since = self._now()
        else:
            self._count(run, str(failure))

    async def _wait_out(self, wait: float, for_all: float) -> None:
        """Wait; for as long as the server asked for, nobody sends."""
        if for_all:
            async with self._limit.pause():
                await self._sleep(for_all)
        if wait > for_all:
            await self._sleep(wait - for_all)

    def _count(self, run: _Run, problem: str | None) -> None:
        """Take down how a request ended. Raises Stopped where too many ended badly, one after another."""
        if problem is None:
            run.streak, run.since = 0, self._now()
            return
        run.streak += 1
        if run.streak >= self._settings.stop_after:
            raise _failing(run.streak, f"failed one after another, the last by {problem}")

    def _require_short(self, failure: ChatFailure) -> None:
        """Raise Stopped where the server asks for a longer wait than is waited: it asks that of every call."""
        if failure.retry_after and failure.retry_after > self._settings.longest_wait_s:
            raise Stopped(
                "server-busy",
                "calls to the model",
                found=f"a server that asks to be left alone for {failure.retry_after:,.0f} seconds, by {failure}",
                expected=f"at most {self._settings.longest_wait_s:,g} seconds",
                way_out="replies so far are kept: run the same command again after that time",
            )

    def _require_patience(self, run: _Run, failure: ChatFailure) -> None:
        waited = self._now() - run.since
        if waited > self._settings.patience_s:
            raise _failing(round(waited), f"seconds without a reply, the last call failed by {failure}")

    async def _attempt(self, run: _Run, request: ChatRequest) -> ChatReply | ChatFailure:
        """Make one journaled attempt; return its reply or how it failed."""
        price = self._settings.price
        most = price.of(most_tokens(request)) if price else 0.0
        cost, caller = 0.0, asyncio.current_task()
        await self._budget.hold(most)
        try:
            # Who waits for money has no place yet, so that a pause holds all of them back.
            async with self._limit.place() as era:
                run.calling.add(caller)
                attempt = await run.ledger.begin(request)
                cost = most  # unless it turns out otherwise, it has been paid
                ended, usd = await self._call(run, attempt, request)
                cost = _cost(ended, usd, most)
        finally:
            run.calling.discard(caller)
            self._budget.settle(most, cost)
        if isinstance(ended, ChatReply):
            self._limit.went_well()
        elif ended.kind == CROWDED:
            self._limit.too_much(era)
        return ended

    async def _call(
        self, run: _Run, attempt: int, request: ChatRequest
    ) -> tuple[ChatReply | ChatFailure, float | None]:
        """Return how an attempt that was begun ended, written down, and what is known of its cost."""
        try:
            reply = await run.model.complete(request)
        except ChatFailure as failure:
            run.ledger.finish(attempt, failure=failure)
            if failure.kind == UNREACHABLE and not run.met:
                raise _unreachable(failure) from failure
            run.met = run.met or failure.kind != UNREACHABLE
            return failure, None
        except ServiceError as error:
            hopeless = ChatFailure(error.report.code, error.report.found or "", retry=False)
            run.ledger.finish(attempt, failure=hopeless)
            raise
        run.met = True
        price = self._settings.price
        usd = price.of(reply.usage) if price and reply.usage else None
        run.ledger.finish(attempt, reply=reply, usd=usd)
        return reply, usd


def _cost(ended: ChatReply | ChatFailure, usd: float | None, most: float) -> float:
    """What counts against the budget: the most it can have been where nobody knows."""
    if isinstance(ended, ChatReply):
        return most if usd is None else usd
    return most if ended.kind in PERHAPS_PAID else 0.0


def _failing(number: int, what: str) -> Stopped:
    return Stopped(
        "model-failing",
        "calls to the model",
        found=f"{number:,} {what}",
        way_out="replies so far are kept: run the same command again to go on",
    )


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


def _unreachable(failure: ChatFailure) -> ServiceError:
    return ServiceError(
        "server-unreachable",
        "no model server answers",
        found=failure.detail,
        expected="a server of the chat-completions API",
        way_out="start it, or mend `base_url`; then run the same command again",
    )
