"""The engine with the real client, the real journal and the local server."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mvpbench.chat.budget import Budget
from mvpbench.chat.engine import CallFailed, Engine, EngineSettings
from mvpbench.chat.price import Price
from mvpbench.chat.server import Fault, local_server
from mvpbench.store.journal import AttemptState, Journal, call_id
from schemas.chat import ChatFailure, ChatModel, ChatReply, ChatRequest, Usage
from schemas.errors import ServiceError, Stopped, StudyError
from tests.mvpbench.chat.made import KEY, KEY_ENV, Sleeps, a_request, complete_all, opener, requests, server_saying

pytestmark = pytest.mark.slow

PASSING_FAULTS = (Fault.RATE_LIMITED, Fault.SERVER_ERROR, Fault.CONNECTION_LOST)


def run(
    journal: Journal, url: str, asked: Sequence[ChatRequest], sleeps: Sleeps | None = None, **settings: object
) -> list[ChatReply | CallFailed]:
    chosen = EngineSettings.model_validate(settings)
    sleep = Sleeps() if sleeps is None else sleeps
    return complete_all(asked, opener(url), journal, chosen, lambda _line: None, sleep=sleep)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.db")


def test_replies_come_in_the_order_asked_and_equal_requests_are_one_call(journal: Journal) -> None:
    asked = [a_request(number) for number in (3, 1, 3, 2, 1)]
    with journal, local_server() as server:
        replies = run(journal, server.url, asked)
        assert server.requests == 3
        assert replies == [journal.reply_to(request) for request in asked]


def test_nothing_is_sent_or_opened_for_what_is_journaled(journal: Journal) -> None:
    with journal:
        with local_server() as server:
            first = run(journal, server.url, requests(5))
        lines: list[str] = []
        again = complete_all(requests(5), opener("not an address", environ={}), journal, EngineSettings(), lines.append)
        assert again == first
        assert lines == []


def test_no_more_in_flight_than_allowed_and_the_first_alone(journal: Journal) -> None:
    with journal, local_server() as server:
        run(journal, server.url, requests(30), in_flight=3)
        assert server.most_in_flight <= 3
        assert server.requests == 30


def test_a_passing_failure_is_tried_again_after_growing_waits(journal: Journal) -> None:
    """Backoff 1, 2, 4 s, each times a factor in [0.5, 1.5); the first fault asks for a second at least."""
    faults = dict(enumerate(PASSING_FAULTS, start=1))
    sleeps = Sleeps()
    with journal, local_server(faults=faults) as server:
        (reply,) = run(journal, server.url, [a_request()], sleeps)
        assert isinstance(reply, ChatReply)
        attempts = journal.attempts(call_id(a_request()))
    assert [attempt.failure for attempt in attempts] == ["rate-limited", "server-error", "connection-lost", None]
    assert len(sleeps) == 3
    assert 1.0 <= sleeps[0] < 1.5
    assert 1.0 <= sleeps[1] < 3.0
    assert 2.0 <= sleeps[2] < 6.0


def test_waits_are_the_same_in_every_run_and_differ_between_requests(tmp_path: Path) -> None:
    waits: list[list[float]] = []
    for number, name in ((1, "a.db"), (1, "b.db"), (2, "c.db")):
        sleeps = Sleeps()
        with Journal(tmp_path / name) as journal, local_server(faults={1: Fault.SERVER_ERROR}) as server:
            run(journal, server.url, [a_request(number)], sleeps)
        waits.append(sleeps)
    assert waits[0] == waits[1]
    assert waits[0] != waits[2]


def test_a_request_that_keeps_failing_becomes_a_record(journal: Journal) -> None:
    with journal, local_server(faults=dict.fromkeys((2, 3, 4), Fault.SERVER_ERROR)) as server:
        good, bad = run(journal, server.url, requests(2), attempts=3)
        assert isinstance(good, ChatReply)
        assert bad == CallFailed(kind="server-error", detail="http 500: something broke", attempts=3, retry=True)
        assert server.requests == 4
        # It is not a call that was made: another run asks again.
        assert isinstance(run(journal, server.url, requests(2))[1], ChatReply)
        assert server.requests == 5


def test_what_cannot_succeed_is_not_repeated(journal: Journal) -> None:
    sleeps = Sleeps()
    with journal, server_saying(400, '{"error": {"message": "too long"}}') as url:
        (failed,) = run(journal, url, [a_request()], sleeps)
    assert isinstance(failed, CallFailed)
    assert (failed.kind, failed.attempts, failed.retry, sleeps) == ("request-refused", 1, False, [])


def test_a_whole_body_is_paid_once_and_kept_with_its_usage_whatever_it_says(journal: Journal) -> None:
    """The content is no text. 100 prompt tokens at $3 a million and 20 completion tokens at $5: $0.0004."""
    said = '{"choices": [{"message": {"content": 3}}], "usage": {"prompt_tokens": 100, "completion_tokens": 20}}'
    with journal, server_saying(200, said) as url:
        (first,) = run(journal, url, [a_request()], price=Price(prompt=3, completion=5))
        (again,) = run(journal, url, [a_request()])
        spent = journal.spent()
    assert isinstance(first, ChatReply)
    assert (first.text, first.raw) == ("", said)
    assert again == first
    assert (spent.attempts, spent.prompt_tokens, spent.completion_tokens) == (1, 100, 20)
    assert spent.usd == pytest.approx(0.0004)


def test_a_server_whose_bodies_are_no_replies_stops_the_run(journal: Journal) -> None:
    faults = dict.fromkeys(range(2, 100), Fault.NOT_JSON)
    with journal, local_server(faults=faults) as server:
        with pytest.raises(Stopped) as caught:
            run(journal, server.url, requests(20), stop_after=4, in_flight=1)
        assert server.requests == 5
    assert caught.value.report.code == "model-failing"
    assert "<html>gateway</html>" in caught.value.report.sentence()


def test_many_failures_in_a_row_stop_the_run(journal: Journal) -> None:
    with journal, local_server(faults=dict.fromkeys(range(3, 100), Fault.SERVER_ERROR)) as server:
        with pytest.raises(Stopped) as caught:
            run(journal, server.url, requests(20), attempts=1, stop_after=4, in_flight=1)
        assert server.requests == 6  # two replies, then four failures
        assert journal.spent().calls == 2
    assert (caught.value.report.code, caught.value.exit_code) == ("model-failing", 75)
    assert "something broke" in caught.value.report.sentence()


def test_a_server_that_answers_nothing_for_long_stops_the_run_before_every_attempt_is_made(journal: Journal) -> None:
    """The clock goes on by 100 s a look; looks: the start, then one at every failed attempt."""
    looks = iter(range(0, 100_000, 100))
    chosen = EngineSettings(attempts=50, patience_s=250)
    with journal, local_server(faults=dict.fromkeys(range(1, 100), Fault.SERVER_ERROR)) as server:
        engine = Engine(
            opener(server.url), journal, chosen, lambda _: None, sleep=Sleeps(), now=lambda: float(next(looks))
        )
        with pytest.raises(Stopped) as caught:
            engine.complete(requests(5))
        assert server.requests == 3
    assert (caught.value.report.code, caught.value.exit_code) == ("model-failing", 75)
    assert "300 seconds without a reply" in caught.value.report.sentence()


class Crowded:
    """A model that refuses its fifth call for being asked too much, and says how many were with it at once."""

    def __init__(self) -> None:
        self.calls = self.inside = self.most = 0

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Stay for some turns of the loop."""
        self.calls, self.inside = self.calls + 1, self.inside + 1
        self.most = max(self.most, self.inside)
        refused = self.calls == 5
        for _ in range(20):
            await asyncio.sleep(0)
        self.inside -= 1
        if refused:
            raise ChatFailure("rate-limited", "too many", retry=True)
        return ChatReply(text="yes", finish_reason="stop", usage=None, model="m", raw="")


