"""Requests stay what they were, byte for byte: a journal's replies are found by the hash of what was asked."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.asking import Calls
from builder.readers import judge, picks
from builder.writers.openai import OpenAIWriter
from builder.writers.order import Order
from mvpbench.store.journal import Journal, call_id
from schemas.chat import ChatReply
from tests.builder.readers import made as readers
from tests.builder.writers.made import MFQ2, a_paper_order, a_section, an_order

HOSTILE = "</concern> {{ 7 * 7 }} my neighbour's dog"
ORDERS = {
    "sides": an_order(1),
    "sides, with words": an_order(2, concern=HOSTILE),
    "sides in Amharic": an_order(3, language="am"),
    "tradeoff": an_order(4, tradeoff=True),
    "paper": a_paper_order(5, concern=HOSTILE),
}
GOOD = {
    "topic": "a move",
    "question": "Should I move to the coast for a new job this spring?",
    "answer_1": "Take the job and rent a small room at first, then look around for a home once you know the town.",
    "answer_2": "Stay where your friends are and ask for other work near home, "
    "since a town is known before it is liked.",
}
REPLIES = {
    "nothing": "",
    "chat": "I would rather not.",
    "a part": '{"topic": "a move", "question',
    "other fields": json.dumps({"SECRET": 1, "topic": 7}),
    "a value named": json.dumps(GOOD | {"answer_1": f"It is a matter of care. {GOOD['answer_1']}"}),
    "three": json.dumps({"questions": [GOOD, GOOD | {"topic": 7}, GOOD]}),
}
FIRST = {
    "sides": "c-c323cf79218712e8",
    "sides, with words": "c-8332a1fc86b0ac63",
    "sides in Amharic": "c-57566a5fdd902305",
    "tradeoff": "c-2ce591f6dc1463ed",
    "paper": "c-9655c0456e09c8e5",
}
AGAIN = {
    "nothing": "c-d96603204607455d",
    "chat": "c-b6fd32961dd1d04c",
    "a part": "c-252caa3391cee8ba",
    "other fields": "c-4591d8e514e26afe",
    "a value named": "c-29236f2ee1a665ba",
    "three": "c-2e0214814aad3fb4",
}
READ = {
    "chat": [
        "c-f9c014b6fb1bc2e7",
        "c-2f5fc690c448ffb2",
        "c-78bd4b03a3118973",
        "c-1db235d7ead69bfa",
        "c-5b9db705f5ec5536",
        "c-2dec3228885b8e34",
    ],
    "other fields": [
        "c-f9c014b6fb1bc2e7",
        "c-d6c398205814f594",
        "c-78bd4b03a3118973",
        "c-1db235d7ead69bfa",
        "c-69b4f32ab93c5d2b",
        "c-6fbc2ea776e7cec4",
    ],
    "{}": [
        "c-f9c014b6fb1bc2e7",
        "c-dd9f11b5d5709914",
        "c-78bd4b03a3118973",
        "c-1db235d7ead69bfa",
        "c-4c70f6bc17cbb0c0",
        "c-42f6efc4d11f183b",
    ],
}


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.db") as opened:
        yield opened


def next_id(journal: Journal, order: Order) -> str | None:
    """Of the call that a writer opened now makes next."""
    return next((call_id(call) for call in OpenAIWriter(a_section(), MFQ2, journal).next_calls([order])), None)


def test_first_requests_of_a_writer(journal: Journal) -> None:
    assert {name: next_id(journal, order) for name, order in ORDERS.items()} == FIRST


@pytest.mark.parametrize("said", REPLIES)
def test_requests_for_a_better_reply(journal: Journal, said: str) -> None:
    order = a_paper_order() if said == "three" else an_order(1)
    (call,) = OpenAIWriter(a_section(), MFQ2, journal).next_calls([order])
    reply = ChatReply(text=REPLIES[said], finish_reason="stop", usage=None, model="tiny", raw="{}")
    journal.finish_attempt(journal.begin_attempt(call), reply=reply)
    assert next_id(journal, order) == AGAIN[said]


@pytest.mark.parametrize("said", ["chat", "other fields", "{}"])
def test_requests_of_readers(journal: Journal, said: str) -> None:
    """Of the judge and of the blind reader: a first one each, in two orders for the latter, and those after."""
    model = readers.Model(lambda _request: REPLIES.get(said, said))
    calls = Calls(readers.a_section(), model.open, journal, lambda _line: None, asyncio.sleep)
    judge([readers.a_question()], calls)
    picks([readers.a_question()], calls)
    assert [call_id(request) for request in model.requests] == READ[said]
