"""A server between client and Label Studio that loses what it is told to lose, over real sockets."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import sleep
from typing import Literal
from urllib.parse import urlsplit

Fault = Literal[
    "request lost", "reply lost", "lost while at work", "reply 500", "reply 502 while at work", "not done", "oops"
]
"""`while at work`: the client is let down at once, and the server does what was asked `LATE_S` later. `not done`: the
reply says so, of an import. `oops`: the reply is an error's text that calls itself a success."""
LATE_S = 2.0


class Lossy(ThreadingHTTPServer):
    """Forwards to `host`; each request by `method` to `path_end` meets the next of `faults`."""

    def __init__(self, host: str, method: str, path_end: str, faults: list[Fault]) -> None:
        super().__init__(("127.0.0.1", 0), Forward)
        self.host = host
        self.late: list[Thread] = []
        self.late_s = LATE_S
        self._hit = (method, path_end)
        self._faults = faults

    def fault(self, method: str, path: str) -> Fault | None:
        """Return what is to happen to a request."""
        hit = method == self._hit[0] and urlsplit(path).path.endswith(self._hit[1])
        return self._faults.pop(0) if hit and self._faults else None


class Forward(BaseHTTPRequestHandler):
    """One connection."""

    server: Lossy

    def forward(self) -> None:
        """Answer one request."""
        self.meet(self.server.fault(self.command, self.path))

    def meet(self, fault: Fault | None) -> None:
        """Answer one request as the fault has it."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        match fault:
            case None:
                self._reply(*self._ask(body))
            case "request lost":
                self.close_connection = True
            case "lost while at work":
                self._ask_late(body)
                self.close_connection = True
            case "reply lost":
                self._ask(body)
                self.close_connection = True
            case "reply 500":
                self._reply(500, *self._ask(body)[1:])
            case "reply 502 while at work":
                self._ask_late(body)
                self._reply(502, "text/html", b"<html>bad gateway</html>")
            case "not done":
                self._reply(201, "application/json", b'{"task_count": 0}')
            case "oops":
                self._reply(200, "application/json", b'{"detail": "oops"}')

    do_GET = do_POST = do_DELETE = forward  # noqa: N815 - the names that http.server looks for

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _ask(self, body: bytes) -> tuple[int, str, bytes]:
        inner = http.client.HTTPConnection(self.server.host, timeout=60)
        inner.request(self.command, self.path, body, dict(self.headers))
        reply = inner.getresponse()
        content = reply.read()
        inner.close()
        return reply.status, reply.headers.get("Content-Type", "text/plain"), content

    def _ask_late(self, body: bytes) -> None:
        def work() -> None:
            sleep(self.server.late_s)
            with suppress(OSError, http.client.HTTPException):  # the server may be gone by then
                self._ask(body)

        self.server.late.append(Thread(target=work))
        self.server.late[-1].start()

    def _reply(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def lossy(target: str, path_end: str, faults: list[Fault], method: str = "POST") -> Iterator[str]:
    """Yield an address that forwards to `target`; each request by `method` to `path_end` meets the next of `faults`."""
    with Lossy(urlsplit(target).netloc, method, path_end, faults) as between:
        thread = Thread(target=between.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{between.server_port}"
        finally:
            for work in between.late:
                work.join()
            between.shutdown()
            thread.join()
