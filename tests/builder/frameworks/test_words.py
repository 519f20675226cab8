"""The words of profiles in other languages: each file fits its framework and its language, misfits are told."""

import re
from pathlib import Path

import pytest
import yaml

from builder.checks.scripts import beginning, beginnings, length_in_words, scripts_of
from builder.frameworks import built_in_frameworks, framework_words, load_framework
from builder.frameworks.words import FOLDER
from schemas.errors import ConfigError
from schemas.values import ValueFramework

LANGUAGES = ("ar", "es", "fr", "hi", "pt", "sw", "zh")
FRAMEWORKS = {one.framework: one for one in built_in_frameworks()}
EVERY = [pytest.param(name, tag, id=f"{name}-{tag}") for name in FRAMEWORKS for tag in LANGUAGES]
NAMES = yaml.safe_load(Path(__file__).with_name("names.yaml").read_text(encoding="utf-8"))
MFQ2 = FRAMEWORKS["mfq2"]
BEGINNINGS = {
    "ar": r"(?:لا )?ي",  # he ..., does not ...: masculine as the word for person is
    "es": r"[a-z]",
    "fr": r"[a-zé]",
    "hi": r"(?!जो |जब )",  # "a person who" ends in this word
    "pt": r"[a-zé]",
    "sw": r"(?:ana|ha|ha[a-z]{2})[a-z]",  # a-na-, or its negation
    "zh": r"\S",
}
PRONOUNS = {
    "es": r"\b(?:él|ella|mi|tu)\b",
    "fr": r"\b(?:elle|lui-même|mon|ton)\b",
    "pt": r"\b(?:ele|ela|meu|minha)\b",
    "zh": r"(?<!其)他|[她我你您]",
}
"""Words that would give the person a sex, or speak of the reader."""
ENGLISH = re.compile(r"\b(?:the|and|of|who|what|wants?|with|is|are|people|person|this|to)\b", re.IGNORECASE)


def sentences(name: str, language: str) -> list[str]:
    sides = framework_words(FRAMEWORKS[name], language).sides
    return [text for one in sides.values() for text in (one.high, one.low)]


def test_every_language_has_every_framework_and_nothing_else_lies_there() -> None:
    both = {f"{name}.{tag}" for name in FRAMEWORKS for tag in LANGUAGES}
    assert {path.name for path in FOLDER.iterdir()} == {f"{stem}.yaml" for stem in {"en", *LANGUAGES, *both}}


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_a_file_fits_its_framework_and_says_that_nobody_checked_it(name: str, language: str) -> None:
    words = framework_words(FRAMEWORKS[name], language)
    assert words.language == language
    assert [path.name for path in words.files] == [f"{name}.{language}.yaml", f"{language}.yaml"]
    assert list(words.sides) == [one.name for one in FRAMEWORKS[name].dimensions], "in the framework's order"
    assert words.unchecked == ("machine draft, 2026-11",)


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_every_letter_is_of_the_languages_script(name: str, language: str) -> None:
    words = framework_words(FRAMEWORKS[name], language)
    common = words.common
    templates = [common.title, common.one, common.tradeoff, *common.heads.values()]
    around = [re.sub(r"\{\w+\}", "", text) for text in templates]
    theirs = beginnings(scripts_of(language)[:1])
    for text in [words.domain, *sentences(name, language), *around]:
        letters = {char for char in text if char.isalpha()}
        assert letters, text
        assert {beginning(char) for char in letters} <= theirs, text
        assert not ENGLISH.search(text), text


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_sentences_complete_this_person(name: str, language: str) -> None:
    told = sentences(name, language)
    assert len(set(told)) == len(told)
    for text in told:
        assert re.match(BEGINNINGS[language], text), text
        assert not re.search(r"[.!?:;؟؛。！？：；।\d{}«»\"“”]", text), text
        if language in PRONOUNS:
            assert not re.search(PRONOUNS[language], text), text
        if language == "hi":
            assert re.search(r"(?:है|नहीं)(?:\s|,|$)", text), text


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_sides_are_of_like_length(name: str, language: str) -> None:
    """Neither may look thinner: the English ones differ by eight words at most."""
    for one in framework_words(FRAMEWORKS[name], language).sides.values():
        assert abs(length_in_words(one.high, language) - length_in_words(one.low, language)) <= 10, one


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_no_sentence_names_a_dimension(name: str, language: str) -> None:
    names = NAMES[language][name] + (NAMES[language]["pvq21"] if name == "pvqrr" else [])
    for text in sentences(name, language):
        assert not re.search("|".join(names), text, re.IGNORECASE), text


