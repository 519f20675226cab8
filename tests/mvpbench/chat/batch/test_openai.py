"""The adapter of batches, over a real socket: one contract with the service in memory, and the key goes nowhere."""

import json
import logging
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from mvpbench.chat.batch.lines import asking_line, read_line
from mvpbench.chat.batch.memory import MemoryBatches
from mvpbench.chat.batch.openai import MOST_LINE_BYTES, openai_batch
from mvpbench.chat.batch.run import NEVER_CREATED
from mvpbench.chat.batch.service import Batch, BatchService
from mvpbench.chat.endpoint import Endpoint
from mvpbench.chat.openai_client import HIDDEN
from mvpbench.chat.server import Fault, ServerSettings, local_server
from mvpbench.store.journal import Journal, call_id
from schemas.chat import ChatFailure, ChatReply
from schemas.errors import ConfigError, ServiceError
from tests.mvpbench.chat.batch.made import Answers, adopted, collected, service_opener, service_saying, submitted
from tests.mvpbench.chat.made import KEY, KEY_ENV, a_request, requests

pytestmark = pytest.mark.slow

BATCH = {"id": "batch_1", "status": "in_progress", "metadata": {"mvpbench": "k"}}


def said(value: object, status: int = 200, missing: int = 0) -> tuple[int, bytes, int]:
    return status, value if isinstance(value, bytes) else json.dumps(value).encode(), missing


def refused(status: int, message: str = "no", code: str | None = None) -> tuple[int, bytes, int]:
    return said({"error": {"message": message, "code": code}}, status)


def lines_of(numbers: range) -> bytes:
    return b"".join(asking_line(call_id(a_request(number)), a_request(number), "") for number in numbers)


@pytest.fixture(params=["memory", "socket"])
def service(request: pytest.FixtureRequest) -> Iterator[BatchService]:
    if request.param == "memory":
        yield MemoryBatches()
    else:
        with local_server(key=KEY) as server, service_opener(server.url)() as opened:
            yield opened


def test_a_batch_goes_up_is_found_and_comes_down(service: BatchService) -> None:
    created = service.create(service.upload(lines_of(range(3))), "one")
    assert not created.ended
    assert (created.key, [batch.id for batch in service.list()]) == ("one", [created.id])
    batch = service.retrieve(created.id)
    assert batch is not None
    assert (batch.status, batch.key, batch.problems) == ("completed", "one", ())
    assert batch.output_file is not None
    with service.content(batch.output_file) as lines:
        read = [read_line(line, "tiny") for line in lines]
    ended = dict(filter(None, read))
    assert set(ended) == {call_id(a_request(number)) for number in range(3)}
    assert all(isinstance(reply, ChatReply) and reply.text and reply.usage for reply in ended.values())


def test_every_batch_of_the_account_is_listed(service: BatchService) -> None:
    file_id = service.upload(lines_of(range(1)))
    for number in range(103):
        service.create(file_id, f"key {number}")
    assert {batch.key for batch in service.list()} == {f"key {number}" for number in range(103)}


def test_what_the_service_does_not_know(service: BatchService) -> None:
    assert service.retrieve("batch_unheard") is None
    with pytest.raises(ChatFailure) as caught, service.content("file-unheard"):
        pytest.fail("opened")
    assert (caught.value.kind, caught.value.retry) == ("file-gone", False)


def test_a_run_over_the_socket(tmp_path: Path) -> None:
    with local_server(key=KEY) as server, Journal(tmp_path / "journal.db") as journal:
        asked = requests(5)
        opener = service_opener(server.url)
        with opener() as opened:
            assert submitted(opened, journal, asked, base_url=server.url, most_requests=2).created == 3
            found = collected(opened, journal, base_url=server.url)
        assert (found.batches, found.replies, found.failed, found.ignored) == (3, 5, (), 0)
        assert sorted(server.paid.values()) == [1] * 5
        assert all(journal.reply_to(request) is not None for request in asked)


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.CONNECTION_LOST, Fault.SERVER_ERROR, Fault.RATE_LIMITED])
@pytest.mark.parametrize("number", range(1, 5))
def test_no_trouble_on_the_way_pays_twice(tmp_path: Path, fault: Fault, number: int) -> None:
    """The calls to the service are upload, create, retrieve and content, where nothing goes wrong."""
    with local_server(faults={number: fault}) as server, Journal(tmp_path / "journal.db") as journal:
        with service_opener(server.url)() as opened:
            submitted(opened, journal, requests(3), base_url=server.url)
            assert collected(opened, journal, base_url=server.url).replies == 3
            assert len(list(opened.list())) == 1
        assert sorted(server.paid.values()) == [1] * 3


