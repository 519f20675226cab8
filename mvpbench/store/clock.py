"""The wall clock as an argument: a `Clock` in signatures, `utc_now` as the one that a command passes."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns an aware time; records keep it as ISO 8601 in UTC."""


def utc_now() -> datetime:
    """Return the time of now, aware, in UTC."""
    return datetime.now(UTC)


def stamp(clock: Clock) -> str:
    """Return the clock's time as ISO 8601 in UTC with seconds, e.g. `2026-03-01T09:30:00+00:00`."""
    return clock().astimezone(UTC).isoformat(timespec="seconds")
