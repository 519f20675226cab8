"""Survey files to respondents: what is read, what is dropped, and what is refused with which words."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.survey import built_in_codebooks, import_survey, read_codebook
from mvpbench.demo.sample import SAMPLE
from mvpbench.store.stage import Produced
from schemas.codebook import Codebook, Missing
from schemas.errors import InputError, MvpbenchError
from schemas.identity import content_id
from schemas.survey import CountryOf, Respondent, Survey
from tests.builder.survey.made_files import framework
from tests.real import D3CODE, needs_d3code

BAD = Path(__file__).parent / "bad"
TABLE = read_codebook(BAD / "table.yaml")
HEADER = "who,land,part,age,words,care,loyalty"


def written(folder: Path, *rows: str, header: str = HEADER, name: str = "survey.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


def imported(
    path: Path, codebook: Codebook = TABLE, country_of: CountryOf = CountryOf.RESIDENCE
) -> tuple[Survey, Produced[Respondent]]:
    """The survey and its people, the stream gone through to its end."""
    survey, stream = import_survey(path, codebook, framework(codebook.framework), country_of)
    rows = list(stream.rows)
    return survey, Produced(rows=rows, dropped=stream.dropped, counts=stream.counts)


def people(path: Path, codebook: Codebook = TABLE) -> list[Respondent]:
    return list(imported(path, codebook)[1].rows)


@pytest.mark.parametrize("case", sorted(path.name for path in BAD.iterdir() if path.is_dir()))
def test_bad_input_gets_one_message(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each folder of `bad/` is an input and the message it must get: what, where, found, expected, the way out."""
    folder = BAD / case
    monkeypatch.chdir(folder)
    path = next((path for path in sorted(Path().iterdir()) if path.stem == "survey"), Path("survey.csv"))
    own = Path("codebook.yaml")
    is_prism = path.suffix == ".jsonl"
    codebook = read_codebook(own if own.exists() else built_in_codebooks()["prism"] if is_prism else BAD / "table.yaml")
    with pytest.raises(MvpbenchError) as caught:
        imported(path, codebook)
    assert caught.value.exit_code == 2
    assert str(caught.value) == Path("expected.txt").read_text(encoding="utf-8").strip()