def test_a_batch_that_expired_keeps_what_it_had_done(tmp_path: Path) -> None:
    with local_server(faults={2: Fault.EXPIRED}) as server, Journal(tmp_path / "journal.db") as journal:
        with service_opener(server.url)() as opened:
            submitted(opened, journal, requests(4), base_url=server.url)
            found = collected(opened, journal, base_url=server.url)
            assert (found.replies, [lost.kind for lost in found.failed]) == (2, ["batch-expired"] * 2)
            submitted(opened, journal, requests(4), base_url=server.url)
            assert collected(opened, journal, base_url=server.url).replies == 2
        assert sorted(server.paid.values()) == [1] * 4


def test_a_file_with_an_unknown_model_is_told_with_its_line(tmp_path: Path) -> None:
    with local_server(models=frozenset({"other"})) as server, Journal(tmp_path / "journal.db") as journal:
        opener = service_opener(server.url)
        with opener() as opened:
            submitted(opened, journal, requests(1), base_url=server.url)
        with opener() as opened, pytest.raises(ServiceError) as caught:
            collected(opened, journal, base_url=server.url)
    assert caught.value.report.code == "batch-failed"
    assert "line 1" in (caught.value.report.found or "")


ASKS: Mapping[str, tuple[str, Callable[[BatchService], object]]] = {
    "upload": ("POST /v1/files", lambda service: service.upload(b"{}\n")),
    "create": ("POST /v1/batches", lambda service: service.create("file-1", "k")),
    "retrieve": ("GET /v1/batches/batch_1", lambda service: service.retrieve("batch_1")),
    "list": ("GET /v1/batches?limit=100", lambda service: list(service.list())),
    "content": ("GET /v1/files/file-1/content", lambda service: whole(service, "file-1")),
}


def whole(service: BatchService, file_id: str) -> list[str]:
    with service.content(file_id) as lines:
        return list(lines)


def trouble(ask: str, answer: tuple[int, bytes, int], **opening: Any) -> ChatFailure | ServiceError:
    address, call = ASKS[ask]
    with ExitStack() as stack:
        url = stack.enter_context(service_saying({address: [answer]}))
        service = stack.enter_context(service_opener(url, **opening)())
        caught = stack.enter_context(pytest.raises((ChatFailure, ServiceError)))
        call(service)
    return caught.value


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize(
    ("status", "kind", "retry"),
    [
        (400, "request-refused", False),
        (429, "rate-limited", True),
        (500, "server-error", True),
        (409, "server-error", True),
    ],
)
def test_what_a_status_means(ask: str, status: int, kind: str, retry: bool) -> None:
    found = trouble(ask, refused(status))
    assert isinstance(found, ChatFailure)
    assert (found.kind, found.retry) == (kind, retry)


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize(("status", "code"), [(401, "key-refused"), (403, "key-refused"), (402, "quota-exhausted")])
def test_what_concerns_every_call_is_an_error_of_its_own(ask: str, status: int, code: str) -> None:
    found = trouble(ask, refused(status))
    assert isinstance(found, ServiceError)
    assert found.report.code == code


@pytest.mark.parametrize("ask", ["upload", "create", "list"])
@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_server_without_a_batch_api(ask: str, status: int) -> None:
    found = trouble(ask, refused(status))
    assert isinstance(found, ServiceError)
    assert found.report.code == "no-batch-api"
    assert "--batch" in (found.report.way_out or "")


@pytest.mark.parametrize("body", [{"error": "Unexpected endpoint or method."}, b"<html>", b"", {"id": "../up"}, [1]])
def test_an_upload_that_is_answered_by_something_else(body: object) -> None:
    found = trouble("upload", said(body))
    assert isinstance(found, ServiceError)
    assert found.report.code == "no-batch-api"


@pytest.mark.parametrize("ask", ["create", "retrieve", "list"])
@pytest.mark.parametrize(
    "body", [b"<html>", b"", {"id": 3}, [1], b"[" * 100_000, {"data": [{"id": "a/b"}]}, {"data": 3}]
)
def test_an_answer_that_cannot_be_read_settles_nothing(ask: str, body: object) -> None:
    found = trouble(ask, said(body))
    assert isinstance(found, ChatFailure)
    assert (found.kind, found.retry) == ("unreadable", True)


