"""The survey formats: how a file becomes flat rows of text, numbers and blanks."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

from builder.survey.official import ess_columns, ess_rows, wvs7_columns, wvs7_rows
from builder.survey.prism import prism_columns, prism_files, prism_rows
from builder.survey.raw import BadRow, RawRow
from builder.survey.table import KINDS, table_columns, table_files, table_rows
from schemas.codebook import Reading

__all__ = ["FORMATS", "BadRow", "RawRow", "SurveyFormat", "place_noun"]


class Columns(Protocol):
    def __call__(self, path: Path, reading: Reading) -> tuple[str, ...]:
        """Return the columns of the file at `path` without reading it whole. Raises InputError."""
        ...


class Files(Protocol):
    def __call__(self, path: Path) -> tuple[Path, ...]:
        """Return the files that `path` stands for, the one with a row per person first. Raises InputError."""
        ...


class Rows(Protocol):
    def __call__(self, path: Path, reading: Reading, wanted: frozenset[str]) -> Iterator[RawRow | BadRow]:
        """Yield the rows of `path`, one a person, in file order, with at least the columns `wanted` that are there.

        A row that cannot be read is a `BadRow`. Raises InputError where the file as a whole is not what it should be.
        Memory does not grow with the number of rows.
        """
        ...


class SurveyFormat(NamedTuple):
    """A format is three functions; a new one is a file beside this one and a line in `FORMATS`."""

    title: str
    endings: tuple[str, ...]
    """Of file names, lower case; "" where a folder will do."""
    columns: Columns
    files: Files
    rows: Rows


_TABLES = tuple(KINDS)
FORMATS: dict[str, SurveyFormat] = {
    "table": SurveyFormat(
        "any table, one row a person: CSV, TSV, JSON lines, Parquet, SPSS, Stata",
        _TABLES,
        table_columns,
        table_files,
        table_rows,
    ),
    "prism": SurveyFormat(
        "PRISM: survey.jsonl and conversations.jsonl", (".jsonl", ""), prism_columns, prism_files, prism_rows
    ),
    "ess": SurveyFormat(
        "European Social Survey, rounds 1 to 11, as given out", _TABLES, ess_columns, table_files, ess_rows
    ),
    "wvs7": SurveyFormat("World Values Survey, wave 7, as given out", _TABLES, wvs7_columns, table_files, wvs7_rows),
}


def place_noun(path: Path) -> str:
    """Return what a place in the file is called: the line of a text file, the row or case of another."""
    kind = KINDS.get(path.suffix.lower())
    return kind.noun if kind else "row"
