"""Records through Parquet and back."""

import gc
from enum import StrEnum
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvpbench.store.arrow import arrow_schema, from_arrow, to_arrow
from schemas.errors import Defect
from schemas.record import Record
from tests.mvpbench.store.strategies import TABLE_RECORDS, fraction_of_examples, records

pytestmark = pytest.mark.slow


class Colour(StrEnum):
    """Text of a closed list."""

    RED = "red"
    BLUE = "blue"


class Inner(Record):
    """A record within records."""

    name: str | None
    weights: dict[str, float | None]


class Everything(Record):
    """Each kind of field that a column can hold, plain, optional and within another."""

    flag: bool | None
    count: int | None
    share: float | None
    colour: Colour | None
    kind: Literal["a", "b"]
    version: Literal[1, 2]
    inner: Inner | None
    inners: tuple[Inner, ...]
    maybe_inners: tuple[Inner | None, ...] | None
    couple: tuple[float, float] | None
    nested: tuple[tuple[str, ...], ...]
    named: dict[str, Inner] | None
    by_colour: dict[Colour, int]
    deep: dict[str, dict[str, tuple[int | None, ...]]]


def through_parquet(rows: list[Record], record: type[Record]) -> list[Record]:
    sink = pa.BufferOutputStream()
    pq.write_table(to_arrow(rows, record), sink)
    return from_arrow(pq.ParquetFile(pa.BufferReader(sink.getvalue())).read(), record)


def assert_same(back: list[Record], rows: list[Record]) -> None:
    assert back == rows
    # Equality takes 0.0 for -0.0 and a string for its enumeration; the JSON text and the types do not.
    assert [row.model_dump_json() for row in back] == [row.model_dump_json() for row in rows]
    assert [type(value) for row in back for _, value in row] == [type(value) for row in rows for _, value in row]


@fraction_of_examples(4)
@given(st.lists(records(Everything), max_size=3))
def test_every_kind_of_field_comes_back_as_it_was(rows: list[Record]) -> None:
    assert_same(through_parquet(rows, Everything), rows)


@pytest.mark.parametrize("record", TABLE_RECORDS, ids=lambda record: record.__name__)
def test_the_rows_of_every_table_come_back_as_they_were(record: type[Record]) -> None:
    @fraction_of_examples(4)
    @given(st.lists(records(record), max_size=4))
    def round_trip(rows: list[Record]) -> None:
        assert_same(through_parquet(rows, record), rows)

    round_trip()


def test_more_rows_than_one_group_holds_keep_their_order() -> None:
    rows: list[Record] = [
        Inner(name=str(number) if number % 3 else None, weights={"x": number / 7} if number % 2 else {})
        for number in range(5000)
    ]
    sink = pa.BufferOutputStream()
    pq.write_table(to_arrow(rows, Inner), sink, row_group_size=777)
    assert_same(from_arrow(pq.ParquetFile(pa.BufferReader(sink.getvalue())).read(), Inner), rows)


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_is_left_as_it_was_found(on: bool) -> None:
    was_on = gc.isenabled()
    try:
        (gc.enable if on else gc.disable)()
        through_parquet([Inner(name="x", weights={})], Inner)
        assert gc.isenabled() == on
    finally:
        (gc.enable if was_on else gc.disable)()


def test_the_columns_are_the_fields_in_their_order_with_nulls_where_none_is_allowed() -> None:
    schema = arrow_schema(Inner)
    assert schema == pa.schema(
        [
            pa.field("name", pa.string(), nullable=True),
            pa.field("weights", pa.map_(pa.string(), pa.field("value", pa.float64(), nullable=True)), nullable=False),
        ]
    )


class WithSet(Record):
    """A set has no order."""

    tags: frozenset[str]


class WithMixedTuple(Record):
    """A list has one type."""

    pair: tuple[str, int]


class WithUnion(Record):
    """So has a column."""

    value: str | int


class WithIntegerKeys(Record):
    """Keys would come back as text."""

    counts: dict[int, int]


class Empty(Record):
    """Parquet has no struct without fields."""


class WithEmpty(Record):
    """A record around it."""

    empty: Empty


@pytest.mark.parametrize("record", [WithSet, WithMixedTuple, WithUnion, WithIntegerKeys, WithEmpty])
def test_a_field_without_an_exact_column_is_refused_before_anything_is_written(record: type[Record]) -> None:
    with pytest.raises(Defect) as caught:
        arrow_schema(record)
    assert caught.value.report.code == "not-a-column"
    assert caught.value.report.where == f"{record.__name__}.{next(iter(record.model_fields))}"
