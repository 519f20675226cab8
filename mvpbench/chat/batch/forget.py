"""Batches of which nothing can be collected, and how they are given up: their calls may be made, and paid, again."""

import time
from collections.abc import Mapping

from mvpbench.chat.batch.asking import Asking, BatchSettings, Say, clearly_refused
from mvpbench.chat.batch.ledger import KIND, BatchCalls, BatchJournal, BatchWrite, elsewhere, forget_batch, uncollected
from mvpbench.chat.batch.run import OpenService, Sleep
from mvpbench.chat.batch.service import Batch
from schemas.errors import ServiceError
from schemas.record import Record


class Missing(Record):
    """Batches of which nothing can be collected from the address of the settings."""

    keys: tuple[str, ...]
    """In the journal, of all of them."""
    calls: int
    """In all of them."""
    unknown: tuple[str | None, ...]
    """Ids of those that the service does not know; None for one that may never have been created."""
    elsewhere: dict[str, int]
    """Another address -> batches that went there, whatever became of them."""


def missing(
    open_service: OpenService, journal: BatchJournal, settings: BatchSettings, say: Say, sleep: Sleep = time.sleep
) -> Missing:
    """Return the batches that can be given up; the service is asked for those of its own address, if there are any.

    Raises as `collect` does, but not for what the service does not know.
    """
    batches = uncollected(journal)
    here = [(write, calls) for write, calls in batches if calls.base_url == settings.address]
    lost = [(write, calls) for write, calls in batches if calls.base_url != settings.address]
    unknown: list[tuple[BatchWrite, BatchCalls]] = []
    if here:
        with open_service() as service, clearly_refused(settings.base_url):
            asking = Asking(service, journal, settings, say, sleep)
            found = _found(asking, frozenset(write.key for write, _ in here if write.result is None))
            unknown = [(write, calls) for write, calls in here if not _is_there(asking, write, found)]
    return Missing(
        keys=tuple(write.key for write, _ in (*unknown, *lost)),
        calls=sum(len(calls.attempts) for _, calls in (*unknown, *lost)),
        unknown=tuple(write.result for write, _ in unknown),
        elsewhere=elsewhere(journal, settings.address),
    )


def forget(journal: BatchJournal, found: Missing) -> None:
    """Write down that nothing is expected of the batches any more: all of them or, after a crash, none."""
    with journal.batch():
        for write, calls in uncollected(journal):
            if write.key in found.keys:
                forget_batch(journal, write, calls)


def _found(asking: Asking, keys: frozenset[str]) -> Mapping[str, Batch]:
    try:
        return asking.looked_for(keys)
    except ServiceError as error:
        if error.report.code != "no-batch-api":
            raise
        return {}


def _is_there(asking: Asking, write: BatchWrite, found: Mapping[str, Batch]) -> bool:
    batch_id = write.result
    if batch_id is not None:
        return asking.asked(f"batch {batch_id}", lambda: asking.service.retrieve(batch_id)) is not None
    if write.key in found:
        asking.journal.finish_write(KIND, write.key, found[write.key].id)
    return write.key in found
