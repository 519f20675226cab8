"""`format: table`: any file of rows and columns, read by its ending; one row a person."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from builder.survey.columnar import parquet_columns, parquet_rows
from builder.survey.delimited import delimited_columns, delimited_rows
from builder.survey.jsonl import jsonl_columns, jsonl_rows
from builder.survey.raw import BadRow, RawRow
from builder.survey.statistical import ENDINGS as STATISTICAL
from builder.survey.statistical import statistical_columns, statistical_rows
from mvpbench.store.atomic import disk_errors
from schemas.codebook import Reading
from schemas.errors import InputError


class Kind(NamedTuple):
    """How files of an ending are read."""

    noun: str
    """What the place of a row is called."""
    columns: Callable[[Path, Reading], tuple[str, ...]]
    rows: Callable[[Path, Reading, frozenset[str]], Iterator[RawRow | BadRow]]


_TEXT = Kind("line", delimited_columns, delimited_rows)
_CASES = Kind("case", statistical_columns, statistical_rows)
KINDS = {
    ".csv": _TEXT,
    ".tsv": _TEXT,
    ".txt": _TEXT,
    ".jsonl": Kind("line", jsonl_columns, jsonl_rows),
    ".parquet": Kind("row", parquet_columns, parquet_rows),
    **dict.fromkeys(STATISTICAL, _CASES),
}


def table_files(path: Path) -> tuple[Path, ...]:
    """Return `path` alone. Raises InputError `survey-missing` or `survey-format`, StudyError as `disk_errors`."""
    with disk_errors(path):
        is_file = path.is_file()
    if not is_file:
        raise InputError(
            "survey-missing",
            "survey file",
            where=str(path),
            found="no such file",
            expected=f"a file ending in {', '.join(KINDS)}",
            way_out="check the path, and `survey.file` in study.yaml",
        )
    kind_of(path)
    return (path,)


def kind_of(path: Path) -> Kind:
    """Return how the file is read. Raises InputError `survey-format`."""
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise InputError(
            "survey-format",
            "survey file",
            where=str(path),
            found=f"the ending {path.suffix or '(none)'!r}",
            expected=f"one of {', '.join(KINDS)}",
            way_out="export the file as CSV with a header row",
        )
    return kind


def table_columns(path: Path, reading: Reading) -> tuple[str, ...]:
    """Return the file's columns. Raises as the reader of its kind does."""
    return kind_of(path).columns(table_files(path)[0], reading)


def table_rows(path: Path, reading: Reading, wanted: frozenset[str]) -> Iterator[RawRow | BadRow]:
    """Yield the rows, of the columns `wanted`. Raises as the reader of its kind does."""
    return kind_of(path).rows(table_files(path)[0], reading, wanted)
