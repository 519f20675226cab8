"""Requests, endpoints and a server that says anything, for the tests."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from mvpbench.chat.engine import CallFailed, Engine, EngineSettings, OpenModel, Say, Sleep
from mvpbench.chat.ledger import CallJournal
from mvpbench.chat.openai_chat import Endpoint, openai_chat
from schemas.chat import ChatModel, ChatReply, ChatRequest, Message

KEY_ENV = "MVPBENCH_TEST_KEY"
KEY = "sk-test-0123456789abcdefghijklmnop"
ENVIRON = {KEY_ENV: KEY}

SCHEMA = (
    '{"additionalProperties":false,"properties":{"topic":{"type":"string"},"question":{"type":"string"},'
    '"answer_1":{"type":"string"},"answer_2":{"type":"string"}},'
    '"required":["topic","question","answer_1","answer_2"],"type":"object"}'
)


def a_request(number: int = 1, schema: str | None = None) -> ChatRequest:
    return ChatRequest(
        model="tiny", messages=(Message(role="user", content=f"question {number}"),), response_schema=schema
    )


def requests(count: int) -> list[ChatRequest]:
    return [a_request(number) for number in range(count)]


def opener(url: str, timeout_s: float = 30.0, environ: Mapping[str, str] = ENVIRON) -> OpenModel:
    def open_model() -> AbstractAsyncContextManager[ChatModel]:
        return openai_chat(Endpoint(url, KEY_ENV, timeout_s), environ)

    return open_model


def complete_all(
    requests: Sequence[ChatRequest],
    open_model: OpenModel,
    journal: CallJournal,
    settings: EngineSettings,
    say: Say,
    sleep: Sleep = asyncio.sleep,
) -> list[ChatReply | CallFailed]:
    """Return what `Engine.complete` does, of an engine for this one round."""
    return Engine(open_model, journal, settings, say, sleep=sleep).complete(requests)


@dataclass
class Scripted:
    """A model that does for each call what `script` does for its number, from 1."""

    script: Callable[[int], Awaitable[ChatReply]]
    calls: int = 0

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Count the call and do it."""
        self.calls += 1
        return await self.script(self.calls)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[ChatModel]:
        """Yield itself."""
        yield self


class Sleeps(list[float]):
    """Records how long was to be slept, and does not."""

    async def __call__(self, seconds: float) -> None:
        """Record."""
        self.append(seconds)


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Yield the URL of a server in a thread that answers by `handler`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def server_saying(status: int, body: str, headers: Mapping[str, str] | None = None) -> Iterator[str]:
    """Yield the URL of a server that gives one answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            content = body.encode()
            self.send_response_only(status)
            for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
            pass

    with serving(Handler) as url:
        yield url
