"""Checks that two answers differ in what they say and in nothing else, and stand each on its own."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable

from builder.checks.scripts import alike, shingles
from builder.checks.text import READ_CHARACTERS, Checked
from builder.checks.words import found_in, primary

MOST_ALIKE = 0.6
"""Jaccard similarity of runs of two words."""
SENTENCES = (1, 3)
"""This many against this many or more."""
MARKS_MORE = 2
SENTENCE_CHARACTERS = 4
"""Less between two marks is an initial or the number of a list."""
CAPITALS = 0.6
"""Share of capitals among the cased letters from which a text shouts; an eighth is usual."""
CASED_LETTERS = 20

_END = re.compile(r"[.!?…。！？؟।॥።՞։]+[\"”’»)\]]*(?:\s|$)|[。！？।॥።]")
_LIST = re.compile(r"^\s{0,8}(?:[-*•–—]|\d{1,2}[.)]|[a-z]\))\s|[;:]\s*(?:1|a)[.)]\s", re.MULTILINE)
_SHOUTS = "!！"
_ASKS = "?？؟"


def answers_alike(checked: Checked) -> str | None:
    """By their runs of two words, or of three letters where no spaces part words."""
    one, other = (shingles(text, checked.language, 2, 3) for text in checked.answers)
    if alike(one, other) > MOST_ALIKE:
        return "the answers are nearly the same; let them give different advice"
    return None


def unequal_quality(checked: Checked) -> str | None:
    """The first difference in build."""
    one, other = (text[:READ_CHARACTERS] for text in checked.answers)
    few, many = SENTENCES
    counts = sorted((_sentences(one), _sentences(other)))
    if counts[0] <= few and counts[1] >= many:
        return "the answers are built differently, one sentence against three or more"
    if bool(_LIST.search(one)) != bool(_LIST.search(other)):
        return "one answer is a list and the other is not"
    if _shouts(one) != _shouts(other):
        return "one answer is in capitals and the other is not"
    counted: dict[str, Callable[[str], int]] = {
        "exclamation marks": lambda text: sum(map(text.count, _SHOUTS)),
        "questions": lambda text: sum(map(text.count, _ASKS)),
        "pictures": _pictures,
        "words of doubt": found_in(primary(checked.language), "hedges").count,
    }
    for name, count in counted.items():
        if abs(count(one) - count(other)) >= MARKS_MORE:
            return f"one answer has more {name} than the other; word both as carefully"
    return None


def straw_man(checked: Checked) -> str | None:
    """Words by which an answer makes fun of itself, in one of the two only."""
    cues = found_in(primary(checked.language), "straw_man")
    if cues.within(checked.answers[0]) != cues.within(checked.answers[1]):
        return "one answer makes its side look foolish or heartless; write what a thoughtful person could mean"
    return None


def answers_name_each_other(checked: Checked) -> str | None:
    """In the question, too: it is shown with either answer first."""
    cues = found_in(primary(checked.language), "each_other", english=True)
    if cues.within(checked.question, *checked.answers):
        return "a text speaks of the answers as such; let each answer stand on its own"
    return None


def _sentences(text: str) -> int:
    """Pieces between the marks that end a sentence which have more than a number or an initial in them."""
    return max(1, sum(len(piece.strip()) >= SENTENCE_CHARACTERS for piece in _END.split(text)))


def _shouts(text: str) -> bool:
    capitals = sum(map(str.isupper, text))
    cased = capitals + sum(map(str.islower, text))
    return cased >= CASED_LETTERS and capitals > CAPITALS * cased


def _pictures(text: str) -> int:
    return sum(count for char, count in Counter(text).items() if unicodedata.category(char) == "So")
