"""Parquet: one row a person, read batch by batch and only the columns that are wanted."""

import math
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from builder.survey.raw import BadRow, Cell, RawRow
from builder.survey.text import is_text, no_text
from mvpbench.store.atomic import disk_errors
from schemas.codebook import Reading
from schemas.errors import InputError

BATCH = 10_000


def parquet_columns(path: Path, reading: Reading) -> tuple[str, ...]:
    """Return the columns but lists and structs. Raises InputError `survey-unreadable`, StudyError as `disk_errors`."""
    del reading
    with _opened(path) as file:
        return _flat(file)


def parquet_rows(path: Path, reading: Reading, wanted: frozenset[str], batch: int = BATCH) -> Iterator[RawRow | BadRow]:
    """Yield the rows with their numbers, `batch` of them in memory at a time.

    Dates and the like are text in ISO form, truth values `true` and `false`, decimals numbers.
    """
    del reading
    with _opened(path) as file:
        names = [name for name in _flat(file) if name in wanted]
        place = 0
        try:
            for part in file.iter_batches(batch, columns=names):
                # By name: asked for a column `a.b`, Parquet gives a struct `a` too.
                columns = [_cells(part.column(name)) for name in names]
                all_text = all(is_text("".join(cell for cell in column if isinstance(cell, str))) for column in columns)
                # Without a column zip would have no rows.
                for values in zip(*columns, strict=True) if columns else [()] * part.num_rows:
                    place += 1
                    cells = dict(zip(names, values, strict=True))
                    bad = None if all_text else no_text(cells)
                    yield RawRow(place, cells) if bad is None else BadRow(place, "no-text", bad[1], bad[0])
        except (pa.ArrowException, OSError, ValueError, OverflowError, KeyError) as exc:
            raise _unreadable(path, exc) from exc


def _flat(file: pq.ParquetFile) -> tuple[str, ...]:
    return tuple(field.name for field in file.schema_arrow if not pa.types.is_nested(field.type))


def _opened(path: Path) -> pq.ParquetFile:
    with disk_errors(path):
        path.open("rb").close()  # in our words where it may not be read
    try:
        file = pq.ParquetFile(path)
        _flat(file)  # names that are no UTF-8 show themselves here
    except (pa.ArrowException, OSError, ValueError) as exc:
        raise _unreadable(path, exc) from exc
    return file


def _cells(column: pa.Array) -> list[Cell]:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_integer(kind):
        cells: list[Cell] = column.to_pylist()
        return cells
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        column = column.cast(pa.large_binary())  # a string that is no UTF-8 stops to_pylist
    elif pa.types.is_timestamp(kind) and kind.unit == "ns":
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)  # the standard library has no nanoseconds
    elif pa.types.is_duration(kind):
        column = column.cast(pa.int64())
    return [_cell(value) for value in column.to_pylist()]


def _cell(value: Any) -> Cell:  # noqa: ANN401 - whatever Parquet can hold
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape").strip() or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if value is None or isinstance(value, int):
        return value
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return text.strip() or None


def _unreadable(path: Path, exc: Exception) -> InputError:
    return InputError(
        "survey-unreadable",
        "survey file",
        where=str(path),
        found=" ".join(str(exc).split()).rstrip(".") or type(exc).__name__,
        expected="a whole Parquet file",
        way_out="copy or export the file again",
    )
