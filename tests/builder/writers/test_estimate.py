"""What an estimate rests on: replies of the same model to the same kind of request, whatever else was asked since."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from builder.asking import Calls
from builder.readers import judge, judge_estimate
from builder.readers.judge import Verdict
from builder.writers.estimate import LOOKED_AT, QUESTION_BYTES, Asked, estimate
from builder.writers.openai import OpenAIWriter
from builder.writers.order import Order
from mvpbench.chat.price import Price
from mvpbench.chat.tokens import BYTES_PER_TOKEN
from mvpbench.store.journal import Journal, Kind
from schemas.chat import ChatReply, ChatRequest, Message, Usage
from schemas.results import EstimateResult
from tests.builder.readers.made import Model, a_question
from tests.builder.readers.made import a_section as a_reader
from tests.builder.writers.made import MFQ2, a_section, an_order


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.db") as opened:
        yield opened


def asking(number: int, schema: str) -> ChatRequest:
    messages = (Message(role="system", content="write"), Message(role="user", content=f"{number:0400}"))
    return ChatRequest(model="m", messages=messages, response_schema=schema)


def reply_to(journal: Journal, calls: Iterable[ChatRequest], completion: int, prompt: int = 100) -> None:
    usage = Usage(prompt_tokens=prompt, completion_tokens=completion)
    reply = ChatReply(text="y", finish_reason="stop", usage=usage, model="m", raw="{}")
    with journal.batch():
        for call in calls:
            journal.finish_attempt(journal.begin_attempt(call), reply=reply)


@pytest.mark.slow
def test_what_another_was_asked_since_pushes_nothing_out(journal: Journal) -> None:
    """3,000 replies of 900 tokens, then 2,500 of 20 to another schema: 100 more of the first are 90,000 tokens."""
    reply_to(journal, (asking(number, '{"a":1}') for number in range(3000)), 900)
    reply_to(journal, (asking(number, '{"judge":1}') for number in range(LOOKED_AT + 500)), 20)
    asked = Asked("http://x", Price(prompt=1, completion=1), 600, [Kind("m", '{"a":1}', ["write"])])
    found = estimate([asking(number, '{"a":1}') for number in range(9000, 9100)], asked, journal)
    assert (found.calls, found.prompt_tokens, found.completion_tokens, found.usd) == (100, 10_000, 90_000, 0.1)


def written(journal: Journal, orders: Sequence[Order], completion: int) -> None:
    reply_to(journal, OpenAIWriter(a_section(), MFQ2, journal).next_calls(orders), completion)


def foreseen(journal: Journal, orders: Sequence[Order]) -> tuple[int, int]:
    """Calls and tokens of their replies."""
    found = OpenAIWriter(a_section(), MFQ2, journal).estimate(orders)
    return found.calls, found.completion_tokens


def ten(first: int, language: str = "en", *, tradeoff: bool = False) -> list[Order]:
    return [an_order(number, tradeoff=tradeoff, language=language) for number in range(first, first + 10)]


def as_the_prompts_ask(count: int) -> int:
    """One more in 33 is asked for again, and a question is so many bytes, four to a token."""
    return round(QUESTION_BYTES / BYTES_PER_TOKEN * count * 1.03)


def test_a_language_tells_nothing_of_another(journal: Journal) -> None:
    """None of the ten was asked for again, so ten more are ten calls of as many tokens as each of them had."""
    written(journal, ten(0), 100)
    assert foreseen(journal, ten(20)) == (10, 1000)
    assert foreseen(journal, ten(20, "am")) == (10, as_the_prompts_ask(10))
    written(journal, ten(40, "am"), 700)
    assert foreseen(journal, ten(20, "am")) == (10, 7000)
    assert foreseen(journal, ten(20)) == (10, 1000)
    assert foreseen(journal, [*ten(20), *ten(20, "am")]) == (20, 8000)


def test_a_recipe_is_told_by_its_own_and_before_there_are_enough_by_another_that_asks_for_the_same(
    journal: Journal,
) -> None:
    written(journal, ten(0), 100)
    assert foreseen(journal, ten(20, tradeoff=True))[1] == as_the_prompts_ask(10)
    assert foreseen(journal, [*ten(20), *ten(20, tradeoff=True)]) == (20, 2000)
    written(journal, ten(0, tradeoff=True), 300)
    assert foreseen(journal, [*ten(20), *ten(20, tradeoff=True)]) == (20, 4000)


def judging(journal: Journal, language: str) -> EstimateResult:
    return judge_estimate([], {language: 10}, a_reader(), journal)


def test_the_judge_of_a_language_is_told_by_its_own_replies(journal: Journal) -> None:
    """Ten Swahili questions took 1,000 tokens a prompt; the Amharic ones are estimated by their bytes as before."""
    before = {language: judging(journal, language) for language in ("sw", "am")}
    model = Model(lambda _request: verdict())
    judge([a_question(number) for number in range(10)], Calls(a_reader(), model.open, journal, quiet))
    assert judging(journal, "am") == before["am"]
    after = judging(journal, "sw")
    assert (after.calls, after.completion_tokens) == (10, 70)
    assert after.prompt_tokens != before["sw"].prompt_tokens


def verdict() -> ChatReply:
    text = json.dumps(dict.fromkeys(Verdict.model_fields, False))
    usage = Usage(prompt_tokens=1000, completion_tokens=7)
    return ChatReply(text=text, finish_reason="stop", usage=usage, model="tiny", raw=text)


def quiet(_line: str) -> None:
    pass