def test_the_names_are_found_where_they_stand() -> None:
    assert re.search("|".join(NAMES["es"]["mfq2"]), "una persona leal")
    assert re.search("|".join(NAMES["sw"]["mfq2"]), "anataka usawa")
    assert {tag: set(names) for tag, names in NAMES.items()} == {tag: set(FRAMEWORKS) for tag in LANGUAGES}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("sw", "sw"),
        ("sw-KE", "sw"),
        ("pt-BR", "pt"),
        ("en", "en"),
        ("en-GB", "en"),
        ("tlh", "en"),
        ("", "en"),
        ("..", "en"),
        ("../words/sw", "en"),
        ("sw/../sw", "en"),
    ],
)
def test_a_dialect_falls_back_to_its_language_and_the_rest_to_english(asked: str, found: str) -> None:
    assert framework_words(MFQ2, asked).language == found


def test_english_words_are_the_frameworks_own() -> None:
    words = framework_words(MFQ2, "en")
    assert words.domain == MFQ2.domain
    assert {name: (one.high, one.low) for name, one in words.sides.items()} == {
        one.name: (one.high, one.low) for one in MFQ2.dimensions
    }


def with_words(root: Path, name: str, text: str) -> Path:
    folder = root / "frameworks" / "words"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return root


def built_in(stem: str) -> str:
    return (FOLDER / f"{stem}.yaml").read_text(encoding="utf-8")


def changed_framework(root: Path) -> ValueFramework:
    """A study's own mfq2, which says something else of care."""
    (root / "frameworks").mkdir(exist_ok=True)
    path = root / "frameworks" / "mfq2.yaml"
    path.write_text(yaml.safe_dump(MFQ2.model_dump(mode="json") | {"domain": "at work"}), encoding="utf-8")
    return load_framework("mfq2", root)


def test_a_studys_own_words_go_before_those_built_in(tmp_path: Path) -> None:
    checked = built_in("mfq2.sw").replace("checked_by: []", "checked_by: [A. Speaker]").replace("upole", "upendo")
    study = with_words(tmp_path, "mfq2.sw.yaml", checked)
    words = framework_words(MFQ2, "sw-KE", study)
    assert words.sides["care"].high == "anaguswa kwanza na mtu aliyeumia au anayehitaji upendo"
    assert words.unchecked == ("machine draft, 2026-11",), "what stands around them"
    with_words(study, "sw.yaml", built_in("sw").replace("checked_by: []", "checked_by: [A. Speaker]"))
    assert framework_words(MFQ2, "sw", study).unchecked == ()
    assert framework_words(MFQ2, "sw").unchecked == ("machine draft, 2026-11",)


def test_a_file_that_changed_is_read_anew(tmp_path: Path) -> None:
    study = with_words(tmp_path, "mfq2.sw.yaml", built_in("mfq2.sw"))
    assert framework_words(MFQ2, "sw", study).domain == "katika masuala ya mema na mabaya"
    with_words(study, "mfq2.sw.yaml", built_in("mfq2.sw").replace("mema na mabaya", "haki"))
    assert framework_words(MFQ2, "sw", study).domain == "katika masuala ya haki"


def test_a_new_language_needs_what_stands_around_too(tmp_path: Path) -> None:
    study = with_words(tmp_path, "mfq2.luo.yaml", built_in("mfq2.sw").replace("language: sw", "language: luo"))
    assert framework_words(MFQ2, "luo", study).language == "en"
    with_words(study, "luo.yaml", built_in("sw").replace("language: sw", "language: luo"))
    assert framework_words(MFQ2, "luo", study).language == "luo"
    assert framework_words(MFQ2, "luo").language == "en"


def test_a_framework_that_says_something_else_is_not_told_in_the_old_words(tmp_path: Path) -> None:
    own = changed_framework(tmp_path)
    assert framework_words(own, "sw", tmp_path).language == "en"
    with_words(tmp_path, "mfq2.sw.yaml", built_in("mfq2.sw").replace("katika masuala ya mema na mabaya", "kazini"))
    assert (framework_words(own, "sw", tmp_path).language, framework_words(own, "sw", tmp_path).domain) == (
        "sw",
        "kazini",
    )


def test_words_of_other_dimensions_are_refused(tmp_path: Path) -> None:
    study = with_words(tmp_path, "mfq2.sw.yaml", built_in("mfq2.sw").replace("  care:", "  kindness:"))
    with pytest.raises(ConfigError, match="found no words for care; words for kindness, expected high and low") as told:
        framework_words(MFQ2, "sw", study)
    assert told.value.report.code == "words-differ"


@pytest.mark.parametrize("name", ["mfq2.sw.yaml", "sw.yaml"])
def test_words_of_another_language_than_the_name_says_are_refused(tmp_path: Path, name: str) -> None:
    study = with_words(tmp_path, name, built_in(name.removesuffix("sw.yaml") + "pt"))
    with pytest.raises(ConfigError, match=f"found the words of {name.replace('sw', 'pt')}, expected those of {name}"):
        framework_words(MFQ2, "sw", study)
