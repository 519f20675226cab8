"""What the journal tells of calls and of writes to the outside."""

from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple

from schemas.record import Record


class WriteState(StrEnum):
    """How far a write to the outside came."""

    BEGUN = "begun"
    """It may or may not have reached the outside: look there for its key before sending it again."""
    DONE = "done"


class AttemptState(StrEnum):
    """How far an attempt at a model call came."""

    BEGUN = "begun"
    """In flight, or the process died meanwhile."""
    DONE = "done"
    FAILED = "failed"


class WriteRecord(Record):
    """One write to the outside. (kind, key) is unique for ever."""

    kind: str
    key: str
    state: WriteState
    payload: str
    result: str | None
    """None while only begun."""
    begun_at: str
    """ISO 8601, UTC."""
    done_at: str | None


class AttemptRecord(Record):
    """One attempt at a model call."""

    attempt: int
    call_id: str
    state: AttemptState
    begun_at: str
    """ISO 8601, UTC."""
    ended_at: str | None
    prompt_tokens: int | None
    """None where the server did not say."""
    completion_tokens: int | None
    usd: float | None
    """None where no price is known."""
    failure: str | None
    """Kind; None unless failed."""
    detail: str | None


class Spent(Record):
    """What the journal's model calls came to."""

    calls: int
    """Requests that have a reply."""
    attempts: int
    unfinished: int
    """Attempts without an end: lost in flight, and perhaps paid."""
    prompt_tokens: int
    completion_tokens: int
    usd: float
    """Over attempts with a known price."""


class Kind(NamedTuple):
    """What requests of one kind share."""

    model: str
    response_schema: str | None
    systems: Collection[str]
    """The first message is one of these."""
    begins: str = ""
    """How the second message begins."""
