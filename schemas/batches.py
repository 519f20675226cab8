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
    elsewhere: dict[str, int]
    """Another address than the configured one -> batches that went there and are not collected."""


class CollectResult(Record):
    """What batches brought."""

    batches: int
    """That had ended, and are done with."""
    replies: int
    failed: dict[str, int]
    """Kind -> calls that brought no reply."""
    open_batches: int
    open_calls: int
    elsewhere: dict[str, int]
    """Another address than the configured one -> batches that went there, and were not looked for."""
    left: int | None
    """Calls to be made after this: those that failed, and those for replies that did not fit; None where the study is
    not fresh, or does not say."""


class ForgetResult(Record):
    """What was given up: its calls may be made again, and paid again."""

    batches: int
    calls: int
