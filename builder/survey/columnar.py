"""Parquet: one row a person, read batch by batch and only the columns that are wanted."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from builder.survey.raw import BadRow, Cell, RawRow
from mvpbench.store.atomic import disk_errors
from schemas.codebook import Reading
from schemas.errors import InputError

BATCH = 10_000


def parquet_columns(path: Path, reading: Reading) -> tuple[str, ...]:
    """Return the columns. Raises InputError `survey-unreadable`, StudyError as `disk_errors`."""
    del reading
    with _opened(path) as file:
        return tuple(file.schema_arrow.names)


def parquet_rows(path: Path, reading: Reading, wanted: frozenset[str]) -> Iterator[RawRow | BadRow]:
    """Yield the rows with their numbers; dates and the like are text in ISO form, lists and structs are left out."""
    del reading
    with _opened(path) as file:
        flat = [field.name for field in file.schema_arrow if not pa.types.is_nested(field.type)]
        names = [name for name in flat if name in wanted]
        place = 0
        try:
            for batch in file.iter_batches(BATCH, columns=names):
                columns = [[_cell(value) for value in column.to_pylist()] for column in batch.columns]
                # Without a column zip would have no rows.
                for values in zip(*columns, strict=True) if columns else [()] * batch.num_rows:
                    place += 1
                    yield RawRow(place, dict(zip(names, values, strict=True)))
        except (pa.ArrowException, OSError) as exc:
            raise _unreadable(path, exc) from exc


def _opened(path: Path) -> pq.ParquetFile:
    with disk_errors(path):
        path.open("rb").close()  # in our words where it may not be read
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as exc:
        raise _unreadable(path, exc) from exc


def _cell(value: Any) -> Cell:  # noqa: ANN401 - whatever Parquet can hold
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
        found=str(exc).splitlines()[0],
        expected="a whole Parquet file",
        way_out="copy or export the file again",
    )
