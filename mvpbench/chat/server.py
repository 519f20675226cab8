"""A small server of the chat-completions API on this machine's loopback, for tests, demos and trying things out.

Its replies are made up and depend on the request alone; it fails when told to. As a program it prints its address as
one line on stdout and ends when its parent does:

    OPENAI_API_KEY=any python -m mvpbench.chat.server --port 8000 --key-env OPENAI_API_KEY --fault 3=rate-limited
"""

import argparse
import hmac
import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from mvpbench.chat.replies import Phrasebook
from schemas.identity import digest

HOST = "127.0.0.1"
PARENT_POLL_S = 0.2


class Fault(StrEnum):
    """What the server does instead of replying well."""

    RATE_LIMITED = "rate-limited"
    """429, asking to wait a second."""
    SERVER_ERROR = "server-error"
    """500."""
    CONNECTION_LOST = "connection-lost"
    """Half of the body, then the connection is gone."""
    NOT_JSON = "not-json"
    """200 with a body that is no JSON."""
    HANG = "hang"
    """Nothing, until the server ends."""
    TRUNCATED = "truncated"
    """The reply breaks off, `finish_reason` is `length`."""
    WRONG_SCHEMA = "wrong-schema"
    """JSON, but not what was asked for."""
    REFUSAL = "refusal"
    """The model declines in the field that the API has for it."""


