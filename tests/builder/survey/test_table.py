"""One suite over every ending: the same people, written in each of them, are the same respondents."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from builder.survey.columnar import parquet_rows
from builder.survey.statistical import statistical_rows
from builder.survey.table import KINDS, kind_of, table_columns, table_files, table_rows
from mvpbench.store.stage import Produced
from schemas.codebook import Codebook, Missing, Reading
from schemas.errors import InputError
from schemas.survey import Respondent
from tests.builder.survey.test_importing import TABLE, imported

pytestmark = pytest.mark.slow

BOOK = Codebook.model_validate(
    TABLE.model_dump()
    | {
        "country": {"column": "land", "missing": {"XX": "refused"}},
        "region": None,
        "demographics": (
            {"name": "age", "column": "age", "low": 14, "high": 110, "bands": (18, 30, 50)},
            {"name": "gender", "column": "sex", "labels": {"1": "Female", "2": "Male"}},
        ),
        "missing": {},
        "item_missing": {"97": "refused", "98": "dont_know", ".a": "refused", ".b": "dont_know"},
        "weights": {"design": "weight"},
        "psu": "unit",
    }
)
PEOPLE = pd.DataFrame(
    {
        "who": [101.0, 102.0, 103.0, 104.0, 105.0],
        "land": ["KE", "Kenya", "PE", "XX", "KE"],
        "age": [17.0, 30.0, 49.0, None, 30.0],
        "sex": [1.0, 2.0, 1.0, 2.0, 2.0],
        "words": ["rain, sun; wind|snow\ttea", "дождь", "", 'a "good" one', "x"],
        "care": [1.0, 97.0, 2.5, 5.0, 9.0],
        "loyalty": [5.0, 4.0, 98.0, None, 3.0],
        "weight": [0.25, 1.5, 1.0, 2.125, 1.0],
        "unit": [1.0, 1.0, 2.0, 2.0, 3.0],
    }
)
"""The last of them is off the scale."""
PORTABLE = {"rain, sun; wind|snow\ttea": "rain and so on", "дождь": "dozhd"}


def delimited(frame: pd.DataFrame, path: Path, **how: Any) -> None:
    frame.to_csv(path, index=False, float_format="%g", **how)


def semicolons(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, sep=";", decimal=",", encoding="utf-16")


def json_lines(frame: pd.DataFrame, path: Path) -> None:
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def parquet(frame: pd.DataFrame, path: Path) -> None:
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path, row_group_size=2)


def spss(frame: pd.DataFrame, path: Path, **how: Any) -> None:
    pyreadstat.write_sav(frame, str(path), missing_ranges={"care": [{"lo": 97, "hi": 99}], "land": ["XX"]}, **how)


def portable(frame: pd.DataFrame, path: Path) -> None:
    """The format has no names but in capitals of eight letters, no letters but ASCII, no tabs."""
    pyreadstat.write_por(frame.replace({"words": PORTABLE}), str(path))


def stata(frame: pd.DataFrame, path: Path) -> None:
    coded = frame.astype({"care": object, "loyalty": object})
    if len(coded):
        coded.loc[1, "care"], coded.loc[2, "loyalty"] = "a", "b"
    pyreadstat.write_dta(coded, str(path), missing_user_values={"care": ["a"], "loyalty": ["b"]})


WRITERS: Mapping[str, Callable[[pd.DataFrame, Path], None]] = {
    "people.csv": delimited,
    "people.tsv": lambda frame, path: delimited(frame, path, sep="\t"),
    "people.txt": lambda frame, path: delimited(frame, path, sep="|"),
    "excel.csv": semicolons,
    "people.jsonl": json_lines,
    "people.parquet": parquet,
    "people.sav": spss,
    "people.zsav": lambda frame, path: spss(frame, path, compress=True),
    "people.por": portable,
    "people.dta": stata,
}


def book_for(name: str) -> Codebook:
    changes: dict[str, Any] = {"max_bad_share": 0.5}
    if name == "excel.csv":
        changes["reading"] = Reading(decimal=",")
    book = BOOK.model_copy(update=changes)
    if not name.endswith(".por"):
        return book
    capitals = book.model_dump_json()
    for column in PEOPLE.columns:
        capitals = capitals.replace(f'"column":"{column}"', f'"column":"{column.upper()}"')
    upper = json.loads(capitals) | {"id": "WHO", "psu": "UNIT", "weights": {"design": "WEIGHT"}}
    return Codebook.model_validate(upper)


@pytest.fixture(params=WRITERS)
def written(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Codebook]:
    path = tmp_path / request.param
    WRITERS[request.param](PEOPLE, path)
    return path, book_for(request.param)


def test_every_ending_is_written_here() -> None:
    assert {Path(name).suffix for name in WRITERS} == set(KINDS)


def plain(produced: Produced[Respondent]) -> list[Respondent]:
    """The people without what a format has to say in its own way: rows, capitals, characters that it lacks."""
    lacking = {said: text for text, said in PORTABLE.items()}
    return [
        person.model_copy(
            update={
                "row": 0,
                "answers": {name.lower(): value for name, value in person.answers.items()},
                "answers_missing": {name.lower(): kind for name, kind in person.answers_missing.items()},
                "free_text": {name: lacking.get(text, text) for name, text in person.free_text.items()},
            }
        )
        for person in produced.rows
    ]


def test_the_same_people_are_the_same_respondents(written: tuple[Path, Codebook]) -> None:
    path, book = written
    _, produced = imported(path, book)
    people = plain(produced)
    assert [person.source_id for person in people] == ["101", "102", "103", "104"]
    assert [person.country for person in people] == ["KE", "KE", "PE", None]
    assert people[3].country_missing is Missing.REFUSED
    assert [person.demographics.known.get("age") for person in people] == ["under 18", "30-49", "30-49", None]
    assert people[3].demographics.missing == {"age": Missing.BLANK}
    assert [person.demographics.known["gender"] for person in people] == ["Female", "Male", "Female", "Male"]
    assert [person.answers for person in people] == [
        {"care": 1.0, "loyalty": 5.0},
        {"loyalty": 4.0},
        {"care": 2.5},
        {"care": 5.0},
    ]
    assert [person.answers_missing for person in people] == [
        {},
        {"care": Missing.REFUSED},
        {"loyalty": Missing.DONT_KNOW},
        {"loyalty": Missing.BLANK},
    ]
    assert [person.weights for person in people] == [{"design": weight} for weight in (0.25, 1.5, 1.0, 2.125)]
    assert [person.psu for person in people] == ["1", "1", "2", "2"]
    tabs = "rain, sun; wind|snow\ttea"
    assert [person.free_text.get("words") for person in people] == [tabs, "дождь", None, 'a "good" one']
    (bad,) = produced.dropped
    noun = kind_of(path).noun
    place = 6 if noun == "line" and path.suffix != ".jsonl" else 5
    column = "CARE" if path.suffix == ".por" else "care"
    assert (bad.subject, bad.reason, bad.detail) == ("105", "off-scale", "found 9, expected 1 to 5")
    assert bad.where == f"{path.name}, {noun} {place}, column {column}"


def test_columns_are_told_in_the_order_of_the_file(written: tuple[Path, Codebook]) -> None:
    path, book = written
    assert [name.lower() for name in table_columns(path, book.reading)] == list(PEOPLE.columns)


def test_only_what_is_wanted_need_be_read_and_all_rows_are(written: tuple[Path, Codebook]) -> None:
    path, book = written
    name = "CARE" if path.suffix == ".por" else "care"
    rows = list(table_rows(path, book.reading, frozenset({name, "no such column"})))
    assert [row.cells[name] is None for row in rows if hasattr(row, "cells")] == [False] * 5  # type: ignore[union-attr]


def test_a_file_without_rows_is_no_survey(written: tuple[Path, Codebook]) -> None:
    path, book = written
    WRITERS[path.name](PEOPLE.iloc[:0], path)
    with pytest.raises(InputError) as caught:
        imported(path, book)
    assert caught.value.report.code == "survey-empty"


BINARY = [name for name in WRITERS if KINDS[Path(name).suffix].noun != "line"]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("name", BINARY)
def test_a_binary_file_cut_short_is_never_taken_for_whole(tmp_path: Path, name: str, share: float) -> None:
    path = tmp_path / name
    WRITERS[name](pd.concat([PEOPLE.iloc[:4]] * 50), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(InputError) as caught:
        imported(path, book_for(name))
    assert caught.value.report.code == "survey-unreadable"
    assert caught.value.report.expected == f"a whole {'Parquet' if name == 'people.parquet' else path.suffix} file"


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("name", BINARY)
def test_parts_of_any_size_are_the_same_file(tmp_path: Path, name: str, size: int) -> None:
    path = tmp_path / name
    WRITERS[name](PEOPLE, path)
    wanted = frozenset(table_columns(path, Reading()))
    whole = list(table_rows(path, Reading(), wanted))
    if name == "people.parquet":
        rows = parquet_rows(path, Reading(), wanted, batch=size)
    else:
        rows = statistical_rows(path, Reading(), wanted, cells=size * len(wanted))
    assert list(rows) == whole
    assert [row.place for row in whole] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("name", "code"), [("gone.csv", "survey-missing"), ("survey.xlsx", "survey-format"), ("survey", "survey-format")]
)
def test_a_file_that_is_none_of_them(tmp_path: Path, name: str, code: str) -> None:
    if code == "survey-format":
        (tmp_path / name).write_text("who\n1\n")
    with pytest.raises(InputError) as caught:
        table_files(tmp_path / name)
    assert caught.value.report.code == code


def test_the_ending_may_be_in_capitals(tmp_path: Path) -> None:
    path = tmp_path / "PEOPLE.SAV"
    spss(PEOPLE, path)
    assert len(imported(path, book_for(path.name))[1].rows) == 4
