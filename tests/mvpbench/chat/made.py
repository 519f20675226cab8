"""Requests, endpoints and a server that says anything, for the tests."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from mvpbench.chat.engine import OpenModel
from mvpbench.chat.openai_chat import Endpoint, openai_chat
from schemas.chat import ChatModel, ChatRequest, Message

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


class Sleeps(list[float]):
    """Records how long was to be slept, and does not."""

    async def __call__(self, seconds: float) -> None:
        """Record."""
        self.append(seconds)


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

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
