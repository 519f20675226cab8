"""`format: table`: CSV or TSV with a header, UTF-8 with or without a byte-order mark."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from builder.survey.raw import RawRow
from mvpbench.store.atomic import disk_errors
from schemas.errors import InputError

UNEVEN = "mend the row in the file; a cell that holds the delimiter needs quotes"
OPEN_QUOTE = "look there, or further down, for a quote that is never closed or has text behind it"
DELIMITERS = {".csv": ",", ".tsv": "\t"}


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
            expected="a CSV or TSV file",
            way_out="check the path, and `survey.file` in study.yaml",
        )
    if path.suffix.lower() not in DELIMITERS:
        raise InputError(
            "survey-format",
            "survey file",
            where=str(path),
            found=f"the ending {path.suffix or '(none)'!r}",
            expected=f"one of {', '.join(DELIMITERS)}",
            way_out="export the file as CSV with a header row",
        )
    return (path,)


def table_columns(path: Path) -> tuple[str, ...]:
    """Return the header of a CSV or TSV file.

    Raises InputError `survey-empty`, `column-doubled`, `row-broken`, `survey-encoding`; StudyError as `disk_errors`.
    """
    with _open(path) as file:
        return _header(path, _reader(path, file))


def table_rows(path: Path) -> Iterator[RawRow]:
    """Yield the data rows; every cell is text, an empty one None; blank lines are passed over.

    Raises as `table_columns` does.
    """
    with _open(path) as file:
        reader = _reader(path, file)
        header = _header(path, reader)
        number = 0
        try:
            for cells in reader:
                if not cells:
                    continue  # a blank line, as editors leave at the end
                number += 1
                if len(cells) != len(header):
                    found, expected = f"{len(cells)} cells", f"{len(header)}, as in the header"
                    raise _broken(path, f"row {number}", found, expected)
                yield RawRow(number, {name: cell.strip() or None for name, cell in zip(header, cells, strict=True)})
        except csv.Error as exc:
            raise _broken(path, f"row {number + 1}", str(exc), "a well-formed row", OPEN_QUOTE) from exc


def _reader(path: Path, file: TextIO) -> Iterator[list[str]]:
    return csv.reader(file, delimiter=DELIMITERS[path.suffix.lower()], strict=True)


def _header(path: Path, reader: Iterator[list[str]]) -> tuple[str, ...]:
    try:
        header = next(reader, None)
    except csv.Error as exc:
        raise _broken(path, "header", str(exc), "a well-formed row", OPEN_QUOTE) from exc
    if header is None:
        raise InputError(
            "survey-empty", "survey file", where=str(path), found="an empty file", expected="a header and rows"
        )
    doubled = sorted({name for name in header if header.count(name) > 1})
    if doubled:
        raise InputError(
            "column-doubled",
            "survey file",
            where=f"{path}, header",
            found=f"{', '.join(doubled)} more than once",
            expected="distinct column names",
            way_out="rename the columns in the file",
        )
    return tuple(header)


@contextmanager
def _open(path: Path) -> Iterator[TextIO]:
    table_files(path)
    with disk_errors(path), path.open(encoding="utf-8-sig", newline="") as file:
        try:
            yield file
        except UnicodeDecodeError as exc:
            raise InputError(
                "survey-encoding",
                "survey file",
                where=f"{path}, line {_undecodable_line(path)}",
                found=f"bytes that are not UTF-8 (0x{exc.object[exc.start]:02x})",
                expected="UTF-8 text",
                way_out="save the file as UTF-8",
            ) from exc


def _undecodable_line(path: Path) -> int:
    """1-based; looked for again, since the decoder works in blocks and tells a place within one."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return 1


def _broken(path: Path, place: str, found: str, expected: str, way_out: str = UNEVEN) -> InputError:
    return InputError(
        "row-broken",
        "survey file",
        where=f"{path}, {place}",
        found=found,
        expected=expected,
        way_out=way_out,
    )