def test_a_prism_folder_without_a_survey(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        imported(tmp_path, read_codebook(built_in_codebooks()["prism"]))
    assert caught.value.report.code == "survey-missing"
    assert caught.value.report.where == str(tmp_path / "survey.jsonl")


@pytest.mark.parametrize("line", ["[" * 100_000, '{"user_id": ' + "9" * 5000 + "}"], ids=["brackets", "digits"])
def test_a_line_made_to_break_the_parser_is_a_broken_row(tmp_path: Path, line: str) -> None:
    (tmp_path / "survey.jsonl").write_text(line)
    with pytest.raises(InputError) as caught:
        imported(tmp_path, read_codebook(built_in_codebooks()["prism"]))
    assert caught.value.report.code == "survey-empty"


def test_a_row_becomes_a_respondent(tmp_path: Path) -> None:
    survey, produced = imported(written(tmp_path, "p1,Kenya,East,30,I like rain.,4,2.5"), TABLE)
    (person,) = produced.rows
    assert person.id == content_id("r", "tiny", "p1")
    assert (person.source_id, person.row, person.survey) == ("p1", 2, survey.id)
    assert (person.country, person.region, person.language) == ("KE", "East", "en")
    assert person.answers == {"care": 4.0, "loyalty": 2.5}
    assert person.demographics.known == {"age": "30"}
    assert person.free_text == {"words": "I like rain."}
    assert survey.source_file == "survey.csv"
    assert produced.counts == {"respondents": 1, "countries": 1, "without a country": 0}


def test_kinds_of_missing_are_kept_apart(tmp_path: Path) -> None:
    """-1 is "don't know" and "Prefer not to say" a refusal in this codebook; an empty cell says nothing."""
    (person,) = people(written(tmp_path, "p1,Prefer not to say,,Prefer not to say,,-1,"))
    assert person.country is None
    assert person.country_missing is Missing.REFUSED
    assert person.region is None
    assert person.demographics.missing == {"age": Missing.REFUSED}
    assert person.answers == {}
    assert person.answers_missing == {"care": Missing.DONT_KNOW, "loyalty": Missing.BLANK}
    assert person.free_text == {}


def test_one_country_for_the_whole_file(tmp_path: Path) -> None:
    codebook = TABLE.model_copy(update={"country": TABLE.country.model_copy(update={"column": None, "constant": "PE"})})
    assert [person.country for person in people(written(tmp_path, "p1,Kenya,,,,1,1"), codebook)] == ["PE"]


def test_bad_rows_are_dropped_with_their_place_up_to_the_share_allowed(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "p1,Kenya,,,,1,5",
        "p1,Kenya,,,,2,4",
        ",Kenya,,,,2,4",
        "p3,Kenya,,,,6,4",
        "p4,Kenya,,,,two,4",
        "p5,Kenya,,,,nan,4",
        "p6,Kenya,,,,1_0,4",
        "p7,Kenya,,,,1,4",
    )
    _, produced = imported(path, TABLE.model_copy(update={"max_bad_share": 0.9}))
    assert [person.source_id for person in produced.rows] == ["p7"]
    assert [(drop.subject, drop.reason, drop.detail, drop.where) for drop in produced.dropped] == [
        ("p1", "id-doubled", "'p1' stands in line 3 too", "survey.csv, line 2, column who"),
        ("p1", "id-doubled", "'p1' stands in line 2 too", "survey.csv, line 3, column who"),
        ("line 4", "id-missing", "the cell is empty", "survey.csv, line 4, column who"),
        ("p3", "off-scale", "found 6, expected 1 to 5", "survey.csv, line 5, column care"),
        ("p4", "not-a-number", "found 'two'", "survey.csv, line 6, column care"),
        ("p5", "off-scale", "found nan, expected 1 to 5", "survey.csv, line 7, column care"),
        ("p6", "not-a-number", "found '1_0'", "survey.csv, line 8, column care"),
    ]


def test_no_row_of_a_doubled_id_is_the_person_not_even_beside_a_bad_one(tmp_path: Path) -> None:
    path = written(tmp_path, "A,Kenya,,,,9,5", "A,Kenya,,,,1,5", "B,Kenya,,,,1,5", *["C,Kenya,,,,1,5"] * 5)
    _, produced = imported(path, TABLE.model_copy(update={"max_bad_share": 0.9}))
    assert [person.source_id for person in produced.rows] == ["B"]
    assert {drop.reason for drop in produced.dropped} == {"id-doubled"}
    assert len(produced.dropped) == 7
    assert produced.dropped[-1].detail == "'C' stands in line 5, 6, 7 and 1 more too"


def test_of_a_file_that_is_refused_no_more_is_kept_than_shows_why(tmp_path: Path) -> None:
    rows = [
        f"p{number},Kenya,,,,{1 + number % 3 * 4},5" for number in range(300)
    ]  # care 1, 5, 9: a third off the scale
    _, stream = import_survey(written(tmp_path, *rows), TABLE, framework(TABLE.framework))
    with pytest.raises(InputError) as caught:
        list(stream.rows)
    assert str(caught.value.report.found) == "100 of 300 rows that cannot be used (100 off-scale)"
    assert len(stream.dropped) == 15  # 5 % of 300


def test_a_byte_order_mark_blank_lines_and_windows_line_ends_are_no_matter(tmp_path: Path) -> None:
    plain = people(written(tmp_path, "p1,Kenya,,,,1,5", "p2,PE,,,,2,4"))
    path = tmp_path / "again.csv"
    path.write_bytes(b"\xef\xbb\xbf" + (HEADER + "\r\np1,Kenya,,,,1,5\r\n\r\np2,PE,,,,2,4\r\n\r\n").encode())
    got = people(path)
    assert [person.row for person in got] == [2, 4]  # a blank line is a line
    assert [person.model_copy(update={"row": 0}) for person in got] == [
        person.model_copy(update={"row": 0}) for person in plain
    ]


def test_tabs_as_well_as_commas(tmp_path: Path) -> None:
    commas = people(written(tmp_path, "p1,Kenya,,,,1,5"))
    tabs = written(tmp_path, "p1\tKenya\t\t\t\t1\t5", header=HEADER.replace(",", "\t"), name="survey.tsv")
    assert people(tabs) == commas


CELL = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=20)


