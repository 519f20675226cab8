"""Batches that are given up: which can be, and that it is all of them or none."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mvpbench.chat.batch.forget import Missing, forget, missing
from mvpbench.chat.batch.ledger import begin_batch
from mvpbench.chat.batch.memory import MemoryBatches
from mvpbench.chat.batch.run import open_calls
from mvpbench.store.journal import AttemptState, Journal, call_id
from schemas.chat import ChatFailure
from schemas.errors import ServiceError, Stopped
from tests.mvpbench.chat.batch.made import (
    URL,
    Died,
    Mortal,
    Sleeps,
    Steps,
    collected,
    failing,
    opening,
    settings,
    submitted,
)
from tests.mvpbench.chat.made import a_request, requests

OTHER = "http://127.0.0.1:10/v1"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.db") as opened:
        yield opened


def missed(service: MemoryBatches, journal: Any) -> Missing:
    return missing(opening(service), journal, settings(), lambda _line: None, Sleeps())


def lost_in_every_way(journal: Journal) -> MemoryBatches:
    """Call 0 in a batch that the service has, 1 in one that it has lost, 2 in one begun, 3 in one of elsewhere."""
    service = MemoryBatches(ended="in_progress")
    submitted(service, journal, [a_request(0)])
    submitted(service, journal, [a_request(1)])
    del service.batches["batch-1"]
    begin_batch(journal, [a_request(2)], URL)
    begin_batch(journal, [a_request(3)], OTHER)
    return service


def test_what_the_service_has_stays_and_all_else_is_free_again(journal: Journal) -> None:
    service = lost_in_every_way(journal)
    found = missed(service, journal)
    assert (found.calls, found.unknown, found.elsewhere) == (3, ("batch-1", None), {OTHER: 1})
    assert len(open_calls(journal)) == 4  # nothing is given up by looking
    forget(journal, found)
    assert open_calls(journal) == {call_id(a_request(0)): URL}
    ended = [attempt for number in (1, 2, 3) for attempt in journal.attempts(call_id(a_request(number)))]
    assert [(attempt.state, attempt.failure) for attempt in ended] == [(AttemptState.FAILED, "batch-lost")] * 3
    assert missed(service, journal).keys == ()
    assert submitted(service, journal, requests(4)).calls == 3
    service.ended = "completed"
    assert collected(service, journal).replies == 4


@pytest.mark.slow
def test_a_process_that_dies_at_any_step_gives_up_all_or_none(tmp_path: Path) -> None:
    whole = Steps()
    for last in range(100):
        with Journal(tmp_path / f"{last}.db") as journal:
            service = lost_in_every_way(journal)
            found = missed(service, journal)
            steps = Steps(last) if last else whole
            try:
                forget(Mortal(journal, steps), found)  # type: ignore[arg-type]
            except Died:
                assert len(open_calls(journal)) == (1 if last == len(whole.names) else 4)
                forget(journal, missed(service, journal))
            assert open_calls(journal) == {call_id(a_request(0)): URL}
        if last == len(whole.names):
            break
    assert whole.names.count("finish_attempt") == 3


def test_a_service_that_does_not_answer_is_no_reason_to_give_up(journal: Journal) -> None:
    service = lost_in_every_way(journal)
    service.step = failing("retrieve", "retrieve", "retrieve")
    with pytest.raises(Stopped):
        missed(service, journal)
    service.step = failing("list", failure=ChatFailure("request-refused", "http 400: no", retry=False))
    with pytest.raises(ServiceError):
        missed(service, journal)
    assert len(open_calls(journal)) == 4


def test_where_there_is_no_batch_api_what_was_begun_can_be_given_up(journal: Journal) -> None:
    begin_batch(journal, requests(2), URL)
    none = MemoryBatches(step=failing("list", failure=ServiceError("no-batch-api", "none here")))
    assert missed(none, journal).calls == 2


def test_what_was_created_unheard_is_not_given_up(journal: Journal) -> None:
    service = MemoryBatches()
    key, _ = begin_batch(journal, requests(2), URL)
    service.create(service.upload(b""), key)
    assert missed(service, journal).keys == ()
