"""How the service of batches is asked: a few times, never for ever, and never again for what may have been done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from pydantic import Field

from mvpbench.chat.batch.ledger import BatchJournal
from mvpbench.chat.batch.service import Batch, BatchService
from mvpbench.chat.price import Price
from schemas.chat import UNREACHABLE, ChatFailure
from schemas.errors import ServiceError, Stopped
from schemas.record import Record

T = TypeVar("T")
Say = Callable[[str], None]


class BatchSettings(Record):
    """Where batches go, how large they are, and how hard the service is asked."""

    base_url: str
    """Batches that went to another address are left alone."""
    most_requests: int = Field(default=50_000, ge=1)
    most_bytes: int = Field(default=100_000_000, ge=1)
    """Of a file; a request that is larger goes alone."""
    tries: int = Field(default=3, ge=1)
    """At most, for one question to the service in one run."""
    backoff_s: float = Field(default=2.0, ge=0)
    """Before the second try; doubles with each one."""
    looks: int = Field(default=3, ge=1)
    """At a list for a batch before it counts as not there: a new one may show late."""
    longest_wait_s: float = Field(default=120.0, ge=0)
    price: Price | None = None
    """As for single calls: batches cost its `batch_share`."""

    @property
    def address(self) -> str:
        """The base URL in the one spelling that is compared."""
        return self.base_url.rstrip("/")


@dataclass
class Asking:
    """A service that is asked, and all that this takes."""

    service: BatchService
    journal: BatchJournal
    settings: BatchSettings
    say: Say
    sleep: Callable[[float], None]

    def asked(self, about: str, ask: Callable[[], T]) -> T:
        """Return what asking brings, after a few tries: only for what may be asked twice."""
        tried = 0
        while True:
            tried += 1
            try:
                return ask()
            except ChatFailure as failure:
                if not failure.retry:
                    raise
                if tried == self.settings.tries:
                    raise _unanswered(self.settings, about, failure) from failure
                self.wait(tried, failure)

    def wait(self, tried: int, failure: ChatFailure) -> None:
        """Wait after a try that failed."""
        self._pause(tried, failure.retry_after or 0.0)

    def bearing(self, keys: frozenset[str]) -> dict[str, Batch]:
        """Return the service's batches that bear one of the keys."""

        def look() -> dict[str, Batch]:
            found: dict[str, Batch] = {}
            for batch in self.service.list():
                if batch.key is not None and batch.key in keys:
                    found.setdefault(batch.key, batch)
                if len(found) == len(keys):
                    break
            return found

        return self.asked("the service's batches", look) if keys else {}

    def looked_for(self, keys: frozenset[str]) -> dict[str, Batch]:
        """As `bearing`, and again after pauses for those that the list does not show."""
        found = self.bearing(keys)
        for look in range(1, self.settings.looks):
            missing = keys - found.keys()
            if not missing:
                break
            self._pause(look)
            found |= self.bearing(missing)
        return found

    def _pause(self, tried: int, at_least: float = 0.0) -> None:
        backoff = self.settings.backoff_s * 2.0 ** (tried - 1)
        self.sleep(min(max(backoff, at_least), self.settings.longest_wait_s))


@contextmanager
def clearly_refused(base_url: str) -> Iterator[None]:
    """Turn a failure that no other try would mend into an error."""
    try:
        yield
    except ChatFailure as failure:
        raise ServiceError(
            "batch-refused",
            "the service refuses what was asked of it for a batch",
            where=base_url,
            found=str(failure),
            way_out="mend what it names, or leave `--batch` away",
        ) from failure


def _unanswered(settings: BatchSettings, about: str, failure: ChatFailure) -> ServiceError | Stopped:
    if failure.kind == UNREACHABLE:
        return ServiceError(
            "server-unreachable",
            "no service of batches answers",
            found=failure.detail,
            expected="a service of the Batch API",
            way_out="mend `base_url`, or wait until the service is back; then run the same command again",
        )
    return Stopped(
        "batch-unanswered",
        about,
        where=settings.base_url,
        found=f"{settings.tries} tries without an answer, the last failed by {failure}",
        way_out="what was done so far is kept: run the same command again to go on",
    )
