"""The raters' strings: the same keys, codes and blanks in every language, each in its own script, misfits refused."""

import unicodedata
from pathlib import Path

import pytest
import yaml

from builder.countries.places import direction_of, own_name, script_of
from builder.countries.strings import FOLDER, languages, rater_texts, strings_file
from schemas.errors import ConfigError

LANGUAGES = ("ar", "en", "es", "fr", "hi", "pt", "sw", "zh")
SCRIPTS = {"ar": "ARABIC", "hi": "DEVANAGARI", "zh": "CJK"}
"""Unicode names of their characters begin so; all others are written in LATIN."""


def with_texts(folder: Path, **changed: object) -> Path:
    texts = rater_texts("en").model_dump(mode="json") | changed
    (folder / "xx.yaml").write_text(yaml.safe_dump(texts), encoding="utf-8")
    return folder


def test_the_eight_languages_are_there() -> None:
    assert languages() == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_keys_and_items(language: str) -> None:
    ours, english = rater_texts(language), rater_texts("en")
    assert ours.language == language
    assert [(one.id, one.right) for one in ours.comprehension] == [(one.id, one.right) for one in english.comprehension]
    assert {one.right for one in ours.comprehension} == {"first", "second"}
    raw = yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
    assert list(raw) == list(yaml.safe_load((FOLDER / "en.yaml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_file_claims_that_a_speaker_checked_it(language: str) -> None:
    assert (rater_texts(language).made_by, rater_texts(language).checked_by) == ("machine draft, 2026-11", ())


@pytest.mark.parametrize("language", [tag for tag in LANGUAGES if tag != "en"])
def test_nothing_was_left_in_english_or_in_another_script(language: str) -> None:
    ours, english = rater_texts(language), rater_texts("en")
    words = [text for text in sentences(ours.model_dump()) if text not in {ours.language, ours.made_by}]
    assert not set(words) & set(sentences(english.model_dump()))
    for text in words:
        letters = [char for char in text.replace("{slot}", "") if unicodedata.category(char).startswith("L")]
        script = SCRIPTS.get(language, "LATIN")
        assert sum(unicodedata.name(char).startswith(script) for char in letters) >= 0.8 * len(letters), text


def sentences(value: object) -> list[str]:
    """All texts in nested records but ids and codes."""
    match value:
        case str(text):
            return [text] if len(text) > len("second") else []
        case dict(items):
            return [text for one in items.values() for text in sentences(one)]
        case list(items) | tuple(items):
            return [text for one in items for text in sentences(one)]
        case _:
            return []


def test_an_unknown_language_names_the_known_ones() -> None:
    with pytest.raises(ConfigError) as raised:
        rater_texts("tlh")
    assert str(raised.value) == (
        "raters cannot be addressed in this language: found tlh, expected ar, en, es, fr, hi, pt, sw, zh. add tlh.yaml"
        " beside the others, with the same keys"
    )


def test_a_dialect_falls_back_to_its_language() -> None:
    assert rater_texts("sw-KE") == rater_texts("sw")


@pytest.mark.parametrize("tag", ["../en", "..", "", "en/../en"])
def test_a_tag_that_is_a_path_leads_nowhere(tag: str) -> None:
    with pytest.raises(ConfigError, match="raters cannot be addressed"):
        rater_texts(tag)


def test_a_packs_own_file_goes_before_the_shared_one(tmp_path: Path) -> None:
    assert strings_file(tmp_path, "sw") == FOLDER / "sw.yaml"
    assert strings_file(tmp_path, "luo") is None
    own = tmp_path / "strings.luo.yaml"
    own.touch()
    assert strings_file(tmp_path, "luo") == own


def test_a_language_file_that_lacks_a_choice_is_refused(tmp_path: Path) -> None:
    folder = with_texts(tmp_path, preference={"A": "A", "B": "B"})
    with pytest.raises(ConfigError, match=r"a different label for each of A, B, both, neither, cannot_tell"):
        rater_texts("xx", folder)


def test_two_choices_of_one_label_are_refused(tmp_path: Path) -> None:
    folder = with_texts(tmp_path, sureness={"sure": "Yes", "fairly_sure": "Yes", "guessing": "No"})
    with pytest.raises(ConfigError, match=r"a different label for each of sure, fairly_sure, guessing"):
        rater_texts("xx", folder)


@pytest.mark.parametrize("title", ["Title", "{slot} {slot}", "{slot.__class__}", "{slot:>999999999}", "{slot!r}", "{"])
def test_a_title_with_other_blanks_than_the_slot_is_refused(tmp_path: Path, title: str) -> None:
    folder = with_texts(tmp_path, project_title=title)
    with pytest.raises(ConfigError, match="project_title") as raised:
        rater_texts("xx", folder)
    assert raised.value.report.code == "config-invalid"


def test_a_language_file_that_lacks_a_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "xx.yaml").write_text("language: xx", encoding="utf-8")
    with pytest.raises(ConfigError, match="made_by: nothing"):
        rater_texts("xx", tmp_path)


@pytest.mark.parametrize(
    ("tag", "name", "script", "direction"),
    [
        ("sw", "Kiswahili", "Latn", "ltr"),
        ("ar", "العربية", "Arab", "rtl"),
        ("zh", "中文", "Hans", "ltr"),
        ("zh-Hant", "中文 (繁體)", "Hant", "ltr"),
        ("pt-BR", "português (Brasil)", "Latn", "ltr"),
        ("az-Arab", "آذربایجان تۆرکجه‌سی (عربجه)", "Arab", "rtl"),
        ("tlh", None, None, "ltr"),
    ],
)
def test_what_cldr_knows_of_a_language(tag: str, name: str | None, script: str | None, direction: str) -> None:
    assert (own_name(tag), script_of(tag), direction_of(tag)) == (name, script, direction)
