"""The blind reader: which of the two answers a model would rather give, told nothing of any person or dimension.

Each question is shown twice, with the answers in either order.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from builder.asking import Calls, Unread
from builder.readers.ask import Answered, Prompts, ask, price, prompts
from builder.writers.prompt import fenced
from mvpbench.chat.engine import CallFailed
from mvpbench.store.journal import Journal
from schemas.chat import ChatRequest
from schemas.identity import digest
from schemas.questions import Question, Recipe
from schemas.record import Record
from schemas.study import ReaderSection

FOLDER = "blind"

Floats = NDArray[np.float64]


class Choice(Record):
    """What the reader must reply."""

    choice: Literal["A", "B"]


@dataclass(frozen=True)
class Picks:
    """What the reader picked."""

    model: str
    version: str
    """Hash of the reader's prompts."""
    chosen: Mapping[str, tuple[float, float]]
    """Question -> whether `answers[0]` was picked (1 or 0) when it was shown first, and when it was shown second; NaN
    where there is no pick."""
    asked: int
    """Calls, journaled ones too: two a question."""
    unreadable: int
    """Calls whose reply could not be read, asked once more where that could help."""
    failed: int
    """Calls that brought no reply in this run."""

    def of(self, question_id: str) -> float:
        """Return the mean over both orders of having picked `answers[0]`: 1, .5, 0; NaN where either is missing."""
        shown_first, shown_second = self.chosen[question_id]
        return (shown_first + shown_second) / 2

    def flips(self, questions: Iterable[str]) -> float | None:
        """Return the share of questions picked from in both orders whose pick went with the order; None without any."""
        both = self._chosen(questions)
        both = both[~np.isnan(both).any(axis=1)]
        return float((both[:, 0] != both[:, 1]).mean()) if len(both) else None

    def first_shown(self, questions: Iterable[str]) -> float | None:
        """Return the share of picks that took the answer shown first; None without any."""
        both = self._chosen(questions)
        first = np.concatenate([both[:, 0], 1 - both[:, 1]])
        first = first[~np.isnan(first)]
        return float(first.mean()) if len(first) else None

    def _chosen(self, questions: Iterable[str]) -> Floats:
        """Shape (questions, orders)."""
        return np.array([self.chosen[one] for one in questions], dtype=np.float64).reshape(-1, 2)


def sampled(questions: Sequence[Question], most: int) -> list[Question]:
    """Return up to `most` questions of each recipe, drawn by a hash of their ids, in the order given."""
    of_recipe: dict[Recipe, list[str]] = defaultdict(list)
    for question in questions:
        of_recipe[question.recipe].append(question.id)
    drawn = {
        one for ids in of_recipe.values() for one in sorted(ids, key=lambda name: digest("blind reader", name))[:most]
    }
    return [question for question in questions if question.id in drawn]


def picks(
    questions: Sequence[Question],
    calls: Calls[ReaderSection],
) -> Picks:
    """Return what the reader picks of each question. Raises what `Engine.complete` does."""
    asked, section = prompts(FOLDER, Choice), calls.section
    calls.say(f"{len(questions):,} questions are read by {section.model}, in both orders")
    requests = [request for question in questions for request in _requests(asked, question, section)]
    ended = ask(asked, requests, calls) if requests else []
    first = [_picked(one, "A") for one in ended[0::2]]
    second = [_picked(one, "B") for one in ended[1::2]]
    ids = [question.id for question in questions]
    return Picks(
        model=section.model,
        version=asked.version,
        chosen=dict(zip(ids, zip(first, second, strict=True), strict=True)),
        asked=len(ended),
        unreadable=sum(isinstance(one, Unread) for one in ended),
        failed=sum(isinstance(one, CallFailed) for one in ended),
    )


def picks_price(questions: Sequence[Question], section: ReaderSection, journal: Journal) -> str | None:
    """Return what reading is about to cost, in words, or None where all is in the journal. Raises as `price` does."""
    asked = prompts(FOLDER, Choice)
    requests = [request for question in questions for request in _requests(asked, question, section)]
    return price(asked, requests, section, journal)


def _requests(asked: Prompts[Choice], question: Question, section: ReaderSection) -> tuple[ChatRequest, ChatRequest]:
    """With `answers[0]` as A, then as B."""
    one, other = (fenced(answer.text) for answer in question.answers)
    first, second = (
        asked.request(section, {"question": fenced(question.text), "a": a, "b": b})
        for a, b in ((one, other), (other, one))
    )
    return first, second


def _picked(ended: Answered[Choice] | Unread | CallFailed, letter: Literal["A", "B"]) -> float:
    return float(ended.said.choice == letter) if isinstance(ended, Answered) else float("nan")
