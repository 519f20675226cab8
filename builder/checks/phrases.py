"""Words and phrases, found in a text in time linear in its length.

How an entry is written: words as they stand in a text. A capital letter in it makes the case matter (then all capitals
match too), else it does not. A star ends a word of which any ending will do. In Arabic script a word is also found
behind the article and the one-letter words that are written together with it.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from builder.checks.text import Reading, fold, read

KEPT_WORDS = 20_000


class Hit(NamedTuple):
    """Where a phrase stands: from word `start` to before word `end`."""

    start: int
    end: int


class _Word(NamedTuple):
    text: str
    cased: bool
    stem: bool


_Phrase = tuple[_Word, ...]


class Phrases:
    """Phrases, ready to be found."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._heads: dict[str, list[_Phrase]] = {}
        self._stems: dict[str, list[_Phrase]] = {}
        for phrase in filter(None, map(_phrase, dict.fromkeys(entries))):
            into = self._stems if phrase[0].stem else self._heads
            into.setdefault(fold(phrase[0].text), []).append(phrase)
        self._stem_lengths = sorted({len(stem) for stem in self._stems})
        self._idle: set[str] = set()

    def hits(self, reading: Reading) -> Iterator[Hit]:
        """Yield where a phrase stands, the longest at each place."""
        begin = {word: those for word in reading.distinct - self._idle if (those := self._look_up(word))}
        if not begin:
            return
        for place, word in enumerate(reading.folded):
            if word in begin:
                longest = max((len(phrase) for phrase in begin[word] if _stands(phrase, reading, place)), default=0)
                if longest:
                    yield Hit(place, place + longest)

    def within(self, *texts: str) -> bool:
        """Say whether any text holds any phrase."""
        return any(True for text in texts for _ in self.hits(read(text)))

    def count(self, text: str) -> int:
        """Return how often a phrase stands in `text`."""
        return sum(1 for _ in self.hits(read(text)))

    def _look_up(self, word: str) -> tuple[_Phrase, ...]:
        """What may begin with a word; that nothing does is kept, as most words come again."""
        those = [phrase for form in _forms(word) for phrase in self._heads.get(form, ())]
        those += [phrase for length in self._stem_lengths for phrase in self._stems.get(word[:length], ())]
        if not those:
            if len(self._idle) > KEPT_WORDS:
                self._idle.clear()
            self._idle.add(word)
        return tuple(dict.fromkeys(those))


def _phrase(entry: str) -> _Phrase:
    """`a* b` -> its words; case matters in the words with a capital."""
    parts = [(piece, piece.endswith("*")) for piece in entry.split()]
    words = chain.from_iterable(
        [(word, stem and at == len(of) - 1) for at, word in enumerate(of)]
        for of, stem in ((read(piece).words, stem) for piece, stem in parts)
    )
    return tuple(_Word(word if _cased(word) else fold(word), _cased(word), stem) for word, stem in words)


def _cased(word: str) -> bool:
    return word != word.lower()


def _stands(phrase: _Phrase, reading: Reading, place: int) -> bool:
    if place + len(phrase) > len(reading.words):
        return False
    # From the end, as the beginning is known to fit but for its case.
    return all(_is(phrase[at], reading, place + at) for at in reversed(range(len(phrase))))


def _is(word: _Word, reading: Reading, place: int) -> bool:
    if word.cased:
        written = reading.words[place]
        found = written[: len(word.text)] if word.stem else written
        return found in {word.text, word.text.upper()}
    folded = reading.folded[place]
    return folded.startswith(word.text) if word.stem else word.text in _forms(folded)


@lru_cache(maxsize=8192)
def _forms(folded: str) -> tuple[str, ...]:
    """The word, and in Arabic script what it is without what is written together with it in front."""
    if not "\u0600" <= folded[:1] <= "\u06ff":
        return (folded,)
    forms = {folded: None}
    for heads in (("و", "ف"), ("ب", "ك", "ل"), ("ال",)):
        for form in list(forms):
            for head in heads:
                if form.startswith(head) and len(form) - len(head) > 1:
                    forms[form[len(head) :]] = None
    for form in list(forms):
        if form.startswith("لل"):
            forms["ال" + form[2:]] = None
            forms[form[2:]] = None
    return tuple(forms)
