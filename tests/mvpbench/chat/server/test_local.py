"""The contract of the local server's chat completions, over its socket."""

import http.client
import json
import socket
import threading
import time

import pytest

from mvpbench.chat.engine import EngineSettings
from mvpbench.chat.server import Fault, FaultMix, LocalServer, ServerSettings, local_server, pseudo_tokens, request_key
from mvpbench.store.journal import Journal
from schemas.chat import ChatReply
from tests.mvpbench.chat.made import complete_all, opener, requests
from tests.mvpbench.chat.server.asking import CHAT, HOST, Answers, Got, a_body, ask

pytestmark = pytest.mark.slow

LOST = (http.client.HTTPException, ConnectionError)
EVERYTHING = FaultMix(
    rates={
        Fault.RATE_LIMITED: 0.1,
        Fault.RATE_LIMITED_BARE: 0.1,
        Fault.SERVER_ERROR: 0.1,
        Fault.CONNECTION_LOST: 0.1,
        Fault.LOST_REPLY: 0.1,
        Fault.SLOW: 0.1,
        Fault.NOT_JSON: 0.05,
        Fault.TRUNCATED: 0.05,
        Fault.REFUSAL: 0.05,
        Fault.USAGE_MISSING: 0.05,
    },
    seed=3,
)
QUICK = ServerSettings(retry_after_s=0.05, slow_s=0.05)


def reply_with(fault: Fault, settings: ServerSettings = QUICK) -> Got:
    with local_server(settings, faults={1: fault}) as server:
        return ask(server)


def is_good(got: Got) -> bool:
    choice = got.json()["choices"][0]
    return got.status == 200 and choice["finish_reason"] == "stop" and bool(Answers.model_validate_json(got.content()))


def test_a_good_reply_fits_its_schema_and_counts_its_tokens() -> None:
    """The prompt is "é?", 3 bytes of UTF-8, and "abcd", 4 of them: 7 are two tokens of four, the second not full."""
    body = a_body(messages=[{"role": "system", "content": "é?"}, {"role": "user", "content": "abcd"}])
    with local_server() as server:
        got = ask(server, body)
    assert is_good(got)
    written = pseudo_tokens(got.content())
    assert got.json()["usage"] == {"prompt_tokens": 2, "completion_tokens": written, "total_tokens": 2 + written}


def test_a_pseudo_token_is_four_bytes_begun_or_full() -> None:
    assert [pseudo_tokens(text) for text in ("", "a", "abcd", "abcde", "éé", "ééé")] == [0, 1, 1, 2, 1, 2]


def test_content_in_parts_is_counted() -> None:
    content = [{"type": "text", "text": "abcd"}, {"type": "image_url", "image_url": {"url": "x"}}]
    with local_server() as server:
        got = ask(server, a_body(messages=[{"role": "user", "content": content}]))
    assert got.json()["usage"]["prompt_tokens"] == 1


def test_the_reply_depends_on_the_request_alone_however_its_json_is_written() -> None:
    with local_server() as one, local_server() as other:
        spaced = json.dumps(dict(reversed(a_body().items())), indent=4).encode()
        assert ask(one).body == ask(one, spaced).body == ask(other).body
        assert ask(one).body != ask(one, a_body("b")).body
        assert one.asked == {request_key(a_body()): 3, request_key(a_body("b")): 1}
        assert one.paid == one.asked


@pytest.mark.parametrize(
    ("fault", "status", "retry_after"),
    [
        (Fault.RATE_LIMITED, 429, "0.05"),
        (Fault.RATE_LIMITED_BARE, 429, None),
        (Fault.SERVER_ERROR, 500, None),
    ],
)
def test_errors_are_told_in_the_shape_of_the_api(fault: Fault, status: int, retry_after: str | None) -> None:
    got = reply_with(fault)
    assert (got.status, got.headers.get("Retry-After")) == (status, retry_after)
    assert set(got.json()["error"]) == {"message", "type", "code", "param"}


def test_content_that_is_cut_off() -> None:
    choice = reply_with(Fault.TRUNCATED).json()["choices"][0]
    assert choice["finish_reason"] == "length"
    with pytest.raises(ValueError, match="validation error"):
        Answers.model_validate_json(choice["message"]["content"])


def test_content_of_another_schema() -> None:
    got = reply_with(Fault.WRONG_SCHEMA)
    assert list(json.loads(got.content())) == ["text"]


def test_content_that_is_no_json_though_a_schema_was_asked_for() -> None:
    got = reply_with(Fault.INVALID_CONTENT)
    assert (got.status, got.json()["choices"][0]["finish_reason"]) == (200, "stop")
    assert "{" not in got.content()
    with local_server(faults={1: Fault.INVALID_CONTENT}) as server:
        assert ask(server, a_body(schema=None)).body == ask(server, a_body(schema=None)).body


