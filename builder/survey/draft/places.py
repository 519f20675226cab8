"""Countries and languages among the cells and labels of a column."""

from collections.abc import Mapping
from functools import cache

import langcodes
from babel import Locale

from builder.survey.countries import country_code, country_name
from builder.survey.draft.words import plain

LANGUAGES = ("en", "es", "pt", "fr", "de", "ar", "hi", "sw", "zh")
"""In which names of countries and languages are known."""
CODE_LENGTH = 3


@cache
def _territories() -> Mapping[str, str]:
    """Name of a country without case and accents -> alpha-2, as people write it; ISO 3166 has names of its own."""
    names: dict[str, str] = {}
    for tag in LANGUAGES:
        for code, name in Locale(tag).territories.items():
            if len(code) == 2 and code.isalpha() and country_code(code, {}) == code:  # noqa: PLR2004 - alpha-2
                names.setdefault(plain(name), code)
    return names | {"usa": "US", "uk": "GB", "great britain": "GB", "england": "GB", "uae": "AE", "drc": "CD"}


@cache
def _language_names() -> Mapping[str, str]:
    names: dict[str, str] = {}
    for tag in LANGUAGES:
        for code, name in Locale(tag).languages.items():
            if "_" not in code:
                names.setdefault(plain(name), code)
    return names


def country_named(name: str) -> str | None:
    """Return the alpha-2 code of a country's name or ISO code, in one of `LANGUAGES`; None if it is none."""
    return country_code(name, {}) or _territories().get(plain(name))


def is_iso(name: str) -> bool:
    """Return whether the import knows the name by itself."""
    return country_code(name, {}) is not None


def is_country_word(text: str) -> bool:
    """Return whether `text` is a country's name rather than a code, which could be a code of something else."""
    return len(text) > CODE_LENGTH and not text.isdigit() and country_named(text) is not None


def english(code: str) -> str:
    """Return the English name of an alpha-2 code."""
    return country_name(code)


def language_tag(name: str) -> str | None:
    """Return the BCP 47 tag of a language's name or tag; None if it is none."""
    if name.isascii() and name.replace("-", "").isalpha() and len(name) <= 5 and langcodes.tag_is_valid(name):  # noqa: PLR2004 - as `en`, `eng`, `pt-BR`
        return langcodes.standardize_tag(name)
    return _language_names().get(plain(name))
