"""What a batch that has ended brought, from its files into the journal; the same again after a crash at any line."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice

from mvpbench.chat.batch.asking import Asking
from mvpbench.chat.batch.ledger import BatchCalls, mark_collected
from mvpbench.chat.batch.lines import read_line
from mvpbench.chat.batch.service import Batch
from schemas.chat import ChatFailure, ChatReply
from schemas.record import Record

LINES_AT_ONCE = 500
"""Written down in one transaction."""
LOST = {"completed": "batch-lost", "failed": "batch-failed", "expired": "batch-expired", "cancelled": "batch-cancelled"}
"""How a batch ended -> how a call ended of which its files say nothing."""


class LostCall(Record):
    """A call that ended without a reply."""

    call_id: str
    kind: str
    detail: str
    retry: bool
    """Whether the same request may succeed another time."""


@dataclass
class Tally:
    """Counts over the batches of a run."""

    batches: int = 0
    replies: int = 0
    failed: list[LostCall] = field(default_factory=list)
    ignored: int = 0


@dataclass
class _Reading:
    """How far the files of a batch are read."""

    left: dict[str, int]
    """Call id -> attempt, of calls without an end."""
    seen: set[str] = field(default_factory=set)


def take_results(asking: Asking, key: str, calls: BatchCalls, batch: Batch, tally: Tally) -> None:
    """Write down how each call of a batch ended, and that the batch is done with."""
    before = tally.replies, len(tally.failed)
    still_open = asking.journal.open_attempts(list(calls.attempts.values()))
    reading = _Reading({call: attempt for call, attempt in calls.attempts.items() if attempt in still_open})
    troubles = list(batch.problems)
    for file_id in (batch.output_file, batch.error_file):
        if file_id is not None:
            troubles += _read_file(asking, file_id, calls, reading, tally)
    told = "; ".join(troubles) or "its files have no line for it"
    lost = ChatFailure(LOST[batch.status], told, retry=True)
    with asking.journal.batch():
        for call, attempt in reading.left.items():
            _write_down(asking, call, attempt, lost, tally)
        mark_collected(asking.journal, key, batch.status)
    tally.batches += 1
    replies, failed = tally.replies - before[0], len(tally.failed) - before[1]
    asking.say(f"batch {batch.id}: {batch.status}, {replies:,} replies, {failed:,} calls without one")


def _read_file(asking: Asking, file_id: str, calls: BatchCalls, reading: _Reading, tally: Tally) -> list[str]:
    """Write down what a file says; return what is wrong with it."""
    with ExitStack() as stack:
        try:
            lines = asking.asked("results", lambda: stack.enter_context(asking.service.content(file_id)))
        except ChatFailure as failure:  # it will not come: what is in it is lost
            return [f"file {file_id}: {failure}"]
        while some := list(islice(lines, LINES_AT_ONCE)):
            with asking.journal.batch():
                for line in some:
                    _take_line(asking, line, calls, reading, tally)
    return []


def _take_line(asking: Asking, line: str, calls: BatchCalls, reading: _Reading, tally: Tally) -> None:
    read = read_line(line, calls.model)
    if read is None or read[0] not in calls.attempts or read[0] in reading.seen:
        tally.ignored += 1
        return
    call, ended = read
    reading.seen.add(call)
    attempt = reading.left.pop(call, None)
    if attempt is not None:  # else it was written down before a crash
        _write_down(asking, call, attempt, ended, tally)


def _write_down(asking: Asking, call: str, attempt: int, ended: ChatReply | ChatFailure, tally: Tally) -> None:
    price, usage = asking.settings.price, ended.usage if isinstance(ended, ChatReply) else None
    usd = price.of_batched(usage) if price and usage else None
    if isinstance(ended, ChatReply) and asking.journal.reply(call) is not None:
        # The journal gives the first reply for ever, and this attempt was begun before that of the other one.
        ended = ChatFailure("batch-late", "another reply was first", retry=False)
    if isinstance(ended, ChatReply):
        asking.journal.finish_attempt(attempt, reply=ended, usd=usd)
        tally.replies += 1
        return
    asking.journal.finish_attempt(attempt, failure=ended, usd=usd)
    tally.failed.append(LostCall(call_id=call, kind=ended.kind, detail=ended.detail, retry=ended.retry))
