"""The adapter, over a real socket: what servers do becomes replies and failures of ours, and the key goes nowhere."""

import asyncio
import json
import logging
import socket
import traceback
from pathlib import Path

import pytest

from mvpbench.chat.engine import Engine, EngineSettings
from mvpbench.chat.openai_chat import HIDDEN, Endpoint, openai_chat, require_endpoint
from mvpbench.chat.server import Fault, local_server
from mvpbench.store.journal import Journal
from schemas.chat import ChatFailure, ChatReply, ChatRequest, Usage
from schemas.errors import ConfigError, ServiceError
from tests.mvpbench.chat.made import ENVIRON, KEY, KEY_ENV, SCHEMA, a_request, opener, server_saying

pytestmark = pytest.mark.slow


def complete(url: str, request: ChatRequest | None = None, timeout_s: float = 30.0, key: str = KEY) -> ChatReply:
    async def once() -> ChatReply:
        async with opener(url, timeout_s, {KEY_ENV: key})() as model:
            return await model.complete(request or a_request())

    return asyncio.run(once())


def failure(url: str, timeout_s: float = 30.0) -> ChatFailure:
    with pytest.raises(ChatFailure) as caught:
        complete(url, timeout_s=timeout_s)
    return caught.value


def body(**changes: object) -> str:
    message = {"role": "assistant", "content": "hello", **changes}
    return json.dumps({"model": "m-1", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})


def test_a_reply_with_its_usage_and_the_body_as_it_came() -> None:
    with local_server(key=KEY) as server:
        reply = complete(server.url, a_request(schema=SCHEMA))
    assert set(json.loads(reply.text)) == {"topic", "question", "answer_1", "answer_2"}
    assert reply.finish_reason == "stop"
    # A token is four bytes, begun or full: the prompt is "question 1", 10 bytes.
    assert reply.usage == Usage(prompt_tokens=3, completion_tokens=-(-len(reply.text.encode()) // 4))
    assert reply.model == "tiny"
    assert json.loads(reply.raw)["choices"][0]["message"]["content"] == reply.text


def test_a_server_that_says_little_is_understood() -> None:
    with server_saying(200, '{"choices": [{"message": {"content": "hello"}}]}') as url:
        reply = complete(url)
    assert reply == ChatReply(text="hello", finish_reason=None, usage=None, model="tiny", raw=reply.raw)


@pytest.mark.parametrize("usage", [{"prompt_tokens": -1, "completion_tokens": 3}, {"prompt_tokens": "4"}, {}])
def test_a_usage_that_is_none_costs_no_reply(usage: dict[str, object]) -> None:
    with server_saying(200, json.dumps({"choices": [{"message": {"content": "hello"}}], "usage": usage})) as url:
        assert complete(url).usage is None


def test_a_refusal_is_told_by_its_finish_reason() -> None:
    with local_server(faults={1: Fault.REFUSAL}) as server:
        reply = complete(server.url)
    assert (reply.finish_reason, reply.text) == ("refusal", "I cannot help with that.")


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (400, {}, ("request-refused", False, None)),
        (422, {}, ("request-refused", False, None)),
        (408, {}, ("timeout", True, None)),
        (504, {"Retry-After": "7"}, ("timeout", True, 7.0)),
        (524, {}, ("timeout", True, None)),
        (409, {}, ("server-error", True, None)),
        (429, {"Retry-After": "7"}, ("rate-limited", True, 7.0)),
        (429, {"Retry-After": "0.5"}, ("rate-limited", True, 0.5)),
        (429, {"Retry-After": "soon"}, ("rate-limited", True, None)),
        (429, {"Retry-After": "nan"}, ("rate-limited", True, None)),
        (429, {"Retry-After": "-3"}, ("rate-limited", True, 0.0)),
        (500, {}, ("server-error", True, None)),
        (
            503,
            {"Retry-After": "Mon, 02 Mar 2026 09:01:30 GMT", "Date": "Mon, 02 Mar 2026 09:00:00 GMT"},
            ("server-error", True, 90.0),
        ),
        (503, {"Retry-After": "Mon, 02 Mar 2026 09:01:30 GMT"}, ("server-error", True, None)),
    ],
)
def test_what_a_status_means(status: int, headers: dict[str, str], expected: tuple[str, bool, float | None]) -> None:
    with server_saying(status, '{"error": {"message": "no"}}', headers) as url:
        found = failure(url)
    assert (found.kind, found.retry, found.retry_after) == expected
    assert f"http {status}" in found.detail


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (401, {"message": "no"}, "key-refused"),
        (403, {"message": "no"}, "key-refused"),
        (404, {"message": "no"}, "model-unknown"),
        (301, {"message": "moved"}, "model-unknown"),
        (402, {"message": "no"}, "quota-exhausted"),
        (429, {"message": "no", "code": "insufficient_quota"}, "quota-exhausted"),
    ],
)
def test_what_concerns_every_call_is_an_error_of_its_own(status: int, error: dict[str, str], code: str) -> None:
    with server_saying(status, json.dumps({"error": error})) as url, pytest.raises(ServiceError) as caught:
        complete(url)
    assert caught.value.report.code == code
    assert caught.value.report.where == url
    assert caught.value.report.way_out


