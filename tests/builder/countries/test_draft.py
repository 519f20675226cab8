"""`country init`: a draft that can be read at once, and whose check says what is left to fill in."""

from pathlib import Path

import pytest
import yaml

from builder.countries.check import check_pack
from builder.countries.draft import draft_pack
from builder.countries.numbers import read_people
from builder.countries.packs import FOLDER, find_pack
from mvpbench.store.study import Study
from schemas.errors import ConfigError, StudyError
from schemas.readiness import Severity
from schemas.values import Domain
from tests.builder.countries.made import begun_study


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begun_study(tmp_path / "study")


def errors(study: Study, code: str) -> dict[str, str]:
    checked = check_pack(find_pack(code, study.root), read_people(study))
    return {one.code: one.where for one in checked.violations if one.severity is Severity.ERROR}


def test_a_draft_knows_names_scripts_directions_and_the_currency(study: Study) -> None:
    outcome = draft_pack(study, "EG", ["ar", "en"], Domain.OUT)
    pack = find_pack("EG", study.root).pack
    assert outcome.outputs == ("countries/EG/country.yaml",)
    assert pack.names == {"en": "Egypt", "ar": "مصر"}
    assert [(one.tag, one.name, one.script, one.direction) for one in pack.languages] == [
        ("ar", "العربية", "Arab", "rtl"),
        ("en", "English", "Latn", "ltr"),
    ]
    assert (pack.domain, pack.recruitment.pay.currency) == (Domain.OUT, "EGP")
    assert (pack.community.size, pack.recruitment.pay.amount) == (None, None)


def test_the_check_of_a_fresh_draft_says_what_is_left(study: Study) -> None:
    draft_pack(study, "KE", ["sw", "en"], None)
    assert errors(study, "KE") == {"community-unset": "community.size", "card-unset": "card"}
    path = study.root / "countries" / "KE" / "country.yaml"
    text = path.read_text(encoding="utf-8").replace("size: null", "size: 56000000").replace('card: ""', "card: Words.")
    path.write_text(text, encoding="utf-8")
    assert errors(study, "KE") == {}


def test_a_language_without_strings_gets_english_ones_to_translate(study: Study) -> None:
    outcome = draft_pack(study, "KE", ["luo", "sw"], None)
    assert outcome.outputs == ("countries/KE/strings.luo.yaml", "countries/KE/country.yaml")
    texts = find_pack("KE", study.root).texts["luo"]
    assert (texts.language, texts.made_by, texts.checked_by) == ("luo", "English, still to be translated", ())
    assert errors(study, "KE")["strings-untranslated"] == "strings.luo.yaml"


def test_without_languages_the_official_ones_are_taken(study: Study) -> None:
    assert draft_pack(study, "KE", [], None).result.languages == ("sw", "en")
    assert draft_pack(study, "AQ", [], None).result.languages  # a place without an official language has one too


def test_codes_that_yaml_would_read_as_false_are_quoted(study: Study) -> None:
    draft_pack(study, "NO", ["nb", "no"], None)
    assert find_pack("NO", study.root).pack.tags == ("nb", "no")
    assert find_pack("NO", study.root).pack.code == "NO"


def test_tags_are_brought_into_their_standard_form_once(study: Study) -> None:
    assert draft_pack(study, "KE", ["SW", "sw", "en-ke"], None).result.languages == ("sw", "en-KE")


def test_a_built_in_pack_is_copied_to_be_changed(study: Study) -> None:
    outcome = draft_pack(study, "DE", [], None)
    assert outcome.result.copied
    own = study.root / "countries" / "DE" / "country.yaml"
    assert own.read_bytes() == (FOLDER / "DE" / "country.yaml").read_bytes()
    assert not find_pack("DE", study.root).built_in
    assert not draft_pack(study, "FR", [], None).result.copied


def test_the_domain_is_that_of_study_yaml(tmp_path: Path) -> None:
    study = begun_study(tmp_path / "study", extra="profile: {out_of_domain: [KE]}\n")
    draft_pack(study, "KE", ["en"], None)
    assert find_pack("KE", study.root).pack.domain is Domain.OUT


def test_a_pack_that_is_there_is_never_written_over(study: Study) -> None:
    draft_pack(study, "KE", ["sw"], None)
    path = study.root / "countries" / "KE" / "country.yaml"
    before = path.read_bytes()
    with pytest.raises(StudyError) as raised:
        draft_pack(study, "KE", ["en"], None)
    assert raised.value.report.code == "pack-exists"
    assert path.read_bytes() == before


@pytest.mark.parametrize("tag", ["xx", "english", "../en", "e n"])
def test_a_tag_that_is_none_is_refused_and_nothing_written(study: Study, tag: str) -> None:
    with pytest.raises(ConfigError) as raised:
        draft_pack(study, "KE", ["sw", tag], None)
    assert raised.value.report.code == "language-invalid"
    assert not (study.root / "countries" / "KE").exists()


def test_comments_lead_a_newcomer(study: Study) -> None:
    draft_pack(study, "KE", ["sw"], None)
    text = (study.root / "countries" / "KE" / "country.yaml").read_text(encoding="utf-8")
    assert "`mvpbench country check KE`" in text
    assert yaml.safe_load(text)["sources"] == ["ISO 3166-1 (code)", "Unicode CLDR (names, languages, scripts)"]
