"""Ratings from a comma, tab or semicolon separated UTF-8 file with a header."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from annotation.agreement.named import RatingsFile, Row, missing, unreadable
from schemas.errors import InputError

DELIMITERS = (",", "\t", ";")
EXPECTED = "a CSV or TSV"


def delimited_rows(file: RatingsFile, _dropped: dict[str, int]) -> Iterator[Row]:
    """Yield the rows; empty lines are none. Raises InputError as `read_ratings` says."""
    text = _text(file.path)
    if not text.strip():
        raise InputError("file-empty", "ratings", where=str(file.path), found="an empty file", expected="a header")
    delimiter = _delimiter(file, text.split("\n", 1)[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [name.strip() for name in next(reader)]
        for number, cells in enumerate(reader, start=1):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise InputError(
                    "row-uneven",
                    "ratings",
                    where=f"{file.path}, row {number}",
                    found=f"{len(cells)} cells",
                    expected=f"{len(header)}, as in the header",
                )
            yield Row(f"row {number}", {name: cell.strip() for name, cell in zip(header, cells, strict=True)})
    except csv.Error as exc:
        where = f"{file.path}, line {reader.line_num}"
        raise InputError("file-unreadable", "ratings", where=where, found=str(exc), expected="CSV or TSV") from exc


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as exc:
        raise missing(path, EXPECTED) from exc
    except UnicodeDecodeError as exc:
        raise unreadable(path, f"bytes that are not UTF-8 at offset {exc.start}", "UTF-8 text") from exc
    except OSError as exc:
        raise unreadable(path, exc.strerror or type(exc).__name__, EXPECTED) from exc


def _delimiter(file: RatingsFile, header: str) -> str:
    """The delimiter under which the header has the columns asked for."""
    best = max(DELIMITERS, key=header.count)
    for delimiter in dict.fromkeys((best, *DELIMITERS)):
        names = _names(header, delimiter)
        if all(column in names for _, column in file.columns):
            return delimiter
    file.check_columns(_names(header, best))
    return best


def _names(header: str, delimiter: str) -> Sequence[str]:
    return [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
