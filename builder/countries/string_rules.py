"""The rules about the raters' strings and the comprehension items of a pack."""

from collections.abc import Iterator, Mapping

from builder.countries.places import called, language_subtag
from builder.countries.rules import Found, RuleFunction, Subject
from builder.countries.strings import OWN, languages, rater_texts
from schemas.country import RaterTexts

ENGLISH = "en"
NOT_WORDS = frozenset({"language", "made_by", "checked_by"})
"""Keys of the strings that a translation leaves as they are."""


def _strings_none(subject: Subject) -> Iterator[Found]:
    if not subject.found.texts:
        file = OWN.format(language=subject.found.pack.tags[0])
        yield Found(file, "no strings in any of the pack's languages", way_out=_write(subject, file))


def _strings_missing(subject: Subject) -> Iterator[Found]:
    there = subject.found.texts
    for tag in subject.found.pack.tags:
        if there and tag not in there:
            file = OWN.format(language=tag)
            found = f"no strings in {called(tag)}: raters are addressed in {called(next(iter(there)))}"
            yield Found(file, found, way_out=_write(subject, file))


def _strings_language(subject: Subject) -> Iterator[Found]:
    for tag, texts in subject.found.texts.items():
        if texts.language not in {tag, language_subtag(tag)}:
            yield Found(f"{OWN.format(language=tag)}, language", texts.language, tag)
    for path in sorted(subject.found.folder.glob("strings.*.yaml")):
        tag = path.name.removeprefix("strings.").removesuffix(".yaml")
        if tag not in subject.found.pack.tags:
            expected = f"one of the pack's languages: {', '.join(subject.found.pack.tags)}"
            way_out = (
                "delete the file where the language was taken out of the pack; else mend its name or add the language"
            )
            yield Found(path.name, f"strings in {tag}", expected, way_out)


def _strings_untranslated(subject: Subject) -> Iterator[Found]:
    english = set(_words(rater_texts(ENGLISH)).values())
    for tag, texts in subject.found.texts.items():
        left = [key for key, text in _words(texts).items() if text in english]
        if left and language_subtag(tag) != ENGLISH:
            yield Found(OWN.format(language=tag), f"{len(left)} texts still in English: {_some(left)}", called(tag))


def _strings_unchecked(subject: Subject) -> Iterator[Found]:
    unchecked = {tag: texts.made_by for tag, texts in subject.found.texts.items() if not texts.checked_by}
    if unchecked:
        found = "; ".join(f"{called(tag)} by nobody ({made_by})" for tag, made_by in unchecked.items())
        yield Found("strings, checked_by", found)


def _comprehension_missing(subject: Subject) -> Iterator[Found]:
    for tag, texts in subject.found.texts.items():
        if not texts.comprehension and not subject.found.pack.comprehension.get(tag):
            yield Found(f"comprehension.{tag}", "no item")


def _comprehension_one_sided(subject: Subject) -> Iterator[Found]:
    for tag, texts in subject.found.texts.items():
        items = (*texts.comprehension, *subject.found.pack.comprehension.get(tag, ()))
        sides = {item.right for item in items}
        if len(sides) == 1:
            yield Found(f"comprehension.{tag}", f"the {sides.pop()} answer is right every time")


def _comprehension_language(subject: Subject) -> Iterator[Found]:
    for tag in subject.found.pack.comprehension:
        if tag not in subject.found.pack.tags:
            yield Found(f"comprehension.{tag}", "items in a language that the pack does not have")


STRING_RULES: Mapping[str, RuleFunction] = {
    "strings-none": _strings_none,
    "strings-missing": _strings_missing,
    "strings-language": _strings_language,
    "strings-untranslated": _strings_untranslated,
    "strings-unchecked": _strings_unchecked,
    "comprehension-missing": _comprehension_missing,
    "comprehension-one-sided": _comprehension_one_sided,
    "comprehension-language": _comprehension_language,
}


def _write(subject: Subject, file: str) -> str:
    code, known = subject.found.pack.code, ", ".join(languages())
    own = f"translate builder/countries/strings/en.yaml into countries/{code}/{file} (there are: {known})"
    return f"`mvpbench country init {code}`, then {own}" if subject.found.built_in else own


def _words(texts: RaterTexts) -> dict[str, str]:
    """All that a translation would change, by key."""
    flat: dict[str, str] = {}
    for key, value in texts.model_dump(exclude=set(NOT_WORDS)).items():
        if key == "comprehension":
            for item in value:
                texts_of = (item["person"], item["question"], *item["answers"])
                flat |= {f"comprehension {item['id']}, text {place}": text for place, text in enumerate(texts_of, 1)}
        else:
            flat |= _flat(key, value)
    return flat


def _flat(key: str, value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {key: str(value)}
    return {name: text for code, inner in value.items() for name, text in _flat(f"{key}.{code}", inner).items()}


def _some(keys: list[str], shown: int = 3) -> str:
    return ", ".join(keys[:shown]) + (" ..." if len(keys) > shown else "")
