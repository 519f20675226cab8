"""The journal says what was begun and what came of it, and nothing it said is ever lost."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvpbench.store.journal import AttemptState, Journal, Spent, WriteRecord, WriteState, call_id
from schemas.chat import ChatFailure, ChatReply, ChatRequest, Message
from schemas.errors import Defect, MvpbenchError
from schemas.questions import Match
from tests.mvpbench.store.made import a_match, a_question, a_reply, a_request, at_nine
from tests.mvpbench.store.strategies import fraction_of_examples, replies, requests

REFUSED = ChatFailure("status", "429 too many requests", retry=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal(path, at_nine) as opened:
        yield opened


def test_the_id_of_a_call_never_changes() -> None:
    """A call under another id would be paid again: a field added to ChatRequest needs a way to keep this one."""
    request = ChatRequest(model="m", messages=(Message(role="user", content="ж?"),), temperature=0.7, sample=2)
    # sha256 of [1,"id:c","<canonical JSON of the request>"], computed once with sha256sum.
    assert call_id(request) == "c-e1ccd09e42e20264"


def test_a_request_holds_no_key_header_or_address() -> None:
    assert set(ChatRequest.model_fields) == {
        "model",
        "messages",
        "response_schema",
        "temperature",
        "max_tokens",
        "sample",
    }


def test_a_call_that_has_a_reply_keeps_its_first_one_for_ever(journal: Journal, path: Path) -> None:
    request = a_request(1)
    assert journal.reply(call_id(request)) is None
    assert journal.request(call_id(request)) is None
    journal.finish_attempt(journal.begin_attempt(request), failure=REFUSED)
    assert journal.reply(call_id(request)) is None
    first, second = journal.begin_attempt(request), journal.begin_attempt(request)
    journal.finish_attempt(first, reply=a_reply(1), usd=0.25)
    journal.finish_attempt(second, reply=a_reply(2), usd=0.25)
    with Journal(path) as again:
        assert again.reply(call_id(request)) == a_reply(1)
        assert again.reply_to(request) == a_reply(1)
        assert again.request(call_id(request)) == request


def test_replies_to_many_calls_are_each_the_first_one_and_no_others(journal: Journal) -> None:
    one, other, failed, never = (call_id(a_request(number)) for number in range(1, 5))
    begun = [journal.begin_attempt(a_request(number)) for number in (1, 1, 2, 3)]
    for attempt, reply in zip(begun[:3], (a_reply(1), a_reply(2), a_reply(3)), strict=True):
        journal.finish_attempt(attempt, reply=reply)
    journal.finish_attempt(begun[3], failure=REFUSED)
    assert journal.replies([failed, one, never, one]) == {one: a_reply(1)}
    assert journal.replies([one, other]) == {one: a_reply(1), other: a_reply(3)}
    assert journal.replies([]) == {}


def test_attempts_are_begun_together_or_not_at_all(journal: Journal) -> None:
    asked = [a_request(1), a_request(2), a_request(1)]
    attempts = journal.begin_attempts(asked)
    assert list(attempts) == [journal.id_of(request) for request in asked[:2]]
    begun = {attempt.attempt for request in asked for attempt in journal.attempts(call_id(request))}
    assert begun == set(attempts.values())

    def broken() -> Iterator[ChatRequest]:
        yield a_request(3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        journal.begin_attempts(broken())
    assert journal.attempts(call_id(a_request(3))) == []


def test_attempts_are_open_until_they_end(journal: Journal) -> None:
    first, second, third = (journal.begin_attempt(a_request(number)) for number in range(3))
    journal.finish_attempt(first, reply=a_reply(1))
    journal.finish_attempt(second, failure=REFUSED)
    assert journal.open_attempts([first, second, third, third + 1]) == {third}
    assert journal.open_attempts([]) == frozenset()


def test_attempts_tell_their_story(journal: Journal) -> None:
    request = a_request(1)
    journal.finish_attempt(journal.begin_attempt(request), failure=REFUSED, usd=0.5)
    journal.finish_attempt(journal.begin_attempt(request), reply=a_reply(1))
    journal.begin_attempt(request)
    failed, done, begun = journal.attempts(call_id(request))
    assert (failed.state, failed.failure, failed.detail, failed.usd) == (
        AttemptState.FAILED,
        "status",
        "429 too many requests",
        0.5,
    )
    assert (done.state, done.prompt_tokens, done.completion_tokens, done.usd) == (AttemptState.DONE, 100, 11, None)
    assert (begun.state, begun.begun_at, begun.ended_at) == (AttemptState.BEGUN, "2026-03-01T09:00:00+00:00", None)


def test_what_was_spent_counts_failed_and_lost_attempts(journal: Journal) -> None:
    assert journal.spent() == Spent(calls=0, attempts=0, unfinished=0, prompt_tokens=0, completion_tokens=0, usd=0.0)
    for number, usd in ((1, 0.25), (2, None), (2, 0.5)):
        journal.finish_attempt(journal.begin_attempt(a_request(number)), reply=a_reply(number), usd=usd)
    journal.finish_attempt(journal.begin_attempt(a_request(3)), failure=REFUSED, usd=0.125)
    journal.begin_attempt(a_request(4))
    # Tokens: 3 x 100, and 11 + 12 + 12. Calls 1 and 2 have replies; 5 attempts, one without an end.
    assert journal.spent() == Spent(
        calls=2, attempts=5, unfinished=1, prompt_tokens=300, completion_tokens=35, usd=0.875
    )


@fraction_of_examples(4)
@given(requests(), replies(), st.none() | st.floats(min_value=0, allow_infinity=False))
def test_any_request_and_reply_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, request_: ChatRequest, reply: ChatReply, usd: float | None
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    with Journal(folder / "journal.db") as journal:
        journal.finish_attempt(journal.begin_attempt(request_), reply=reply, usd=usd)
        assert journal.reply(call_id(request_)) == reply
        assert journal.request(call_id(request_)) == request_
        assert journal.attempts(call_id(request_))[0].usd == usd


def test_a_failure_may_quote_what_is_no_text(journal: Journal) -> None:
    journal.finish_attempt(journal.begin_attempt(a_request(1)), failure=ChatFailure("body", "\ud800", retry=False))
    assert journal.attempts(call_id(a_request(1)))[0].detail == "\\ud800"


def test_an_attempt_ends_once_and_in_one_way(journal: Journal) -> None:
    attempt = journal.begin_attempt(a_request(1))
    for ends in ({}, {"reply": a_reply(1), "failure": REFUSED}):
        with pytest.raises(Defect, match="a reply or a failure, not both"):
            journal.finish_attempt(attempt, **ends)  # type: ignore[arg-type]
    journal.finish_attempt(attempt, reply=a_reply(1))
    for ended in (attempt, 99):
        with pytest.raises(Defect, match=f"attempt {ended}: expected one that was begun and not ended"):
            journal.finish_attempt(ended, failure=REFUSED)
    assert journal.reply(call_id(a_request(1))) == a_reply(1)


def test_a_write_is_begun_once_and_keeps_its_first_payload(journal: Journal) -> None:
    assert journal.find_write("task", "t-1") is None
    begun = journal.begin_write("task", "t-1", "payload")
    assert begun == WriteRecord(
        kind="task",
        key="t-1",
        state=WriteState.BEGUN,
        payload="payload",
        result=None,
        begun_at="2026-03-01T09:00:00+00:00",
        done_at=None,
    )
    assert journal.begin_write("task", "t-1", "other payload") == begun
    journal.finish_write("task", "t-1", "17")
    journal.finish_write("task", "t-1", "17")
    done = journal.begin_write("task", "t-1", "payload")
    assert (done.state, done.result, done.done_at) == (WriteState.DONE, "17", "2026-03-01T09:00:00+00:00")
    assert journal.find_write("task", "t-1") == done


def test_a_write_that_was_not_begun_or_came_to_something_else_cannot_end(journal: Journal) -> None:
    with pytest.raises(Defect, match="found nothing begun, expected to end it with 17"):
        journal.finish_write("task", "t-1", "17")
    journal.begin_write("task", "t-1", "")
    journal.finish_write("task", "t-1", "17")
    with pytest.raises(Defect, match="found the result 17, expected to end it with 18"):
        journal.finish_write("task", "t-1", "18")


def test_writes_of_a_kind_come_in_the_order_in_which_they_were_begun(journal: Journal) -> None:
    for kind, key in (("task", "b"), ("project", "a"), ("task", "a")):
        journal.begin_write(kind, key, "")
    journal.finish_write("task", "b", "1")
    assert [(write.key, write.state) for write in journal.writes("task")] == [("b", "done"), ("a", "begun")]
    assert journal.writes("user") == []


def test_matches_are_kept_in_order_and_never_redrawn(journal: Journal) -> None:
    journal.record_matches([a_match(2), a_match(1)])
    journal.record_matches([a_match(1), a_match(3)])
    assert journal.matches() == [a_match(2), a_match(1), a_match(3)]
    for redrawn in ([a_match(4), a_match(1, side="purity:high")], [a_match(4), a_match(4, side="purity:high")]):
        with pytest.raises(Defect, match="expected what was recorded under this id"):
            journal.record_matches(redrawn)
    assert journal.matches() == [a_match(2), a_match(1), a_match(3)]


def test_a_match_of_surer_sides_is_the_match_that_was_recorded(journal: Journal) -> None:
    one = a_match(1)
    surer = one.model_copy(update={"first": one.first.model_copy(update={"error_probability": 0.001})})
    assert surer != one
    journal.record_matches([one])
    journal.record_matches([surer])
    assert journal.matches() == [one]


def test_questions_are_kept_in_order_by_match_and_hand_and_never_rewritten(journal: Journal) -> None:
    one, two, other_hand = ("m-1", "template 0"), ("m-2", "template 0"), ("m-1", "template 1")
    journal.record_questions({two: a_question(2), one: a_question(1)})
    journal.record_questions({one: a_question(1), other_hand: a_question(1, "What then?")})
    kept = [(two, a_question(2)), (one, a_question(1)), (other_hand, a_question(1, "What then?"))]
    assert list(journal.questions().items()) == kept
    with pytest.raises(Defect, match="expected the question recorded for it"):
        journal.record_questions({("m-3", "template 0"): a_question(3), one: a_question(1, "What then?")})
    assert list(journal.questions().items()) == kept


def test_loans_are_kept_in_the_order_of_the_first(journal: Journal) -> None:
    journal.record_loans([("r-2", "q-1"), ("r-1", "q-2")])
    journal.record_loans([("r-1", "q-1"), ("r-2", "q-1")])
    assert journal.loans() == [("r-2", "q-1"), ("r-1", "q-2"), ("r-1", "q-1")]


@contextmanager
def begun_and_failed(journal: Journal) -> Iterator[None]:
    """A batch that has done something before its block."""
    with journal.batch():
        journal.begin_write("task", "t-1", "")
        yield


def test_a_batch_is_there_whole_or_not_at_all(journal: Journal, path: Path) -> None:
    with pytest.raises(Defect), begun_and_failed(journal):
        journal.finish_write("task", "t-2", "never begun")
    assert journal.writes("task") == []
    with journal.batch(), Journal(path) as other:
        for number in range(3):
            journal.begin_write("task", f"t-{number}", "")
        assert other.writes("task") == []
    with Journal(path) as other:
        assert len(other.writes("task")) == 3


def test_a_journal_is_used_inside_its_block(path: Path) -> None:
    with Journal(path) as journal:
        pass
    with pytest.raises(Defect, match="inside its `with` block"):
        journal.spent()


@dataclass(frozen=True)
class State:
    """Everything that a journal says."""

    spent: Spent
    replies: tuple[ChatReply | None, ...]
    writes: tuple[WriteRecord, ...]
    matches: tuple[Match, ...]


def state(journal: Journal) -> State:
    replies = tuple(journal.reply(call_id(a_request(number))) for number in range(6))
    return State(journal.spent(), replies, tuple(journal.writes("task")), tuple(journal.matches()))


def transactions(journal: Journal) -> Iterator[None]:
    for number in range(6):
        attempt = journal.begin_attempt(a_request(number))
        yield
        journal.begin_write("task", f"t-{number}", "payload" * 500)
        yield
        if number % 3:
            journal.finish_attempt(attempt, reply=a_reply(number), usd=0.5)
            yield
        journal.record_matches([a_match(number), a_match(number + 100)])
        yield
        if number % 2:
            journal.finish_write("task", f"t-{number}", str(number))
            yield
        with journal.batch():
            journal.begin_write("task", f"t-{number}-x", "")
            journal.finish_write("task", f"t-{number}-x", "x")
        yield


@dataclass(frozen=True)
class History:
    """The files of a journal before it was closed, and what it said after each commit."""

    main: bytes
    log: bytes
    states: tuple[State, ...]
    ends: tuple[int, ...]
    """Bytes of the log after each commit."""
    closed: bytes
    """The one file of the journal after it was closed."""


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    path = tmp_path_factory.mktemp("history") / "journal.db"
    log = path.with_name("journal.db-wal")
    with Journal(path, at_nine) as journal:
        states, ends = [state(journal)], [log.stat().st_size]
        for _ in transactions(journal):
            states.append(state(journal))
            ends.append(log.stat().st_size)
        opened = (path.read_bytes(), log.read_bytes(), tuple(states), tuple(ends))
    assert not log.exists()
    return History(*opened, path.read_bytes())


def reopened(folder: Path, main: bytes, log: bytes) -> State:
    (folder / "journal.db").write_bytes(main)
    (folder / "journal.db-wal").write_bytes(log)
    with Journal(folder / "journal.db") as journal:
        return state(journal)


def test_the_history_is_in_its_log(history: History) -> None:
    assert len(set(map(repr, history.states))) == len(history.states) > 20
    assert all(before < after for before, after in itertools.pairwise(history.ends))
    assert history.ends[-1] == len(history.log)


@fraction_of_examples(4)
@given(data=st.data())
def test_a_log_cut_at_any_byte_keeps_every_transaction_before_the_cut(
    tmp_path_factory: pytest.TempPathFactory, history: History, data: st.DataObject
) -> None:
    kept = data.draw(st.integers(0, len(history.log)) | st.sampled_from(history.ends))
    found = reopened(tmp_path_factory.mktemp("cut"), history.main, history.log[:kept])
    whole = sum(end <= kept for end in history.ends)
    assert found == history.states[max(whole - 1, 0)]


@fraction_of_examples(4)
@given(data=st.data())
def test_a_journal_cut_at_any_byte_says_what_it_said_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, history: History, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("cut") / "journal.db"
    kept = data.draw(st.integers(1, len(history.closed)))
    path.write_bytes(history.closed[:kept])
    try:
        with Journal(path) as journal:
            found: object = state(journal)
    except MvpbenchError as error:
        found = error.report.code
    assert found == history.states[-1] or (kept < len(history.closed) and found == "journal-corrupt")