@pytest.mark.parametrize("ask", ASKS)
def test_an_answer_that_breaks_off_is_none(ask: str) -> None:
    body = {**BATCH, "data": [BATCH]}
    found = trouble(ask, said(body, missing=10))
    assert isinstance(found, ChatFailure)
    assert (found.kind, found.retry) == ("connection-lost", True)


def test_a_service_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
    with service_opener(url)() as service, pytest.raises(ChatFailure) as caught:
        service.upload(b"{}\n")
    assert (caught.value.kind, caught.value.retry) == ("unreachable", True)


def test_a_service_that_hangs() -> None:
    with ExitStack() as stack:
        server = stack.enter_context(local_server(faults={1: Fault.HANG}))
        service = stack.enter_context(service_opener(server.url, timeout_s=0.2)())
        caught = stack.enter_context(pytest.raises(ChatFailure))
        service.create("file-1", "k")
    assert (caught.value.kind, caught.value.retry) == ("timeout", True)


def read_batch(**changes: object) -> Batch:
    with (
        service_saying({"GET /v1/batches/batch_1": [said({**BATCH, **changes})]}) as url,
        service_opener(url)() as service,
    ):
        batch = service.retrieve("batch_1")
    assert batch is not None
    return batch


def test_what_is_read_of_a_batch() -> None:
    batch = read_batch(output_file_id="file-o", error_file_id="file-e", request_counts={"completed": 3, "total": 9})
    expected = Batch(id="batch_1", status="in_progress", key="k", output_file="file-o", error_file="file-e", made=3)
    assert batch == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"metadata": None, "output_file_id": 3, "error_file_id": "a/../b", "request_counts": [1], "errors": "no"},
        {
            "metadata": {"mvpbench": 3},
            "output_file_id": None,
            "request_counts": {"completed": "3"},
            "errors": {"data": 3},
        },
    ],
)
def test_what_is_no_such_thing_is_left_out(changes: dict[str, object]) -> None:
    assert read_batch(**changes) == Batch(id="batch_1", status="in_progress", key=None)


def test_why_a_file_was_refused() -> None:
    errors = {"data": [{"code": "bad", "message": "No\nsuch thing.", "line": 4}, {"message": 3}, *[{"code": "x"}] * 9]}
    problems = read_batch(status="failed", errors=errors).problems
    assert problems[:2] == ("bad: No such thing (line 4)", ":")
    assert len(problems) == 5
    assert read_batch(status="failed", errors=None).problems == ("no reason given",)


def test_the_key_is_found_behind_escapes_in_why_a_file_was_refused() -> None:
    escaped = KEY.replace("-", "\\u002d")
    problems = read_batch(status="failed", errors={"data": [{"code": escaped, "message": f"sent {escaped}"}]}).problems
    assert problems == (f"{HIDDEN}: sent {HIDDEN}",)


def test_pages_that_lead_to_each_other_are_no_list() -> None:
    page = said({"data": [BATCH], "has_more": True})
    answers: Answers = {"GET /v1/batches?limit=100": [page], "GET /v1/batches?after=batch_1&limit=100": [page]}
    with service_saying(answers) as url, service_opener(url)() as service, pytest.raises(ChatFailure) as caught:
        list(service.list())
    assert (caught.value.kind, caught.value.retry) == ("unreadable", True)


def read_file(content: bytes, key: str = KEY) -> list[str]:
    with (
        service_saying({"GET /v1/files/file-1/content": [said(content)]}) as url,
        service_opener(url, key=key)() as service,
    ):
        return whole(service, "file-1")


def test_lines_come_as_they_are_but_blank_ones() -> None:
    assert read_file(b'{"a": 1}\n\n  \r\n[2]\nno json\n"last"') == ['{"a": 1}\n', "[2]\n", "no json\n", '"last"']
    assert read_file(b"") == []
    assert read_file(b"\xff\n") == ["\N{REPLACEMENT CHARACTER}\n"]


def test_a_line_too_long_to_be_held_is_an_empty_one() -> None:
    long = b"x" * (2 * MOST_LINE_BYTES + 5)
    assert read_file(long + b"\n[1]\n" + long) == ["", "[1]\n", ""]


