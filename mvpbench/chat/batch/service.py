"""What the story of batches asks of a service: files go up, batches are made of them and looked at, files come down."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from schemas.record import Record

ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
"""States after which nothing changes. Any other, also one that is not known, may still bring replies."""


class Batch(Record):
    """A batch as the service tells of it."""

    id: str
    status: str
    """In the service's word."""
    key: str | None
    """What it was created with; None for the batches of others."""
    output_file: str | None = None
    error_file: str | None = None
    made: int | None = None
    """Calls that are done, where the service says so."""
    problems: tuple[str, ...] = ()
    """Why the service refused its file, a sentence each."""

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.status in ENDED


class BatchService(Protocol):
    """A service of the Batch API. Each method asks once and never repeats by itself.

    All raise `ChatFailure` when the asking brought nothing, with `retry` if it was not clearly refused, and
    `ServiceError` when no asking will bring anything until somebody acts: the key is refused, there is no Batch API.
    """

    def upload(self, lines: bytes) -> str:
        """Store a file of requests; return its id."""
        ...

    def create(self, file_id: str, key: str) -> Batch:
        """Create a batch of a file, marked with `key`. After a failure with `retry` it may exist all the same."""
        ...

    def retrieve(self, batch_id: str) -> Batch | None:
        """Return a batch, or None where the service knows none of this id."""
        ...

    def list(self) -> Iterator[Batch]:
        """Yield every batch of the account, or raise: a list that ends is a whole one."""
        ...

    def content(self, file_id: str) -> AbstractContextManager[Iterator[str]]:
        """Open a file of results, whole: a download that is cut off raises before there is a line.

        Lines come without the key; one too long to be held is an empty one.
        """
        ...
