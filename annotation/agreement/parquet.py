"""Ratings from a Parquet file, one a row."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from annotation.agreement.named import RatingsFile, Row, missing, unreadable

EXPECTED = "a Parquet file"


def parquet_rows(file: RatingsFile, _dropped: dict[str, int]) -> Iterator[Row]:
    """Yield the rows of the columns that are used; null and NaN are empty cells. Raises as `read_ratings` says."""
    try:
        with pq.ParquetFile(file.path) as opened:
            file.check_columns(opened.schema_arrow.names)
            wanted = list(dict.fromkeys(column for _, column in file.columns))
            table = opened.read(columns=wanted)
    except FileNotFoundError as exc:
        raise missing(file.path, EXPECTED) from exc
    except pa.ArrowException as exc:
        raise unreadable(file.path, "bytes that are no Parquet", EXPECTED) from exc
    except OSError as exc:
        raise unreadable(file.path, exc.strerror or type(exc).__name__, EXPECTED) from exc
    columns = [[_text(value) for value in table.column(name).to_pylist()] for name in wanted]
    for number, cells in enumerate(zip(*columns, strict=True), start=1):
        yield Row(f"row {number}", dict(zip(wanted, cells, strict=True)))


def _text(value: object) -> str:
    """A whole number that pandas made a float, because a cell was empty, is the whole number again."""
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
