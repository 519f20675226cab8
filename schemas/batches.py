"""What `generate --batch` did."""

from schemas.record import Record


class SubmitResult(Record):
    """Calls handed over."""

    created: int
    """Batches."""
    adopted: int
    """Batches that an earlier run had created without hearing of it."""
    calls: int
    """In these batches."""
    waiting: int
    """Calls that were in a batch before this run."""


class CollectResult(Record):
    """What batches brought."""

    batches: int
    """That had ended, and are done with."""
    replies: int
    failed: dict[str, int]
    """Kind -> calls that brought no reply."""
    open_batches: int
    open_calls: int
    left: int
    """Calls to be made after this: those that failed, and those for replies that did not fit."""
