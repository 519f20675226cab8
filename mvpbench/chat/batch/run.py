"""Calls to a model in batches: handed over together, made within a day for less, and fetched later.

Every call is in the journal as a begun attempt before anything is sent, under a key that also marks the batch at the
service. Wherever a process dies or an answer is lost, the key is in the journal and is looked for at the service, a few
times with pauses, before its calls are handed over again: no reply is written down twice, and no call is in two batches
of one round but where the service created a batch and its list shows it only after the last look.

The service is asked with the key of the day: batches that another account created are not seen.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from mvpbench.chat.batch.asking import Asking, BatchSettings, Say, clearly_refused
from mvpbench.chat.batch.ledger import (
    KIND,
    BatchCalls,
    BatchJournal,
    BatchWrite,
    begin_batch,
    close_batch,
    elsewhere,
    open_calls,
    uncollected,
)
from mvpbench.chat.batch.lines import asking_line
from mvpbench.chat.batch.results import LostCall, Tally, take_results
from mvpbench.chat.batch.service import Batch, BatchService
from schemas.chat import ChatFailure, ChatRequest
from schemas.errors import Defect, ServiceError, Stopped
from schemas.record import Record

__all__ = [
    "Adopted",
    "BatchJournal",
    "BatchSettings",
    "Collected",
    "LostCall",
    "Sleep",
    "Submitted",
    "adopt",
    "collect",
    "open_calls",
    "submit",
]

OpenService = Callable[[], AbstractContextManager[BatchService]]
Sleep = Callable[[float], None]
SHOWN_BATCHES = 3


NEVER_CREATED = ChatFailure("batch-never-created", "the service's list does not show its batch", retry=True)


class Adopted(Record):
    """What became of the batches that an earlier run began and may have created."""

    batches: int
    """That the service has."""
    calls: int
    """In these."""
    freed: int
    """Calls of the others: in no batch any more."""


class Submitted(Record):
    """What became of the requests that were to be handed over."""

    created: int
    """Batches."""
    calls: int
    """In these batches."""
    waiting: int
    """Calls asked for that were in a batch before this run."""


class Collected(Record):
    """What the batches brought in this run."""

    batches: int
    """That had ended, and are done with."""
    replies: int
    failed: tuple[LostCall, ...]
    ignored: int
    """Lines that name no call of their batch, or one that an earlier line did."""
    open_batches: int
    open_calls: int
    """In batches that run, or that are nowhere to be found yet."""
    elsewhere: dict[str, int]
    """Another address -> batches that went there and are not collected."""


@dataclass
class _Open:
    """Batches that cannot be collected, as far as a run has come."""

    batches: int = 0
    calls: int = 0
    refused: list[Batch] = field(default_factory=list)
    """Collected, but for the service's complaints."""
    unknown: list[str] = field(default_factory=list)


def adopt(
    open_service: OpenService, journal: BatchJournal, settings: BatchSettings, say: Say, sleep: Sleep = time.sleep
) -> Adopted:
    """Look for the batches of which nobody heard whether they were created; those that are nowhere free their calls.

    Nothing is created, so that who pays can be asked about all that is left. The service is opened only if there is
    something to look for.

    Raises:
        ServiceError: nothing can be asked until somebody acts.
        Stopped: `batch-unanswered`. The next run asks again.
    """
    begun = [(write.key, calls) for write, calls in uncollected(journal) if write.result is None]
    here = [(key, calls) for key, calls in begun if calls.base_url == settings.address]
    batches = placed = freed = 0
    if here:
        with open_service() as service, clearly_refused(settings.base_url):
            asking = Asking(service, journal, settings, say, sleep)
            found = asking.looked_for(frozenset(key for key, _ in here))
            for key, calls in here:
                if key in found:
                    batches, placed = batches + 1, placed + _settle(asking, key, calls, found[key])
                else:
                    close_batch(journal, key, calls, NEVER_CREATED)
                    freed += len(calls.attempts)
                    say(f"a batch of {len(calls.attempts):,} calls was never created: they are in no batch now")
    return Adopted(batches=batches, calls=placed, freed=freed)


def submit(
    requests: Sequence[ChatRequest],
    open_service: OpenService,
    journal: BatchJournal,
    settings: BatchSettings,
    say: Say,
    sleep: Sleep = time.sleep,
) -> Submitted:
    """Hand over the requests that have no reply and are in no batch; equal requests are one call.

    Batches that an earlier run began and may have created are none of this: `adopt` comes first. The service is opened
    only if something is to be created.

    Raises:
        ServiceError: nothing can be created until somebody acts. The calls of a batch that was refused are free again.
        Stopped: `batch-unsure` if a batch may or may not have been created, `batch-unanswered` if that could not be
            asked. The next run asks first.
    """
    taken = open_calls(journal)
    asked = {journal.id_of(request): request for request in requests}
    unanswered = [call for call in asked if journal.reply(call) is None]
    pending = {call: asked[call] for call in unanswered if call not in taken}
    created = placed = 0
    if pending:
        with open_service() as service, clearly_refused(settings.base_url):
            asking = Asking(service, journal, settings, say, sleep)
            for part in _parts(pending, settings):
                key, calls = begin_batch(journal, part, settings.address)
                created += 1
                placed += _settle(asking, key, calls, _create(asking, key, calls))
    return Submitted(created=created, calls=placed, waiting=len(unanswered) - len(pending))


