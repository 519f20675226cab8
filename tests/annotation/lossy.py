"""A server between client and Label Studio that loses what it is told to lose, over real sockets."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Literal
from urllib.parse import urlsplit

Fault = Literal["request lost", "reply lost", "reply 500"]


@contextmanager
def lossy(target: str, path_end: str, faults: list[Fault]) -> Iterator[str]:
    """Yield an address that forwards to `target`; each POST to `path_end` meets the next of `faults`."""
    host = urlsplit(target).netloc

    class Forward(BaseHTTPRequestHandler):
        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            hit = self.command == "POST" and urlsplit(self.path).path.endswith(path_end)
            fault = faults.pop(0) if hit and faults else None
            if fault == "request lost":
                self.close_connection = True
                return
            inner = http.client.HTTPConnection(host, timeout=60)
            inner.request(self.command, self.path, body, dict(self.headers))
            reply = inner.getresponse()
            content = reply.read()
            inner.close()
            if fault == "reply lost":
                self.close_connection = True
                return
            self.send_response(500 if fault else reply.status)
            self.send_header("Content-Type", reply.headers.get("Content-Type", "text/plain"))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = forward  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Forward) as between:
        thread = Thread(target=between.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{between.server_port}"
        finally:
            between.shutdown()
            thread.join()
