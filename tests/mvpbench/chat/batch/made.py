"""Batches for the tests: a journal and a service that die at a step, and runs until nothing is left to do."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from http.server import BaseHTTPRequestHandler
from typing import Any

from mvpbench.chat.batch.memory import echo
from mvpbench.chat.batch.openai import openai_batch
from mvpbench.chat.batch.run import Adopted, BatchSettings, Collected, Submitted, adopt, collect, submit
from mvpbench.chat.batch.service import BatchService
from mvpbench.chat.endpoint import Endpoint
from mvpbench.chat.price import Price
from mvpbench.store.journal import Journal
from schemas.chat import ChatFailure, ChatRequest
from schemas.errors import ServiceError
from tests.mvpbench.chat.made import KEY, KEY_ENV, serving

URL = "http://127.0.0.1:9/v1"
PRICE = Price(prompt=1.0, completion=2.0)
Answers = Mapping[str, Sequence[tuple[int, bytes, int]]]
"""`METHOD /path` -> status, body, and how many bytes it is short of."""
WRITING = ("begin_attempts", "finish_attempt", "begin_write", "finish_write")


class Died(BaseException):
    """Stands for `kill -9`: nothing of ours catches it, and an open transaction is lost."""


class Steps:
    """Counts steps, and dies at one of them."""

    def __init__(self, last: int | None = None) -> None:
        self.last = last
        self.names: list[str] = []

    def __call__(self, name: str) -> None:
        """Count a step."""
        self.names.append(name)
        if len(self.names) == self.last:
            raise Died


class Mortal:
    """A journal that counts as steps whatever it writes, before and after."""

    def __init__(self, journal: Journal, step: Callable[[str], None]) -> None:
        self._journal = journal
        self._step = step

    def __getattr__(self, name: str) -> Any:
        """Pass on, with steps around what writes."""
        found = getattr(self._journal, name)
        if name not in WRITING:
            return found

        def stepped(*arguments: Any, **named: Any) -> Any:
            self._step(name)
            result = found(*arguments, **named)
            self._step(f"{name} done")
            return result

        return stepped

    @contextmanager
    def batch(self) -> Iterator[None]:
        """A transaction."""
        with self._journal.batch():
            yield
            self._step("commit")
        self._step("committed")


class Sleeps(list[float]):
    """Records how long was to be slept, and does not."""

    def __call__(self, seconds: float) -> None:
        """Record."""
        self.append(seconds)


def opening(service: BatchService) -> Callable[[], AbstractContextManager[BatchService]]:
    return lambda: nullcontext(service)


def settings(**changes: object) -> BatchSettings:
    return BatchSettings.model_validate({"base_url": URL, "price": PRICE, **changes})


def submitted(service: BatchService, journal: Any, asked: Sequence[ChatRequest], **changes: object) -> Submitted:
    """Once what an earlier run began is looked for, as is to be done."""
    adopt(opening(service), journal, settings(**changes), lambda _line: None, Sleeps())
    return submit(asked, opening(service), journal, settings(**changes), lambda _line: None, Sleeps())


def adopted(service: BatchService, journal: Any, **changes: object) -> Adopted:
    return adopt(opening(service), journal, settings(**changes), lambda _line: None, Sleeps())


def collected(service: BatchService, journal: Any, **changes: object) -> Collected:
    return collect(opening(service), journal, settings(**changes), lambda _line: None, Sleeps())


@contextmanager
def service_saying(answers: Answers) -> Iterator[str]:
    """Yield the URL of a service that gives to each `METHOD /path` its answers, one after another, the last for ever.

    An answer is a status and a body; a body that is shorter than it is said to be breaks off.
    """
    left = {asked: list(said) for asked, said in answers.items()}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            said = left.get(f"{self.command} {self.path}", [(404, b'{"error": {"message": "nothing here"}}', 0)])
            status, content, missing = said.pop(0) if len(said) > 1 else said[0]
            self.send_response_only(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content) + missing))
            self.end_headers()
            self.wfile.write(content)
            self.close_connection = missing > 0

        do_GET = do_POST = _answer  # noqa: N815 - the parent's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
            pass

    with serving(Handler) as url:
        yield url


def service_opener(
    url: str, timeout_s: float = 30.0, key: str = KEY
) -> Callable[[], AbstractContextManager[BatchService]]:
    return lambda: openai_batch(Endpoint(url, KEY_ENV, timeout_s), {KEY_ENV: key})


def failing(*steps: str, failure: ChatFailure | ServiceError | None = None) -> Callable[[str], None]:
    """A step that fails once at each of the steps named."""
    left = Counter(steps)

    def step(name: str) -> None:
        if left[name]:
            left[name] -= 1
            raise failure or ChatFailure("connection-lost", "gone", retry=True)

    return step


def line(call: str, **changes: object) -> str:
    return json.dumps({"custom_id": call, "response": None, "error": None, **changes})


def refusal(call: str, status: int, code: str | None = None) -> str:
    error = {"error": {"code": code, "message": "no"}}
    return line(call, response={"status_code": status, "body": error})


FATES: dict[str, Callable[[str, Mapping[str, Any]], str | None]] = {
    "reply": echo,
    "rate-limited": lambda call, _: refusal(call, 429),
    "server-error": lambda call, _: refusal(call, 503),
    "request-refused": lambda call, _: refusal(call, 400),
    "key-refused": lambda call, _: refusal(call, 401),
    "quota-exhausted": lambda call, _: refusal(call, 429, "insufficient_quota"),
    "batch-expired": lambda call, _: line(call, error={"code": "batch_expired", "message": "too late"}),
    "batch-cancelled": lambda call, _: line(call, error={"code": "batch_cancelled"}),
    "batch-error": lambda call, _: line(call, error={"code": "something"}),
    "batch-unreadable": lambda call, _: line(call, response={"status_code": "200", "body": {}}),
    "batch-lost": lambda _call, _body: None,
}
"""What the service may do with a call: the kind of its end -> the line for it."""
