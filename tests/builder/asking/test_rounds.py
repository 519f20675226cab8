"""Things a model is asked about in rounds: every reply is read once, and what is asked follows the journal."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from builder.asking import Calls, Reading, Rounds
from mvpbench.chat.engine import CallFailed
from mvpbench.store.journal import Journal
from schemas.chat import ChatFailure, ChatReply, ChatRequest, Message
from schemas.study import ReaderSection
from tests.builder.readers.made import Model, a_section, no_sleep, reply

BAD = "bad"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.db") as opened:
        yield opened


@dataclass
class Counting:
    """Asks about words, counts, and finds a reply that says `bad` in need of another."""

    requests: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)

    def request(self, thing: str) -> ChatRequest:
        """Count the first request for a thing."""
        self.requests[thing] += 1
        return asking(thing)

    def reading(self, thing: str, request: ChatRequest, said: ChatReply) -> Reading[str]:
        """Count a reading."""
        self.read[thing] += 1
        again = request.model_copy(update={"sample": request.sample + 1})
        return Reading(said.text, again if said.text == BAD else None)

    def rounds(self, journal: Journal) -> Rounds[str, str]:
        """Return rounds that are counted here."""
        return Rounds(journal, self.request, self.reading)


def asking(thing: str, sample: int = 0) -> ChatRequest:
    return ChatRequest(model="tiny", messages=(Message(role="user", content=thing),), sample=sample)


def answer(journal: Journal, request: ChatRequest, text: str = "good") -> None:
    journal.finish_attempt(journal.begin_attempt(request), reply=reply(text))


def calls(journal: Journal, model: Model) -> Calls[ReaderSection]:
    return Calls(a_section(), model.open, journal, lambda _line: None, no_sleep)


def test_however_often_it_is_looked_at_a_thing_is_asked_for_and_its_reply_read_once(journal: Journal) -> None:
    things = [f"thing {number}" for number in range(2500)]
    with journal.batch():
        for thing in things[1:]:
            answer(journal, asking(thing))
    counting = Counting()
    rounds = counting.rounds(journal)
    for _ in range(3):
        assert rounds.missing(things) == [asking(things[0])]
        assert rounds.requests(things) == [asking(thing) for thing in things]
    model = Model(lambda _request: "good")
    assert rounds.complete(things, calls(journal, model)) == ["good"] * 2500
    assert model.requests == [asking(things[0])]
    assert set(counting.requests.values()) == set(counting.read.values()) == {1}
    assert len(counting.read) == 2500


def test_what_came_since_is_seen(journal: Journal) -> None:
    rounds = Counting().rounds(journal)
    assert rounds.missing(["a", "b", "a"]) == [asking("a"), asking("b")]
    answer(journal, asking("a"), BAD)
    assert rounds.missing(["a", "b"]) == [asking("a", 1), asking("b")]
    answer(journal, asking("a", 1))
    answer(journal, asking("b"))
    assert rounds.missing(["a", "b"]) == []


def test_a_thing_is_asked_about_twice_at_most_and_the_last_reply_counts(journal: Journal) -> None:
    said = {asking("a"): BAD, asking("a", 1): BAD, asking("b"): "good", asking("c"): BAD, asking("c", 1): "better"}
    model = Model(said.__getitem__)
    for _ in range(2):
        assert Counting().rounds(journal).complete(["a", "b", "c"], calls(journal, model)) == [BAD, "good", "better"]
    assert Counter(model.requests) == dict.fromkeys(said, 1)


def test_a_call_that_fails_is_what_became_of_its_thing_alone(journal: Journal) -> None:
    def rule(request: ChatRequest) -> str:
        if request == asking("a", 1):
            raise ChatFailure("request-refused", "http 400", retry=False)
        return BAD if request == asking("a") else "good"

    first, second = Counting().rounds(journal).complete(["a", "b"], calls(journal, Model(rule)))
    assert (isinstance(first, CallFailed), second) == (True, "good")


def failing(kind: str) -> Model:
    """A model that always fails at `bad` and replies to anything else."""

    def rule(request: ChatRequest) -> str:
        if request.messages[0].content == BAD:
            raise ChatFailure(kind, "again", retry=True)
        return "good"

    return Model(rule)


def runs(journal: Journal, things: list[str], model: Model, count: int) -> list[tuple[str, bool, int]]:
    """How the first thing ended in each of so many runs: kind, whether it may be tried again, attempts so far."""
    ended = []
    for _ in range(count):
        first = Counting().rounds(journal).complete(things, calls(journal, model))[0]
        assert isinstance(first, CallFailed)
        ended.append((first.kind, first.retry, model.requests.count(asking(BAD))))
    return ended


@pytest.mark.parametrize("kind", ["timeout", "connection-lost", "server-error"])
def test_a_call_that_fails_in_three_runs_beside_others_is_given_up(journal: Journal, kind: str) -> None:
    """Five attempts a run; from the fourth on none is made."""
    model = failing(kind)
    left, given_up = (kind, True), ("no-reply", False, 15)
    assert runs(journal, [BAD, "a", "b"], model, 4) == [(*left, 5), (*left, 10), given_up, given_up]
    assert Counting().rounds(journal).missing([BAD, "c"]) == [asking("c")]


def test_where_nobody_is_replied_to_it_takes_six_runs(journal: Journal) -> None:
    """The server is more likely to be at fault. What it replied to long before says nothing either."""
    answer(journal, asking("before"))
    ended = runs(journal, [BAD], failing("timeout"), 6)
    assert ended == [*[("timeout", True, 5 * run) for run in range(1, 6)], ("no-reply", False, 30)]


def test_a_call_that_an_outage_wore_out_is_made_when_the_server_is_back(journal: Journal) -> None:
    runs(journal, [BAD], failing("server-error"), 5)
    back = Model(lambda _request: "good")
    assert Counting().rounds(journal).complete(["a", BAD], calls(journal, back)) == ["good", "good"]


def test_a_server_that_is_asked_too_much_wears_nothing_out(journal: Journal) -> None:
    assert runs(journal, [BAD, "a"], failing("rate-limited"), 7)[-1] == ("rate-limited", True, 35)
