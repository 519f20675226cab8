"""How a round ends early: nothing more is begun, and what is in flight, perhaps paid, is awaited and written down."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from mvpbench.chat.budget import Budget
from mvpbench.chat.engine import CallFailed, Engine, EngineSettings
from mvpbench.chat.limit import Limit
from mvpbench.chat.price import Price
from mvpbench.chat.tokens import most_tokens
from mvpbench.store.journal import Journal
from schemas.chat import ChatFailure, ChatReply, Usage
from schemas.errors import ServiceError, Stopped
from tests.mvpbench.chat.made import Scripted, Sleeps, a_request, requests

REPLY = ChatReply(
    text="yes", finish_reason="stop", usage=Usage(prompt_tokens=1, completion_tokens=1), model="m", raw="{}"
)
BROKEN = ChatFailure("server-error", "http 500", retry=True)
REFUSED = ChatFailure("request-refused", "http 400", retry=False)
PRICE = Price(prompt=1, completion=1)
MOST = PRICE.of(most_tokens(a_request()))
"""Of any request with one digit."""


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.db")


@pytest.mark.parametrize(
    ("error", "settings", "code"),
    [
        (BROKEN, EngineSettings(attempts=1, stop_after=3), "model-failing"),
        (BROKEN, EngineSettings(patience_s=1), "model-failing"),
        (ChatFailure("rate-limited", "http 429", retry=True, retry_after=3600), EngineSettings(), "server-busy"),
        (ServiceError("key-refused", "the server"), EngineSettings(), "key-refused"),
        (KeyError("a bug of the model's"), EngineSettings(), None),
    ],
    ids=["breaker", "patience", "long wait", "key", "bug"],
)
def test_calls_in_flight_are_awaited_and_no_other_is_begun(
    journal: Journal, error: Exception, settings: EngineSettings, code: str | None
) -> None:
    """The first is good, four more are on their way and good, and all others fail at once.

    The clock stands still until the first failure, and is then far on.
    """
    clock = [0.0]

    async def script(number: int) -> ChatReply:
        if number == 1:
            return REPLY
        if number <= 5:
            await turns(200)
            return REPLY
        clock[0] = 10.0
        raise error

    model, lines = Scripted(script), list[str]()
    with journal:
        engine = Engine(model.open, journal, settings, lines.append, sleep=Sleeps(), now=lambda: clock[0])
        with pytest.raises(Exception) as caught:  # noqa: PT011 - of the kind that is compared
            engine.complete(requests(50))
        spent = journal.spent()
    report = getattr(caught.value, "report", None)
    assert (report.code if report else None) == code
    assert report is not None or caught.value is error
    # What became of calls on which the model itself breaks, nobody knows.
    assert (spent.calls, spent.unfinished > 0) == (5, report is None)
    # Eight are in flight at once; the breaker needs three failures, and those that fail meanwhile are of the eight.
    assert model.calls <= 1 + 8 + 3
    assert sum("in flight" in line for line in lines) == 1


def test_a_wait_too_long_is_told_and_nobody_asks_again(journal: Journal) -> None:
    async def busy(_number: int) -> ChatReply:
        raise ChatFailure("rate-limited", "http 429: no", retry=True, retry_after=3600)

    model, sleeps = Scripted(busy), Sleeps()
    with journal, pytest.raises(Stopped) as caught:
        Engine(model.open, journal, EngineSettings(), lambda _: None, sleep=sleeps).complete(requests(50))
    assert (model.calls, sleeps) == (1, [])
    assert (caught.value.report.code, caught.value.exit_code) == ("server-busy", 75)
    assert "3,600 seconds" in caught.value.report.sentence()


def test_who_waits_to_try_again_is_not_awaited(journal: Journal) -> None:
    """The second call fails and would be made again after a wait that never ends; the third ends the round."""
    slept: list[float] = []

    async def for_ever(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.wait_for(asyncio.Event().wait(), 30)

    async def script(number: int) -> ChatReply:
        if number == 2:
            raise BROKEN
        if number == 3:
            await turns(50)
            raise ServiceError("key-refused", "the server")
        return REPLY

    model = Scripted(script)
    engine = Engine(model.open, journal, EngineSettings(in_flight=2), lambda _: None, sleep=for_ever)
    with journal, pytest.raises(ServiceError):
        engine.complete(requests(9))
    assert (model.calls, len(slept)) == (3, 1)


def test_refused_requests_are_no_sign_of_a_failing_model(journal: Journal) -> None:
    async def refuse(number: int) -> ChatReply:
        if number > 25:
            return REPLY
        raise REFUSED

    with journal:
        ended = Engine(Scripted(refuse).open, journal, EngineSettings(), lambda _: None).complete(requests(30))
    assert [isinstance(one, CallFailed) for one in ended].count(True) == 25


def test_a_refused_request_hides_no_failing_model_either(journal: Journal) -> None:
    """Good, then failing and refusing by turns: the third failure stops it."""

    async def script(number: int) -> ChatReply:
        if number == 1:
            return REPLY
        raise REFUSED if number % 2 else BROKEN

    model, settings = Scripted(script), EngineSettings(attempts=1, stop_after=3, in_flight=1)
    with journal, pytest.raises(Stopped, match="3 failed"):
        Engine(model.open, journal, settings, lambda _: None).complete(requests(30))
    assert model.calls == 6


def test_refusals_show_that_the_server_is_there(journal: Journal) -> None:
    """A minute between two looks at the clock; five minutes without any answer would stop the round."""
    clock = iter(range(0, 100_000, 60))

    async def script(number: int) -> ChatReply:
        if number == 20:
            raise BROKEN
        if number > 20:
            return REPLY
        raise REFUSED

    with journal:
        settings = EngineSettings(in_flight=1)
        engine = Engine(
            Scripted(script).open, journal, settings, lambda _: None, sleep=Sleeps(), now=lambda: next(clock)
        )
        assert isinstance(engine.complete(requests(25))[19], ChatReply)


def test_nobody_sends_in_a_pause_not_even_who_waited_for_money(journal: Journal) -> None:
    """There is money for one call at a time: when the second has failed, another could be paid."""
    paused = [False]
    sent_in_pause: list[int] = []

    async def pause(_seconds: float) -> None:
        paused[0] = True
        await turns(100)
        paused[0] = False

    async def script(number: int) -> ChatReply:
        if paused[0]:
            sent_in_pause.append(number)
        await turns(5)
        if number == 2:
            raise ChatFailure("rate-limited", "http 429", retry=True, retry_after=50)
        return REPLY

    with journal:
        settings = EngineSettings(in_flight=3, price=PRICE, backoff_s=0)
        engine = Engine(
            Scripted(script).open, journal, settings, lambda _: None, budget=Budget(MOST * 1.5), sleep=pause
        )
        assert engine.complete(requests(4)) == [REPLY] * 4
    assert sent_in_pause == []


@pytest.mark.parametrize(
    ("kind", "made"), [("timeout", 3), ("connection-lost", 3), ("client-error", 3), ("server-error", 9)]
)
def test_a_failure_that_may_have_been_paid_counts_as_the_most_it_can_have_cost(
    journal: Journal, kind: str, made: int
) -> None:
    """There is money for three and a half calls."""

    async def script(_number: int) -> ChatReply:
        raise ChatFailure(kind, "no", retry=False)

    model, settings = Scripted(script), EngineSettings(in_flight=1, price=PRICE, stop_after=100)
    with journal:
        engine = Engine(model.open, journal, settings, lambda _: None, budget=Budget(MOST * 3.5))
        if made == 9:
            engine.complete(requests(9))
        else:
            with pytest.raises(Stopped, match="spent"):
                engine.complete(requests(9))
    assert model.calls == made


def test_who_asks_the_same_server_may_share_what_it_bears(journal: Journal) -> None:
    """The first engine is refused at 8 at a time; the second, for other requests, begins at 4."""
    inside = most = 0

    def crowd(is_full: Callable[[int], bool]) -> Callable[[int], Awaitable[ChatReply]]:
        async def script(number: int) -> ChatReply:
            nonlocal inside, most
            inside += 1
            most = max(most, inside)
            await turns(20)
            inside -= 1
            if is_full(number):
                raise ChatFailure("rate-limited", "http 429", retry=False)
            return REPLY

        return script

    limit, settings = Limit(8), EngineSettings(in_flight=8)
    with journal:
        first = Engine(Scripted(crowd(lambda number: number == 5)).open, journal, settings, lambda _: None, limit=limit)
        first.complete(requests(9))
        assert most == 8
        most = 0
        second = Engine(Scripted(crowd(lambda _: False)).open, journal, settings, lambda _: None, limit=limit)
        second.complete(requests(17)[9:])
    assert 4 <= most <= 6
