"""What Unicode's CLDR and ISO know of countries and languages: names, scripts, directions, currencies."""

import langcodes
from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.languages import get_territory_language_info
from babel.numbers import get_territory_currencies

from schemas.country import Direction

ENGLISH = "en"


def language_subtag(tag: str) -> str:
    """Return the language of a BCP 47 tag without script and region: `zh` of `zh-Hant-TW`."""
    return tag.partition("-")[0]


def standard_tag(tag: str) -> str | None:
    """Return `tag` as BCP 47 writes it (`sw-ke` is `sw-KE`), or None where it is no valid tag."""
    try:
        return str(langcodes.standardize_tag(tag)) if langcodes.tag_is_valid(tag) else None
    except ValueError:  # langcodes.LanguageTagError among others
        return None


def language_name(tag: str, language: str = ENGLISH) -> str | None:
    """Return what the language `tag` is called in `language`; None where CLDR does not say."""
    spoken, of = _locale(language), _locale(tag)
    if spoken is None or of is None:
        return None
    named = of.get_display_name(spoken)
    return str(named) if named else None


def called(tag: str) -> str:
    """Return a language's English name with its tag, for messages; the bare tag where CLDR does not say."""
    name = language_name(tag)
    return f"{name} ({tag})" if name else tag


def own_name(tag: str) -> str | None:
    """Return what its speakers call the language; None where CLDR does not say."""
    return language_name(tag, tag)


def script_of(tag: str) -> str | None:
    """Return the script (ISO 15924) that the tag names, or in which CLDR thinks the language is likely written."""
    locale = _locale(tag)
    if locale is None or locale.script:
        return locale.script if locale else None
    likely = get_global("likely_subtags")
    full = likely.get(f"{locale.language}_{locale.territory}") or likely.get(locale.language)
    return full.split("_")[1] if full else None


def direction_of(tag: str) -> Direction:
    """Return in which direction the language is written; left to right where CLDR does not know it."""
    locale = _locale(tag)
    return "rtl" if locale is not None and locale.character_order == "right-to-left" else "ltr"


def territory_name(code: str, tag: str) -> str | None:
    """Return the name of the country `code` in the language `tag`; None where CLDR does not say."""
    locale = _locale(tag)
    return str(locale.territories[code]) if locale is not None and code in locale.territories else None


def languages_of(code: str) -> dict[str, bool]:
    """Return the languages that CLDR lists for a country, most speakers first -> whether it is official there."""
    info = get_territory_language_info(code)
    by_share = sorted(info, key=lambda tag: -float(info[tag]["population_percent"] or 0))
    national = {"official", "de_facto_official"}
    return {tag.replace("_", "-"): info[tag]["official_status"] in national for tag in by_share}


def currencies_of(code: str) -> tuple[str, ...]:
    """Return the currencies (ISO 4217) that are legal tender in a country now."""
    return tuple(str(one) for one in get_territory_currencies(code))


def _locale(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