def collect(
    open_service: OpenService,
    journal: BatchJournal,
    settings: BatchSettings,
    say: Say,
    sleep: Sleep = time.sleep,
) -> Collected:
    """Write down what the batches that have ended brought; those that run are left alone, and nobody waits for them.

    Raises:
        ServiceError: `batch-failed` or `batch-unknown`, after all the others are collected; or nothing can be asked
            until somebody acts.
        Stopped: `batch-unanswered`. The next run goes on.
    """
    batches = uncollected(journal)
    here = [(write, calls) for write, calls in batches if calls.base_url == settings.address]
    tally, left = Tally(), _Open()
    if here:
        with open_service() as service, clearly_refused(settings.base_url):
            asking = Asking(service, journal, settings, say, sleep)
            found = asking.bearing(frozenset(write.key for write, _ in here if write.result is None))
            for write, calls in here:
                batch = _looked_at(asking, write, calls, found, left)
                if batch is None:
                    left.batches, left.calls = left.batches + 1, left.calls + len(calls.attempts)
                else:
                    take_results(asking, write.key, calls, batch, tally)
                    left.refused += [batch] if batch.problems else []
    _require_fine(settings, left)
    return Collected(
        batches=tally.batches,
        replies=tally.replies,
        failed=tuple(tally.failed),
        ignored=tally.ignored,
        open_batches=left.batches,
        open_calls=left.calls,
        elsewhere=elsewhere(journal, settings.address),
    )


def _parts(pending: Mapping[str, ChatRequest], settings: BatchSettings) -> Iterator[list[ChatRequest]]:
    """Yield what goes into a batch each: of one model, for the service allows no more, and within the limits."""
    for model in dict.fromkeys(request.model for request in pending.values()):
        part: list[ChatRequest] = []
        size = 0
        for call, request in pending.items():
            if request.model != model:
                continue
            length = len(asking_line(call, request, settings.address))
            if part and (len(part) == settings.most_requests or size + length > settings.most_bytes):
                yield part
                part, size = [], 0
            part.append(request)
            size += length
        yield part


def _settle(asking: Asking, key: str, calls: BatchCalls, batch: Batch) -> int:
    """Write down that a batch is at the service; return how many calls are in it."""
    asking.journal.finish_write(KIND, key, batch.id)
    asking.say(f"batch {batch.id}: {len(calls.attempts):,} calls to {calls.model}")
    return len(calls.attempts)


def _create(asking: Asking, key: str, calls: BatchCalls) -> Batch:
    """Create a batch that surely is not there yet; after each failure that leaves this open, look before going on."""
    try:
        content = _content(asking, calls)
        file_id = asking.asked("a batch's requests", lambda: asking.service.upload(content))
    except (ChatFailure, ServiceError, Stopped) as error:  # whatever became of the file, nothing was made of it
        close_batch(asking.journal, key, calls, _failure(error))
        raise
    tried = 0
    while True:
        tried += 1
        try:
            return asking.service.create(file_id, key)
        except (ChatFailure, ServiceError) as error:
            failure = _failure(error)
            if not failure.retry:
                close_batch(asking.journal, key, calls, failure)
                raise
        asking.wait(tried, failure)
        batch = asking.looked_for(frozenset({key})).get(key)
        if batch is not None:
            return batch
        if tried == asking.settings.tries:
            raise _unsure(asking.settings, failure)


def _unsure(settings: BatchSettings, failure: ChatFailure) -> Stopped:
    return Stopped(
        "batch-unsure",
        "a batch that may or may not have been created",
        where=settings.base_url,
        found=f"{settings.tries} tries, the last failed by {failure}; it is not among the service's batches",
        way_out="run the same command again later: it looks for this batch before it creates any",
    )


def _failure(error: ChatFailure | ServiceError | Stopped) -> ChatFailure:
    if isinstance(error, ChatFailure):
        return error
    return ChatFailure(error.report.code, error.report.found or "", retry=False)


def _content(asking: Asking, calls: BatchCalls) -> bytes:
    lines = []
    for call in calls.attempts:
        request = asking.journal.request(call)
        if request is None:
            raise Defect("batch-call-missing", f"call {call}", found="a batch with a call that the journal has not")
        lines.append(asking_line(call, request, calls.base_url))
    return b"".join(lines)


def _looked_at(
    asking: Asking, write: BatchWrite, calls: BatchCalls, found: Mapping[str, Batch], left: _Open
) -> Batch | None:
    """Return a batch that has ended; say of any other how far it is."""
    size = len(calls.attempts)
    batch = found.get(write.key)
    if batch is not None:
        asking.journal.finish_write(KIND, write.key, batch.id)
    elif write.result is None:
        asking.say(f"a batch of {size:,} calls may never have been created: submit again to see to it")
        return None
    batch_id = batch.id if batch is not None else write.result or ""
    batch = asking.asked(f"batch {batch_id}", lambda: asking.service.retrieve(batch_id))
    if batch is None:
        left.unknown.append(batch_id)
        return None
    if not batch.ended:
        made = "" if batch.made is None else f", {batch.made:,} of {size:,} calls made"
        asking.say(f"batch {batch.id}: {batch.status}{made}")
        return None
    return batch


def _require_fine(settings: BatchSettings, left: _Open) -> None:
    if left.refused:
        batch, *more = left.refused
        others = (f"and {len(more):,} more batches were refused",) if more else ()
        raise ServiceError(
            "batch-failed",
            "the service refuses a batch's file of requests",
            where=f"batch {batch.id} at {settings.base_url}",
            found="; ".join((*batch.problems, *others)),
            expected="a file that it takes",
            way_out="its calls are free again: mend what it names, or leave `--batch` away",
        )
    if left.unknown:
        raise ServiceError(
            "batch-unknown",
            "the service does not know a batch that it created",
            where=settings.base_url,
            found=", ".join(left.unknown[:SHOWN_BATCHES]),
            expected="the account and project with which it was created",
            way_out="use that key; only if it is gone for good, give it up by `mvpbench generate --batch forget`",
        )
