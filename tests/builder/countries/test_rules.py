"""The rules: each has its words, each finds its one fault, and a whole pack has none."""

from pathlib import Path
from typing import Any

import pytest

from builder.countries.check import RULES
from builder.countries.explain import rules_table
from builder.countries.pack_rules import PACK_RULES
from builder.countries.rules import Subject, explained, rule_texts, violations
from builder.countries.string_rules import STRING_RULES
from schemas.errors import ConfigError
from schemas.readiness import Severity
from tests.builder.countries.made import KENYA, made_subject, made_texts

DOCS = Path(__file__).parents[3] / "docs" / "country-rules.md"
OF_PACK = {**PACK_RULES, **STRING_RULES}
SW: dict[str, Any] = {"tag": "sw", "name": "Kiswahili", "script": "Latn", "direction": "ltr"}
EN: dict[str, Any] = {"tag": "en", "name": "English", "script": "Latn", "direction": "ltr"}
AR: dict[str, Any] = {"tag": "ar", "name": "العربية", "script": "Arab", "direction": "rtl"}
RECRUITMENT: dict[str, Any] = KENYA["recruitment"]  # type: ignore[assignment]
PAY: dict[str, Any] = RECRUITMENT["pay"]
ITEM = {"id": "a", "person": "p", "question": "q", "answers": ["x", "y"], "right": "first"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "KE"
    path.mkdir()
    return path


def found(subject: Subject) -> dict[str, str]:
    """Code -> where it was found, of all rules of a pack."""
    return {one.code: one.where for one in violations(subject, OF_PACK)}


def test_every_rule_has_its_words_and_every_words_a_rule() -> None:
    assert set(rule_texts()) == set(RULES)


def test_a_whole_pack_breaks_no_rule(folder: Path) -> None:
    assert found(made_subject(folder)) == {}


@pytest.mark.parametrize(
    ("changed", "code", "where"),
    [
        ({"names": {"en": "Kenya"}}, "name-missing", "names.sw"),
        ({"names": {"en": " ", "sw": "Kenya"}}, "name-missing", "names.en"),
        ({"languages": [SW, EN, SW]}, "language-twice", "languages"),
        ({"languages": [{**SW, "script": "Arab"}, EN]}, "script-differs", "languages[0].script"),
        ({"languages": [{**SW, "direction": "rtl"}, EN]}, "direction-differs", "languages[0].direction"),
        ({"community": {"size": None}}, "community-unset", "community.size"),
        ({"community": {"size": 5}}, "community-unsourced", "community.source"),
        ({"recruitment": {**RECRUITMENT, "pay": {**PAY, "amount": None}}}, "pay-floor-unset", "recruitment.pay.amount"),
        (
            {"recruitment": {**RECRUITMENT, "pay": {**PAY, "as_of": None}}},
            "pay-floor-unsourced",
            "recruitment.pay.as_of",
        ),
        (
            {"recruitment": {**RECRUITMENT, "pay": {**PAY, "source": " "}}},
            "pay-floor-unsourced",
            "recruitment.pay.source",
        ),
        (
            {"recruitment": {**RECRUITMENT, "pay": {**PAY, "currency": "EUR"}}},
            "pay-currency",
            "recruitment.pay.currency",
        ),
        ({"recruitment": {**RECRUITMENT, "channels": []}}, "channels-unset", "recruitment.channels"),
        ({"recruitment": {**RECRUITMENT, "contact": ""}}, "contact-unset", "recruitment.contact"),
        ({"recruitment": {**RECRUITMENT, "ethics": ""}}, "ethics-unset", "recruitment.ethics"),
        ({"prompts": {"sytem": "x"}}, "prompt-unknown", "prompts.sytem"),
        ({"prompts": {"topic": "{{ secret }}"}}, "prompt-broken", "prompts.topic"),
        ({"generalise": {}}, "generalise-unset", "generalise"),
        ({"card": " \n"}, "card-unset", "card"),
        ({"card": "see [this](javascript:x)"}, "card-markup", "card"),
        ({"card": "# Kenya"}, "card-markup", "card"),
        ({"sources": []}, "sources-unset", "sources"),
        ({"comprehension": {"fr": [ITEM]}}, "comprehension-language", "comprehension.fr"),
    ],
)
def test_a_fault_is_found_where_it_is_and_nothing_else(
    folder: Path, changed: dict[str, object], code: str, where: str
) -> None:
    assert found(made_subject(folder, **changed)) == {code: where}


def test_the_code_is_a_country_and_the_folders_name(tmp_path: Path, folder: Path) -> None:
    assert set(found(made_subject(folder, code="XX"))) == {"code-unknown", "folder-differs"}
    assert found(made_subject(tmp_path / "TZ", code="KE"))["folder-differs"] == "code"


@pytest.mark.parametrize(("tag", "standard"), [("EN", "en"), ("en-ke", "en-KE"), ("xx", None), ("qqq-1", None)])
def test_a_tag_is_valid_and_in_its_standard_form(folder: Path, tag: str, standard: str | None) -> None:
    texts = {"sw": made_texts("sw")}
    languages = [SW, {**EN, "tag": tag}]
    names = {"en": "Kenya", "sw": "Kenya", tag: "Kenya"}
    every = violations(made_subject(folder, texts, languages=languages, names=names), OF_PACK)
    one = next(one for one in every if one.code == "language-invalid")
    assert (one.where, one.found, one.expected) == (
        "languages[1].tag",
        tag,
        standard or rule_texts()["language-invalid"].expects,
    )


def test_a_language_that_nobody_speaks_there_is_a_warning(folder: Path) -> None:
    swedish = {"tag": "sv", "name": "svenska", "script": "Latn", "direction": "ltr"}
    subject = made_subject(folder, {"sv": made_texts("en")}, languages=[swedish], names={"en": "Kenya", "sv": "Kenya"})
    assert "languages-foreign" in found(subject)


def test_the_direction_is_that_in_which_the_name_is_written(folder: Path) -> None:
    texts = {"ar": made_texts("ar"), "en": made_texts("en"), "sw": made_texts("sw")}
    names = {"en": "Kenya", "sw": "Kenya", "ar": "كينيا"}
    right = made_subject(folder, texts, languages=[SW, EN, AR], names=names)
    assert found(right) == {}
    wrong = made_subject(folder, texts, languages=[SW, EN, {**AR, "direction": "ltr"}], names=names)
    assert found(wrong) == {"direction-differs": "languages[2].direction"}


def test_strings_that_are_not_there(folder: Path) -> None:
    assert found(made_subject(folder, {})) == {"strings-none": "strings.sw.yaml"}
    assert found(made_subject(folder, {"en": made_texts("en")})) == {"strings-missing": "strings.sw.yaml"}


def test_strings_of_another_language_than_the_file_says(folder: Path) -> None:
    swapped = {"sw": made_texts("fr"), "en": made_texts("en")}
    assert found(made_subject(folder, swapped)) == {"strings-language": "strings.sw.yaml, language"}
    (folder / "strings.fr.yaml").touch()
    assert found(made_subject(folder)) == {"strings-language": "strings.fr.yaml"}
    (one,) = violations(made_subject(folder), OF_PACK)
    assert one.way_out.startswith("delete the file where the language was taken out of the pack")


def test_texts_left_in_english_are_named(folder: Path) -> None:
    half = made_texts("sw", who="What matters to this person", answer_a="Answer A")
    (one,) = violations(made_subject(folder, {"sw": half, "en": made_texts("en")}), OF_PACK)
    assert (one.code, one.severity) == ("strings-untranslated", Severity.ERROR)
    assert one.found == "2 texts still in English: who, answer_a"
    every = made_texts("en", language="sw")
    (all_of_it,) = violations(made_subject(folder, {"sw": every, "en": made_texts("en")}), OF_PACK)
    assert all_of_it.found.startswith("37 texts still in English: project_title, instruction, who ...")


def test_strings_that_no_speaker_checked_say_by_whom_they_are(folder: Path) -> None:
    texts = {"sw": made_texts("sw", checked_by=[]), "en": made_texts("en")}
    (one,) = violations(made_subject(folder, texts), OF_PACK)
    assert (one.code, one.found) == ("strings-unchecked", "Swahili (sw) by nobody (machine draft, 2026-11)")


def test_items_to_see_whether_raters_read(folder: Path) -> None:
    none = {"sw": made_texts("sw", comprehension=[]), "en": made_texts("en")}
    assert found(made_subject(folder, none)) == {"comprehension-missing": "comprehension.sw"}
    assert found(made_subject(folder, none, comprehension={"sw": [ITEM]})) == {
        "comprehension-one-sided": "comprehension.sw"
    }
    both = [ITEM, {**ITEM, "id": "b", "right": "second"}]
    assert found(made_subject(folder, none, comprehension={"sw": both})) == {}


def test_before_recruiting_what_must_be_there_is_an_error(folder: Path) -> None:
    pay = {**PAY, "amount": None}
    subject = made_subject(folder, recruitment={**RECRUITMENT, "pay": pay, "ethics": ""}, sources=[])
    severities = {one.code: one.severity for one in violations(subject, OF_PACK, recruiting=True)}
    assert severities == {
        "pay-floor-unset": Severity.ERROR,
        "ethics-unset": Severity.ERROR,
        "sources-unset": Severity.WARNING,
    }
    assert {one.severity for one in violations(subject, OF_PACK)} == {Severity.WARNING}


def test_errors_stand_first(folder: Path) -> None:
    subject = made_subject(folder, sources=[], card="", names={"en": "Kenya"}, generalise={})
    assert [one.code for one in violations(subject, OF_PACK)] == [
        "name-missing",
        "card-unset",
        "generalise-unset",
        "sources-unset",
    ]


def test_an_unknown_rule_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="expected one of code-unknown, folder-differs") as raised:
        explained("pay")
    assert raised.value.report.code == "rule-unknown"
    assert list(explained("all")) == list(rule_texts())


def test_the_page_of_the_rules_is_todays() -> None:
    assert DOCS.read_text(encoding="utf-8").endswith(rules_table(rule_texts()))