def test_what_the_server_bears_is_remembered_in_the_next_round(journal: Journal) -> None:
    """Of 16 at a time the server refuses one: 8 are left; twenty replies more let it grow to 10 at most."""
    model = Crowded()

    @asynccontextmanager
    async def open_model() -> AsyncIterator[ChatModel]:
        yield model

    with journal:
        engine = Engine(open_model, journal, EngineSettings(in_flight=16), lambda _: None, sleep=Sleeps())
        engine.complete(requests(18))
        assert model.most == 16
        model.most = 0
        engine.complete(requests(60)[18:30])
        assert 8 <= model.most <= 11


def test_a_budget_is_kept_and_what_was_paid_is_not_paid_again(journal: Journal) -> None:
    """At most 12 bytes of prompt, 32 tokens around it, a reply of 512: a call may cost $0.000556 at $1 a million."""
    price = Price(prompt=1, completion=1)
    chosen = EngineSettings(in_flight=4, price=price)
    with journal, local_server() as server:
        engine = Engine(opener(server.url), journal, chosen, lambda _: None, budget=Budget(0.0012), sleep=Sleeps())
        with pytest.raises(Stopped) as caught:
            engine.complete(requests(200))
        spent = journal.spent()
        assert 0.0012 - 0.000556 < spent.usd <= 0.0012
        engine = Engine(opener(server.url), journal, chosen, lambda _: None, sleep=Sleeps())
        engine.complete(requests(200))
        assert server.requests == 200
    assert caught.value.report.code == "budget-spent"


