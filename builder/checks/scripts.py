"""Scripts: in which ones a language is written, by Unicode's CLDR, and in which one a letter is."""

import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from babel.localedata import locale_identifiers
from langcodes import Language
from langcodes.tag_parser import LanguageTagError

from builder.checks.text import read
from builder.checks.words import primary
from mvpbench.store.config_file import parse_config, read_yaml
from schemas.record import Record

FILE = Path(__file__).with_name("scripts.yaml")


class _Scripts(Record):
    letters: dict[str, tuple[str, ...]]
    unspaced: dict[str, float]
    unmarked: tuple[str, ...]
    cased: tuple[str, ...]
    transliterated: tuple[str, ...]


@cache
def _facts() -> _Scripts:
    return parse_config(read_yaml(FILE), FILE.name, _Scripts)


@lru_cache(maxsize=512)
def scripts_of(language: str) -> tuple[str, ...]:
    """Return the ISO 15924 codes in which a BCP 47 tag is written, the likeliest first; empty where nobody knows.

    A tag with a script or a region has one; a bare language all that CLDR has locales for.
    """
    try:
        tag = Language.get(language)
        likely = tag.maximize().script
    except (LanguageTagError, ValueError):
        return ()
    if not likely:
        return ()
    if tag.script or tag.territory:
        return (likely,)
    return tuple(dict.fromkeys([likely, *_others().get(primary(language), ())]))


@cache
def _others() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for locale in sorted(locale_identifiers()):
        parts = locale.split("_")
        known = len(parts) > 1 and parts[1] in _facts().letters
        if known and "-".join(parts[:2]) not in _facts().transliterated:
            found.setdefault(parts[0], []).append(parts[1])
    return {language: tuple(dict.fromkeys(those)) for language, those in found.items()}


def known(script: str) -> bool:
    """Say whether the letters of a script can be told."""
    return script in _facts().letters


def beginnings(scripts: tuple[str, ...]) -> frozenset[str]:
    """Return how the names of the letters of `scripts` begin."""
    return frozenset(name for script in scripts for name in _facts().letters.get(script, ()))


@lru_cache(maxsize=65536)
def beginning(letter: str) -> str:
    """Return how a letter's name in Unicode begins, such as LATIN; empty for what is no letter."""
    if not letter.isalpha():
        return ""
    return unicodedata.name(letter, "UNKNOWN").split(maxsplit=1)[0]


def unspaced(language: str) -> bool:
    """Say whether the language's likeliest script parts no words by spaces."""
    return any(script in _facts().unspaced for script in scripts_of(language)[:1])


def cased(language: str) -> bool:
    """Say whether the language is written with capitals."""
    return any(script in _facts().cased for script in scripts_of(language)[:1])


def unmarked(language: str) -> bool:
    """Say whether questions of the language often go without a mark."""
    return any(script in _facts().unmarked for script in scripts_of(language)[:1])


def length_in_words(text: str, language: str) -> float:
    """Return how many words a text has; where no spaces part them, how many English ones it would be, about."""
    count = len(read(text).words)
    script = next(iter(scripts_of(language)), "")
    return count / _per_word(script)


def _per_word(script: str) -> float:
    return _facts().unspaced.get(script, 1.0)


def shingles(text: str, language: str, words: int, characters: int) -> frozenset[tuple[str, ...]]:
    """Return all runs of `words` words in `text`, of `characters` letters where no spaces part words.

    A text that is shorter is one run; one without a word has none.
    """
    folded = read(text).folded
    size = characters if unspaced(language) else words
    if not folded:
        return frozenset()
    return frozenset(folded[at : at + size] for at in range(max(1, len(folded) - size + 1)))


def alike(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """Return the Jaccard similarity of two sets, 0 where both are empty."""
    together = len(one | other)
    return len(one & other) / together if together else 0.0