def test_a_body_that_is_no_json() -> None:
    got = reply_with(Fault.NOT_JSON)
    assert (got.status, got.body) == (200, b"<html>gateway</html>")


def test_a_refusal_has_no_content_and_is_counted() -> None:
    got = reply_with(Fault.REFUSAL)
    assert got.content() is None
    assert got.json()["choices"][0]["message"]["refusal"] == "I cannot help with that."
    assert got.json()["usage"]["completion_tokens"] == 6  # 24 bytes


def test_a_reply_without_usage_is_good_otherwise() -> None:
    got = reply_with(Fault.USAGE_MISSING)
    assert is_good(got)
    assert "usage" not in got.json()


@pytest.mark.parametrize("fault", [Fault.CONNECTION_LOST, Fault.LOST_REPLY])
def test_a_connection_that_is_lost(fault: Fault) -> None:
    with pytest.raises(LOST) as caught:
        reply_with(fault)
    some = isinstance(caught.value, http.client.IncompleteRead)
    assert some == (fault is Fault.CONNECTION_LOST)
    if isinstance(caught.value, http.client.IncompleteRead):
        assert caught.value.expected is not None
        assert abs(len(caught.value.partial) - caught.value.expected) <= 1


def test_times_are_as_set() -> None:
    """The reply takes 0.2 s; the slow one 0.3 s more; an error comes at once."""
    faults = {2: Fault.SLOW, 3: Fault.SERVER_ERROR}
    with local_server(ServerSettings(delay_s=0.2, slow_s=0.3), faults=faults) as server:
        took = []
        for _ in range(3):
            started = time.monotonic()
            got = ask(server)
            took.append(time.monotonic() - started)
    assert got.status == 500
    assert took[0] >= 0.2
    assert took[1] >= 0.5


def test_requests_wait_side_by_side() -> None:
    """32 that take 0.5 s each: one after another they would take 16 s."""
    with local_server(ServerSettings(delay_s=0.5)) as server:
        started = time.monotonic()
        threads = [threading.Thread(target=ask, args=(server, a_body(str(number)))) for number in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert time.monotonic() - started < 8
        assert server.most_in_flight > 1
        assert server.in_flight == 0


@pytest.mark.parametrize("settings", [ServerSettings(), ServerSettings(delay_s=600)])
def test_who_waits_when_the_server_ends_gets_nothing(settings: ServerSettings) -> None:
    """One request hangs by a fault, or waits for its reply."""
    failures: list[Exception] = []

    def wait(server: LocalServer) -> None:
        try:
            ask(server)
        except LOST as exc:
            failures.append(exc)

    with local_server(settings, faults={} if settings.delay_s else {1: Fault.HANG}) as server:
        waiting = threading.Thread(target=wait, args=(server,))
        waiting.start()
        assert server.await_requests(1, 60)
    waiting.join(60)
    assert len(failures) == 1


@pytest.mark.parametrize("fault", [None, *(fault for fault in Fault if fault is not Fault.HANG)])
def test_paid_is_what_a_completion_was_made_for(fault: Fault | None) -> None:
    unpaid = {Fault.RATE_LIMITED, Fault.RATE_LIMITED_BARE, Fault.SERVER_ERROR}
    with local_server(QUICK, faults={1: fault} if fault else {}) as server:
        try:
            ask(server)
        except LOST:
            assert fault in {Fault.CONNECTION_LOST, Fault.LOST_REPLY}
        assert server.asked == {request_key(a_body()): 1}
        assert server.paid == ({} if fault in unpaid else server.asked)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"no json", 400, "bad_request"),
        (b"[" * 100_000, 400, "bad_request"),
        (b"[1]", 400, "bad_request"),
        (b"\xff", 400, "bad_request"),
        ({"model": "known"}, 400, "bad_request"),
        ({"model": "known", "messages": [1]}, 400, "bad_request"),
        (a_body(model="known", response_format=[1]), 400, "bad_request"),
        (a_body(model="known", response_format={"json_schema": {"schema": {"$ref": "#/none"}}}), 400, "bad_request"),
        (a_body(model="known", response_format={"json_schema": {"schema": {"$ref": "#"}}}), 400, "bad_request"),
        (a_body(model="another"), 404, "model_not_found"),
        (a_body(model=["known"]), 400, "bad_request"),
    ],
)
def test_a_request_that_is_none_is_an_error_and_not_paid(body: object, status: int, code: str) -> None:
    with local_server(models=frozenset({"known"})) as server:
        got = ask(server, body)
        assert (got.status, got.json()["error"]["code"]) == (status, code)
        assert (server.requests, server.paid.total()) == (1, 0)
        assert ask(server, a_body(model="known")).status == 200