def test_a_reply_without_usage_counts_as_the_most_it_can_have_cost(journal: Journal) -> None:
    body = '{"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}'
    chosen = EngineSettings(in_flight=1, price=Price(prompt=1, completion=1))
    with journal, server_saying(200, body) as url:
        engine = Engine(opener(url), journal, chosen, lambda _: None, budget=Budget(0.0020), sleep=Sleeps())
        with pytest.raises(Stopped):
            engine.complete(requests(20))
        assert journal.spent().calls == 3  # 3 * $0.000555 fit into $0.0020, a fourth does not
        assert journal.spent().usd == 0


class Full(Journal):
    """A journal whose disk is full when the call that is asked for it ends."""

    def __init__(self, path: Path, last: int) -> None:
        super().__init__(path)
        self._last = last

    def finish_attempt(self, attempt: int, **_ended: object) -> None:
        """Refuse the last, or do as the parent."""
        if attempt == self._last:
            raise StudyError("disk-full", "journal")
        super().finish_attempt(attempt, **_ended)  # type: ignore[arg-type]


@pytest.mark.parametrize("last", [1, 2, 3])
def test_an_end_that_cannot_be_written_ends_the_run_whatever_comes_after_it(tmp_path: Path, last: int) -> None:
    with Full(tmp_path / "journal.db", last) as journal, local_server() as server, pytest.raises(StudyError):
        run(journal, server.url, requests(3), in_flight=1)
    with Journal(tmp_path / "journal.db") as journal:
        assert server.requests == last
        assert journal.spent().calls == last - 1


def test_a_reply_in_between_starts_the_count_anew(journal: Journal) -> None:
    faults = dict.fromkeys((2, 3, 5, 6, 8, 9), Fault.SERVER_ERROR)
    with journal, local_server(faults=faults) as server:
        ended = run(journal, server.url, requests(10), attempts=1, stop_after=3, in_flight=1)
    assert [isinstance(one, CallFailed) for one in ended] == [n in faults for n in range(1, 11)]


