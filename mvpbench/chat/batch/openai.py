"""The adapter to any service of OpenAI's Batch API, through the openai client."""

import asyncio
import json
import os
import re
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from typing import IO, TYPE_CHECKING, TypeVar

from mvpbench.chat.batch.service import Batch, BatchService
from mvpbench.chat.endpoint import Endpoint, require_endpoint
from mvpbench.chat.openai_client import Ears, openai_client
from mvpbench.chat.openai_words import list_in, object_in, parsed, text_in
from schemas.chat import ChatFailure
from schemas.errors import ServiceError

if TYPE_CHECKING:
    from openai import AsyncOpenAI, OpenAIError

MARK = "mvpbench"
"""In a batch's metadata: the key it was created with."""
PAGE = 100
NO_SUCH_ADDRESS = (404, 405, 501)
SLOWEST = 20_000
"""Bytes a second: a file gets the time that it takes at this speed, on top of the endpoint's."""
MOST_BYTES = 4 * 2**30
"""Of a file of results."""
MOST_LINE_BYTES = 16 * 2**20
SHOWN_PROBLEMS = 5
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}")
"""Of batches and files: it goes into an address."""

T = TypeVar("T")


@contextmanager
def openai_batch(endpoint: Endpoint, environ: Mapping[str, str] = os.environ) -> Iterator[BatchService]:
    """Yield the service at `endpoint`. Not inside a running event loop: it has its own.

    Raises:
        ConfigError: as `require_endpoint` does.
    """
    require_endpoint(endpoint, environ)
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        client, ears = runner.run(stack.enter_async_context(openai_client(endpoint, environ)))
        try:
            yield _OpenAIBatches(runner, client, ears, endpoint)
        finally:
            runner.run(stack.aclose())


