"""Batches for the tests: a journal and a service that die at a step, and runs until nothing is left to do."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from mvpbench.chat.batch import BatchSettings, Collected, Submitted, collect, submit
from mvpbench.chat.batch_service import BatchService
from mvpbench.chat.price import Price
from mvpbench.store.journal import Journal
from schemas.chat import ChatRequest

URL = "http://127.0.0.1:9/v1"
PRICE = Price(prompt=1.0, completion=2.0)
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
    return submit(asked, opening(service), journal, settings(**changes), lambda _line: None, Sleeps())


def collected(service: BatchService, journal: Any, **changes: object) -> Collected:
    return collect(opening(service), journal, settings(**changes), lambda _line: None, Sleeps())
