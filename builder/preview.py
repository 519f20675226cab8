"""Questions for the eye: a few from everywhere, in plain lines."""

from collections.abc import Sequence

from schemas.identity import digest
from schemas.questions import Match, Question


def spread(matches: Sequence[Match], count: int) -> list[Match]:
    """Return `count` matches drawn by hash, so that every recipe and dimension has its share."""
    return sorted(matches, key=lambda match: digest("preview", match.id))[:count]


def in_words(question: Question) -> list[str]:
    """Return the question and its answers with their sides, as lines."""
    head = f"{question.recipe} {' / '.join(question.dimensions)} · {question.topic} · {question.split} · {question.id}"
    answers = [f"  [{answer.side}] {answer.text}" for answer in question.answers]
    return [head, f"  {question.text}", *answers, ""]