@pytest.mark.parametrize(
    "said",
    [
        "<html>gateway</html>",
        "",
        "[" * 100_000,
        "[1]",
        '{"error": {"message": "overloaded"}}',
        '{"choices": []}',
        '{"choices": {"message": "no"}}',
        '{"choices": [{"message": {"content": 3}}]}',
        '{"choices": [{"message": {"content": [3, {"type": "image_url"}]}}]}',
    ],
)
def test_a_whole_body_is_a_reply_even_where_it_cannot_be_read(said: str) -> None:
    with server_saying(200, said) as url:
        assert complete(url) == ChatReply(text="", finish_reason=None, usage=None, model="tiny", raw=said)


def test_usage_is_read_of_a_body_whose_content_is_not() -> None:
    said = '{"choices": 3, "model": "m-1", "usage": {"prompt_tokens": 7, "completion_tokens": 5}}'
    with server_saying(200, said) as url:
        reply = complete(url)
    assert (reply.usage, reply.model) == (Usage(prompt_tokens=7, completion_tokens=5), "m-1")


@pytest.mark.parametrize(
    ("parts", "text", "finish_reason"),
    [
        ([{"type": "text", "text": "hel"}, {"type": "text", "text": "lo"}], "hello", "stop"),
        ([{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "hello"}], "hello", "stop"),
        ([{"type": "refusal", "refusal": "I cannot."}], "I cannot.", "refusal"),
    ],
)
def test_content_in_parts_is_read(parts: list[dict[str, str]], text: str, finish_reason: str) -> None:
    with server_saying(200, body(content=parts)) as url:
        reply = complete(url)
    assert (reply.text, reply.finish_reason) == (text, finish_reason)


def test_half_of_a_surrogate_pair_becomes_a_question_mark() -> None:
    with server_saying(200, body(content="so\ud800 far")) as url:
        assert complete(url).text == "so? far"


def test_a_body_in_a_charset_that_has_halves_of_pairs_can_be_written_down(tmp_path: Path) -> None:
    """UTF-7 writes U+D800 as `+2AA-`."""
    headers = {"Content-Type": "application/json; charset=utf-7"}
    with server_saying(200, body(content="so+2AA- far"), headers) as url, Journal(tmp_path / "journal.db") as journal:
        (reply,) = Engine(opener(url), journal, EngineSettings(), lambda _: None).complete([a_request()])
        assert journal.reply_to(a_request()) == reply
    assert isinstance(reply, ChatReply)
    assert reply.text == "so? far"
    assert "so? far" in reply.raw


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("charset", ["hex", "rot13", "utf-16"])
def test_a_body_that_its_charset_does_not_fit_is_a_failure(charset: str, status: int) -> None:
    with server_saying(status, body(), {"Content-Type": f"application/json; charset={charset}"}) as url:
        found = failure(url)
    assert (found.kind, found.retry) == ("client-error", False)


def test_a_connection_lost_in_the_middle_of_the_body() -> None:
    with local_server(faults={1: Fault.CONNECTION_LOST}) as server:
        found = failure(server.url)
    assert (found.kind, found.retry) == ("connection-lost", True)


def test_a_server_that_hangs() -> None:
    with local_server(faults={1: Fault.HANG}) as server:
        found = failure(server.url, timeout_s=0.2)
    assert (found.kind, found.retry) == ("timeout", True)


def test_a_dead_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
    found = failure(url)
    assert (found.kind, found.retry) == ("unreachable", True)
    assert url in found.detail


def test_a_proxy_of_the_environment_is_not_asked_for_the_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with local_server() as server:
        assert complete(server.url).text


