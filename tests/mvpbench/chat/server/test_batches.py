"""The contract of the local server's Batch API, asked by the openai client over its socket."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from openai import (
    APIConnectionError,
    APIStatusError,
    AsyncOpenAI,
    ConflictError,
    DefaultAsyncHttpxClient,
    InternalServerError,
    NotFoundError,
    RateLimitError,
)
from openai.types import Batch, FileObject
from openai.types.chat import ChatCompletion

from mvpbench.chat.server import Fault, FaultMix, LocalServer, ServerSettings, local_server, request_key
from tests.mvpbench.chat.server.asking import Answers, a_body, ask

pytestmark = pytest.mark.slow

Result = TypeVar("Result")
ENDPOINT = "/v1/chat/completions"
UPLOAD, CREATE = 1, 2
"""The numbers of the first requests of `created`."""


def run(server: LocalServer, work: Callable[[AsyncOpenAI], Awaitable[Result]]) -> Result:
    async def once() -> Result:
        transport = DefaultAsyncHttpxClient(trust_env=False)
        async with AsyncOpenAI(base_url=server.url, api_key="any", max_retries=0, http_client=transport) as client:
            return await work(client)

    return asyncio.run(once())


def a_line(number: int, **changes: object) -> dict[str, Any]:
    return {"custom_id": f"call-{number}", "method": "POST", "url": ENDPOINT, "body": a_body(str(number))} | changes


def jsonl(lines: Sequence[object]) -> bytes:
    return b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)


async def upload(client: AsyncOpenAI, content: bytes) -> FileObject:
    return await client.files.create(file=("calls.jsonl", content), purpose="batch")


async def created(client: AsyncOpenAI, lines: Sequence[object], **metadata: str) -> Batch:
    file = await upload(client, jsonl(lines))
    return await client.batches.create(
        input_file_id=file.id, endpoint=ENDPOINT, completion_window="24h", metadata=metadata
    )


async def read(client: AsyncOpenAI, file_id: str | None) -> dict[str, dict[str, Any]]:
    """The lines of a file by their `custom_id`."""
    if file_id is None:
        return {}
    content = (await client.files.content(file_id)).content
    lines = [json.loads(line) for line in content.splitlines()]
    by_id = {line["custom_id"]: line for line in lines}
    assert len(by_id) == len(lines)
    return by_id


class Ended:
    """A batch after one GET, with its files."""

    def __init__(self, batch: Batch, output: dict[str, dict[str, Any]], errors: dict[str, dict[str, Any]]) -> None:
        self.batch, self.output, self.errors = batch, output, errors


def ended(server: LocalServer, lines: Sequence[object]) -> Ended:
    async def work(client: AsyncOpenAI) -> Ended:
        batch = await client.batches.retrieve((await created(client, lines)).id)
        return Ended(batch, await read(client, batch.output_file_id), await read(client, batch.error_file_id))

    return run(server, work)


def test_a_file_comes_back_as_it_was_sent() -> None:
    async def work(client: AsyncOpenAI) -> tuple[FileObject, FileObject, bytes]:
        sent = await upload(client, content)
        return sent, await client.files.retrieve(sent.id), (await client.files.content(sent.id)).content

    for content in (jsonl([a_line(1)]), b"", b"\n", b"\r\n\xff\x00--\r\n", "é\r".encode(), b"a\n\n", bytes(range(256))):
        with local_server() as server:
            sent, told, came = run(server, work)
        assert came == content
        assert told == sent
        assert (told.bytes, told.filename, told.purpose, told.status) == (
            len(content), "calls.jsonl", "batch", "processed",
        )  # fmt: skip


def test_a_batch_goes_from_validating_to_completed_with_the_gets_of_it() -> None:
    async def work(client: AsyncOpenAI) -> list[Batch]:
        first = await created(client, [a_line(1), a_line(2)], study="s-1")
        return [first, *[await client.batches.retrieve(first.id) for _ in range(4)]]

    with local_server(ServerSettings(batch_polls=3)) as server:
        steps = run(server, work)
    assert [step.status for step in steps] == ["validating", "in_progress", "in_progress", "completed", "completed"]
    assert [step.output_file_id is None for step in steps] == [True, True, True, False, False]
    counts = [step.request_counts for step in steps]
    assert [count and (count.total, count.completed, count.failed) for count in counts] == [
        (0, 0, 0), (2, 0, 0), (2, 0, 0), (2, 2, 0), (2, 2, 0),
    ]  # fmt: skip
    last = steps[-1]
    assert (last.metadata, last.endpoint, last.completion_window) == ({"study": "s-1"}, ENDPOINT, "24h")
    assert last.error_file_id is None
    assert last.completed_at is not None
    assert last.expires_at == last.created_at + 24 * 3600


def test_a_batch_takes_its_seconds() -> None:
    async def work(client: AsyncOpenAI) -> list[str]:
        batch = await created(client, [a_line(1)])
        early = await client.batches.retrieve(batch.id)
        await asyncio.sleep(0.6)
        return [early.status, (await client.batches.retrieve(batch.id)).status]

    with local_server(ServerSettings(batch_s=0.5)) as server:
        assert run(server, work) == ["in_progress", "completed"]


def test_a_line_is_answered_as_the_request_would_be_by_itself() -> None:
    with local_server() as server:
        done = ended(server, [a_line(number) for number in range(20)])
        assert set(done.output) == {f"call-{number}" for number in range(20)}
        assert list(done.output) != [f"call-{number}" for number in range(20)]  # the real server keeps no order either
        for number in range(20):
            line = done.output[f"call-{number}"]
            assert set(line) == {"id", "custom_id", "response", "error"}
            assert (line["error"], line["response"]["status_code"]) == (None, 200)
            assert line["response"]["request_id"]
            reply = ChatCompletion.model_validate(line["response"]["body"])
            assert Answers.model_validate_json(reply.choices[0].message.content or "")
            assert line["response"]["body"] == ask(server, a_body(str(number))).json()
        assert server.paid == {request_key(a_body(str(number))): 2 for number in range(20)} == server.asked
        assert len({line["id"] for line in done.output.values()}) == 20


@pytest.mark.parametrize(
    ("lines", "code", "line"),
    [
        ([], "empty_file", None),
        ([a_line(1), b"{no json"], "invalid_json_line", 2),
        ([b"[1]"], "invalid_json_line", 1),
        ([b"[" * 100_000], "invalid_json_line", 1),
        ([a_line(1), b"", a_line(1)], "duplicate_custom_id", 3),
        ([a_line(1, custom_id=7)], "missing_required_parameter", 1),
        ([a_line(1, body=None)], "missing_required_parameter", 1),
        ([a_line(1, method="GET")], "invalid_method", 1),
        ([a_line(1, url="/v1/embeddings")], "mismatched_url", 1),
        ([a_line(1, body={"messages": []})], "model_not_found", 1),
        ([a_line(1), a_line(2, body=a_body(model="n"))], "mismatched_model", 2),
        ([a_line(1, body=a_body(model="x"))], "model_not_found", 1),
    ],
)
def test_an_input_that_is_wrong_fails_the_batch_before_anything_is_paid(
    lines: list[object], code: str, line: int | None
) -> None:
    with local_server(models=frozenset({"m", "n"})) as server:
        done = ended(server, lines)
        assert server.paid == {}
    assert done.batch.status == "failed"
    assert done.batch.failed_at is not None
    assert done.batch.errors is not None
    assert [(error.code, error.line) for error in done.batch.errors.data or []] == [(code, line)]
    assert (done.output, done.errors) == ({}, {})


def test_all_that_is_wrong_is_told_at_once() -> None:
    with local_server() as server:
        done = ended(server, [b"{", a_line(1, method="PUT"), a_line(2), a_line(2)])
    assert done.batch.errors is not None
    assert [error.line for error in done.batch.errors.data or []] == [1, 2, 4]


@pytest.mark.parametrize(
    "changes",
    [
        {"endpoint": "/v1/embeddings"},
        {"completion_window": "1h"},
        {"input_file_id": "file-none"},
        {"metadata": {"a": 1}},
        {"metadata": {"a": "b" * 513}},
        {"metadata": {"a" * 65: "b"}},
        {"metadata": {str(number): "b" for number in range(17)}},
    ],
)
def test_a_batch_that_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    async def work(client: AsyncOpenAI) -> int:
        file = await upload(client, jsonl([a_line(1)]))
        asked = {"input_file_id": file.id, "endpoint": ENDPOINT, "completion_window": "24h"} | changes
        with pytest.raises(APIStatusError) as caught:
            await client.batches.create(**asked)
        assert (await client.batches.list()).data == []
        return caught.value.status_code

    with local_server() as server:
        assert run(server, work) == 400


def test_what_is_not_there_is_not_found() -> None:
    async def work(client: AsyncOpenAI) -> None:
        for call in (client.files.retrieve, client.files.content, client.batches.retrieve, client.batches.cancel):
            with pytest.raises(NotFoundError):
                await call("none")
        with pytest.raises(NotFoundError):
            await client.batches.list(after="none")

    with local_server() as server:
        run(server, work)
        assert ask(server, path="/v1/files", method="GET").status == 404
        assert ask(server, path="/v1/batches/x/y/z", method="POST").status == 404


@pytest.mark.parametrize(("purpose", "status"), [("fine-tune", 400), ("batch", 200)])
def test_a_file_is_for_a_batch_or_refused(purpose: Any, status: int) -> None:
    async def work(client: AsyncOpenAI) -> int:
        reply = await client.files.with_raw_response.create(file=("a.jsonl", b"{}"), purpose=purpose)
        return reply.status_code

    with local_server() as server:
        try:
            assert run(server, work) == status
        except APIStatusError as exc:
            assert exc.status_code == status  # noqa: PT017 - the same claim for both
        assert ask(server, path="/v1/files", body=b"no form").status == 400


def test_lists_are_in_pages_and_the_newest_comes_first() -> None:
    async def work(client: AsyncOpenAI) -> None:
        ids = [(await created(client, [a_line(1)], number=str(number))).id for number in range(5)]
        page = await client.batches.list(limit=2)
        assert ([batch.id for batch in page.data], page.has_more) == (ids[:2:-1], True)
        last = await client.batches.list(limit=2, after=ids[1])
        assert ([batch.id for batch in last.data], last.has_more) == ([ids[0]], False)
        assert [batch.id async for batch in client.batches.list(limit=2)] == ids[::-1]
        everything = (await client.batches.list()).data
        assert [(batch.metadata or {}).get("number") for batch in everything] == ["4", "3", "2", "1", "0"]
        assert {batch.status for batch in everything} == {"validating"}  # a list moves nothing on

    with local_server() as server:
        run(server, work)
        assert ask(server, path="/v1/batches?limit=0", method="GET").status == 400
        assert ask(server, path="/v1/batches?limit=many", method="GET").status == 400


def test_a_batch_that_is_cancelled_has_done_nothing() -> None:
    async def work(client: AsyncOpenAI) -> list[str]:
        batch = await created(client, [a_line(1)])
        cancelling = await client.batches.cancel(batch.id)
        cancelled = await client.batches.retrieve(batch.id)
        with pytest.raises(ConflictError):
            await client.batches.cancel(batch.id)
        assert cancelled.output_file_id is None
        return [cancelling.status, cancelled.status]

    with local_server() as server:
        assert run(server, work) == ["cancelling", "cancelled"]
        assert server.paid == {}


@pytest.mark.parametrize(("share", "done"), [(0.5, 3), (0.0, 0), (0.9, 6)])
def test_a_batch_that_expires_has_done_a_part_and_names_the_rest(share: float, done: int) -> None:
    """Of seven lines: 3.5, 0 and 6.3, rounded down."""
    with local_server(ServerSettings(expired_share=share), faults={CREATE: Fault.EXPIRED}) as server:
        got = ended(server, [a_line(number) for number in range(7)])
        assert server.paid.total() == done
        again = ended(server, [a_line(number) for number in range(7)])
    assert got.batch.status == "expired"
    assert got.batch.expired_at is not None
    assert set(got.output) == {f"call-{number}" for number in range(done)}
    assert set(got.errors) == {f"call-{number}" for number in range(done, 7)}
    for line in got.errors.values():
        assert (line["response"], line["error"]["code"]) == (None, "batch_expired")
    assert again.batch.status == "completed"


MIX = FaultMix(
    rates={Fault.SERVER_ERROR: 0.2, Fault.RATE_LIMITED: 0.2, Fault.SLOW: 0.1, Fault.TRUNCATED: 0.2, Fault.NOT_JSON: 0.2}
)


def test_a_mix_applies_to_lines_and_fails_a_body_once() -> None:
    """What failed the first time is answered the second; content is the same as for requests by themselves."""
    lines = [a_line(number) for number in range(40)]
    with local_server(mix=MIX) as server:
        first, second = ended(server, lines), ended(server, lines)
        assert server.paid.total() == len(first.output) + len(second.output)
    assert {line["response"]["status_code"] for line in first.errors.values()} == {429, 500}
    assert all(line["error"] is None and line["response"]["body"]["error"] for line in first.errors.values())
    assert first.batch.request_counts is not None
    assert first.batch.request_counts.failed == len(first.errors) > 5
    assert second.errors == {}
    assert {name: line["response"]["body"] for name, line in first.output.items()}.items() <= {
        name: line["response"]["body"] for name, line in second.output.items()
    }.items()
    for number in range(40):
        fault = MIX.content_fault(request_key(a_body(str(number))))
        body = second.output[f"call-{number}"]["response"]["body"]
        assert isinstance(body, str) == (fault is Fault.NOT_JSON)
        if fault is not Fault.NOT_JSON:
            assert body["choices"][0]["finish_reason"] == ("length" if fault is Fault.TRUNCATED else "stop")


@contextmanager
def failing(number: int, fault: Fault) -> Iterator[LocalServer]:
    with local_server(ServerSettings(retry_after_s=0.05, slow_s=0.05), faults={number: fault}) as server:
        yield server


@pytest.mark.parametrize(
    ("fault", "error", "is_done"),
    [
        (Fault.RATE_LIMITED, RateLimitError, False),
        (Fault.RATE_LIMITED_BARE, RateLimitError, False),
        (Fault.SERVER_ERROR, InternalServerError, False),
        (Fault.CONNECTION_LOST, APIConnectionError, True),
        (Fault.LOST_REPLY, APIConnectionError, True),
    ],
)
def test_a_batch_whose_creation_failed_is_in_the_list_if_it_was_done(
    fault: Fault, error: type[Exception], is_done: bool
) -> None:
    """Whoever sent it finds it by its metadata and need not send it again."""

    async def work(client: AsyncOpenAI) -> list[Batch]:
        with pytest.raises(error):
            await created(client, [a_line(1)], hand="h-1")
        batches = (await client.batches.list()).data
        return [await client.batches.retrieve(batch.id) for batch in batches if batch.metadata == {"hand": "h-1"}]

    with failing(CREATE, fault) as server:
        found = run(server, work)
        assert [batch.status for batch in found] == (["completed"] if is_done else [])
        assert server.paid.total() == is_done


@pytest.mark.parametrize("number", [UPLOAD, CREATE, 3, 4])
def test_a_connection_lost_at_any_call_of_a_batch(number: int) -> None:
    """1 upload, 2 creation, 3 GET of the batch, 4 GET of its output; what was asked is done, and asking again works."""

    async def work(client: AsyncOpenAI) -> int:
        losses = 0

        async def patiently(call: Callable[[], Awaitable[Result]]) -> Result:
            nonlocal losses
            try:
                return await call()
            except APIConnectionError:
                losses += 1
                return await call()

        file = await patiently(lambda: upload(client, jsonl([a_line(1)])))
        batch = await patiently(
            lambda: client.batches.create(input_file_id=file.id, endpoint=ENDPOINT, completion_window="24h")
        )
        batch = await patiently(lambda: client.batches.retrieve(batch.id))
        assert list(await patiently(lambda: read(client, batch.output_file_id))) == ["call-1"]
        return losses

    with failing(number, Fault.CONNECTION_LOST) as server:
        assert run(server, work) == 1
        assert server.paid.total() == 1  # a batch that was created and never asked for was not begun


def test_a_page_in_place_of_json_and_a_slow_answer() -> None:
    with failing(1, Fault.NOT_JSON) as server:
        assert ask(server, path="/v1/batches", method="GET").body == b"<html>gateway</html>"
    with failing(1, Fault.SLOW) as server:
        assert ask(server, path="/v1/batches", method="GET").json()["data"] == []
