"""The word lists of a language: `words/<language>.yaml`. How their entries are written: `builder.checks.phrases`."""

from functools import cache
from pathlib import Path

from builder.checks.phrases import Phrases
from mvpbench.store.config_file import parse_config, read_yaml
from schemas.record import Record

FOLDER = Path(__file__).with_name("words")


class Countries(Record):
    """Names of countries, beside those of Unicode's CLDR."""

    locales: tuple[str, ...] = ()
    """Of CLDR, whose names of countries count; none for the language's own."""
    names: tuple[str, ...] = ()
    nationals: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    """Names that are ordinary words too, and so do not count where a sentence begins."""
    people: tuple[str, ...] = ()
    """Names that people have too, and so count only behind one of `placing`."""
    placing: tuple[str, ...] = ()
    passing: tuple[str, ...] = ()
    """Phrases in which a name means something else."""
    never: tuple[str, ...] = ()
    """Names that are ordinary words far more often than a country."""


class Streets(Record):
    """How an address is told."""

    after: tuple[str, ...] = ()
    """Words behind a number and a name: 12 Mill Road."""
    before: tuple[str, ...] = ()
    """Words in front of a name and a number: calle Mayor 12."""
    number: tuple[str, ...] = ()
    """Words for "number", as they stand in front of it."""


class WordList(Record):
    """What is known of a language; a list that is not there, the language does not have."""

    language: str
    checked_by: str | None
    """Who reads the language and found the lists right; None: nobody did yet."""
    countries: Countries = Countries()
    groups: tuple[str, ...] = ()
    refusal: tuple[str, ...] = ()
    straw_man: tuple[str, ...] = ()
    each_other: tuple[str, ...] = ()
    hedges: tuple[str, ...] = ()
    unsafe: tuple[str, ...] = ()
    steering: tuple[str, ...] = ()
    streets: Streets = Streets()
    born: tuple[str, ...] = ()
    capitals: tuple[str, ...] = ()
    """Words with a capital that are nobody's name."""


_NONE = WordList(language="und", checked_by=None)


@cache
def listed() -> tuple[str, ...]:
    """Return the languages that have lists."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "demonyms"))


def words_of(language: str) -> WordList:
    """Return the lists of a BCP 47 tag's language; empty ones where there are none."""
    code = primary(language)
    return _words(code) if code in listed() else _NONE


@cache
def _words(code: str) -> WordList:
    return parse_config(read_yaml(FOLDER / f"{code}.yaml"), f"words/{code}.yaml", WordList)


def primary(language: str) -> str:
    """Return the first subtag: of pt-BR, pt."""
    return language.replace("_", "-").split("-")[0].lower()


@cache
def found_in(language: str, kind: str, *, english: bool = False) -> Phrases:
    """Return the phrases of list `kind` in a language, with `english` the English ones too."""
    entries = [*getattr(words_of(language), kind), *(getattr(words_of("en"), kind) if english else ())]
    return Phrases(entries)
