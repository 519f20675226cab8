"""The server on its socket: who is let in, what is counted, and how answers fare on their way."""

import hmac
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydantic import Field

from mvpbench.chat.server.answers import NO_JSON, Answer, Call, error
from mvpbench.chat.server.batches import BatchDesk, BatchPace
from mvpbench.chat.server.completions import Asked, Completions
from mvpbench.chat.server.faults import Fault, FaultMix, Planned
from mvpbench.chat.server.lines import CHAT
from schemas.record import Record

HOST = "127.0.0.1"
POLL_S = 0.02
"""How soon the server notices that it is to end."""
MODELS = "/v1/models"
BATCH_ADDRESSES = ("files", "batches")
LONGEST_LINE, MOST_FIELDS = 2**16, 100
"""Of the head of a request."""
GOOD = 200


class ServerSettings(Record):
    """How the server answers when nothing is wrong, and the measures of what is."""

    delay_s: float = Field(default=0.0, ge=0)
    """That every chat completion takes; errors come at once."""
    slow_s: float = Field(default=2.0, ge=0)
    """That `slow` takes longer."""
    retry_after_s: float = Field(default=1.0, ge=0)
    """That `rate-limited` asks to wait."""
    batch_polls: int = Field(default=1, ge=1)
    """A batch is through with this GET of it, ..."""
    batch_s: float = Field(default=0.0, ge=0)
    """... if that comes so long after its creation; else with the first one that does."""
    expired_share: float = Field(default=0.5, ge=0, lt=1)
    """Of its lines, rounded down, that a batch with the fault `expired` has done."""


