"""How many calls are in flight to one endpoint: fewer when it says too much, slowly more when all goes well.

Additive increase, multiplicative decrease (Chiu and Jain 1989, doi:10.1016/0169-7552(89)90019-6), as TCP does it. The
limit starts at what is allowed, grows by one after as many good replies as it is, up to what is allowed, and halves
when the server says 429. Calls sent before a decrease say nothing new when they fail too: they are of the same
congestion.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

HALF = 0.5


class Limit:
    """The limit of one endpoint, kept from one round of calls to the next; for one event loop at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._allowed = float(most)
        self._in_flight = 0
        self._pauses = 0
        self._era = 0
        self._changed: asyncio.Condition | None = None

    @property
    def allowed(self) -> int:
        """How many calls may be in flight now; at least one."""
        return max(1, int(self._allowed))

    def enter(self) -> None:
        """Begin a round in the running event loop: nothing of an earlier one is in flight."""
        self._in_flight = self._pauses = 0
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[int]:
        """Wait for a place in flight and hold it; yield the era in which the call is sent, to report with."""
        changed = self._condition()
        async with changed:
            await changed.wait_for(lambda: not self._pauses and self._in_flight < self.allowed)
            self._in_flight += 1
        try:
            yield self._era
        finally:
            self._in_flight -= 1
            await self._tell()

    @asynccontextmanager
    async def pause(self) -> AsyncIterator[None]:
        """Let nobody send while the block runs: the server asked to be left alone."""
        self._pauses += 1
        try:
            yield
        finally:
            self._pauses -= 1
            await self._tell()

    def went_well(self) -> None:
        """A reply came."""
        self._allowed = min(self._most, self._allowed + 1 / self._allowed)

    def too_much(self, era: int) -> None:
        """The server said so to a call sent in `era`."""
        if era == self._era:
            self._era += 1
            self._allowed = max(1.0, self._allowed * HALF)

    async def _tell(self) -> None:
        changed = self._condition()
        async with changed:
            changed.notify(0 if self._pauses else max(0, self.allowed - self._in_flight))

    def _condition(self) -> asyncio.Condition:
        if self._changed is None:
            raise AssertionError  # `enter` comes first
        return self._changed