class LocalServer(ThreadingHTTPServer):
    """The server. Made by `local_server`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, key: str | None, faults: Mapping[int, Fault], models: frozenset[str]) -> None:
        super().__init__((HOST, port), _Handler)
        self.key = key
        self.faults = faults
        self.models = models
        self.phrases = Phrasebook()
        self.asked: Counter[str] = Counter()
        """How often each request came, by the hash of its body."""
        self.requests = 0
        """All that came with a good key, the failed ones too."""
        self.in_flight = 0
        self.most_in_flight = 0
        self.changed = threading.Condition()
        """Held while the counts change; notified after."""
        self.ending = threading.Event()

    @property
    def url(self) -> str:
        """The base URL for clients."""
        return f"http://{HOST}:{self.server_address[1]}/v1"

    def await_requests(self, count: int, timeout_s: float) -> bool:
        """Wait until `count` requests have come; return whether they did."""
        with self.changed:
            return self.changed.wait_for(lambda: self.requests >= count, timeout_s)

    def arrived(self, body: bytes) -> Fault | None:
        """Count a request; return what is to go wrong with it."""
        with self.changed:
            self.requests += 1
            self.asked[digest("request", body.decode("utf-8", "replace"))] += 1
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            self.changed.notify_all()
            return self.faults.get(self.requests)

    def left(self) -> None:
        """Count the end of a request."""
        with self.changed:
            self.in_flight -= 1
            self.changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the parent's signature
        """Say nothing of clients that went away."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def local_server(
    *,
    port: int = 0,
    key: str | None = None,
    faults: Mapping[int, Fault] | None = None,
    models: frozenset[str] = frozenset(),
) -> Iterator[LocalServer]:
    """Yield a server that answers in a thread of this process, and end it with the block.

    Args:
        port: 0 for a free one.
        key: The key it asks for; None for none.
        faults: Number of a request in order of arrival, from 1 -> what goes wrong with it.
        models: Names it knows; empty for any.
    """
    server = LocalServer(port, key, faults or {}, models)
    thread = threading.Thread(target=server.serve_forever, args=(PARENT_POLL_S / 10,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ending.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "mvpbench-local"
    # Head and body leave as two writes; with Nagle's algorithm the second waits for the client's delayed answer.
    disable_nagle_algorithm = True
    wbufsize = -1
    server: LocalServer

    def do_GET(self) -> None:
        if self.path == "/v1/models":
            self._send(
                200, {"object": "list", "data": [{"id": name, "object": "model"} for name in self.server.models]}
            )
        else:
            self._error(404, "not_found", f"no such address: {self.path}")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        sent = self.headers.get("Authorization", "")
        key = self.server.key
        if self.server.ending.is_set():
            self.close_connection = True
        elif self.path != "/v1/chat/completions":
            self._error(404, "not_found", f"no such address: {self.path}")
        elif key is not None and not hmac.compare_digest(sent.encode("latin-1"), f"Bearer {key}".encode("latin-1")):
            # The worst that servers do: the message quotes the key.
            self._error(401, "invalid_api_key", f"Incorrect API key provided: {sent.removeprefix('Bearer ')}.")
        else:
            fault = self.server.arrived(body)
            try:
                self._complete(body, fault)
            finally:
                self.server.left()

    def _complete(self, body: bytes, fault: Fault | None) -> None:
        try:
            asked = json.loads(body)
            model, messages = asked["model"], asked["messages"]
        except (ValueError, KeyError, TypeError) as exc:
            self._error(400, "bad_request", f"cannot read the request: {exc!r}")
            return
        if self.server.models and model not in self.server.models:
            self._error(404, "model_not_found", f"The model `{model}` does not exist.")
            return
        reply = self._reply(asked, model, messages, fault)
        match fault:
            case Fault.RATE_LIMITED:
                self._error(429, "rate_limit_exceeded", "too many requests", {"Retry-After": "1"})
            case Fault.SERVER_ERROR:
                self._error(500, "server_error", "something broke")
            case Fault.CONNECTION_LOST:
                self._lose(reply)
            case Fault.NOT_JSON:
                self._write(200, b"<html>gateway</html>", {})
            case Fault.HANG:
                self.server.ending.wait()
                self.close_connection = True
            case _:
                self._send(200, reply)

    def _reply(self, asked: dict[str, Any], model: str, messages: list[dict[str, str]], fault: Fault | None) -> Any:  # noqa: ANN401
        about = digest("reply", json.dumps(asked, sort_keys=True))
        schema = (asked.get("response_format") or {}).get("json_schema", {}).get("schema")
        phrases = self.server.phrases
        text = phrases.text(about) if schema is None else json.dumps(phrases.value(schema, about))
        finish, refusal = "stop", None
        if fault is Fault.TRUNCATED:
            text, finish = text[: len(text) // 2], "length"
        elif fault is Fault.WRONG_SCHEMA:
            text = json.dumps({"text": phrases.text(about)})
        elif fault is Fault.REFUSAL:
            refusal = "I cannot help with that."
        message = {"role": "assistant", "content": None if refusal else text, "refusal": refusal}
        prompt_tokens = sum(len(str(message["content"]).split()) for message in messages)
        usage = {"prompt_tokens": prompt_tokens, "completion_tokens": len(text.split())}
        return {
            "id": f"chatcmpl-{about[:16]}",
            "object": "chat.completion",
            "created": 0,
            "model": model,
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
            "usage": {**usage, "total_tokens": sum(usage.values())},
        }

    def _lose(self, reply: Any) -> None:  # noqa: ANN401
        content = json.dumps(reply).encode()
        self._head(200, len(content), {})
        self.wfile.write(content[: len(content) // 2])
        self.close_connection = True

    def _error(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        self._send(status, {"error": {"message": message, "type": code, "code": code, "param": None}}, headers)

    def _send(self, status: int, content: Any, headers: Mapping[str, str] | None = None) -> None:  # noqa: ANN401
        self._write(status, json.dumps(content).encode(), headers or {})

    def _write(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
        self._head(status, len(content), headers)
        self.wfile.write(content)

    def _head(self, status: int, length: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        """Say nothing."""


def main() -> None:
    """Serve until interrupted or until the parent process ends."""
    parent = os.getppid()
    parser = argparse.ArgumentParser(prog="python -m mvpbench.chat.server")
    parser.add_argument("--port", type=int, default=0, help="0 for a free one")
    parser.add_argument("--key-env", metavar="NAME", help="ask for the key that this environment variable holds")
    parser.add_argument("--fault", action="append", default=[], type=_fault, metavar="N=KIND")
    options = parser.parse_args()
    key = os.environ[options.key_env] if options.key_env else None
    server = LocalServer(options.port, key, dict(options.fault), frozenset())
    sys.stdout.write(f"{server.url}\n")
    sys.stdout.flush()
    threading.Thread(target=_end_with, args=(parent, server), daemon=True).start()
    try:
        server.serve_forever(PARENT_POLL_S)
    except KeyboardInterrupt:
        return
    finally:
        server.server_close()


def _end_with(parent: int, server: LocalServer) -> None:
    """An orphan gets another parent."""
    while os.getppid() == parent:
        time.sleep(PARENT_POLL_S)
    server.shutdown()


def _fault(text: str) -> tuple[int, Fault]:
    number, _, kind = text.partition("=")
    return int(number), Fault(kind)


if __name__ == "__main__":
    main()
