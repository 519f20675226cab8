"""The story of batches, with the service in memory and the real journal: what is sent, looked for and written down."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvpbench.chat.batch.lines import asking_line, read_line
from mvpbench.chat.batch.memory import MemoryBatches, echo
from mvpbench.chat.batch.run import adopt, open_calls, submit
from mvpbench.chat.batch.service import Batch
from mvpbench.store.journal import AttemptState, Journal, call_id
from schemas.chat import UNREACHABLE, ChatFailure, ChatReply
from schemas.errors import ServiceError, Stopped
from tests.mvpbench.chat.batch.made import (
    FATES,
    URL,
    Sleeps,
    adopted,
    collected,
    failing,
    line,
    opening,
    refusal,
    settings,
    submitted,
)
from tests.mvpbench.chat.made import a_request, requests


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.db") as opened:
        yield opened


def test_requests_are_handed_over_and_their_replies_collected(journal: Journal) -> None:
    service = MemoryBatches()
    asked = requests(3)
    assert submitted(service, journal, asked).model_dump() == {
        "created": 1, "calls": 3, "waiting": 0,
    }  # fmt: skip
    assert open_calls(journal) == {call_id(request): URL for request in asked}
    found = collected(service, journal)
    assert (found.batches, found.replies, found.failed, found.ignored, found.open_batches) == (1, 3, (), 0, 0)
    assert open_calls(journal) == {}
    replies = [journal.reply_to(request) for request in asked]
    assert [reply and reply.text for reply in replies] == ["question 0", "question 1", "question 2"]
    # Two words asked at $1 and two replied at $2 a million, three times, at half the price.
    assert journal.spent().usd == pytest.approx(3 * (2 * 1 + 2 * 2) / 1e6 / 2)


def test_what_has_a_reply_or_is_in_a_batch_is_not_sent_again(journal: Journal) -> None:
    service = MemoryBatches()
    submitted(service, journal, requests(2))
    collected(service, journal)
    submitted(service, journal, requests(4))
    again = submitted(service, journal, [*requests(5), *requests(5)])
    assert (again.created, again.calls, again.waiting) == (1, 1, 2)
    assert sorted(map(len, service.calls.values())) == [1, 2, 2]


def test_nothing_is_opened_for_nothing(journal: Journal) -> None:
    def never() -> Any:
        pytest.fail("opened")

    assert adopt(never, journal, settings(), lambda _line: None).batches == 0
    nothing = submit([], never, journal, settings(), lambda _line: None)
    assert (nothing.created, nothing.calls) == (0, 0)


def test_batches_keep_to_their_limits_and_to_one_model(journal: Journal) -> None:
    service = MemoryBatches()
    other = [request.model_copy(update={"model": "huge"}) for request in requests(2)]
    asked = [other[0], *requests(5), other[1]]
    length = len(asking_line(call_id(asked[1]), asked[1], URL))
    submitted(service, journal, asked, most_bytes=2 * length)
    assert [len(calls) for calls in service.calls.values()] == [2, 2, 2, 1]
    submitted(service, journal, [a_request(number) for number in range(10, 15)], most_requests=3)
    assert [len(calls) for calls in service.calls.values()][4:] == [3, 2]
    models = [{json.loads(asked)["body"]["model"] for asked in file.splitlines()} for file in uploads(service)]
    assert all(len(names) == 1 for names in models)
    submitted(service, journal, [a_request(99)], most_bytes=1)
    assert len(service.calls) == 7


def uploads(service: MemoryBatches) -> list[bytes]:
    return [lines for file_id, lines in service.files.items() if file_id.startswith("file-")]


def test_a_batch_that_runs_is_left_alone(journal: Journal) -> None:
    service = MemoryBatches(ended="in_progress")
    submitted(service, journal, requests(2))
    found = collected(service, journal)
    assert (found.batches, found.open_batches, found.open_calls) == (0, 1, 2)
    assert len(open_calls(journal)) == 2
    service.ended = "completed"
    assert collected(service, journal).replies == 2
    assert collected(service, journal).batches == 0


@pytest.mark.parametrize("step", ["create", "created"])
def test_a_create_that_is_not_answered_is_looked_for_before_it_is_repeated(journal: Journal, step: str) -> None:
    steps: list[str] = []
    fail = failing(step)

    def noted(name: str) -> None:
        steps.append(name)
        fail(name)

    service = MemoryBatches(step=noted)
    assert submitted(service, journal, requests(2)).created == 1
    again = ["list", "list", "create", "created"] if step == "create" else []
    unanswered = ["create"] if step == "create" else ["create", "created"]
    assert steps == ["upload", "uploaded", *unanswered, "list", *again]
    assert len(service.batches) == 1


class Late(MemoryBatches):
    """Shows no batch in its first lists."""

    late = 2

    def list(self) -> Iterator[Batch]:
        """Yield the batches, once it is time."""
        shown = [] if self.late else super().list()
        self.late = max(self.late - 1, 0)
        yield from shown


def test_a_batch_that_the_list_shows_late_is_not_created_again(journal: Journal) -> None:
    """Two seconds after the create that was not answered, two more before the second look, four before the third."""
    service, sleeps = Late(step=failing("created")), Sleeps()
    submit(requests(2), opening(service), journal, settings(), lambda _line: None, sleeps)
    assert (len(service.batches), sleeps) == (1, [2.0, 2.0, 4.0])
    assert collected(service, journal).replies == 2


def test_a_batch_that_stays_unsure_is_looked_for_by_the_next_run(journal: Journal) -> None:
    fail = failing("create", "create", "create")
    service = MemoryBatches(step=fail)
    with pytest.raises(Stopped) as caught:
        submitted(service, journal, requests(2))
    assert (caught.value.report.code, caught.value.exit_code) == ("batch-unsure", 75)
    assert len(open_calls(journal)) == 2
    assert adopted(service, journal).model_dump() == {"batches": 0, "calls": 0, "freed": 2}
    assert (open_calls(journal), service.batches) == ({}, {})
    (attempt,) = journal.attempts(call_id(a_request(0)))
    assert (attempt.state, attempt.failure) == (AttemptState.FAILED, "batch-never-created")
    assert submitted(service, journal, requests(1)).calls == 1
    assert list(service.calls.values()) == [[call_id(a_request(0))]]


def test_what_the_service_has_is_adopted_and_nothing_is_created(journal: Journal) -> None:
    service = Late(step=failing("created", "list", "list", "list"))
    with pytest.raises(Stopped):
        submit(requests(2), opening(service), journal, settings(), lambda _line: None, Sleeps())
    assert adopted(service, journal).model_dump() == {"batches": 1, "calls": 2, "freed": 0}
    assert len(service.batches) == 1
    assert adopted(service, journal).batches == 0
    assert collected(service, journal).replies == 2


def test_a_batch_nobody_heard_of_is_adopted_by_whoever_asks_first(journal: Journal) -> None:
    """Created and unanswered, then no list: the run stops. Collecting finds it as submitting would."""
    service = MemoryBatches(step=failing("created", "list", "list", "list"))
    with pytest.raises(Stopped) as caught:
        submitted(service, journal, requests(2))
    assert caught.value.report.code == "batch-unanswered"
    assert collected(service, journal).replies == 2


def test_a_batch_that_was_never_created_waits_for_a_submit(journal: Journal) -> None:
    service = MemoryBatches(step=failing("create", "create", "create"))
    with pytest.raises(Stopped):
        submitted(service, journal, requests(2))
    found = collected(service, journal)
    assert (found.open_batches, found.open_calls) == (1, 2)


def test_waits_double_and_heed_the_service(journal: Journal) -> None:
    busy = ChatFailure("rate-limited", "slow down", retry=True, retry_after=7.0)
    sleeps = Sleeps()
    service = MemoryBatches(step=failing("upload", failure=busy))
    submit(requests(1), opening(service), journal, settings(), lambda _line: None, sleeps)
    lost = MemoryBatches(step=failing("upload", "upload"))
    submit(requests(2), opening(lost), journal, settings(), lambda _line: None, sleeps)
    assert sleeps == [7.0, 2.0, 4.0]


@pytest.mark.parametrize("step", ["upload", "create"])
@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (ChatFailure("request-refused", "http 400: no", retry=False), "batch-refused"),
        (ServiceError("no-batch-api", "none here"), "no-batch-api"),
        (ServiceError("key-refused", "no"), "key-refused"),
    ],
)
def test_a_batch_that_is_refused_frees_its_calls(
    journal: Journal, step: str, failure: ChatFailure | ServiceError, code: str
) -> None:
    service = MemoryBatches(step=failing(step, failure=failure))
    with pytest.raises(ServiceError) as caught:
        submitted(service, journal, requests(2))
    assert caught.value.report.code == code
    assert open_calls(journal) == {}
    (attempt,) = journal.attempts(call_id(a_request(0)))
    assert attempt.state == AttemptState.FAILED
    assert submitted(service, journal, requests(2)).created == 1
    assert collected(service, journal).replies == 2


def test_a_list_that_is_refused_frees_nothing(journal: Journal) -> None:
    service = MemoryBatches(step=failing("created", "list", failure=None))
    with pytest.raises(Stopped):
        submitted(service, journal, requests(2), tries=1)
    service = MemoryBatches(step=failing("list", failure=ChatFailure("request-refused", "no", retry=False)))
    with pytest.raises(ServiceError):
        submitted(service, journal, [])
    assert len(open_calls(journal)) == 2


def test_nobody_there_is_told_as_that(journal: Journal) -> None:
    nobody = ChatFailure(UNREACHABLE, "http://127.0.0.1:9/v1: refused", retry=True)
    service = MemoryBatches(step=failing("upload", "upload", "upload", failure=nobody))
    with pytest.raises(ServiceError) as caught:
        submitted(service, journal, requests(1))
    assert caught.value.report.code == "server-unreachable"


def test_batches_of_another_address_are_left_alone(journal: Journal) -> None:
    service = MemoryBatches()
    submitted(service, journal, requests(2))
    other = "http://127.0.0.1:10/v1"
    found = collected(MemoryBatches(), journal, base_url=other)
    assert (found.batches, found.elsewhere) == (0, {URL: 1})
    again = submitted(MemoryBatches(), journal, requests(3), base_url=other)
    assert (again.calls, again.waiting) == (1, 2)
    assert collected(service, journal, base_url=f"{URL}/").replies == 2


PASSING = {
    "rate-limited",
    "server-error",
    "batch-expired",
    "batch-cancelled",
    "batch-error",
    "batch-unreadable",
    "batch-lost",
}


@pytest.mark.parametrize("fate", [fate for fate in FATES if fate != "reply"])
def test_what_a_line_means(journal: Journal, fate: str) -> None:
    service = MemoryBatches(FATES[fate])
    submitted(service, journal, requests(1))
    (lost,) = collected(service, journal).failed
    assert (lost.call_id, lost.kind, lost.retry) == (call_id(a_request(0)), fate, fate in PASSING)
    (attempt,) = journal.attempts(lost.call_id)
    assert (attempt.state, attempt.failure) == (AttemptState.FAILED, fate)


@pytest.mark.parametrize(
    ("ended", "kind"), [("expired", "batch-expired"), ("cancelled", "batch-cancelled"), ("completed", "batch-lost")]
)
def test_calls_of_which_the_files_say_nothing(journal: Journal, ended: str, kind: str) -> None:
    service = MemoryBatches(lambda call, body: echo(call, body) if body["seed"] == 0 else None, ended=ended)
    submitted(service, journal, [a_request(0), a_request(1).model_copy(update={"sample": 1})])
    found = collected(service, journal)
    assert (found.replies, [(lost.kind, lost.retry) for lost in found.failed]) == (1, [(kind, True)])


HOSTILE = [
    "",
    "{",
    "[1]",
    "null",
    '"custom_id"',
    "[" * 100_000,
    '{"custom_id": 3}',
    '{"custom_id": ["c-1"]}',
    '{"custom_id": "c-0000000000000000", "response": {"status_code": 200, "body": {}}}',
]


@pytest.mark.parametrize("said", HOSTILE)
def test_lines_that_name_no_call_are_counted_and_passed_over(journal: Journal, said: str) -> None:
    service = MemoryBatches(lambda call, body: f"{said}\n{echo(call, body)}\n{said}")
    submitted(service, journal, requests(1))
    found = collected(service, journal)
    assert (found.replies, found.ignored, found.failed) == (1, 2, ())


BODIES: Sequence[object] = [3, "text", [], {}, {"choices": 3}, {"choices": [{"message": {"content": {"a": 1}}}]}, False]


@pytest.mark.parametrize("body", BODIES)
def test_a_whole_body_is_a_reply_even_where_it_cannot_be_read(body: object) -> None:
    read = read_line(line("c-1", response={"status_code": 200, "body": body}), "tiny")
    assert read is not None
    assert isinstance(read[1], ChatReply)
    assert (read[1].text, json.loads(read[1].raw)) == ("", body)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.slow
@given(
    response=JSON_VALUES | st.fixed_dictionaries({"status_code": JSON_VALUES, "body": JSON_VALUES}), error=JSON_VALUES
)
def test_any_value_in_a_line_is_a_reply_or_a_failure(response: object, error: object) -> None:
    read = read_line(line("c-1", response=response, error=error), "tiny")
    assert read is not None
    assert isinstance(read[1], ChatReply | ChatFailure)


def test_a_call_that_two_lines_name_is_ended_by_the_first(journal: Journal) -> None:
    service = MemoryBatches(lambda call, body: f"{echo(call, body)}\n{refusal(call, 500)}")
    submitted(service, journal, requests(2))
    found = collected(service, journal)
    assert (found.replies, found.ignored, found.failed) == (2, 2, ())


def test_a_reply_that_comes_after_another_is_paid_and_not_put_before_it(journal: Journal) -> None:
    service = MemoryBatches()
    submitted(service, journal, requests(1))
    other = ChatReply(text="first", finish_reason="stop", usage=None, model="tiny", raw="{}")
    journal.finish_attempt(journal.begin_attempt(a_request(0)), reply=other)
    (lost,) = collected(service, journal).failed
    assert (lost.kind, journal.reply_to(a_request(0))) == ("batch-late", other)
    assert journal.spent().usd > 0


class Refusing(MemoryBatches):
    """Takes a batch and finds its file wrong."""

    def retrieve(self, batch_id: str) -> Batch | None:
        """Return a batch that failed."""
        batch = super().retrieve(batch_id)
        problems = ("invalid_json_line: this line is no JSON (line 1)",)
        gone = {"status": "failed", "problems": problems, "output_file": None, "error_file": None}
        return batch and batch.model_copy(update=gone)


def test_a_batch_whose_file_is_refused_is_told_in_one_message(journal: Journal) -> None:
    service = Refusing()
    submitted(service, journal, requests(2))
    with pytest.raises(ServiceError) as caught:
        collected(service, journal)
    report = caught.value.report
    assert report.code == "batch-failed"
    assert "batch-0" in (report.where or "")
    assert report.found == "invalid_json_line: this line is no JSON (line 1)"
    assert report.expected
    assert "--batch" in (report.way_out or "")
    assert [attempt.failure for attempt in journal.attempts(call_id(a_request(1)))] == ["batch-failed"]
    assert open_calls(journal) == {}
    assert collected(service, journal).batches == 0


def test_a_batch_the_service_does_not_know_stays_open_until_it_is_given_up(journal: Journal) -> None:
    service = MemoryBatches()
    submitted(service, journal, requests(2))
    submitted(service, journal, requests(3))
    del service.batches["batch-0"]
    with pytest.raises(ServiceError) as caught:
        collected(service, journal)
    assert caught.value.report.code == "batch-unknown"
    assert "batch-0" in str(caught.value)
    assert journal.reply_to(a_request(2)) is not None  # the other batch was collected before that was told
    assert len(open_calls(journal)) == 2


def test_results_that_are_gone_are_lost_with_a_reason(journal: Journal) -> None:
    service = MemoryBatches()
    submitted(service, journal, requests(1))
    del service.files["batch-0-output"]
    (lost,) = collected(service, journal).failed
    assert (lost.kind, "file-gone" in lost.detail) == ("batch-lost", True)


def test_results_that_do_not_come_now_are_left_for_the_next_run(journal: Journal) -> None:
    service = MemoryBatches(step=failing("content", "content", "content"))
    submitted(service, journal, requests(1))
    with pytest.raises(Stopped):
        collected(service, journal)
    assert len(open_calls(journal)) == 1
    assert collected(service, journal).replies == 1
