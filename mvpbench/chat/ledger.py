"""What the engine writes into the journal, several records to a commit.

A commit waits for the disk, and a call needs two. Records that come while others wait are written together: each is on
the disk when its `await` returns, and none waits longer than for the commit before it.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar, cast

from schemas.chat import ChatFailure, ChatReply, ChatRequest

T = TypeVar("T")


class CallJournal(Protocol):
    """What the engine needs of the journal."""

    def reply_to(self, request: ChatRequest) -> ChatReply | None:
        """Return the reply the request had, if it ever had one."""
        ...

    def begin_attempt(self, request: ChatRequest) -> int:
        """Write down that the request is about to be sent."""
        ...

    def finish_attempt(
        self,
        attempt: int,
        *,
        reply: ChatReply | None = None,
        failure: ChatFailure | None = None,
        usd: float | None = None,
    ) -> None:
        """Write down how it ended."""
        ...

    def batch(self) -> AbstractContextManager[object]:
        """Make one commit of what the block writes."""
        ...


@dataclass
class _Entry:
    write: Callable[[], object]
    done: asyncio.Future[object]


class Ledger:
    """Writes into `journal` for one event loop."""

    def __init__(self, journal: CallJournal) -> None:
        self._journal = journal
        self._waiting: list[_Entry] = []

    async def begin(self, request: ChatRequest) -> int:
        """Return the number of the attempt that is now written down as begun."""
        return await self._write(lambda: self._journal.begin_attempt(request))

    async def finish(
        self,
        attempt: int,
        *,
        reply: ChatReply | None = None,
        failure: ChatFailure | None = None,
        usd: float | None = None,
    ) -> None:
        """Write down how an attempt ended."""
        await self._write(lambda: self._journal.finish_attempt(attempt, reply=reply, failure=failure, usd=usd))

    def flush(self) -> None:
        """Write what waits, now. Whoever ends the loop calls it: a reply that came has been paid."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            with self._journal.batch():
                written = [entry.write() for entry in waiting]
        except Exception as exc:  # noqa: BLE001 - each of those who wait raises it
            for entry in waiting:
                if not entry.done.done():
                    entry.done.set_exception(exc)
            return
        for entry, result in zip(waiting, written, strict=True):
            if not entry.done.done():  # who waited may be gone, cancelled
                entry.done.set_result(result)

    async def _write(self, what: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        entry = _Entry(what, loop.create_future())
        self._waiting.append(entry)
        if len(self._waiting) == 1:
            loop.call_soon(self.flush)
        return cast("T", await entry.done)
