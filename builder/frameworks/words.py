"""The plain words of a framework in a language: built in, or of a study's own; English where there are none."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from builder.countries.places import language_subtag
from builder.frameworks.load import OWN, built_in_frameworks
from mvpbench.store.config_file import read_config
from schemas.errors import ConfigError
from schemas.values import ValueDimension, ValueFramework
from schemas.words import CommonWords, FrameworkWords, SideWords

FOLDER = Path(__file__).parent / "words"
ENGLISH = "en"
TAG = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
"""Tags become names of files."""


@dataclass(frozen=True)
class Words:
    """All that a profile's text is made of."""

    language: str
    """BCP 47 tag of the words found, which need not be the tag asked for."""
    domain: str
    sides: Mapping[str, SideWords | ValueDimension]
    """Dimension -> its sentences."""
    common: CommonWords
    files: tuple[Path, ...]
    """Read beside the framework's own."""
    unchecked: tuple[str, ...]
    """`made_by` of each file that no speaker has checked."""


def framework_words(framework: ValueFramework, language: str = ENGLISH, study: Path | None = None) -> Words:
    """Return the words of `framework` in `language`, of `sw` for `sw-KE`, and else in English.

    A study in folder `study` may have `frameworks/words/NAME.LANGUAGE.yaml` and `frameworks/words/LANGUAGE.yaml`: these
    go before those built in. What is built in translates the built-in frameworks: a study's own framework of the same
    name has it only as long as it says the same. Without both files for a language there are no words in it.

    Raises:
        ConfigError: `words-misnamed`, `words-differ` (other dimensions than the framework's), or as `read_config`.
    """
    for tag in _tags(language):
        if tag == ENGLISH:
            break
        path = _first(f"{framework.framework}.{tag}", _folders(study, built_in=_is_built_in(framework)))
        common = _common(tag, study)
        if path is not None and common is not None:
            own, around = _fitting(path, framework, tag), _common_words(common)
            return Words(tag, own.domain, own.dimensions, around, (path, common), _unchecked(own, around))
    return _english(framework, study)


def words_files(framework: str, study: Path | None = None) -> dict[str, Path]:
    """Return every file that may have words of the framework in any language, by names for a fingerprint."""
    found: dict[str, Path] = {}
    for folder in (FOLDER, *_folders(study, built_in=False)):
        for path in sorted(folder.glob("*.yaml")):
            stem, dot, _ = path.stem.partition(".")
            if not dot or stem == framework:
                found[f"words {path.name}" + (", the study's" if folder != FOLDER else "")] = path
    return found


def _english(framework: ValueFramework, study: Path | None) -> Words:
    path = _first(ENGLISH, _folders(study, built_in=True)) or FOLDER / f"{ENGLISH}.yaml"
    sides = {one.name: one for one in framework.dimensions}
    around = _common_words(path)
    return Words(ENGLISH, framework.domain, sides, around, (path,), _unchecked(around))


def _tags(language: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((language, language_subtag(language)))) if TAG.fullmatch(language) else ()


def _folders(study: Path | None, *, built_in: bool) -> Iterator[Path]:
    if study is not None:
        yield study / OWN / FOLDER.name
    if built_in:
        yield FOLDER


def _first(stem: str, folders: Iterator[Path]) -> Path | None:
    return next((path for folder in folders if (path := folder / f"{stem}.yaml").is_file()), None)


def _common(tag: str, study: Path | None) -> Path | None:
    found = (_first(one, _folders(study, built_in=True)) for one in _tags(tag))
    return next((path for path in found if path is not None), None)


def _is_built_in(framework: ValueFramework) -> bool:
    return any(one.framework == framework.framework and _said(one) == _said(framework) for one in built_in_frameworks())


def _said(framework: ValueFramework) -> tuple[object, ...]:
    sides = [(one.name, one.high, one.low) for one in framework.dimensions]
    return framework.domain, sides


def _fitting(path: Path, framework: ValueFramework, tag: str) -> FrameworkWords:
    words = read_config(path, FrameworkWords)
    if (words.framework, words.language) != (framework.framework, tag):
        raise _misnamed(path, f"{words.framework}.{words.language}.yaml")
    names = {one.name for one in framework.dimensions}
    if differing := sorted(names ^ set(words.dimensions)):
        raise ConfigError(
            "words-differ",
            str(path),
            where="dimensions",
            found="; ".join(f"{'no words for' if one in names else 'words for'} {one}" for one in differing),
            expected=f"high and low for each of {', '.join(one.name for one in framework.dimensions)}",
        )
    return words


def _common_words(path: Path) -> CommonWords:
    words = read_config(path, CommonWords)
    if words.language != path.stem:
        raise _misnamed(path, f"{words.language}.yaml")
    return words


def _misnamed(path: Path, inside: str) -> ConfigError:
    return ConfigError("words-misnamed", str(path), found=f"the words of {inside}", expected=f"those of {path.name}")


def _unchecked(*files: FrameworkWords | CommonWords) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.made_by for one in files if not one.checked_by))
