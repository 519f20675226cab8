"""Which codebook reads a file."""

from pathlib import Path

import pytest

from builder.frameworks import load_framework
from builder.survey import FORMATS, built_in_codebooks, read_codebook, recognise
from builder.survey.codebook import items_of, unknown_columns
from builder.survey.mapping import Plan
from schemas.errors import ConfigError, InputError
from schemas.survey import CountryOf

CODEBOOK = """\
codebook: 1
name: tiny
title: Tiny
version: "1"
framework: mfq2
citation: none
licence: CC0-1.0
id: who
country: {column: land}
region: part
demographics: [{name: age, column: age}]
free_text: [{name: words, column: words}]
items: [{column: care, dimension: care, scale: {low: 1, high: 5}}]
"""
D3CODE = "rater_id,Age,Gender,Region,Country,SES,care,equality,proportionality,authority,loyalty,purity\n"


def test_every_built_in_codebook_fits_its_framework_and_format() -> None:
    assert set(built_in_codebooks()) >= {"prism", "d3code"}
    for name, path in built_in_codebooks().items():
        codebook = read_codebook(path)
        assert codebook.name == name
        assert codebook.format in FORMATS
        assert not codebook.synthetic
        framework = load_framework(codebook.framework)
        asked = [item.dimension for item in codebook.items]
        if codebook.instrument is not None and framework.instrument is not None:
            asked += [item.dimension for item in framework.instrument.items]
        assert set(asked) == {dimension.name for dimension in framework.dimensions}


def test_a_file_is_recognised_by_its_columns(tmp_path: Path) -> None:
    survey = tmp_path / "raters.csv"
    survey.write_text(D3CODE)
    assert recognise(survey) == built_in_codebooks()["d3code"]


def test_the_codebook_beside_the_file_speaks_for_it(tmp_path: Path) -> None:
    survey = tmp_path / "raters.csv"
    survey.write_text(D3CODE)
    (tmp_path / "codebook.yaml").write_text(CODEBOOK)
    assert recognise(survey) == tmp_path / "codebook.yaml"
    assert recognise(tmp_path) == tmp_path / "codebook.yaml"


def test_a_broken_codebook_beside_the_file_is_not_passed_over(tmp_path: Path) -> None:
    survey = tmp_path / "raters.csv"
    survey.write_text(D3CODE)
    (tmp_path / "codebook.yaml").write_text(CODEBOOK + "licens: CC0-1.0\n")
    with pytest.raises(ConfigError) as caught:
        recognise(survey)
    assert caught.value.report.code == "config-invalid"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("gone.csv", None, "survey-missing"),
        ("other.csv", "who,land\n", "survey-unrecognised"),
        ("empty.csv", "", "survey-empty"),
        ("survey.xlsx", "PK", "survey-format"),
        ("survey.jsonl", "{", "survey-empty"),
    ],
)
def test_what_is_not_recognised_says_why(tmp_path: Path, name: str, content: str | None, code: str) -> None:
    """A file of a known ending that cannot be read is told apart from one whose columns nobody knows."""
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(InputError) as caught:
        recognise(tmp_path / name)
    assert caught.value.report.code == code


def test_a_misspelt_path_says_what_was_meant_or_how_far_it_is_right(tmp_path: Path) -> None:
    (tmp_path / "raters.csv").write_text(D3CODE)
    for asked, way_out in {
        tmp_path / "rater.csv": f"did you mean {tmp_path / 'raters.csv'}?",
        tmp_path / "gone" / "far" / "raters.csv": f"of this path {tmp_path} is there",
        tmp_path / "x": "check the path",
    }.items():
        with pytest.raises(InputError) as caught:
            recognise(asked)
        assert caught.value.report.way_out == way_out


def planned(path: Path, text: str = CODEBOOK) -> Plan:
    path.write_text(text)
    codebook = read_codebook(path)
    return Plan(codebook, items_of(codebook, load_framework(codebook.framework)), CountryOf.RESIDENCE)


