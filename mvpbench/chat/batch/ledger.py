"""What the journal knows of batches: a write for each before anything is sent, and another once it is collected."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from schemas.chat import ChatFailure, ChatReply, ChatRequest
from schemas.identity import digest
from schemas.record import Record

KIND, COLLECTED = "batch", "batch-collected"
"""Of writes, both under the batch's key. The first ends with the batch's id, the second with how the batch ended."""
REFUSED = "refused"
"""What both end with where no batch was created."""
FORGOTTEN = "forgotten"
"""What the second ends with where a batch was given up; the first too, where its id was never heard of."""


class BatchWrite(Protocol):
    """A write to the outside as the journal tells of it."""

    @property
    def key(self) -> str:
        """The batch's mark."""
        ...

    @property
    def payload(self) -> str:
        """A `BatchCalls`."""
        ...

    @property
    def result(self) -> str | None:
        """The batch's id, or None while it may or may not have been created."""
        ...


class BatchJournal(Protocol):
    """What batches need of the journal; its own docstrings say more."""

    def batch(self) -> AbstractContextManager[object]: ...  # noqa: D102
    def id_of(self, request: ChatRequest) -> str: ...  # noqa: D102
    def request(self, call_id: str) -> ChatRequest | None: ...  # noqa: D102
    def reply(self, call_id: str) -> ChatReply | None: ...  # noqa: D102
    def begin_attempts(self, requests: Sequence[ChatRequest]) -> dict[str, int]: ...  # noqa: D102
    def open_attempts(self, attempts: Sequence[int]) -> frozenset[int]: ...  # noqa: D102
    def finish_attempt(  # noqa: D102
        self,
        attempt: int,
        *,
        reply: ChatReply | None = None,
        failure: ChatFailure | None = None,
        usd: float | None = None,
    ) -> None: ...
    def begin_write(self, kind: str, key: str, payload: str) -> BatchWrite: ...  # noqa: D102
    def finish_write(self, kind: str, key: str, result: str) -> None: ...  # noqa: D102
    def writes(self, kind: str) -> Sequence[BatchWrite]: ...  # noqa: D102


class BatchCalls(Record):
    """What a batch is of."""

    attempts: dict[str, int]
    """Call id -> number of the attempt in the journal."""
    model: str
    base_url: str


def open_calls(journal: BatchJournal) -> dict[str, str]:
    """Return call id -> address, of calls in batches that are not collected: made again they would be paid twice."""
    return {call: calls.base_url for _, calls in uncollected(journal) for call in calls.attempts}


def elsewhere(journal: BatchJournal, address: str) -> dict[str, int]:
    """Return address -> batches that went there and are not collected, of every other address."""
    return dict(Counter(calls.base_url for _, calls in uncollected(journal) if calls.base_url != address))


def uncollected(journal: BatchJournal) -> list[tuple[BatchWrite, BatchCalls]]:
    """Return the batches that were begun and are not done with, in the order in which they were begun."""
    done = {write.key for write in journal.writes(COLLECTED)}
    writes = [write for write in journal.writes(KIND) if write.key not in done]
    return [(write, BatchCalls.model_validate_json(write.payload)) for write in writes]


def begin_batch(journal: BatchJournal, part: Sequence[ChatRequest], base_url: str) -> tuple[str, BatchCalls]:
    """Write down that requests of one model are about to be handed over; return the batch's key and what it is of."""
    with journal.batch():
        attempts = journal.begin_attempts(part)
        calls = BatchCalls(attempts=attempts, model=part[0].model, base_url=base_url)
        key = digest("batch", [[call, attempt] for call, attempt in sorted(attempts.items())])
        journal.begin_write(KIND, key, calls.model_dump_json())
    return key, calls


def close_batch(journal: BatchJournal, key: str, calls: BatchCalls, failure: ChatFailure) -> None:
    """Write down that a batch was never created: its calls are free again."""
    with journal.batch():
        for attempt in sorted(journal.open_attempts(list(calls.attempts.values()))):
            journal.finish_attempt(attempt, failure=failure)
        journal.finish_write(KIND, key, REFUSED)
        mark_collected(journal, key, REFUSED)


def forget_batch(journal: BatchJournal, write: BatchWrite, calls: BatchCalls) -> None:
    """Write down that a batch is given up: its calls are free again, though they may have been paid."""
    lost = ChatFailure("batch-lost", "its batch was given up", retry=True)
    with journal.batch():
        for attempt in sorted(journal.open_attempts(list(calls.attempts.values()))):
            journal.finish_attempt(attempt, failure=lost)
        journal.finish_write(KIND, write.key, write.result or FORGOTTEN)
        mark_collected(journal, write.key, FORGOTTEN)


def mark_collected(journal: BatchJournal, key: str, result: str) -> None:
    """Write down that nothing more is expected of a batch."""
    journal.begin_write(COLLECTED, key, "")
    journal.finish_write(COLLECTED, key, result)