def test_the_key_in_a_file_is_cut_out_however_it_is_written() -> None:
    escaped = "".join(f"\\u{ord(char):04x}" for char in KEY)
    lines = read_file(f'["{KEY}"]\n["{escaped}"]\n{KEY}\n'.encode())
    assert [line.strip() for line in lines] == [f'["{HIDDEN}"]', f'["{HIDDEN}"]', HIDDEN]


@pytest.mark.parametrize("ask", ASKS)
def test_a_refused_key_is_quoted_nowhere(ask: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for answer in (refused(401, f"wrong key {KEY}"), refused(500, f"crashed on {KEY}"), refused(400, f"no {KEY}")):
        found = trouble(ask, answer)
        assert KEY not in "".join(traceback.format_exception(found)) + caplog.text
        assert HIDDEN in str(found)
        assert found.__cause__ is None
        assert not isinstance(found.__context__, Exception) or KEY not in str(found.__context__)


def test_the_key_in_what_a_batch_says_is_cut_out() -> None:
    assert KEY not in str(read_batch(status="failed", errors={"data": [{"code": KEY, "message": f"x {KEY}"}]}))
    assert KEY not in str(read_batch(status=KEY))
    assert KEY not in str(trouble("create", said({"id": f"/{KEY}"})))


def test_the_key_is_nowhere_in_the_journal(tmp_path: Path) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(local_server(key="another"))
        journal = stack.enter_context(Journal(tmp_path / "journal.db"))
        opened = stack.enter_context(service_opener(server.url)())
        caught = stack.enter_context(pytest.raises(ServiceError))
        submitted(opened, journal, requests(1), base_url=server.url)
    assert caught.value.report.code == "key-refused"
    assert all(KEY.encode() not in file.read_bytes() for file in tmp_path.iterdir())


def test_opening_checks_before_anything_is_sent() -> None:
    with pytest.raises(ConfigError), openai_batch(Endpoint("http://127.0.0.1:1/v1", KEY_ENV), {}):
        pytest.fail("opened without a key")


CALLS, PATIENCE_S = 4, 120.0


@pytest.mark.parametrize("number", range(1, 9))
def test_a_process_killed_at_any_of_its_requests_pays_nothing_twice(tmp_path: Path, number: int) -> None:
    """Two batches: upload, create, upload, create, retrieve, content, retrieve, content; killed while one hangs.

    A create that hangs at this server did nothing; that the next process adopts one which did is tested below.
    """
    path = tmp_path / "journal.db"
    with local_server(faults={number: Fault.HANG}) as server:
        command = [sys.executable, "-m", "tests.mvpbench.chat.batch.batching", server.url, str(path), str(CALLS)]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            assert server.await_requests(number, PATIENCE_S)
            process.kill()
            assert process.wait(PATIENCE_S) != 0
        with Journal(path) as journal, service_opener(server.url)() as service:
            submitted(service, journal, requests(CALLS), base_url=server.url, most_requests=2)
            collected(service, journal, base_url=server.url)
            attempts = [attempt for request in requests(CALLS) for attempt in journal.attempts(call_id(request))]
            assert sum(attempt.failure != NEVER_CREATED.kind for attempt in attempts) == CALLS
            assert all(journal.reply_to(request) is not None for request in requests(CALLS))
            assert len(list(service.list())) == 2
        assert sorted(server.paid.values()) == [1] * CALLS


def test_a_batch_created_by_a_process_that_was_killed_before_it_heard_is_adopted(tmp_path: Path) -> None:
    """The answer to the second request, the create, comes late: the batch is there when the process is killed."""
    path = tmp_path / "journal.db"
    with local_server(ServerSettings(slow_s=PATIENCE_S), faults={2: Fault.SLOW}) as server:
        command = [sys.executable, "-m", "tests.mvpbench.chat.batch.batching", server.url, str(path), "2"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            assert server.await_requests(2, PATIENCE_S)
            with service_opener(server.url)() as service:
                assert eventually(lambda: len(list(service.list())) == 1)
            process.kill()
            assert process.wait(PATIENCE_S) != 0
        with Journal(path) as journal, service_opener(server.url)() as service:
            found = adopted(service, journal, base_url=server.url)
            assert (found.batches, found.calls, found.freed) == (1, 2, 0)
            assert submitted(service, journal, requests(2), base_url=server.url).waiting == 2
            assert collected(service, journal, base_url=server.url).replies == 2
        assert sorted(server.paid.values()) == [1] * 2


def eventually(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False