def test_every_column_that_the_file_lacks_is_named_once_with_its_key(tmp_path: Path) -> None:
    plan = planned(tmp_path / "codebook.yaml")
    keys = {"who": "id", "land": "country", "part": "region", "age": "demographics", "words": "free_text"}
    assert unknown_columns(plan, set()) == keys | {"care": "items"}
    assert list(unknown_columns(plan, {"who", "land", "age", "care", "more"})) == ["part", "words"]


def test_all_columns_of_a_full_codebook_are_wanted(tmp_path: Path) -> None:
    more = (
        "birth_country: {column: born}\nlanguage_column: {column: tongue}\nconsent: {column: yes_, agreed: ['1']}\n"
        "weights: {design: dw, population: pw}\npsu: unit\nstratum: layer\n"
    )
    plan = planned(tmp_path / "codebook.yaml", CODEBOOK.replace("id: who", "id: [who, wave]") + more)
    expected = {"who", "wave", "land", "born", "part", "age", "words", "care", "tongue", "yes_", "dw", "pw"}
    assert set(plan.wanted()) == expected | {"unit", "layer"}


def test_a_file_may_lack_what_is_optional(tmp_path: Path) -> None:
    text = CODEBOOK + "weights: {design: dw}\npsu: unit\noptional: [unit, dw]\n"
    plan = planned(tmp_path / "codebook.yaml", text)
    assert unknown_columns(plan, {"who", "land", "part", "age", "words", "care"}) == {}
    with pytest.raises(ConfigError) as caught:
        planned(tmp_path / "codebook.yaml", CODEBOOK + "optional: [cair]\n")
    assert "cair" in str(caught.value)


QUESTIONNAIRE = CODEBOOK.replace("items: [{column: care, dimension: care, scale: {low: 1, high: 5}}]", "instrument: {}")


def test_a_questionnaire_is_written_out_in_its_order(tmp_path: Path) -> None:
    columns = [f"q{number}" for number in range(1, 37)]
    text = QUESTIONNAIRE.replace("{}", f"{{columns: [{', '.join(columns)}]}}")
    items = planned(tmp_path / "codebook.yaml", text).items
    assert [item.column for item in items] == columns
    # The published key of the MFQ-2: 1, 7, 13, ... are care, 6, 12, ... purity; none is turned round.
    assert [item.column for item in items if item.dimension == "care"] == ["q1", "q7", "q13", "q19", "q25", "q31"]
    assert [item.column for item in items if item.dimension == "purity"] == ["q6", "q12", "q18", "q24", "q30", "q36"]
    assert not any(item.reverse for item in items)
    one = planned(tmp_path / "codebook.yaml", text.replace("]}", "], turned_columns: [q2]}")).items
    assert [item.column for item in one if item.reverse] == ["q2"]
    but_one = planned(tmp_path / "codebook.yaml", text.replace("]}", "], turned: true, turned_columns: [q2]}")).items
    assert [item.column for item in but_one if not item.reverse] == ["q2"]
    turned = planned(tmp_path / "codebook.yaml", text.replace("]}", "], turned: true, scale: {low: 0, high: 4}}")).items
    assert all(item.reverse for item in turned)
    assert {(item.scale.low, item.scale.high) for item in turned} == {(0, 4)}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("dimension: care", "dimension: kindness", "dimension-unknown"),
        ("items: [", "items: [{column: care, scale: {low: 1, high: 5}}, ", "item-doubled"),
        ("framework: mfq2", "framework: prism\ninstrument: {columns: [a]}", "instrument-none"),
        ("framework: mfq2", "framework: mfq2\ninstrument: {columns: [a, b]}", "instrument-columns"),
    ],
)
def test_items_that_do_not_fit_the_framework(tmp_path: Path, old: str, new: str, code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        planned(tmp_path / "codebook.yaml", CODEBOOK.replace(old, new))
    assert caught.value.report.code == code