class LocalServer(ThreadingHTTPServer):
    """The server. Made by `local_server`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        port: int,
        key: str | None,
        faults: Mapping[int, Fault],
        models: frozenset[str],
        mix: FaultMix | None = None,
        settings: ServerSettings = ServerSettings(),  # noqa: B008 - frozen
    ) -> None:
        super().__init__((HOST, port), _Exchange)
        self.key = key
        self.faults = faults
        self.mix = mix
        self.settings = settings
        self.completions = Completions(models)
        pace = BatchPace(settings.batch_polls, settings.batch_s)
        self.desk = BatchDesk(self.execute, self.completions.knows, pace)
        self.asked: Counter[str] = Counter()
        """How often each request for a completion came, by its `request_key`; as a line of a batch too."""
        self.paid: Counter[str] = Counter()
        """How often a completion was made for each, whether or not the client got it whole."""
        self.requests = 0
        """All that came with a good key, the failed ones too; a batch counts by its calls and not by its lines."""
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

    def arrived(self, key: str | None = None) -> Planned:
        """Count a request, for a completion if it has a key; return what is to go wrong with it."""
        with self.changed:
            self.requests += 1
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            coming = 0
            if key is not None:
                coming = self.asked[key] = self.asked[key] + 1
            self.changed.notify_all()
            fault = self.faults.get(self.requests)
        if fault is not None:
            return Planned.of(fault)
        if self.mix is None or key is None:
            return Planned()
        return Planned(self.mix.transport_fault(key, coming), self.mix.content_fault(key))

    def left(self) -> None:
        """Count the end of a request."""
        with self.changed:
            self.in_flight -= 1
            self.changed.notify_all()

    def complete(self, asked: Asked, fault: Fault | None) -> Answer:
        """Return the answer to a request for a completion, and count it as paid if it is one."""
        answer = self.completions.answer(asked, fault)
        if answer.status == GOOD:
            with self.changed:
                self.paid[asked.key] += 1
        return answer

    def execute(self, asked: Asked) -> Answer:
        """Return the answer to a line of a batch.

        A transport fault of the mix fails it only if its body never came before; a batch is not in a hurry, so `slow`
        does nothing.
        """
        with self.changed:
            self.asked[asked.key] += 1
            first = self.asked[asked.key] == 1
        if self.mix is None:
            return self.complete(asked, None)
        fault = self.mix.transport_fault(asked.key, 1) if first else None
        if fault not in {None, Fault.SLOW}:
            return self.refused(fault) or error(500, "server_error", "something broke")
        return self.complete(asked, self.mix.content_fault(asked.key))

    def refused(self, fault: Fault | None) -> Answer | None:
        """Return the error that a fault is; None if it comes after the work or is none."""
        match fault:
            case Fault.RATE_LIMITED:
                headers = {"Retry-After": f"{self.settings.retry_after_s:g}"}
                return error(429, "rate_limit_exceeded", "too many requests", headers)
            case Fault.RATE_LIMITED_BARE:
                return error(429, "rate_limit_exceeded", "too many requests")
            case Fault.SERVER_ERROR:
                return error(500, "server_error", "something broke")
            case _:
                return None

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the parent's signature
        """Say nothing of clients that went away."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def local_server(
    settings: ServerSettings = ServerSettings(),  # noqa: B008 - frozen
    *,
    port: int = 0,
    key: str | None = None,
    faults: Mapping[int, Fault] | None = None,
    models: frozenset[str] = frozenset(),
    mix: FaultMix | None = None,
) -> Iterator[LocalServer]:
    """Yield a server that answers in threads of this process, and end it with the block.

    Args:
        settings: How long things take.
        port: 0 for a free one.
        key: The key it asks for; None for none.
        faults: Number of a request in order of arrival, from 1 -> what goes wrong with it. The calls of the Batch API
            count too.
        models: Names it knows; empty for any.
        mix: Faults drawn for chat completions, and lines of batches, that have none by their number.
    """
    server = LocalServer(port, key, faults or {}, models, mix, settings)
    thread = threading.Thread(target=server.serve_forever, args=(POLL_S,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ending.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # The client's delayed answer must not hold up what is left of a large body.
    disable_nagle_algorithm = True
    wbufsize = -1
    server: LocalServer
    raw_requestline: bytes
    fields: Mapping[str, str]
    """Of the head, by their names in lower case."""

    def parse_request(self) -> bool:
        """Read the head. The parent makes an e-mail message of it, which takes longer than to write the reply."""
        line = self.raw_requestline.decode("latin-1").split()
        self.requestline, self.command, self.request_version = " ".join(line), "", self.protocol_version
        name, fields = "", dict[str, str]()
        for _ in range(MOST_FIELDS):
            name, parted, value = self.rfile.readline(LONGEST_LINE).decode("latin-1").partition(":")
            if not parted:
                break
            fields[name.strip().lower()] = value.strip()
        if len(line) != 3 or name.strip() or not fields.get("content-length", "0").isdecimal():  # noqa: PLR2004
            self.send_error(400)
            return False
        self.command, self.path, version = line
        self.fields = fields
        self.close_connection = version != self.protocol_version or fields.get("connection", "").lower() == "close"
        return "expect" not in fields or self.handle_expect_100()

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.fields.get("content-length", "0")))
        path, _, query = self.path.partition("?")
        call = Call(self.command, path, query, self.fields.get("content-type", ""), body)
        sent = self.fields.get("authorization", "")
        if self.server.ending.is_set():
            self.close_connection = True
        elif (call.method, path) == ("GET", MODELS):
            data = [{"id": name, "object": "model"} for name in self.server.completions.models]
            self._send(Answer(200, {"object": "list", "data": data}))
        elif (call.method, path) != ("POST", CHAT) and path.split("/")[2:3] not in [[name] for name in BATCH_ADDRESSES]:
            self._send(error(404, "not_found", f"no such address: {self.path}"))
        elif not self._is_key(sent):
            # The worst that servers do: the message quotes the key.
            told = f"Incorrect API key provided: {sent.removeprefix('Bearer ')}."
            self._send(error(401, "invalid_api_key", told))
        elif path == CHAT:
            self._complete(Asked.read(body))
        else:
            self._administer(call)

    def _is_key(self, sent: str) -> bool:
        key = self.server.key
        return key is None or hmac.compare_digest(sent.encode("latin-1"), f"Bearer {key}".encode("latin-1"))

    def _complete(self, asked: Asked) -> None:
        due = time.monotonic() + self.server.settings.delay_s
        planned = self.server.arrived(asked.key)
        self._answer(planned.transport, lambda: self.server.complete(asked, planned.content), due)

    def _administer(self, call: Call) -> None:
        """Answer a call of the Batch API. Of the content faults only `not-json` means anything here."""
        planned = self.server.arrived()
        share = self.server.settings.expired_share if planned.transport is Fault.EXPIRED else 1.0

        def answer() -> Answer:
            answer = self.server.desk.answer(call, share)
            return Answer(GOOD, NO_JSON) if planned.content is Fault.NOT_JSON else answer

        self._answer(planned.transport, answer, time.monotonic())

    def _answer(self, fault: Fault | None, answer: Callable[[], Answer], due: float) -> None:
        try:
            made = self._made(fault, answer, due)
        finally:
            # Before the client has it: the client's next request must not find this one still counted.
            self.server.left()
        if made is None:
            self.close_connection = True
        else:
            self._send(made, lost=fault is Fault.CONNECTION_LOST)

    def _made(self, fault: Fault | None, answer: Callable[[], Answer], due: float) -> Answer | None:
        """Do what is asked, unless a fault forbids it; return the answer when it is due, None for silence."""
        ending = self.server.ending
        if fault is Fault.HANG:
            ending.wait()
            return None
        refused = self.server.refused(fault)
        if refused is not None:
            return refused
        made = answer()
        wait = due - time.monotonic() + (self.server.settings.slow_s if fault is Fault.SLOW else 0.0)
        if made.status == GOOD and wait > 0 and ending.wait(wait):
            return None
        return None if fault is Fault.LOST_REPLY else made

    def _send(self, answer: Answer, *, lost: bool = False) -> None:
        """Send an answer in one write; of one that is lost, half of the body."""
        content = answer.body()
        self.send_response_only(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(content)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if lost else content)
        self.wfile.flush()
        self.close_connection = self.close_connection or lost

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        """Say nothing."""