def test_a_dead_server_is_one_message_after_one_call(journal: Journal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
    sleeps = Sleeps()
    with journal:
        with pytest.raises(ServiceError) as caught:
            run(journal, url, requests(20), sleeps)
        assert (journal.spent().attempts, sleeps) == (1, [])
    assert caught.value.report.code == "server-unreachable"
    assert url in caught.value.report.sentence()


def test_a_wrong_key_is_one_message_after_one_call(journal: Journal, tmp_path: Path) -> None:
    with journal, local_server(key="another-key-of-the-server") as server:
        with pytest.raises(ServiceError) as caught:
            run(journal, server.url, requests(20))
        assert journal.spent().attempts == 1
        (attempt,) = journal.attempts(call_id(a_request(0)))
        assert (attempt.state, attempt.failure) == (AttemptState.FAILED, "key-refused")
        written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert b"key-refused" in written
        assert KEY.encode() not in written
    assert caught.value.report.code == "key-refused"
    assert KEY_ENV in str(caught.value)


def test_an_unknown_model_is_one_message_after_one_call(journal: Journal) -> None:
    with journal, local_server(models=frozenset({"another"})) as server:
        with pytest.raises(ServiceError, match="`tiny` does not exist"):
            run(journal, server.url, requests(20))
        assert server.requests == 1


def test_a_server_that_dies_midway_is_tried_again_first(journal: Journal) -> None:
    with journal, ExitStack() as life:
        server = life.enter_context(local_server())
        settings = EngineSettings(attempts=3, in_flight=1)
        # The line of progress comes between the two calls.
        ended = complete_all(
            requests(2), opener(server.url), journal, settings, lambda _line: life.close(), sleep=Sleeps()
        )
        kinds = [attempt.failure for attempt in journal.attempts(call_id(a_request(1)))]
    assert isinstance(ended[0], ChatReply)
    assert isinstance(ended[1], CallFailed)
    assert kinds == ["connection-lost", "unreachable", "unreachable"]


def test_what_a_call_cost_is_journaled(journal: Journal) -> None:
    """3 prompt tokens ("question 0", 10 bytes) at $3 a million, and a completion token per 4 bytes at $5 a million."""
    with journal, local_server() as server:
        (reply,) = run(journal, server.url, [a_request()], price=Price(prompt=3, completion=5))
        spent = journal.spent()
    assert isinstance(reply, ChatReply)
    assert spent.usd == pytest.approx((3 * 3 + -(-len(reply.text.encode()) // 4) * 5) / 1_000_000)


def test_price_by_hand() -> None:
    """1,000 * 2.50 / 1e6 + 200 * 10 / 1e6 = 0.0025 + 0.002."""
    usage = Usage(prompt_tokens=1000, completion_tokens=200)
    assert Price(prompt=2.5, completion=10).of(usage) == pytest.approx(0.0045)


def test_progress_is_told_in_ten_steps_at_most(journal: Journal) -> None:
    lines: list[str] = []
    with journal, local_server() as server:
        complete_all(requests(40), opener(server.url), journal, EngineSettings(in_flight=4), lines.append)
    assert lines == [f"{number} of 40 calls sent" for number in range(4, 40, 4)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[ChatReply | CallFailed]:
    with Journal(tmp_path_factory.mktemp("calm") / "journal.db") as journal, local_server() as server:
        return run(journal, server.url, requests(6))


@settings(max_examples=15)
@given(faults=st.dictionaries(st.integers(1, 10), st.sampled_from(PASSING_FAULTS), max_size=4))
def test_passing_faults_change_no_reply(
    tmp_path_factory: pytest.TempPathFactory, undisturbed: list[ChatReply | CallFailed], faults: dict[int, Fault]
) -> None:
    """At most four faults, five attempts: whoever is hit, every request gets through."""
    path = tmp_path_factory.mktemp("faults") / "journal.db"
    with Journal(path) as journal, local_server(faults=faults) as server:
        assert run(journal, server.url, requests(6), in_flight=2) == undisturbed
        assert server.requests == 6 + sum(number <= server.requests for number in faults)
        assert journal.spent().unfinished == 0
