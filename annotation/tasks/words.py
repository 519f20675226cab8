"""In which words the raters of a slot are addressed: the country pack's own, or the next best, and which these are."""

from pathlib import Path
from typing import NamedTuple

from annotation.slots import Group
from builder.countries.packs import FoundPack, built_in_codes, find_pack, own_codes
from builder.countries.places import language_subtag
from builder.countries.strings import languages, rater_texts
from schemas.country import ComprehensionItem, RaterTexts

ENGLISH = "en"


class Words(NamedTuple):
    """What raters of one group read beside the tasks' own texts."""

    texts: RaterTexts
    comprehension: tuple[ComprehensionItem, ...]
    instead: bool
    """Whether there are no strings in the group's language, and others stand in."""


def rater_words(group: Group, root: Path | None) -> Words:
    """Return the words for a group of raters, from the study's own pack, the built-in pack or the shared strings.

    Where nothing is there in the group's language: the first of the country's other languages, else English; then
    `instead`. Raises ConfigError as `find_pack` does for a pack that does not fit.
    """
    found = _pack(group.country, root)
    own = found.pack.comprehension.get(group.language, ()) if found else ()
    if found and group.language in found.texts:
        texts = found.texts[group.language]
    elif {group.language, language_subtag(group.language)} & set(languages()):
        texts = rater_texts(group.language)
    else:
        texts = next(iter(found.texts.values())) if found and found.texts else rater_texts(ENGLISH)
        return Words(texts, (), instead=True)
    return Words(texts, (*texts.comprehension, *own), instead=False)


def _pack(country: str | None, root: Path | None) -> FoundPack | None:
    known = country is not None and country in (*own_codes(root), *built_in_codes())
    return find_pack(country, root) if known and country is not None else None
