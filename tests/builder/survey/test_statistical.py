"""SPSS and Stata: labels, what is declared missing, dates, names, and parts of a file."""

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from builder.survey.raw import Cell, DeclaredMissing
from builder.survey.statistical import statistical_rows, variables
from schemas.codebook import Reading
from schemas.errors import InputError
from tests.builder.survey.made_files import dta_missing, sav_dates, sav_missing

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]


def cells_of(path: Path, column: str, cells: int = 100) -> list[Cell]:
    return [row.cells[column] for row in statistical_rows(path, Reading(), frozenset([column]), cells)]  # type: ignore[union-attr]


@pytest.mark.parametrize("ending", [".sav", ".zsav"])
def test_what_spss_declares_missing_is_kept_apart_from_what_is_empty(tmp_path: Path, ending: str) -> None:
    path = sav_missing(tmp_path, ending)
    known = {one.name: one for one in variables(path)}
    assert known["care"].values == {"1": "not at all", "5": "entirely", "97": "Refusal"}
    assert known["care"].missing == ((90.0, 99.0),)
    assert known["loyalty"].missing == ((7.0, 7.0),)
    assert known["land"].missing == ("XX",)
    assert [name for name, one in known.items() if one.is_text] == ["who", "land", "words"]
    assert cells_of(path, "care") == [1, "97", "99", 3, 8]
    assert [isinstance(cell, DeclaredMissing) for cell in cells_of(path, "care")] == [False, True, True, False, False]
    assert cells_of(path, "loyalty") == [5, None, "7", 3, 2]
    assert [type(cell) for cell in cells_of(path, "words")] == [str, DeclaredMissing, type(None), str, str]


@pytest.mark.parametrize("version", [8, 10, 12, 13, 14, 15])
def test_stata_has_27_ways_to_be_missing(tmp_path: Path, version: int) -> None:
    path = dta_missing(tmp_path, version)
    known = {one.name: one for one in variables(path)}
    assert known["care"].values == {"1": "not at all", ".a": "Refusal"}
    assert cells_of(path, "care") == [1, ".a", 3, 9]
    assert cells_of(path, "loyalty") == [5, ".z", ".b", 2]
    assert isinstance(cells_of(path, "loyalty")[1], DeclaredMissing)
    assert cells_of(path, "age") == [30, None, 31, 32]


@pytest.mark.parametrize("cells", [1, 2, 3, 4, 5, 100])
def test_letters_are_missing_in_whatever_part_of_the_file_they_first_stand(tmp_path: Path, cells: int) -> None:
    frame = pd.DataFrame({"q": [1, 2, 3, "a", 5]})
    path = tmp_path / "survey.dta"
    pyreadstat.write_dta(frame, str(path), missing_user_values={"q": ["a"]})
    assert cells_of(path, "q", cells) == [1, 2, 3, ".a", 5]


def test_names_of_any_letters_and_dates_as_spss_counts_them(tmp_path: Path) -> None:
    """29 February 2024 is 161,210 days after 14 October 1582."""
    path = sav_dates(tmp_path)
    assert [one.name for one in variables(path)] == ["who", "país", "âge", "σκέψεις", "care", "loyalty", "día"]
    assert cells_of(path, "día") == [161_210 * 86_400, None]
    assert cells_of(path, "σκέψεις") == ["βροχή", None]


def test_long_and_padded_text_and_numbers_beyond_a_double(tmp_path: Path) -> None:
    path = tmp_path / "survey.sav"
    pyreadstat.write_sav(pd.DataFrame({"t": ["  x  ", "y" * 5_000], "n": [1e20, 0.1]}), str(path))
    assert cells_of(path, "t") == ["x", "y" * 5_000]
    assert cells_of(path, "n") == [1e20, 0.1]


def test_a_file_that_ends_between_two_parts_is_not_whole(tmp_path: Path) -> None:
    path = tmp_path / "survey.sav"
    frame = pd.DataFrame({"q": [1.0, 2.0] * 1_000, "r": [0.123] * 2_000})
    pyreadstat.write_sav(frame, str(path))
    whole = path.read_bytes()
    path.write_bytes(whole[: -(len(whole) // 2)])
    for cells in (100, 500, 10_000):
        with pytest.raises(InputError) as caught:
            cells_of(path, "q", cells)
        assert caught.value.report.code == "survey-unreadable"


def test_a_file_at_which_the_library_dies_is_refused_and_we_live(tmp_path: Path) -> None:
    """With pyreadstat 1.3.7 this one byte is a segmentation fault; a later one may read the file."""
    damaged = bytearray((ROOT / "docs" / "examples" / "kenya" / "kenya.sav").read_bytes())
    damaged[5564] = 180
    path = tmp_path / "survey.sav"
    path.write_bytes(damaged)
    refused = None
    try:
        assert len(variables(path)) == 44
    except InputError as error:
        refused = error.report.code
    assert refused in {None, "survey-unreadable"}
