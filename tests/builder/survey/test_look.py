"""What only the whole file can tell: doubled ids, countries without a code, people who are made up."""

from dataclasses import replace
from pathlib import Path

import pytest

from builder.frameworks import load_framework
from builder.survey import import_survey
from builder.survey.codebook import items_of
from builder.survey.look import NO_COUNTRIES, TOLD, look
from builder.survey.mapping import Plan
from schemas.codebook import Codebook, Consent, CountryColumn
from schemas.errors import ConfigError, InputError
from schemas.survey import CountryOf
from tests.builder.survey.made_files import framework
from tests.builder.survey.test_importing import TABLE, written


def plan(**changes: object) -> Plan:
    book = Codebook.model_validate(TABLE.model_dump() | changes)
    return Plan(book, items_of(book, framework(book.framework)), CountryOf.RESIDENCE)


def rows_of(*countries: str) -> list[str]:
    return [f"p{place},{country},,,,3,3" for place, country in enumerate(countries)]


def test_ids_that_stand_twice_are_told_with_all_their_places(tmp_path: Path) -> None:
    path = written(tmp_path, "a,KE,,,,3,3", "b,KE,,,,3,3", "a,,,,,9,9", ",KE,,,,3,3", "a", "1,,,,,,", "1.0,,,,,,")
    seen = look(path, plan())
    assert seen.rows == 7
    assert seen.doubled == {"a": (2, (2, 4)), "1": (2, (7, 8))}


@pytest.mark.slow
def test_a_column_that_is_no_id_is_told_in_time_that_grows_with_the_file(tmp_path: Path) -> None:
    """One value in all rows, as a country named as the id has: four places are kept, however many rows there are."""
    path = written(tmp_path, *["a,KE,,,,3,3"] * 30_000)
    assert look(path, plan()).doubled == {"a": (30_000, (2, 3, 4, 5))}
    with pytest.raises(InputError, match="30000 id-doubled"):
        list(import_survey(path, plan().codebook, load_framework("mfq2"))[1].rows)


@pytest.mark.parametrize(("mark", "value"), [("synthetic", "true"), ("SYNTHETIC", "1"), ("Synthetic", "Yes")])
@pytest.mark.parametrize("form", ["table", "ess", "wvs7"])
def test_made_up_people_are_known_by_a_column_in_letters_of_any_size(
    tmp_path: Path, form: str, mark: str, value: str
) -> None:
    names = {"table": "who,land", "ess": "who,land", "wvs7": "WHO,LAND"}[form]
    path = tmp_path / "survey.csv"
    path.write_text(f"{names},{mark}\np1,KE,{value}\n", encoding="utf-8")
    who, land = names.split(",")
    country = CountryColumn(column=land)
    book = plan().codebook.model_copy(update={"format": form, "id": who, "country": country})
    with pytest.raises(ConfigError) as caught:
        look(path, replace(plan(), codebook=book))
    assert caught.value.report.code == "synthetic-unmarked"


def test_who_did_not_agree_is_nobodys_double(tmp_path: Path) -> None:
    path = written(tmp_path, "a,KE,0,,,3,3", "a,KE,1,,,3,3")
    book = plan().codebook.model_copy(update={"consent": Consent(column="part", agreed=("1",))})
    assert look(path, replace(plan(), codebook=book)).doubled == {}


@pytest.mark.parametrize(
    ("rows", "unknown", "refused"),
    [
        (10, 1, True),
        (99, 1, True),
        (100, 1, False),
        (199, 2, True),
        (200, 2, False),
        (1_000, 2, False),
        (1_000, 3, True),
    ],
)
def test_a_name_in_few_rows_of_many_is_a_slip(tmp_path: Path, rows: int, unknown: int, refused: bool) -> None:
    """Up to two rows, while they are not more than one in a hundred."""
    path = written(tmp_path, *rows_of(*["Narnia"] * unknown, *["KE"] * (rows - unknown)))
    if not refused:
        assert look(path, plan()).rows == rows
        return
    with pytest.raises(ConfigError) as caught:
        look(path, plan())
    assert caught.value.report.code == "country-unknown"
    assert str(caught.value.report.found).startswith("'Narnia' (")


def test_a_column_that_is_none_of_countries_is_told_early_and_in_short(tmp_path: Path) -> None:
    path = written(tmp_path, *rows_of(*[f"{'X' * 500}{number}" for number in range(5_000)]))
    with pytest.raises(ConfigError) as caught:
        look(path, plan())
    found = str(caught.value.report.found)
    assert found.endswith(f" and {NO_COUNTRIES + 1 - TOLD} more in {NO_COUNTRIES + 1} rows")
    assert len(found) < 200 * TOLD


def test_a_country_of_the_whole_file_is_looked_at_too(tmp_path: Path) -> None:
    path = written(tmp_path, *rows_of("", ""))
    assert look(path, plan(country={"constant": "Kenya"})).rows == 2
    with pytest.raises(ConfigError) as caught:
        look(path, plan(country={"constant": "Narnia"}))
    assert caught.value.report.where == "`country.constant` in the codebook"
    assert caught.value.report.found == "'Narnia'"


def test_made_up_people_are_never_taken_for_real_ones(tmp_path: Path) -> None:
    path = written(
        tmp_path, "a,KE,,,,3,3,", "b,KE,,,,3,3,True", header="who,land,part,age,words,care,loyalty,synthetic"
    )
    assert look(path, plan(synthetic=True)).rows == 2
    with pytest.raises(ConfigError) as caught:
        look(path, plan())
    assert caught.value.report.code == "synthetic-unmarked"
    assert "1 of 2 people as made up (the first in line 3)" in str(caught.value)


def test_a_file_without_a_row_is_no_survey(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        look(written(tmp_path), plan())
    assert caught.value.report.code == "survey-empty"
