"""Delimited text: commas, semicolons, tabs or bars, a header, one row a person.

The file is read as a stream. A row that cannot be read is yielded as a `BadRow` with its line, and reading goes on at
the line below it; what is wrong with the header, or with the file as a whole, is an error.
"""

import _csv
import csv
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from builder.survey.raw import BadRow, Cell, RawRow
from builder.survey.text import LINE_LIMIT, NO_TEXT, is_text, lines_of, no_text, not_decoded, opened
from schemas.codebook import Reading
from schemas.errors import InputError

DELIMITERS = (",", ";", "\t", "|")
FIELD_LIMIT = 1 << 20
"""Characters in a cell; csv's own limit of 131,072 is less than a long text may have."""
READ_AGAIN = LINE_LIMIT
"""Characters beyond those of the file that may be read twice, so that no file, however broken, takes long."""
WAY_OUT = "look there for a quote that is never closed or has text behind it, and double a quote inside a cell"
NARROW = 4
"""Columns below which a line of prose may have as many delimiters as a row."""
SWALLOWED = "lines in quotes that could be rows, as where a quote is not closed"
FOUND = {
    "unexpected end of data": "a quote that is never closed",
    "field larger than": f"a cell of more than {FIELD_LIMIT:,} characters, or a quote that is never closed",
    "row larger than": f"a row of more than {LINE_LIMIT:,} characters, or a quote that is never closed",
    "'": "text behind a closing quote",
}
"""Start of a message of csv -> what it means."""
CsvReader = _csv.Reader
SAID = re.compile("sep=([,;|\t])")


class _Lines:
    """The file's lines as csv takes them; those of the row at hand can be taken back."""

    def __init__(self, file: TextIO) -> None:
        self._more = lines_of(file)
        self._back: deque[str] = deque()
        self._taken: list[str] = []
        self._size = 0
        self._spare = READ_AGAIN
        self.number = 0
        """Of the last line taken, from 1."""
        self.is_text = True
        """Whether the row's lines hold nothing but text."""

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else next(self._more)
        self.number += 1
        self._taken.append(line)
        self._size += len(line)
        if not is_text(line):
            self.is_text = False
        if self._size >= LINE_LIMIT:
            raise csv.Error("row larger than the limit")
        return line

    def start(self) -> int:
        """Begin a row; return the number of its first line."""
        self._spare += self._size
        self._taken.clear()
        self._size = 0
        self.is_text = True
        return self.number + 1

    def take_back(self, keep: int) -> None:
        """Let all lines of the row but the first `keep` be read again."""
        again = self._taken[keep:]
        self._back.extendleft(reversed(again))
        self.number -= len(again)
        del self._taken[keep:]

    def are_rows(self, delimiter: str, width: int) -> bool:
        """Return whether each line of the row has the delimiters of a whole one: a quote swallowed its neighbours."""
        fewest = max(width, NARROW) - 1
        return len(self._taken) > 1 and all(line.count(delimiter) >= fewest for line in self._taken)

    def go_on_below(self) -> int:
        """Take back what a broken row has swallowed, unless too much was read twice; return the next line's number."""
        if len(self._taken) > 1 and self._spare >= self._size:
            self._spare -= 2 * self._size
            self.take_back(1)
        return self.number + 1


def delimited_columns(path: Path, reading: Reading) -> tuple[str, ...]:
    """Return the header.

    Raises InputError `survey-empty`, `row-broken`, `survey-encoding`; ConfigError `encoding-unknown`; StudyError as
    `disk_errors`.
    """
    with opened(path, reading, "") as file:
        lines = _Lines(file)
        return _header(path, _reader(path, lines, reading))


