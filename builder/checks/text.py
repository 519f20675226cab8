"""What a check sees and says, and how it reads a text: in words, whatever the script."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from schemas.record import Record

READ_CHARACTERS = 20_000
"""Of a text; what is longer is too long, and the rest of it is not read."""


class Checked(Record):
    """A written question as the checks see it."""

    language: str
    """BCP 47."""
    topic: str
    question: str
    answers: tuple[str, str]
    taboo: tuple[str, ...] = ()
    """Names of the values, as the framework titles them: in English."""
    own_words: str = ""
    """What the person wrote that set the topic."""

    def texts(self) -> tuple[str, ...]:
        """Return all that a model wrote: topic, question, both answers."""
        return (self.topic, self.question, *self.answers)


class Problem(NamedTuple):
    """What is wrong with a question."""

    code: str
    problem: str
    """In words, for a prompt that asks for a better one; never quotes the text."""


Check = Callable[[Checked], str | None]
"""Returns what is wrong, in words that quote nothing, or None."""


class Reading(NamedTuple):
    """A text in words. The tuples run in parallel."""

    text: str
    """NFKC, without characters that do not show."""
    words: tuple[str, ...]
    """As written. In scripts that part no words by spaces every letter, with its marks, is a word."""
    folded: tuple[str, ...]
    """As compared where case does not matter."""
    distinct: frozenset[str]
    """The folded ones."""


def _ranges(categories: frozenset[str]) -> str:
    """Characters of Unicode categories as the inside of a regex class; up to the last script with marks of its own."""
    found: list[list[int]] = []
    for code in range(0x300, 0x1E95A):
        if unicodedata.category(chr(code)) in categories:
            if found and found[-1][1] == code - 1:
                found[-1][1] = code
            else:
                found.append([code, code])
    return "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in found)


# Thai and Lao, Myanmar, Khmer, kana, Han with its compatibility forms and later planes.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_MARKS = _ranges(frozenset({"Mn", "Mc"})) + "\u200c\u200d"
_WORD = re.compile(rf"[^\W_{_UNSPACED}]+(?:[{_MARKS}]+[^\W_{_UNSPACED}]*)*|(?=\w)[{_UNSPACED}][{_MARKS}]*")
_PLAIN_WORD = re.compile(r"[^\W_]+")
"""The same where no letter is of _UNSPACED and none has marks, and ten times as fast."""
_SPECIAL = re.compile(f"[{_UNSPACED}{_MARKS}]")
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u061c\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u2069]+")
_ARABIC = re.compile("[\u0600-\u06ff]")
_ARABIC_FORMS = str.maketrans(
    {**dict.fromkeys("أإآٱ", "ا"), "ى": "ي", "ة": "ه", "ـ": None, **dict.fromkeys(map(chr, range(0x64B, 0x653)))}
)


@lru_cache(maxsize=64)
def read(text: str) -> Reading:
    """Return the first READ_CHARACTERS of `text` in words."""
    plain = text[:READ_CHARACTERS]
    if not plain.isascii():
        plain = _UNSEEN.sub("", unicodedata.normalize("NFKC", plain))[:READ_CHARACTERS]
    words = _words(plain).findall(plain)
    lower = fold(plain)
    folded = _words(lower).findall(lower)
    if len(folded) != len(words):
        folded = [fold(word) for word in words]
    return Reading(plain, tuple(words), tuple(folded), frozenset(folded))


def _words(text: str) -> re.Pattern[str]:
    return _PLAIN_WORD if text.isascii() or not _SPECIAL.search(text) else _WORD


@lru_cache(maxsize=64)
def spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return where each word of a Reading's text begins and ends."""
    return tuple(match.span() for match in _words(text).finditer(text))


def fold(text: str) -> str:
    """Return `text` as compared: case folded; in Arabic script without vowel signs, forms of one letter as one."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text.casefold())
    return folded.translate(_ARABIC_FORMS) if _ARABIC.search(folded) else folded
