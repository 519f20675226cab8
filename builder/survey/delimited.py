"""Delimited text: commas, semicolons, tabs or bars, a header, one row a person.

The file is read as a stream. A row that cannot be read is yielded as a `BadRow` with its line; what is wrong with the
header, or with the file as a whole, is an error.
"""

import _csv
import codecs
import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from builder.survey.raw import BadRow, Cell, RawRow
from mvpbench.store.atomic import disk_errors
from schemas.codebook import Reading
from schemas.errors import ConfigError, InputError

DELIMITERS = (",", ";", "\t", "|")
FIELD_LIMIT = 1 << 20
"""Characters in a cell; csv's own limit of 131,072 is less than a long text may have."""
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
OPEN_QUOTE = "look there, or further down, for a quote that is never closed or has text behind it"
CsvReader = _csv.Reader
_UNDECODED = re.compile("[\udc80-\udcff]")


def delimited_columns(path: Path, reading: Reading) -> tuple[str, ...]:
    """Return the header.

    Raises InputError `survey-empty`, `row-broken`, `survey-encoding`; ConfigError `encoding-unknown`; StudyError as
    `disk_errors`.
    """
    with _open(path, reading) as file:
        return _header(path, _reader(path, file, reading))


def delimited_rows(path: Path, reading: Reading, wanted: frozenset[str]) -> Iterator[RawRow | BadRow]:
    """Yield the rows with their first lines, blank lines passed over; cells are text, an empty one None.

    Raises as `delimited_columns` does.
    """
    with _open(path, reading) as file:
        reader = _reader(path, file, reading)
        header = _header(path, reader)
        kept = [(index, name) for index, name in enumerate(header) if name in wanted]
        width = len(header)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error as exc:
                # A quote may have swallowed whole lines: each of them is a row that was lost.
                for lost in range(line, max(reader.line_num, line) + 1):
                    yield BadRow(lost, "row-broken", f"{exc}; {OPEN_QUOTE}")
                continue
            if cells is None:
                return
            if not cells:
                continue  # a blank line, as editors leave at the end
            if len(cells) != width:
                yield BadRow(line, "row-uneven", f"found {len(cells)} cells, expected {width}, as in the header")
                continue
            row: dict[str, Cell] = {name: cells[index].strip() or None for index, name in kept}
            bad = _undecoded(row)
            yield RawRow(line, row) if bad is None else BadRow(line, "not-decoded", bad[1], bad[0])


def _undecoded(row: dict[str, Cell]) -> tuple[str, str] | None:
    for name, cell in row.items():
        if isinstance(cell, str) and not cell.isascii() and (found := _UNDECODED.search(cell)):
            byte = ord(found[0]) - 0xDC00
            return name, f"found the byte 0x{byte:02x}, which the file's encoding does not have"
    return None


def _reader(path: Path, file: TextIO, reading: Reading) -> CsvReader:
    csv.field_size_limit(FIELD_LIMIT)
    start = file.tell()
    first = file.readline()
    file.seek(start)
    delimiter = reading.delimiter or ("\t" if path.suffix.lower() == ".tsv" else _delimiter(first))
    return csv.reader(file, delimiter=delimiter, strict=True)


def _delimiter(header: str) -> str:
    """The one of `DELIMITERS` that parts the header into most columns; a comma where none does."""

    def columns(delimiter: str) -> int:
        try:
            return len(next(csv.reader([header], delimiter=delimiter), []))
        except csv.Error:
            return 0

    return max(DELIMITERS, key=columns)


def _header(path: Path, reader: CsvReader) -> tuple[str, ...]:
    try:
        header = next(reader, None)
    except csv.Error as exc:
        raise InputError(
            "row-broken",
            "survey file",
            where=f"{path}, header",
            found=str(exc),
            expected="a well-formed row",
            way_out=OPEN_QUOTE,
        ) from exc
    if header is None:
        raise InputError(
            "survey-empty", "survey file", where=str(path), found="an empty file", expected="a header and rows"
        )
    if any(_UNDECODED.search(name) for name in header):
        raise _not_decoded(path, "header")
    return tuple(name.strip() for name in header)


@contextmanager
def _open(path: Path, reading: Reading) -> Iterator[TextIO]:
    """The text of the file; bytes that are none in its encoding come as lone surrogates, as PEP 383 has it."""
    with disk_errors(path):
        with path.open("rb") as raw:
            start = raw.read(4)
        encoding = next((name for mark, name in MARKS if start.startswith(mark)), reading.encoding)
        try:
            codecs.lookup(encoding)
        except LookupError as exc:
            raise ConfigError(
                "encoding-unknown",
                "codebook",
                where="reading.encoding",
                found=repr(encoding),
                expected="the name of an encoding, such as utf-8 or windows-1252",
            ) from exc
        with path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
            try:
                yield file
            except UnicodeError as exc:  # of an encoding with several bytes a character
                raise _not_decoded(path, encoding) from exc


def _not_decoded(path: Path, where: str) -> InputError:
    return InputError(
        "survey-encoding",
        "survey file",
        where=f"{path}, {where}",
        found="bytes that are no text in the file's encoding",
        expected="UTF-8, or what `reading.encoding` in the codebook says",
        way_out="save the file as UTF-8, or name its encoding in the codebook: `reading: {encoding: windows-1252}`",
    )
