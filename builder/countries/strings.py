"""The raters' strings: one file a language, shared by all countries; a pack may bring its own in its place."""

from pathlib import Path

from builder.countries.places import language_subtag
from mvpbench.store.config_file import read_config
from schemas.country import RaterTexts
from schemas.errors import ConfigError

FOLDER = Path(__file__).parent / "strings"
OWN = "strings.{language}.yaml"
"""A pack's own file."""


def languages(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the tags of the languages in which raters can be addressed, sorted."""
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


def rater_texts(language: str, folder: Path = FOLDER) -> RaterTexts:
    """Return the shared strings of a language, of `sw` for `sw-KE` where the dialect has none of its own.

    Raises:
        ConfigError: `rater-language` where there are none, or as `read_config` does.
    """
    path = _shared(language, folder)
    if path is None:
        raise ConfigError(
            "rater-language",
            "raters cannot be addressed in this language",
            found=language,
            expected=", ".join(languages(folder)),
            way_out=f"add {language}.yaml beside the others, with the same keys",
        )
    return read_config(path, RaterTexts)


def strings_file(pack: Path, language: str, folder: Path = FOLDER) -> Path | None:
    """Return the file in which the strings of a language stand for the pack in folder `pack`; None if there is none."""
    own = pack / OWN.format(language=language)
    return own if own.is_file() else _shared(language, folder)


def _shared(language: str, folder: Path) -> Path | None:
    known = languages(folder)
    tag = next((tag for tag in (language, language_subtag(language)) if tag in known), None)
    return folder / f"{tag}.yaml" if tag else None
