"""Checks that no country, nationality, religion or people is named."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError

from builder.checks.phrases import Hit, Phrases
from builder.checks.scripts import cased
from builder.checks.text import Checked, Reading, read, spans
from builder.checks.words import FOLDER, found_in, primary, words_of
from mvpbench.store.config_file import read_yaml

DEMONYMS = FOLDER / "demonyms.yaml"
SHORT_NAME = 5
"""Letters; in a language without lists a name as short, where a sentence begins, may be another word."""

_COUNTRY = re.compile("[A-Z]{2}")
_ASIDE = re.compile(r"([^()（）]+) ?[(（]([^()（）]+)[)）]")
_DASH = re.compile(r" [-–—] ")
_ENDS = re.compile(r"[.!?:;…。！？؟।|\n\"“”«»¿¡()]")
LOOKED_BACK = 4
"""Words in front of a name, as many as a phrase that places it may have."""
_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "ZZ", "XA", "XB"})


class _Names(NamedTuple):
    names: Phrases
    passing: Phrases
    placing: Phrases
    plain: frozenset[str]
    people: frozenset[str]
    listed: bool


def names_country(checked: Checked) -> str | None:
    """Names of CLDR in the text's language and in English, and our lists. Where there are capitals, capitals count."""
    known = _names(primary(checked.language), cased(checked.language))
    for text in checked.texts():
        reading = read(text)
        hits = list(known.names.hits(reading))
        if hits and any(_counts(hit, reading, known) for hit in _left(hits, known.passing, reading)):
            return "it names a country, a nationality or a people; leave out where it happens and who comes from where"
    return None


def names_group(checked: Checked) -> str | None:
    """Religions, their members and writings, peoples of continents, and the like."""
    if found_in(primary(checked.language), "groups", english=True).within(*checked.texts()):
        return "it names a religion, a people or another such group; leave it out"
    return None


def has_countries(language: str) -> bool:
    """Say whether CLDR or our lists know the names of countries in a language."""
    return bool(_territories(primary(language))) or words_of(language).countries.names != ()


def _left(hits: list[Hit], passing: Phrases, reading: Reading) -> Iterator[Hit]:
    """Those that do not overlap with a phrase in which the name means something else."""
    covered = {place for hit in passing.hits(reading) for place in range(hit.start, hit.end)}
    return (hit for hit in hits if covered.isdisjoint(range(hit.start, hit.end)))


def _counts(hit: Hit, reading: Reading, known: _Names) -> bool:
    name = reading.words[hit.start] if hit.end - hit.start == 1 else ""
    if name in known.people:
        return _placed(reading, hit.start, known.placing)
    if name in known.plain or (not known.listed and 0 < len(name) <= SHORT_NAME and name != name.lower()):
        return not opens(reading, hit.start)
    return True


def _placed(reading: Reading, place: int, placing: Phrases) -> bool:
    """Say whether a placing phrase ends right before a word."""
    first = max(0, place - LOOKED_BACK)
    folded = reading.folded[first:place]
    before = Reading("", reading.words[first:place], folded, frozenset(folded))
    return any(hit.end == place - first for hit in placing.hits(before))


def opens(reading: Reading, place: int) -> bool:
    """Say whether a word opens a sentence."""
    if place == 0:
        return True
    where = spans(reading.text)
    return _ENDS.search(reading.text, where[place - 1][1], where[place][0]) is not None


@cache
def _names(language: str, capitals: bool) -> _Names:
    own, english = words_of(language).countries, words_of("en").countries
    never = {read(name).folded for name in own.never}
    every = [*_territories(language), *_territories("en"), *own.names, *own.nationals, *_demonyms(language)]
    names = [name for name in every if read(name).folded not in never]
    if capitals:
        names = [name for name in names if name != name.lower() or name in own.nationals]
    return _Names(
        Phrases(names),
        Phrases([*own.passing, *english.passing]),
        Phrases([*own.placing, *english.placing]),
        frozenset(own.plain),
        frozenset([*own.people, *english.people]),
        words_of(language).language != "und",
    )


@cache
def _territories(language: str) -> tuple[str, ...]:
    """Names of CLDR, what stands in brackets or behind a dash as a name of its own; empty for an unknown language."""
    locales = words_of(language).countries.locales or (language,)
    every = [name for locale in locales for name in _of_locale(locale)]
    return tuple(dict.fromkeys(part.strip() for name in every for part in (name, *_parts(name)) if len(part) > 1))


def _of_locale(locale: str) -> list[str]:
    try:
        territories = Locale.parse(locale).territories
    except (UnknownLocaleError, ValueError, TypeError):
        return []
    return [name for code, name in territories.items() if _COUNTRY.fullmatch(code) and code not in _NO_COUNTRIES]


def _parts(name: str) -> tuple[str, ...]:
    """`A (B)` -> A, B; `A - B` -> A, B."""
    aside = _ASIDE.fullmatch(name)
    return aside.groups() if aside else tuple(_DASH.split(name))


def _demonyms(language: str) -> list[str]:
    return [name for those in read_yaml(DEMONYMS).values() for name in those] if language == "en" else []
