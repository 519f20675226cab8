"""Cells as a codebook writes them, and what is remembered of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.survey.memo import LONG, REMEMBERED, Memo
from builder.survey.raw import Cell, DeclaredMissing, code_of, number_of, shown


@pytest.mark.parametrize(
    ("cell", "decimal", "code"),
    [
        (1, ".", "1"),
        (1.0, ".", "1"),
        (-0.0, ".", "0"),
        (2.5, ".", "2.5"),
        ("1.0", ".", "1"),
        ("-1.00", ".", "-1"),
        ("01", ".", "01"),
        ("1.0", ",", "1.0"),
        ("1,00", ",", "1"),
        ("1,00", ".", "1,00"),
        ("1.000", ",", "1.000"),
        ("1.", ".", "1."),
        (".a", ".", ".a"),
        (DeclaredMissing("99"), ".", "99"),
        (1e15, ".", "1000000000000000"),
        (1e20, ".", "1e+20"),  # beyond 2^53 the digits of a float are made up
        (-1e300, ".", "-1e+300"),
        (float("inf"), ".", "inf"),
        (10**20, ".", "100000000000000000000"),
    ],
)
def test_a_code_is_written_as_the_codebook_does(cell: Cell, decimal: str, code: str) -> None:
    assert code_of(cell, decimal) == code
    assert type(code_of(cell, decimal)) is str


@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_a_whole_number_has_one_code_in_every_form(number: int) -> None:
    forms = (number, float(number), str(number), f"{number}.0", f"{number}.000")
    assert {code_of(form) for form in forms} == {str(number)}
    assert {number_of(form) for form in forms} == {float(number)}


@pytest.mark.parametrize(
    ("cell", "decimal", "number"),
    [
        ("3", ".", 3.0),
        ("3.5", ".", 3.5),
        ("3,5", ".", None),
        ("3,5", ",", 3.5),
        ("3.5", ",", None),
        ("1.000,5", ",", None),
        ("1_0", ".", None),
        ("1e3", ".", 1000.0),
        ("٣", ".", 3.0),
        ("", ".", None),
        ("three", ".", None),
        (None, ".", None),
        (10**400, ".", None),
        (7, ",", 7.0),
        (7.25, ",", 7.25),
    ],
)
def test_a_number_is_read_with_the_sign_of_the_file(cell: Cell, decimal: str, number: float | None) -> None:
    assert number_of(cell, decimal) == number


def test_a_message_shows_the_start_of_a_long_cell() -> None:
    assert shown("two") == "'two'"
    assert shown(2.5) == "2.5"
    assert shown(DeclaredMissing("9")) == "'9'"
    assert len(shown("x" * 200_000)) < 100
    assert shown("x" * 200_000).endswith("... (200,000 characters)")


def test_a_cell_is_worked_out_once_but_not_kept_without_end() -> None:
    asked: list[Cell] = []

    def read(cell: Cell) -> str:
        asked.append(cell)
        if cell == "bad":
            raise ValueError("bad")
        return code_of(cell)

    memo = Memo(read)
    assert [memo[cell] for cell in (1, 1.0, "1", "1", None, None)] == ["1", "1", "1", "1", "None", "None"]
    assert asked == [1, "1", None]  # 1 and 1.0 are one cell, "1" is another
    for _ in range(2):
        with pytest.raises(ValueError, match="bad"):
            memo["bad"]
    assert asked.count("bad") == 2
    assert memo["x" * (LONG + 1)]
    assert [memo[number] for number in range(3 * REMEMBERED)] == [str(number) for number in range(3 * REMEMBERED)]
    assert len(memo) == REMEMBERED
    assert "x" * (LONG + 1) not in memo