def test_half_of_a_surrogate_pair_is_answered() -> None:
    with local_server() as server:
        assert ask(server, b'{"model": "m", "messages": [{"role": "user", "content": "\\ud800"}]}').status == 200


def raw(server: LocalServer, sent: bytes) -> bytes:
    """All that comes back until the server closes."""
    with socket.create_connection((HOST, server.server_address[1]), timeout=60) as connection:
        connection.sendall(sent)
        with connection.makefile("rb") as reading:
            return reading.read()


@pytest.mark.parametrize(
    "head",
    [
        b"surprise\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nno field\r\n\r\n",
        b"GET /v1/models HTTP/1.1\r\n" + b"x: y\r\n" * 101 + b"\r\n",
    ],
)
def test_a_head_that_is_none_ends_the_connection(head: bytes) -> None:
    with local_server() as server:
        assert raw(server, head).startswith(b"HTTP/1.1 400 ")
        assert server.requests == 0


@pytest.mark.parametrize("last", [b"HTTP/1.1\r\nConnection: close", b"HTTP/1.0\r\nX-Name: a"])
def test_a_connection_is_kept_for_the_next_request_until_told(last: bytes) -> None:
    kept = b"GET /v1/models HTTP/1.1\r\nHost: a\r\n\r\n"
    with local_server() as server:
        assert raw(server, kept + kept + b"GET /v1/models " + last + b"\r\n\r\n").count(b"HTTP/1.1 200 ") == 3


def test_who_waits_to_be_told_to_go_on_is_told() -> None:
    head = (
        b"POST /v1/chat/completions HTTP/1.1\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    )
    with local_server() as server:
        assert raw(server, head + b"{}").startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 ")


def test_a_key_is_asked_for_when_told_and_other_addresses_are_none() -> None:
    with local_server(key="right", models=frozenset({"m"})) as server:
        assert ask(server, key="right").status == 200
        refused = ask(server, key="wrong")
        assert (refused.status, refused.json()["error"]["code"]) == (401, "invalid_api_key")
        assert ask(server, path="/v1/batches", method="GET", key="wrong").status == 401
        assert ask(server, path="/v1/embeddings", key="right").status == 404
        assert ask(server, path=CHAT, method="GET", key="right").status == 404
        assert ask(server, path="/v1/models", method="GET").json()["data"] == [{"id": "m", "object": "model"}]
        assert server.requests == 1


def test_faults_by_number_go_before_the_mix() -> None:
    mix = FaultMix(rates={Fault.SERVER_ERROR: 1.0})
    with local_server(faults={2: Fault.USAGE_MISSING}, mix=mix) as server:
        statuses = [ask(server).status for _ in range(4)]
    assert statuses == [500, 200, 200, 500]  # by the mix, by its number, the third coming, by the mix


def whole(server: LocalServer, body: object) -> tuple[int, bytes]:
    """What came; a lost connection as status 0."""
    try:
        got = ask(server, body)
    except LOST:
        return 0, b""
    return got.status, got.body


def test_a_mix_is_the_same_in_another_order_and_another_server() -> None:
    bodies = [a_body(str(number)) for number in range(60)]
    with local_server(QUICK, mix=EVERYTHING) as one, local_server(QUICK, mix=EVERYTHING) as other:
        forth = [[whole(one, body) for body in bodies] for _ in range(3)]
        back = [[whole(other, body) for body in reversed(bodies)][::-1] for _ in range(3)]
        assert one.paid == other.paid
    assert forth == back
    first, second, third = forth
    assert {status for status, _ in first} == {0, 200, 429, 500}
    assert first != second
    # The third time nothing is in the way, and what was got before was the same.
    assert {status for status, _ in third} == {200}
    for early in (first, second):
        assert all(body == late for (status, body), (_, late) in zip(early, third, strict=True) if status == 200)


def test_the_engine_gets_every_reply_through_a_mix(tmp_path_factory: pytest.TempPathFactory) -> None:
    """In three attempts, and what it was charged for is what the server says it made."""
    with Journal(tmp_path_factory.mktemp("mix") / "journal.db") as journal:
        with local_server(QUICK, mix=EVERYTHING) as server:
            settings = EngineSettings(attempts=3, backoff_s=0.01, in_flight=8, stop_after=1000)
            replies = complete_all(requests(100), opener(server.url), journal, settings, lambda _line: None)
        assert all(isinstance(reply, ChatReply) for reply in replies)
        spent = journal.spent()
        assert spent.calls == 100 == len(server.paid)
        assert server.asked.total() == spent.attempts == server.requests > 130
