"""The survey formats: how a file becomes flat rows of text, numbers and blanks."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

from builder.survey.prism import prism_columns, prism_files, prism_rows
from builder.survey.raw import RawRow
from builder.survey.table import DELIMITERS, table_columns, table_files, table_rows

__all__ = ["FORMATS", "RawRow", "SurveyFormat"]


class Columns(Protocol):
    def __call__(self, path: Path) -> tuple[str, ...]:
        """Return the columns of the file at `path` without reading it whole. Raises InputError."""
        ...


class Files(Protocol):
    def __call__(self, path: Path) -> tuple[Path, ...]:
        """Return the files that `path` stands for, the one with a row per person first. Raises InputError."""
        ...


class Rows(Protocol):
    def __call__(self, path: Path) -> Iterator[RawRow]:
        """Yield the rows of `path`, one a person, in file order. Raises InputError at a row that cannot be read."""
        ...


class SurveyFormat(NamedTuple):
    """A format is three functions; a new one is a file beside this one and a line in `FORMATS`."""

    title: str
    endings: tuple[str, ...]
    """Of file names, lower case; "" where a folder will do."""
    columns: Columns
    files: Files
    rows: Rows


FORMATS: dict[str, SurveyFormat] = {
    "table": SurveyFormat(
        "CSV or TSV with a header, one row a person", tuple(DELIMITERS), table_columns, table_files, table_rows
    ),
    "prism": SurveyFormat(
        "PRISM: survey.jsonl and conversations.jsonl", (".jsonl", ""), prism_columns, prism_files, prism_rows
    ),
}
