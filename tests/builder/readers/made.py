"""Readers that choose by a rule, and questions for them."""

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

from mvpbench.chat.engine import OpenModel
from schemas.chat import ChatFailure, ChatModel, ChatReply, ChatRequest
from schemas.identity import content_id, uniform
from schemas.questions import Answer, Question, Recipe, WriterStamp
from schemas.study import ReaderSection
from schemas.values import Split

KEY_ENV = "MVPBENCH_TEST_KEY"
KEY = "sk-test-0123456789abcdefghijklmnop"
HEDGE = "perhaps"

Say = Callable[[ChatRequest], str]
"""From a request to the text of its reply."""


def a_section(**changes: object) -> ReaderSection:
    return ReaderSection.model_validate({"model": "tiny", "key_env": KEY_ENV, **changes})


@dataclass
class Model:
    """A model that says what a rule says, and counts. A rule may raise ChatFailure, or return a whole reply."""

    rule: Callable[[ChatRequest], str | ChatReply]
    requests: list[ChatRequest] = field(default_factory=list)

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Count, and say it."""
        self.requests.append(request)
        said = self.rule(request)
        return said if isinstance(said, ChatReply) else reply(said)

    @property
    def open(self) -> OpenModel:
        """Opens this model."""

        @asynccontextmanager
        async def opened() -> AsyncIterator[ChatModel]:
            yield self

        def open_model() -> AbstractAsyncContextManager[ChatModel]:
            return opened()

        return open_model


def reply(text: str, finish_reason: str = "stop") -> ChatReply:
    return ChatReply(text=text, finish_reason=finish_reason, usage=None, model="tiny-1", raw=text)


def shown(request: ChatRequest) -> Mapping[str, str]:
    """What stands between the tags of a prompt: `question`, `A`, `B`."""
    return {tag: json.loads(text) for tag, text in re.findall(r"<(\w+)>(.*)</\1>", request.messages[1].content)}


def choosing(better: Callable[[str], float]) -> Say:
    """Return a rule that picks the answer with the higher figure, the first of two alike."""

    def say(request: ChatRequest) -> str:
        told = shown(request)
        return json.dumps({"choice": "A" if better(told["A"]) >= better(told["B"]) else "B"})

    return say


longer = choosing(len)
first_shown = choosing(lambda _text: 0)
hedged = choosing(lambda text: text.split().count(HEDGE))
fair_coin = choosing(lambda text: uniform("fair coin", text))
"""A taste of its own for every text, which knows no side."""


def out_of_order(_request: ChatRequest) -> str:
    raise ChatFailure("server-error", "http 500", retry=False)


async def no_sleep(_seconds: float) -> None:
    """Waits are another test's subject."""


def a_question(number: int = 0, one: str = "", other: str = "", recipe: Recipe = Recipe.SIDES) -> Question:
    texts = {
        "care:high": one or f"Comfort them at once, case {number}.",
        "care:low": other or f"Leave them to it, in case {number}.",
    }
    answers = sorted(
        (Answer(id=content_id("a", text), text=text, side=side) for side, text in texts.items()), key=lambda one: one.id
    )
    return Question(
        id=content_id("q", recipe, number, one, other),
        recipe=recipe,
        dimensions=("care",),
        language="sw",
        split=Split.TRAIN,
        topic="a secret topic",
        text=f"What should I do, in case {number}?",
        answers=(answers[0], answers[1]),
        written_for="r-secret",
        pairs=("m-secret",),
        stamp=WriterStamp(writer="openai", version="0"),
    )
