"""Which of two answers a reply is nearest to: by shared words, with no model as judge."""

import re
from collections import Counter
from typing import Literal

Chosen = Literal["expected", "other", "neither"]

MARGIN = 0.05
"""Difference in F1 below which a reply counts as near neither: about one word in twenty."""

STOP_WORDS = frozenset(
    (
        "a", "about", "also", "an", "and", "are", "as", "at", "be", "because", "but", "by", "can", "do", "for", "from",
        "has", "have", "i", "if", "in", "is", "it", "its", "may", "more", "most", "my", "no", "not", "of", "on", "or",
        "our", "so", "some", "than", "that", "the", "their", "them", "then", "there", "they", "this", "to", "was", "we",
        "what", "when", "which", "who", "will", "with", "would", "you", "your",
    )
)  # fmt: skip
"""English words that tell nothing even where one answer alone has them. Other languages go without such a list."""

_WORD = re.compile(r"\w+(?:['’]\w+)*")


def nearest(reply: str, expected: str, other: str) -> Chosen:
    """Return which answer `reply` shares more with, or `neither`.

    Words that both answers contain are left out, as they tell nothing, and `STOP_WORDS`; on what is left, the F1 of the
    reply's words with each answer's words (bags, casefolded) is compared, and the larger must lead by `MARGIN`. A rule
    on words: it sees neither negation nor paraphrase, and nearly nothing in a script without spaces.
    """
    ours, theirs = _words(expected), _words(other)
    both = (ours.keys() & theirs.keys()) | STOP_WORDS
    said = _words(reply)
    lead = _f1(said, ours, both) - _f1(said, theirs, both)
    if abs(lead) < MARGIN:
        return "neither"
    return "expected" if lead > 0 else "other"


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.casefold()))


def _f1(said: Counter[str], answer: Counter[str], without: frozenset[str] | set[str]) -> float:
    """Return 2 * shared / (words said + words of the answer), words in `without` apart; 0 where nothing is left."""
    said = Counter({word: count for word, count in said.items() if word not in without})
    answer = Counter({word: count for word, count in answer.items() if word not in without})
    total = said.total() + answer.total()
    return 2 * (said & answer).total() / total if total else 0.0
