"""The word lists, and how their entries are found."""

import pycountry
import pytest
import yaml

from builder.checks import CHECKS, meaning, meanings, not_checked
from builder.checks.phrases import Phrases
from builder.checks.scripts import length_in_words, scripts_of
from builder.checks.text import READ_CHARACTERS, read
from builder.checks.words import FOLDER, listed, words_of

LANGUAGES = {"en", "es", "ar", "hi", "pt", "sw", "zh", "fr"}
NEEDING_LISTS = {
    "unequal-quality", "straw-man", "answers-name-each-other", "names-group", "personal-data", "refusal", "unsafe",
}  # fmt: skip


def test_there_are_lists_for_eight_languages_and_each_says_who_checked_it() -> None:
    assert set(listed()) == LANGUAGES
    for language in LANGUAGES:
        head = (FOLDER / f"{language}.yaml").read_text(encoding="utf-8").splitlines()[0]
        checked = words_of(language).checked_by
        assert (checked is None) == ("no speaker has checked it" in head) == (language != "en")


def test_every_country_of_iso_3166_has_its_people() -> None:
    demonyms = yaml.safe_load((FOLDER / "demonyms.yaml").read_text(encoding="utf-8"))
    assert set(demonyms) == {country.alpha_2 for country in pycountry.countries}
    assert all(demonyms.values())


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_list_has_an_entry_twice_or_without_words(language: str) -> None:
    lists = words_of(language).model_dump()
    flat = {**lists, **{f"countries.{key}": value for key, value in lists.pop("countries").items()}, **lists["streets"]}
    for name, entries in flat.items():
        if isinstance(entries, tuple):
            assert len(set(entries)) == len(entries), name
            assert all(read(entry).words for entry in entries), name


def test_checks_have_their_meanings_and_say_where_they_know_nothing() -> None:
    assert list(meanings()) == list(CHECKS)
    assert meaning("same-answers").startswith("two answers that are the same")
    assert not_checked("en") == not_checked("pt-BR") == not_checked("zh-Hant") == ()
    assert set(not_checked("de")) == NEEDING_LISTS
    assert set(not_checked("tlh")) == {*NEEDING_LISTS, "names-country", "wrong-language"}
    assert "wrong-script" in not_checked("not a tag")


@pytest.mark.parametrize(
    ("entry", "text", "found"),
    [
        ("who cares", "WHO  cares?", True),
        ("who cares", "whoever cares", False),
        ("trampl*", "trampling", True),
        ("trampl*", "a tramp", False),
        ("leav* for", "leaving for", True),
        ("Polish", "polish", False),
        ("Polish", "POLISH", True),
        ("can't help", "can’t help", True),
        ("مسلم", "والمسلم", True),
        ("مسلم", "مسلسل", False),
        ("الأردن", "للأردن", True),
        ("ولدت في", "وُلِدتُ في", True),
        ("谁在乎", "这谁在乎呢", True),
        ("शायद", "शायदा", False),
        ("suicide", "sui\u00adcide", True),
        ("a b c", "a b a b c", True),
    ],
)
def test_how_entries_are_found(entry: str, text: str, found: bool) -> None:
    assert Phrases([entry]).within(text) is found


def test_the_longest_phrase_counts_once() -> None:
    assert Phrases(["it may", "it may be"]).count("It may be. It may.") == 2


def test_a_text_is_read_in_words_of_any_script() -> None:
    assert read("हफ़्ते में can’t 我们 กี่ x_y ÉTÉ").words == (
        "हफ़्ते", "में", "can", "t", "我", "们", "กี่", "x", "y", "ÉTÉ",
    )  # fmt: skip
    assert len(read("a " * READ_CHARACTERS).text) == READ_CHARACTERS


def test_scripts_are_those_of_cldr() -> None:
    assert scripts_of("hi") == ("Deva",)
    assert scripts_of("zh-TW") == ("Hant",)
    assert set(scripts_of("zh")) == {"Hans", "Hant"}
    assert set(scripts_of("sr")) == {"Cyrl", "Latn"}
    assert scripts_of("not a tag") == ()


def test_a_length_in_words_without_spaces_is_one_in_letters() -> None:
    assert length_in_words("one two three", "en") == 3
    assert length_in_words("我的邻居想改变计划", "zh") == pytest.approx(9 / 1.8)
