"""What a server may say to a simulated annotator's session that is no answer of Label Studio's."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from annotation.web import Session
from schemas.errors import ServiceError


class Odd(BaseHTTPRequestHandler):
    """Answers in ways that Label Studio does not."""

    def do_GET(self) -> None:
        """Break off in the middle for project 2; else say something of another shape."""
        body = b"[]" if "whoami" in self.path else b'{"id": 1, "data": null}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) + ("/2/" in self.path)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        """Accept, and say nothing of it."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def session() -> Iterator[Session]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Odd) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield Session(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda session: session.whoami(), "server-answer"),
        (lambda session: session.next_task(1), "server-answer"),
        (lambda session: session.annotate(1, [], 1.0), "server-answer"),
        (lambda session: session.next_task(2), "server-unreachable"),
    ],
)
def test_what_does_not_fit_is_the_servers_fault_and_no_traceback(
    session: Session, ask: Callable[[Session], object], code: str
) -> None:
    with pytest.raises(ServiceError) as raised:
        ask(session)
    assert raised.value.report.code == code