def delimited_rows(path: Path, reading: Reading, wanted: frozenset[str]) -> Iterator[RawRow | BadRow]:
    """Yield the rows with their first lines, those without a word passed over; cells are text, an empty one None.

    Raises as `delimited_columns` does.
    """
    with opened(path, reading, "") as file:
        lines = _Lines(file)
        reader = _reader(path, lines, reading)
        header = _header(path, reader)
        kept = [(index, name) for index, name in enumerate(header) if name in wanted]
        width = len(header)
        while True:
            line = lines.start()
            try:
                cells = _next(reader, lines, width)
            except csv.Error as exc:
                detail = f"found {_found(exc)}"
                # Where lines were swallowed and are not read again, each of them is a row that was lost.
                yield from (BadRow(lost, "row-broken", detail) for lost in range(line, lines.go_on_below()))
                continue
            if cells is None:
                return
            if len(cells) != width:
                if any(map(str.strip, cells)):
                    yield BadRow(line, "row-uneven", _uneven(len(cells), lines.number - line + 1, width))
                continue
            row: dict[str, Cell] = {name: cells[index].strip() or None for index, name in kept}
            if not any(row.values()) and not any(map(str.strip, cells)):
                continue  # a line of delimiters, as spreadsheets leave at the end
            bad = None if lines.is_text else no_text(row)
            yield RawRow(line, row) if bad is None else BadRow(line, "not-decoded", bad[1], bad[0])


def _next(reader: CsvReader, lines: _Lines, width: int) -> list[str] | None:
    cells = next(reader, None)
    if lines.are_rows(reader.dialect.delimiter, width):
        raise csv.Error(SWALLOWED)
    return cells


def _uneven(found: int, lines: int, width: int) -> str:
    over = f" over {lines} lines" if lines > 1 else ""
    return f"found {found} {'cell' if found == 1 else 'cells'}{over}, expected {width}, as in the header"


def _found(exc: csv.Error) -> str:
    return next((words for start, words in FOUND.items() if str(exc).startswith(start)), str(exc))


def _reader(path: Path, lines: _Lines, reading: Reading) -> CsvReader:
    csv.field_size_limit(FIELD_LIMIT)
    said = _said(lines)
    delimiter = reading.delimiter or said or ("\t" if path.suffix.lower() == ".tsv" else _delimiter(lines))
    return csv.reader(lines, delimiter=delimiter, strict=True)


def _said(lines: _Lines) -> str | None:
    """The delimiter that a line before the header says, as Excel writes it."""
    try:
        said = SAID.fullmatch(next(lines, "").strip("\r\n"))
    except csv.Error:
        said = None
    if said is None:
        lines.take_back(0)
    lines.start()
    return said[1] if said else None


def _delimiter(lines: _Lines) -> str:
    """The one of `DELIMITERS` that parts the header into most columns; a comma where none does."""

    def columns(delimiter: str) -> int:
        try:
            return len(_first(csv.reader(lines, delimiter=delimiter, strict=True)) or ())
        except csv.Error:
            return 0
        finally:
            lines.take_back(0)
            lines.start()

    found = {delimiter: columns(delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=found.__getitem__)
    return best if found[best] > 1 else DELIMITERS[0]


def _first(reader: CsvReader) -> list[str] | None:
    """The first row that holds a word."""
    return next((cells for cells in reader if any(map(str.strip, cells))), None)


def _header(path: Path, reader: CsvReader) -> tuple[str, ...]:
    try:
        header = _first(reader)
    except csv.Error as exc:
        raise InputError(
            "row-broken",
            "survey file",
            where=f"{path}, header",
            found=_found(exc),
            expected="a well-formed row",
            way_out=WAY_OUT,
        ) from exc
    if header is None:
        raise InputError(
            "survey-empty", "survey file", where=str(path), found="an empty file", expected="a header and rows"
        )
    names = ",".join(header)
    is_utf_16 = 2 * names.count("\0") >= len(names) - 1 > 1
    if is_utf_16 or NO_TEXT.search(names.replace("\0", "")):
        raise not_decoded(path, "header")
    return tuple(name.strip() for name in header)
