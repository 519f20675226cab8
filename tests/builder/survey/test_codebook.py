"""Which codebook reads a file."""

from pathlib import Path

import pytest

from builder.frameworks import load_framework
from builder.survey import FORMATS, built_in_codebooks, read_codebook, recognise
from builder.survey.codebook import unknown_columns
from schemas.errors import ConfigError, InputError

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
        ("survey.jsonl", "{", "row-broken"),
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


def test_every_column_that_the_file_lacks_is_named_once(tmp_path: Path) -> None:
    path = tmp_path / "codebook.yaml"
    path.write_text(CODEBOOK)
    codebook = read_codebook(path)
    assert unknown_columns(codebook, set()) == ("who", "land", "part", "age", "words", "care")
    assert unknown_columns(codebook, {"who", "land", "age", "care", "more"}) == ("part", "words")


@pytest.mark.parametrize(
    ("content", "code", "where", "told"),
    [
        (CODEBOOK + "licens: x\n", "config-invalid", "licens", "did you mean `licence`?"),
        (CODEBOOK.replace("high: 5", "high: 1"), "config-invalid", "items[0].scale", "low must be below high"),
        (CODEBOOK.replace("{column: land}", "{}"), "config-invalid", "country", "give either `column` or `constant`"),
        ("just text", "config-unreadable", None, "found 'just text'"),
        ("a: [", "config-unreadable", "line 1, column 5", "plain YAML"),
        (CODEBOOK + "name: again\n", "config-unreadable", "line 14", "`name` a second time"),
        (CODEBOOK + "doi: 2024-13-45\n", "config-unreadable", None, "month must be in 1..12"),
    ],
)
def test_a_codebook_that_does_not_fit_names_the_key(
    tmp_path: Path, content: str, code: str, where: str | None, told: str
) -> None:
    path = tmp_path / "codebook.yaml"
    path.write_text(content)
    with pytest.raises(ConfigError) as caught:
        read_codebook(path)
    report = caught.value.report
    assert (report.code, report.subject, report.where) == (code, str(path), where)
    assert told in report.sentence()


def test_a_codebook_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.yaml", tmp_path):
        with pytest.raises(ConfigError) as caught:
            read_codebook(path)
        assert caught.value.report.code == "config-missing"