class _OpenAIBatches:
    def __init__(self, runner: asyncio.Runner, client: "AsyncOpenAI", ears: Ears, endpoint: Endpoint) -> None:
        self._runner = runner
        self._client = client
        self._ears = ears
        self._endpoint = endpoint

    def upload(self, lines: bytes) -> str:
        async def ask() -> str:
            file = ("requests.jsonl", lines, "application/jsonl")
            return (await self._client.files.with_raw_response.create(file=file, purpose="batch")).text

        body = self._asked(ask, self._endpoint.timeout_s + len(lines) / SLOWEST)
        file_id = _id(object_in(parsed(body)).get("id"))
        if file_id is None:
            found = f"an answer to an upload that names no file: {self._said(body)}"
            raise self._no_batch_api(found)
        return file_id

    def create(self, file_id: str, key: str) -> Batch:
        async def ask() -> str:
            batches = self._client.batches.with_raw_response
            created = await batches.create(
                input_file_id=file_id, endpoint="/v1/chat/completions", completion_window="24h", metadata={MARK: key}
            )
            return created.text

        body = self._asked(ask, self._endpoint.timeout_s)
        return self._batch(parsed(body), body)

    def retrieve(self, batch_id: str) -> Batch | None:
        async def ask() -> str:
            return (await self._client.batches.with_raw_response.retrieve(batch_id)).text

        try:
            body = self._asked(ask, self._endpoint.timeout_s)
        except ServiceError as error:
            if error.report.code != "no-batch-api":
                raise
            return None
        return self._batch(parsed(body), body)

    def list(self) -> Iterator[Batch]:
        after: str | None = None
        seen: set[str | None] = set()
        while after not in seen:
            seen.add(after)
            body = self._asked(lambda: self._page(after), self._endpoint.timeout_s)  # noqa: B023 - called at once
            page = object_in(parsed(body))
            if not isinstance(page.get("data"), list):
                raise _unreadable("a list of batches", self._said(body))
            batches = [self._batch(entry, body) for entry in list_in(page.get("data"))]
            yield from batches
            if page.get("has_more") is not True:
                return
            after = batches[-1].id if batches else None
        raise _unreadable("a list of batches", "pages that lead to each other")

    @contextmanager
    def content(self, file_id: str) -> Iterator[Iterator[str]]:
        with tempfile.TemporaryFile() as file:
            gone: ChatFailure | None = None
            try:
                self._asked(lambda: self._download(file_id, file), None)
            except ServiceError as error:
                if error.report.code != "no-batch-api":
                    raise
                gone = ChatFailure("file-gone", error.report.found or "", retry=False)
            if gone is not None:
                raise gone
            file.seek(0)
            yield self._lines(file)

    async def _page(self, after: str | None) -> str:
        batches = self._client.batches.with_raw_response
        if after is None:
            return (await batches.list(limit=PAGE)).text
        return (await batches.list(limit=PAGE, after=after)).text

    async def _download(self, file_id: str, file: IO[bytes]) -> None:
        from openai import OpenAIError

        size, begun = 0, asyncio.get_running_loop().time()
        lost: ChatFailure | None = None
        try:
            async with asyncio.timeout(self._endpoint.timeout_s) as limit:
                async with self._client.files.with_streaming_response.content(file_id) as response:
                    async for chunk in response.iter_bytes():
                        size += file.write(chunk)
                        if size > MOST_BYTES:
                            break
                        limit.reschedule(begun + self._endpoint.timeout_s + size / SLOWEST)
        except (OpenAIError, OSError):
            raise
        except Exception as exc:  # noqa: BLE001 - what the client's transport raises in a stream, it wraps in nothing
            lost = ChatFailure("connection-lost", f"{type(exc).__name__}: {self._said(str(exc))}", retry=True)
        if size > MOST_BYTES:
            lost = ChatFailure("file-too-large", f"more than {MOST_BYTES:,} bytes", retry=False)
        if lost is not None:
            raise lost

    def _lines(self, file: IO[bytes]) -> Iterator[str]:
        while line := file.readline(MOST_LINE_BYTES):
            if len(line) == MOST_LINE_BYTES and not line.endswith(b"\n"):
                while line and not line.endswith(b"\n"):
                    line = file.readline(MOST_LINE_BYTES)
                yield ""
            elif line.strip():
                yield self._ears.without_key(_unescaped(line.decode("utf-8", "replace")))

    def _asked(self, ask: Callable[[], Awaitable[T]], seconds: float | None) -> T:
        from openai import OpenAIError

        async def within() -> T:
            async with asyncio.timeout(seconds):
                return await ask()

        ended: ChatFailure | ServiceError
        try:
            return self._runner.run(within())
        except TimeoutError:
            ended = ChatFailure("timeout", "no whole answer in the time that it may take", retry=True)
        except OpenAIError as exc:
            ended = self._error(exc)
        # Outside the handlers, so that no foreign error with the key in its text is this one's context.
        raise ended

    def _error(self, exc: "OpenAIError") -> ChatFailure | ServiceError:
        from openai import APIStatusError

        if isinstance(exc, APIStatusError) and exc.status_code in NO_SUCH_ADDRESS:
            return self._no_batch_api(self._ears.refusal(exc))
        return self._ears.error(exc)

    def _no_batch_api(self, found: str) -> ServiceError:
        return self._ears.hopeless(
            "no-batch-api", "the model's server has no Batch API", found, "leave `--batch` away, or mend `base_url`"
        )

    def _batch(self, value: object, body: str) -> Batch:
        """Return the batch that a value in a body tells of."""
        said = object_in(value)
        batch_id = _id(said.get("id"))
        if batch_id is None:
            raise _unreadable("a batch", self._said(body))
        status = text_in(said.get("status"))
        made = object_in(said.get("request_counts")).get("completed")
        return Batch(
            id=batch_id,
            status=self._said(status) or "unknown",
            key=text_in(object_in(said.get("metadata")).get(MARK)) or None,
            output_file=_id(said.get("output_file_id")),
            error_file=_id(said.get("error_file_id")),
            made=made if isinstance(made, int) else None,
            problems=self._problems(object_in(said.get("errors"))) if status == "failed" else (),
        )

    def _problems(self, errors: Mapping[str, object]) -> tuple[str, ...]:
        told = []
        for entry in map(object_in, list_in(errors.get("data"))[:SHOWN_PROBLEMS]):
            where = f" (line {entry['line']})" if isinstance(entry.get("line"), int) else ""
            told.append(self._said(f"{text_in(entry.get('code'))}: {text_in(entry.get('message'))}") + where)
        return tuple(told) or ("no reason given",)

    def _said(self, text: str) -> str:
        return self._ears.said(text) or "nothing"


def _id(value: object) -> str | None:
    return value if isinstance(value, str) and ID.fullmatch(value) else None


def _unreadable(expected: str, found: str) -> ChatFailure:
    """Of an answer that has come: what was asked may be done, and is to be asked for anew."""
    return ChatFailure("unreadable", f"expected {expected}, found {found}", retry=True)


def _unescaped(line: str) -> str:
    """Return the line with no character escaped that need not be: the key must not hide behind its escapes."""
    if "\\" not in line:
        return line
    try:
        return json.dumps(json.loads(line))
    except (ValueError, RecursionError):
        return line
