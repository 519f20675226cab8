"""Finding packs: a study's own go before those that come with mvpbench."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import pycountry

from builder.countries.strings import strings_file
from builder.survey.countries import country_code, country_name, is_country_code
from mvpbench.store.config_file import read_config
from schemas.country import CountryPack, RaterTexts
from schemas.errors import ConfigError

FOLDER = Path(__file__).parent / "packs"
FILE = "country.yaml"
OWN = "countries"
"""A study's folder of packs."""


@dataclass(frozen=True)
class FoundPack:
    """A pack, where it stands, and the strings that raters are addressed with."""

    pack: CountryPack
    folder: Path
    built_in: bool
    texts: Mapping[str, RaterTexts]
    """Tag -> strings, of those languages of the pack that have any."""

    @property
    def name(self) -> str:
        """The country's English name, as the pack has it or else ISO 3166."""
        return self.pack.names.get("en") or country_name(self.pack.code)


def to_code(country: str) -> str:
    """Return the alpha-2 code of a country named by a code or name. ConfigError `country-unknown` where it is none."""
    code = country_code(country, {})
    if code is not None:
        return code
    names = {one.name: one.alpha_2 for one in pycountry.countries}
    close = get_close_matches(country.title(), names, n=1)
    raise ConfigError(
        "country-unknown",
        "country",
        found=repr(country),
        expected="a country of ISO 3166-1, by its alpha-2 code or its English name",
        way_out=f"did you mean {names[close[0]]} ({close[0]})?" if close else "see https://www.iso.org/obp/ui",
    )


def built_in_codes() -> tuple[str, ...]:
    """Return the codes of the packs that come with mvpbench, sorted."""
    return _codes(FOLDER)


def own_codes(root: Path | None) -> tuple[str, ...]:
    """Return the codes of the packs of the study at `root`, sorted; none without a study."""
    return _codes(root / OWN) if root is not None else ()


def find_pack(code: str, root: Path | None) -> FoundPack:
    """Return the pack for `code` of the study at `root`, or else the built-in one.

    Raises:
        ConfigError: `pack-missing`, or as `read_config` does for what does not fit.
    """
    if code in own_codes(root) and root is not None:
        return read_pack(root / OWN / code, built_in=False)
    if code in built_in_codes():
        return read_pack(FOLDER / code, built_in=True)
    raise ConfigError(
        "pack-missing",
        f"country pack for {code} ({country_name(code)})",
        found="none in the study, and none built in" if root is not None else "none built in",
        expected=f"{OWN}/{code}/{FILE} in the study, or one of {', '.join(built_in_codes())}",
        way_out=f"run `mvpbench country init {code}` in a study",
    )


def read_pack(folder: Path, *, built_in: bool) -> FoundPack:
    """Return the pack in `folder` with its strings. Raises ConfigError as `read_config` does."""
    pack = read_config(folder / FILE, CountryPack)
    files = {tag: strings_file(folder, tag) for tag in pack.tags}
    texts = {tag: read_config(path, RaterTexts) for tag, path in files.items() if path is not None}
    return FoundPack(pack, folder, built_in, texts)


def _codes(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.parent.name for path in folder.glob(f"*/{FILE}") if is_country_code(path.parent.name)))