def test_a_refused_key_is_quoted_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    """The local server's message quotes the key, as the worst of servers do."""
    wrong = "sk-wrong-abcdefghijklmnopqrstuvwxyz"
    caplog.set_level(logging.DEBUG)
    with local_server(key=KEY) as server, pytest.raises(ServiceError) as caught:
        complete(server.url, key=wrong)
    assert caught.value.report.code == "key-refused"
    assert KEY_ENV in caught.value.report.sentence()
    assert HIDDEN in caught.value.report.sentence()
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert wrong not in told
    assert caught.value.__context__ is None  # what is shown in no traceback is not kept either


def test_a_key_echoed_in_a_reply_or_an_error_is_cut_out() -> None:
    with server_saying(200, body(content=f"your key is {KEY}")) as url:
        reply = complete(url)
    assert KEY not in reply.raw
    assert reply.text == f"your key is {HIDDEN}"
    with server_saying(500, json.dumps({"error": {"message": f"crashed on {KEY}"}})) as url:
        assert KEY not in str(failure(url))


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_a_key_is_found_behind_escapes_too(depth: int) -> None:
    """In JSON, in the JSON that is a string in it, and one deeper; what else is escaped there stays as it was."""
    text = f'a "quoted" line,\nthen {KEY}'
    for _ in range(depth):
        text = json.dumps(text)
    hidden = text.replace(KEY, HIDDEN)
    escaped = "".join(f"\\u{ord(letter):04X}" for letter in KEY)
    for _ in range(depth):
        escaped = json.dumps(escaped)[1:-1]
    said = body(content=text).replace(KEY, escaped)
    assert KEY not in said
    with server_saying(200, said) as url:
        reply = complete(url)
    assert reply.text == hidden
    assert HIDDEN in reply.raw


SLASHED = "sk-test-0123456789/abcdefghijklmnop"
"""A key that JSON may write in more ways than one."""


def in_an_error(message: str) -> str:
    return json.dumps({"error": {"message": message}})


@pytest.mark.parametrize("status", [500, 400, 401])
@pytest.mark.parametrize(
    "said",
    [
        'upstream sent {"authorization": "Bearer ' + SLASHED.replace("/", "\\/") + '"}} broken',
        'upstream sent {"authorization": "Bearer ' + SLASHED.replace("-", "\\u002d") + '"}} broken',
        in_an_error("upstream sent " + json.dumps({"key": SLASHED.replace("/", "\\/")})),
        in_an_error(json.dumps(in_an_error(SLASHED)).replace("-", "\\u002D")),
    ],
)
def test_a_key_is_found_behind_escapes_in_what_a_server_says_of_an_error(status: int, said: str) -> None:
    with server_saying(status, said) as url, pytest.raises((ChatFailure, ServiceError)) as caught:
        complete(url, key=SLASHED)
    assert HIDDEN in str(caught.value)
    told = "".join(traceback.format_exception(caught.value))
    assert not any(part in told for part in SLASHED.split("/"))


def test_backslashes_without_end_are_looked_through_in_no_time() -> None:
    """Each may begin an escape: looked at from each anew, these would take minutes."""
    with server_saying(500, "\\" * 500_000) as url:
        assert failure(url).kind == "server-error"


def test_a_word_that_stands_in_for_a_key_may_stand_in_replies() -> None:
    with server_saying(200, body(content="none of this")) as url:
        assert complete(url, key="none").text == "none of this"


@pytest.mark.parametrize(
    ("environ", "code"),
    [
        ({}, "key-missing"),
        ({KEY_ENV: "  "}, "key-missing"),
        ({KEY_ENV: "two words"}, "key-invalid"),
        ({KEY_ENV: "line\nbreak"}, "key-invalid"),
        ({KEY_ENV: "schlüssel"}, "key-invalid"),
    ],
)
def test_a_key_that_cannot_be_one_is_named_by_its_variable_only(environ: dict[str, str], code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        require_endpoint(Endpoint("http://127.0.0.1:1/v1", KEY_ENV), environ)
    assert caught.value.report.code == code
    sentence = caught.value.report.sentence()
    assert KEY_ENV in sentence
    assert not any(value.strip() and value in sentence for value in environ.values())


@pytest.mark.parametrize(
    "url", ["localhost:8000", "http://user:secret@host/v1", "http://127.0.0.1:abc/v1", "http://127.0.0.1:99999/v1"]
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        require_endpoint(Endpoint(url, KEY_ENV), ENVIRON)
    assert caught.value.report.code == "base-url-invalid"
    assert "secret" not in str(caught.value)


def test_opening_checks_before_anything_is_sent() -> None:
    async def opened() -> None:
        async with openai_chat(Endpoint("http://127.0.0.1:1/v1", KEY_ENV), {}):
            pytest.fail("opened without a key")

    with pytest.raises(ConfigError):
        asyncio.run(opened())