@given(st.lists(st.tuples(st.integers(1, 5), st.floats(1, 5), CELL), min_size=1, max_size=8))
def test_answers_and_words_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, float, str]]
) -> None:
    """Whatever stands in a text (quotes, commas, formulas, markup) is text."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(HEADER.split(","))
    writer.writerows((f"p{place}", "KE", "", "", words, care, loyal) for place, (care, loyal, words) in enumerate(rows))
    path = tmp_path_factory.mktemp("survey") / "survey.csv"
    path.write_text(file.getvalue(), encoding="utf-8", newline="")
    for person, (care, loyal, words) in zip(people(path), rows, strict=True):
        assert person.answers == {"care": care, "loyalty": loyal}
        if words.strip() and words.strip() not in TABLE.missing:
            assert person.free_text == {"words": words.strip()}


@given(st.permutations(["p1,Kenya,,,,1,5", "p2,PE,,,,2,4", "p3,ZM,,30,,3,3"]))
def test_a_person_does_not_depend_on_the_place_in_the_file(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str]
) -> None:
    got = people(written(tmp_path_factory.mktemp("survey"), *rows))
    assert {person.source_id: person.id for person in got} == {
        name: content_id("r", "tiny", name) for name in ("p1", "p2", "p3")
    }


def test_the_bundled_sample_is_imported_as_synthetic_with_all_its_people() -> None:
    survey, produced = imported(SAMPLE, read_codebook(SAMPLE / "codebook.yaml"), CountryOf.BIRTH)
    assert survey.synthetic
    assert all(person.synthetic for person in produced.rows)
    assert not produced.dropped
    assert produced.counts["respondents"] == 520
    assert (produced.counts["countries"], produced.counts["without a country"]) == (14, 1)
    # survey.jsonl has nobody whose words were lost; whoever only answered the survey opened no conversation.
    assert all({"self_description", "system_string"} <= set(person.free_text) for person in produced.rows)
    assert 400 < sum("opening_prompts" in person.free_text for person in produced.rows) < 520


def test_prism_people_open_their_conversations_in_file_order() -> None:
    """The first person of the sample that holds two conversations, against the file itself."""
    rows = people(SAMPLE, read_codebook(SAMPLE / "codebook.yaml"))
    two = next(person for person in rows if person.free_text.get("opening_prompts", "").count("\n") == 1)
    prompts = [
        line.split('"opening_prompt":"')[1].split('","')[0]
        for line in (SAMPLE / "conversations.jsonl").read_text(encoding="utf-8").splitlines()
        if f'"user_id":"{two.source_id}",' in line
    ]
    assert two.free_text["opening_prompts"] == "\n".join(prompts)


@needs_d3code
def test_the_real_d3code_file() -> None:
    """4,309 people in 21 countries (README of the dataset); smallest South Korea with 43, largest India with 444."""
    survey, produced = imported(D3CODE, read_codebook(built_in_codebooks()["d3code"]))
    assert produced.counts == {"respondents": 4309, "countries": 21, "without a country": 0}
    assert not produced.dropped
    assert not survey.synthetic
    countries = [person.country for person in produced.rows]
    assert countries.count("KR") == 43
    assert countries.count("IN") == 444
    # The published mean of care is 4.04.
    assert sum(person.answers["care"] for person in produced.rows) / 4309 == pytest.approx(4.04, abs=0.005)
