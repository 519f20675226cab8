"""Country names to ISO 3166-1 alpha-2 codes."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache

import pycountry


@lru_cache(maxsize=4096)  # a column of names that are no countries may hold millions
def _lookup(name: str) -> str | None:
    """Pycountry knows names, official and common names, alpha-2, alpha-3 and numeric codes of three digits."""
    try:
        return str(pycountry.countries.lookup(name.zfill(3) if name.isascii() and name.isdigit() else name).alpha_2)
    except LookupError:
        return None


def country_code(name: str, names: Mapping[str, str]) -> str | None:
    """Return the alpha-2 code of `name`, looked for in the codebook's own `names` first; None if unknown."""
    return _lookup(names.get(name, name))


def is_country_code(code: str) -> bool:
    """Return whether `code` is an alpha-2 code of ISO 3166-1 as it is written there, in capitals."""
    country = pycountry.countries.get(alpha_2=code)
    return country is not None and country.alpha_2 == code


def nearest_country(name: str) -> str | None:
    """Return the code and name of the country whose English name is nearest, None where none is near."""
    names = {country.name: country.alpha_2 for country in pycountry.countries}
    close = get_close_matches(name.title(), names, n=1)
    return f"{names[close[0]]} ({close[0]})" if close else None


def country_name(code: str) -> str:
    """Return the common English name of an alpha-2 code, or the code itself if ISO 3166 has no such code."""
    country = pycountry.countries.get(alpha_2=code)
    return str(getattr(country, "common_name", country.name)) if country is not None else code
