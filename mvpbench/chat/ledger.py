"""What the engine writes into the journal, several records to a commit.

A commit waits for the disk, and a call needs two records. Those that come together are written together, so that the
end of one call and the beginning of the next are one commit: what was begun is on the disk when its `await` returns,
and so is all that ended before it.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol, cast

from schemas.chat import ChatFailure, ChatReply, ChatRequest


class CallJournal(Protocol):
    """What the engine, and who asks through it, need of the journal."""

    def id_of(self, request: ChatRequest) -> str:
        """Return the id under which the journal has the request."""
        ...

    def replies(self, call_ids: Iterable[str]) -> Mapping[str, ChatReply]:
        """Return the replies that the calls had, by their ids, as far as they ever had one."""
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
    done: asyncio.Future[object] | None
    """None where nobody waits for it: of an attempt's end."""


class Ledger:
    """Writes into `journal` for one event loop."""

    def __init__(self, journal: CallJournal) -> None:
        self._journal = journal
        self._waiting: list[_Entry] = []
        self._failed: Exception | None = None

    async def begin(self, request: ChatRequest) -> int:
        """Return the number of the attempt that is now written down as begun.

        Raises what the journal raises, be it at an attempt that ended before: then nothing more is to be sent.
        """
        self.require_written()
        done = asyncio.get_running_loop().create_future()
        self._add(_Entry(lambda: self._journal.begin_attempt(request), done))
        return cast("int", await done)

    def finish(
        self,
        attempt: int,
        *,
        reply: ChatReply | None = None,
        failure: ChatFailure | None = None,
        usd: float | None = None,
    ) -> None:
        """Write down how an attempt ended, in the running loop's next turn."""
        write = partial(self._journal.finish_attempt, attempt, reply=reply, failure=failure, usd=usd)
        self._add(_Entry(write, None))

    def require_written(self) -> None:
        """Raise what the journal raised at an attempt's end, for nobody waits for that."""
        if self._failed is not None:
            raise self._failed

    def flush(self) -> None:
        """Write what waits, now. Whoever ends the loop calls it: a reply that came has been paid."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            with self._journal.batch():
                written = [entry.write() for entry in waiting]
        except Exception as exc:  # noqa: BLE001 - each of those who wait raises it, and whoever asks
            self._failed = exc
            self._write_ends(waiting)
            for entry in waiting:
                if entry.done and not entry.done.done():
                    entry.done.set_exception(exc)
            return
        for entry, result in zip(waiting, written, strict=True):
            if entry.done and not entry.done.done():  # who waited may be gone, cancelled
                entry.done.set_result(result)

    def _write_ends(self, entries: Iterable[_Entry]) -> None:
        """Write the ends one by one: one that cannot be written takes none with it. Nothing more is to begin."""
        for entry in entries:
            if entry.done is None:
                with suppress(Exception):  # kept in `_failed`: that of the commit
                    entry.write()

    def _add(self, entry: _Entry) -> None:
        self._waiting.append(entry)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self.flush)
