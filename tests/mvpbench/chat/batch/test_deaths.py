"""Batches while processes die and answers are lost: nothing is sent or written down twice, and nothing is forgotten."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mvpbench.chat.batch.memory import MemoryBatches, echo
from mvpbench.chat.batch.results import LINES_AT_ONCE
from mvpbench.chat.batch.run import NEVER_CREATED, open_calls
from mvpbench.store.journal import AttemptState, Journal, call_id
from schemas.chat import ChatRequest
from schemas.errors import Stopped
from tests.mvpbench.chat.batch.made import FATES, Died, Mortal, Steps, collected, failing, submitted
from tests.mvpbench.chat.made import requests


def once(path: Path, steps: Steps, service: MemoryBatches, asked: Sequence[ChatRequest], most_requests: int) -> None:
    """A process that submits and collects, and perhaps dies at a step."""
    with Journal(path) as journal:
        mortal = Mortal(journal, steps)
        service.step = steps
        submitted(service, mortal, asked, most_requests=most_requests)
        collected(service, mortal)


def require_exactly_once(path: Path, service: MemoryBatches, asked: Sequence[ChatRequest]) -> None:
    batches = Counter(call for calls in service.calls.values() for call in calls)
    keys = Counter(batch.key for batch in service.batches.values())
    assert set(keys.values()) == {1}
    with Journal(path) as journal:
        assert open_calls(journal) == {}
        for request in asked:
            attempts = journal.attempts(call_id(request))
            # Each attempt is one batch's, or was found not to be: no call is in two batches of a round.
            never_sent = sum(attempt.failure == NEVER_CREATED.kind for attempt in attempts)
            assert len(attempts) - never_sent == batches[call_id(request)]
            assert all(attempt.state != AttemptState.BEGUN for attempt in attempts)
            assert sum(attempt.state == AttemptState.DONE for attempt in attempts) <= 1


@pytest.mark.slow
def test_a_process_that_dies_at_any_step_sends_and_writes_down_nothing_twice(tmp_path: Path) -> None:
    """Five calls in three batches; the last is lost by the service, and may be sent again once that is written down."""
    asked = requests(5)
    lost = call_id(asked[-1])

    def answer(call: str, body: Mapping[str, Any]) -> str | None:
        return None if call == lost else echo(call, body)

    whole = Steps()
    once(tmp_path / "whole.db", whole, MemoryBatches(answer), asked, 2)
    for last in range(1, len(whole.names) + 1):
        path, service = tmp_path / f"{last}.db", MemoryBatches(answer)
        with pytest.raises(Died):
            once(path, Steps(last), service, asked, 2)
        once(path, Steps(), service, asked, 2)
        require_exactly_once(path, service, asked)
        sent = Counter(call for calls in service.calls.values() for call in calls)
        assert all(sent[call_id(request)] == 1 for request in asked[:-1])
        with Journal(path) as journal:
            assert all(journal.reply_to(request) is not None for request in asked[:-1])


@pytest.mark.slow
def test_a_process_that_dies_between_two_lots_of_lines_keeps_the_first(tmp_path: Path) -> None:
    asked, service, steps = requests(2 * LINES_AT_ONCE + 1), MemoryBatches(), Steps()
    with Journal(tmp_path / "journal.db") as journal:
        submitted(service, journal, asked)
        # Each line is a step before and after it is written down, its lot one before and after the commit.
        service.step, steps.last = steps, len(["retrieve", "content"]) + 2 * LINES_AT_ONCE + 2
        with pytest.raises(Died):
            collected(service, Mortal(journal, steps))
        assert steps.names[-1] == "committed"
        assert journal.spent().calls == LINES_AT_ONCE
        steps.last = None
        found = collected(service, Mortal(journal, steps))
        assert (found.replies, found.ignored, found.failed) == (LINES_AT_ONCE + 1, 0, ())
        assert journal.spent().attempts == len(asked)


@pytest.mark.slow
@hypothesis_settings(max_examples=60)
@given(
    fates=st.lists(st.sampled_from(sorted(FATES)), min_size=1, max_size=6),
    most_requests=st.integers(1, 4),
    deaths=st.lists(st.integers(1, 45), max_size=6),
    unanswered=st.lists(st.sampled_from(["upload", "create", "created", "list", "retrieve", "content"]), max_size=8),
)
def test_deaths_and_lost_answers_in_any_order_send_no_call_twice_in_a_round(
    fates: list[str], most_requests: int, deaths: list[int], unanswered: list[str]
) -> None:
    asked = requests(len(fates))
    by_call = {call_id(request): fate for request, fate in zip(asked, fates, strict=True)}
    service = MemoryBatches(lambda call, body: FATES[by_call[call]](call, body))
    fail = failing(*unanswered)

    class Troubled(Steps):
        def __call__(self, name: str) -> None:
            super().__call__(name)
            fail(name)

    with TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        for last in (*deaths, *[None] * (len(unanswered) + 1)):
            try:
                once(path, Troubled(last), service, asked, most_requests)
            except (Died, Stopped):
                continue
        with Journal(path) as journal:
            collected(service, journal)
            replied = {request for request in asked if journal.reply_to(request) is not None}
        assert {by_call[call_id(request)] for request in replied} <= {"reply"}
        assert len(replied) == fates.count("reply")
        batches = Counter(call for calls in service.calls.values() for call in calls)
        assert all(batches[call_id(request)] == 1 for request in replied)
        with Journal(path) as journal:
            assert open_calls(journal) == {}
            for request in asked:
                attempts = journal.attempts(call_id(request))
                assert all(attempt.state != AttemptState.BEGUN for attempt in attempts)
                never_sent = sum(attempt.failure in {"batch-unanswered", NEVER_CREATED.kind} for attempt in attempts)
                assert len(attempts) - never_sent == batches[call_id(request)]
