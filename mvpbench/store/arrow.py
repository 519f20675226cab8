"""Records as Arrow tables and back, exactly: the columns are derived from the record's type alone.

Text and string enumerations become strings, `tuple[X, ...]` a list, a fixed tuple of one type a list (its length is the
record's to check), a nested record a struct, `dict[str, X]` a map. None stays None and is told apart from empty; floats
keep every bit.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from itertools import islice, pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, BinaryIO, Literal, TypeVar, Union, get_args, get_origin

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, TypeAdapter

from schemas.errors import Defect
from schemas.record import Record

R = TypeVar("R", bound=Record)

BATCH = 2_000
"""Rows that are records at once where a table is a stream: as records they take more than as columns."""
ROW_GROUP = 20_000
"""Rows of a part of a Parquet file that is written as a stream."""

# bool before int, of which it is a subclass.
_SCALARS: tuple[tuple[type, pa.DataType], ...] = (
    (bool, pa.bool_()),
    (int, pa.int64()),
    (float, pa.float64()),
    (str, pa.string()),
)


def arrow_schema(record: type[Record]) -> pa.Schema:
    """Return one column per field of `record`, in its order.

    Raises:
        Defect: `not-a-column` for a field type that has no exact column (a set, a tuple of several types, an object).
    """
    return pa.schema(_fields(record, record.__name__))


def to_arrow(rows: Sequence[R], record: type[R]) -> pa.Table:
    """Return the rows, in order, as a table with the columns of `arrow_schema(record)`."""
    schema = arrow_schema(record)
    with _collector_paused():
        plain = TypeAdapter(list[record]).dump_python(list(rows), mode="json")  # type: ignore[valid-type]
        columns = [pa.array([row[field.name] for row in plain], type=field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def from_arrow(table: pa.Table, record: type[R]) -> list[R]:
    """Return the table's rows, in order, each validated as a `record` again."""
    with _collector_paused():
        plain = _plain(table.to_struct_array().combine_chunks())
        rows: list[R] = TypeAdapter(list[record]).validate_python(plain)  # type: ignore[valid-type]
    return rows


def to_parquet(rows: Sequence[R], record: type[R]) -> bytes:
    """Return the rows, in order, as one Parquet file; equal rows give equal bytes under one version of pyarrow."""
    sink = pa.BufferOutputStream()
    pq.write_table(to_arrow(rows, record), sink, compression="zstd")
    return bytes(sink.getvalue())


def write_parquet(file: BinaryIO, rows: Iterable[R], record: type[R], seen: Callable[[Sequence[R]], None]) -> None:
    """Write the rows, in order, as one Parquet file, `BATCH` of them in memory; `seen` is called with each batch."""
    schema, stream = arrow_schema(record), iter(rows)
    waiting: list[pa.Table] = []
    # Rows are made while they are asked for: the collector would walk each new batch in vain.
    with _collector_paused(), pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while batch := list(islice(stream, BATCH)):
            seen(batch)
            waiting.append(to_arrow(batch, record))
            if len(waiting) * BATCH >= ROW_GROUP:
                writer.write_table(pa.concat_tables(waiting))
                waiting.clear()
        if waiting:
            writer.write_table(pa.concat_tables(waiting))


def iter_parquet(path: Path, record: type[R]) -> Iterator[R]:
    """Yield the rows of one Parquet file, `BATCH` of them in memory. Raises as `from_parquet` does."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(BATCH):
            yield from from_arrow(pa.Table.from_batches([batch]), record)


def from_parquet(data: bytes, record: type[R]) -> list[R]:
    """Return the rows of one Parquet file. Raises what pyarrow and pydantic do where it holds no such rows."""
    return from_arrow(pq.ParquetFile(pa.BufferReader(data)).read(), record)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Without it four fifths of the time go into walking lists of millions of values in which no cycle can be."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _plain(array: pa.Array) -> list[Any]:
    """Return the array's values as Python's, level by level: ten times `to_pylist` where structs lie in lists."""
    values: list[Any]
    if pa.types.is_struct(array.type):
        names = [field.name for field in array.type]
        columns = [_plain(child) for child in array.flatten()]
        values = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    elif pa.types.is_map(array.type):
        pairs = list(zip(_plain(array.keys), _plain(array.items), strict=True))
        values = [dict(pairs[start:end]) for start, end in pairwise(array.offsets.to_pylist())]
    elif pa.types.is_list(array.type):
        flat = _plain(array.values)
        values = [flat[start:end] for start, end in pairwise(array.offsets.to_pylist())]
    else:
        return _plain_scalars(array)
    if array.null_count:
        present = array.is_valid().to_pylist()
        values = [value if there else None for value, there in zip(values, present, strict=True)]
    return values


@cache
def _import_pandas() -> None:
    """PyArrow imports pandas, where it is, before it hands anything to NumPy, and swallows a Ctrl-C that comes then."""
    with suppress(ImportError):
        import_module("pandas")


def _plain_scalars(array: pa.Array) -> list[Any]:
    # Through NumPy it is five times as fast, but numbers with nulls among them would come back as NaN.
    _import_pandas()
    if pa.types.is_string(array.type) or not array.null_count:
        values: list[Any] = array.to_numpy(zero_copy_only=False).tolist()
        return values
    with_nulls: list[Any] = array.to_pylist()
    return with_nulls


def _fields(record: type[BaseModel], where: str) -> list[pa.Field]:
    if not record.model_fields:
        raise _no_column(where, "a record without fields")
    return [_field(name, field.annotation, f"{where}.{name}") for name, field in record.model_fields.items()]


def _field(name: str, annotation: Any, where: str) -> pa.Field:  # noqa: ANN401 - annotations have no type of their own
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) not in {Union, UnionType}:
        return pa.field(name, _data_type(annotation, where), nullable=False)
    members = [member for member in get_args(annotation) if member is not NoneType]
    if len(members) > 1:
        raise _no_column(where, annotation)
    return pa.field(name, _data_type(members[0], where), nullable=True)


def _data_type(annotation: Any, where: str) -> pa.DataType:  # noqa: ANN401
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is tuple:
        items = {argument for argument in arguments if argument is not Ellipsis}
        if len(items) == 1:
            return pa.list_(_field("item", items.pop(), where))
    elif origin is dict:
        if issubclass(arguments[0], str):
            return pa.map_(pa.string(), _field("value", arguments[1], where))
    elif origin is Literal:
        kinds = {type(argument) for argument in arguments}
        if len(kinds) == 1:
            return _scalar(kinds.pop(), where)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return pa.struct(_fields(annotation, where))
    elif isinstance(annotation, type):
        return _scalar(annotation, where)
    raise _no_column(where, annotation)


def _scalar(kind: type, where: str) -> pa.DataType:
    for base, data_type in _SCALARS:
        if issubclass(kind, base):
            return data_type
    raise _no_column(where, kind)


def _no_column(where: str, annotation: object) -> Defect:
    return Defect("not-a-column", "a record that cannot be a table", where=where, found=str(annotation))
