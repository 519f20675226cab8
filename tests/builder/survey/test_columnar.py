"""Parquet: names, types and files that are not whole."""

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from builder.survey.columnar import parquet_columns, parquet_rows
from builder.survey.raw import Cell
from schemas.codebook import Reading
from schemas.errors import InputError


def cells_of(folder: Path, values: Any) -> list[Cell]:
    path = folder / "survey.parquet"
    pq.write_table(pa.table({"a": values}), path)
    return [row.cells["a"] for row in parquet_rows(path, Reading(), frozenset("a"))]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        (pa.array([1, None], pa.uint8()), [1, None]),
        (pa.array([2**63 - 1]), [2**63 - 1]),
        (pa.array([1.5, float("nan"), float("inf")], pa.float32()), [1.5, None, float("inf")]),
        (pa.array([1.5], pa.float16()), [1.5]),
        (pa.array(["1.50", "2.00"]).cast(pa.decimal128(5, 2)), [1.5, 2]),
        (pa.array([True, None, False]), ["true", None, "false"]),
        (pa.array([" x ", " ", None]), ["x", None, None]),
        (pa.array(["x"], pa.large_string()), ["x"]),
        (pa.array(["ü"], pa.string_view()), ["ü"]),
        (pa.array([b"\xc3\xbc"]), ["ü"]),
        (pa.array([b"ab"], pa.binary(2)), ["ab"]),
        (pa.array(["x", None, "x"]).dictionary_encode(), ["x", None, "x"]),
        (pa.array([7, 8]).dictionary_encode(), [7, 8]),
        (pa.nulls(2), [None, None]),
        (pa.array([dt.date(2024, 2, 29)]), ["2024-02-29"]),
        (pa.array([dt.time(1, 2, 3)]), ["01:02:03"]),
        (pa.array([1], pa.time64("ns")), ["00:00:00"]),
        (pa.array([1], pa.timestamp("ns")), ["1970-01-01T00:00:00"]),
        (pa.array([0], pa.timestamp("s")), ["1970-01-01T00:00:00"]),
        (pa.array([0], pa.timestamp("us", "Africa/Nairobi")), ["1970-01-01T03:00:00+03:00"]),
        (pa.array([90], pa.duration("ns")), [90]),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)
def test_each_type_is_a_cell(tmp_path: Path, values: pa.Array, cells: list[Cell]) -> None:
    assert cells_of(tmp_path, values) == cells


def test_a_date_that_no_calendar_of_ours_has_is_an_error_in_our_words(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        cells_of(tmp_path, pa.array([10**12], pa.timestamp("s")))
    assert caught.value.report.code == "survey-unreadable"


def test_names_with_dots_and_lists_beside_them(tmp_path: Path) -> None:
    """Asked for `a.b`, Parquet gives the field b of a struct a as well."""
    path = tmp_path / "survey.parquet"
    pq.write_table(pa.table({"a": [{"b": 1}], "a.b": [5], "c": [[7]], "naïve": [8]}), path)
    assert parquet_columns(path, Reading()) == ("a.b", "naïve")
    (row,) = parquet_rows(path, Reading(), frozenset(["a.b", "c", "naïve"]))
    assert row == (1, {"a.b": 5, "naïve": 8})


def test_a_doubled_column_that_is_not_wanted_is_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "survey.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2]), pa.array([3])], names=["a", "a", "b"]), path)
    assert parquet_columns(path, Reading()) == ("a", "a", "b")
    assert list(parquet_rows(path, Reading(), frozenset("b"))) == [(1, {"b": 3})]


def test_rows_are_there_where_no_column_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "survey.parquet"
    pq.write_table(pa.table({"a": [1, 2, 3]}), path)
    assert [row.place for row in parquet_rows(path, Reading(), frozenset(), batch=2)] == [1, 2, 3]
