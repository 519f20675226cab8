"""Ratings of anything by anyone, and how they are read from a CSV or TSV file."""

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from annotation.alpha import Level
from schemas.errors import ConfigError, InputError

DELIMITERS = (",", "\t", ";")


@dataclass(frozen=True)
class Rating:
    """What one rater said of one unit."""

    unit: str
    rater: str
    value: str
    """A number in text where the level is not nominal."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """Name -> group: what agreement may be broken down by."""
    cluster: str | None = None
    """Units with the same cluster are resampled together; None links to nobody."""


@dataclass(frozen=True)
class RatingsFile:
    """A file with one rating a row, and the names of its columns."""

    path: Path
    unit: str
    rater: str
    value: str
    by: str | None = None
    cluster: str | None = None

    def columns(self) -> dict[str, str]:
        """Return role -> column, of the roles that are used."""
        roles = {"unit": self.unit, "rater": self.rater, "value": self.value, "by": self.by, "cluster": self.cluster}
        return {role: column for role, column in roles.items() if column is not None}


class Read(NamedTuple):
    """The ratings of a file, and how many rows had no value."""

    ratings: list[Rating]
    blank: int


def level_of(text: str) -> Level:
    """Return the level called `text`. Raises ConfigError `level-unknown`."""
    try:
        return Level(text)
    except ValueError as exc:
        raise ConfigError("level-unknown", "--level", found=repr(text), expected=", ".join(Level)) from exc


def read_ratings(file: RatingsFile, level: Level) -> Read:
    """Return the ratings of a comma, tab or semicolon separated UTF-8 file with a header.

    A row without a value is a rating that was not given: it is counted and left out. One without a group is in no
    group.

    Raises:
        InputError: `file-missing`, `file-unreadable`, `file-empty`, `column-missing`, `row-uneven`, `blank-cell` (unit,
            rater or cluster), `not-a-number`, `negative-ratio`, `rated-twice` (one rater, one unit, two rows); names
            file, row (1 is the first after the header) and column.
    """
    ratings: list[Rating] = []
    blank = 0
    rows_of: dict[tuple[str, str], int] = {}
    for number, row in _rows(file):
        rating = _rating(file, number, row, level)
        if rating is None:
            blank += 1
            continue
        earlier = rows_of.setdefault((rating.unit, rating.rater), number)
        if earlier != number:
            raise InputError(
                "rated-twice",
                f"unit {rating.unit!r}, rater {rating.rater!r}",
                where=f"{file.path}, row {number}",
                found=f"a rating already in row {earlier}",
                expected="one row a unit and rater",
                way_out="keep one of them, or name a column that tells the units apart with --unit",
            )
        ratings.append(rating)
    return Read(ratings, blank)


def _rating(file: RatingsFile, number: int, row: Mapping[str, str], level: Level) -> Rating | None:
    cells = {role: row[column].strip() for role, column in file.columns().items()}
    for role in ("unit", "rater", "cluster"):
        if cells.get(role) == "":
            raise _bad(file, number, role, "blank-cell", "nothing", f"the {role} in every row")
    if not cells["value"]:
        return None
    if level is not Level.NOMINAL:
        _check_number(file, number, cells["value"], level)
    by = cells.get("by")
    groups = {file.by: by} if file.by is not None and by else {}
    return Rating(cells["unit"], cells["rater"], cells["value"], groups, cells.get("cluster"))


def _check_number(file: RatingsFile, number: int, text: str, level: Level) -> None:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _bad(
            file,
            number,
            "value",
            "not-a-number",
            repr(text[:40]),
            f"a number, as the level is {level}; a cell left empty where no rating was given",
        )
    if level is Level.RATIO and value < 0:
        raise _bad(file, number, "value", "negative-ratio", text, "a number from 0, as the level is ratio")


def _rows(file: RatingsFile) -> Iterator[tuple[int, dict[str, str]]]:
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
            yield number, dict(zip(header, cells, strict=True))
    except csv.Error as exc:
        where = f"{file.path}, line {reader.line_num}"
        raise InputError("file-unreadable", "ratings", where=where, found=str(exc), expected="CSV or TSV") from exc


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as exc:
        raise InputError("file-missing", "ratings", where=str(path), found="no file", expected="a CSV or TSV") from exc
    except UnicodeDecodeError as exc:
        where, found = str(path), f"bytes that are not UTF-8 at offset {exc.start}"
        raise InputError("file-unreadable", "ratings", where=where, found=found, expected="UTF-8 text") from exc
    except OSError as exc:
        found = exc.strerror or type(exc).__name__
        raise InputError("file-unreadable", "ratings", where=str(path), found=found, expected="a CSV or TSV") from exc


def _delimiter(file: RatingsFile, header: str) -> str:
    """The delimiter under which the header has the columns asked for."""
    wanted = file.columns()
    best = max(DELIMITERS, key=header.count)
    for delimiter in dict.fromkeys((best, *DELIMITERS)):
        names = _names(header, delimiter)
        if all(column in names for column in wanted.values()):
            return delimiter
    names = _names(header, best)
    role, column = next((role, column) for role, column in wanted.items() if column not in names)
    raise InputError(
        "column-missing",
        f"no column {column!r}",
        where=str(file.path),
        found=", ".join(names),
        expected=f"the column named with --{role}",
        way_out=f"name one of them with --{role}",
    )


def _names(header: str, delimiter: str) -> Sequence[str]:
    return [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]


def _bad(file: RatingsFile, number: int, role: str, code: str, found: str, expected: str) -> InputError:
    where = f"{file.path}, row {number}, column {file.columns()[role]!r}"
    return InputError(code, f"{role} of a rating", where=where, found=found, expected=expected)
