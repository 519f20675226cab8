"""Files of the two programmes as they are given out, under any spelling of their columns, in any format."""

from pathlib import Path

import pandas as pd
import pytest

from builder.survey import built_in_codebooks, read_codebook
from builder.survey.official import PVQ21, ess_columns, ess_name, wvs7_columns
from schemas.codebook import Reading
from schemas.errors import InputError
from schemas.survey import Respondent
from tests.builder.survey.test_importing import imported
from tests.synthetic import Made, ess, wvs7

pytestmark = pytest.mark.slow

ESS = read_codebook(built_in_codebooks()["ess"])
WVS7 = read_codebook(built_in_codebooks()["wvs7"])


def test_a_name_loses_the_letter_of_round_11_where_it_is_one_of_the_values() -> None:
    assert {ess_name(f"{name.upper()}A") for name in PVQ21} == {ess_name(name) for name in PVQ21} == PVQ21
    assert len(PVQ21) == 21
    assert [ess_name(name) for name in ("AGEA", "agea", "cntry", "ipcrtivaa")] == ["agea", "agea", "cntry", "ipcrtivaa"]


def facts(people: list[Respondent]) -> list[dict[str, object]]:
    return [person.model_dump(exclude={"row", "answers_missing", "demographics"}) for person in people]


@pytest.mark.parametrize("essround", [9, 11])
@pytest.mark.parametrize("ending", [".sav", ".dta"])
def test_ess_people_are_the_same_in_every_format(tmp_path: Path, essround: int, ending: str) -> None:
    made = ess(60, essround)
    book = ESS
    if essround == 9:
        codes = {"7": "refused", "8": "dont_know", "9": "not_asked"}
        book = ESS.model_validate(ESS.model_dump() | {"item_missing": {**ESS.item_missing, **codes}})
    written = {name: imported(made.write(tmp_path / f"ESS{essround}{name}"), book)[1] for name in (".csv", ending)}
    assert facts(list(written[ending].rows)) == facts(list(written[".csv"].rows))
    assert len(written[ending].rows) == 60


def test_capitals_are_no_matter_to_ess_and_small_letters_none_to_wvs(tmp_path: Path) -> None:
    made = ess(10)
    capitals = Made(made.frame.rename(columns=str.upper)).write(tmp_path / "ESS.csv")
    plain = imported(made.write(tmp_path / "ess.csv"), ESS)[1]
    assert list(imported(capitals, ESS)[1].rows) == list(plain.rows)
    assert "ipcrtiv" in ess_columns(capitals, Reading())
    small = Made(wvs7(10).frame.rename(columns=str.lower)).write(tmp_path / "wvs.csv")
    assert len(imported(small, WVS7)[1].rows) == 10
    assert "B_COUNTRY" in wvs7_columns(small, Reading())


def test_two_spellings_of_a_column_are_one_too_many(tmp_path: Path) -> None:
    path = tmp_path / "ESS.csv"
    pd.DataFrame({"idno": [1], "ipcrtiv": [2], "IPCRTIVA": [3]}).to_csv(path, index=False)
    with pytest.raises(InputError) as caught:
        ess_columns(path, Reading())
    assert caught.value.report.code == "column-doubled"
    assert caught.value.report.found == "'ipcrtiv' and 'IPCRTIVA', which are both ipcrtiv"


def test_no_code_of_a_missing_answer_is_an_answer(tmp_path: Path) -> None:
    for ending in (".sav", ".csv"):
        people = imported(ess(300).write(tmp_path / f"ESS{ending}"), ESS)[1].rows
        assert {value for person in people for value in person.answers.values()} <= {1, 2, 3, 4, 5, 6}
        people = imported(wvs7(300).write(tmp_path / f"WVS{ending}"), WVS7)[1].rows
        assert min(value for person in people for value in person.answers.values()) >= 0
