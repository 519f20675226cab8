"""SPSS (.sav, .zsav, .por) and Stata (.dta), read with pyreadstat, part by part and only the columns wanted.

What the file declares missing stays apart from a cell that is empty: SPSS's codes and ranges, Stata's `.a` to `.z`.
"""

import math
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyreadstat

from builder.survey.memo import Memo
from builder.survey.raw import EXACT, BadRow, Cell, DeclaredMissing, RawRow, code_of
from mvpbench.store.atomic import disk_errors
from schemas.codebook import Reading
from schemas.errors import InputError

CELLS = 2_000_000
"""Read at once; each part is sought from the start of the file, so parts should be few."""
_READERS: Mapping[str, Callable[..., Any]] = {
    ".sav": pyreadstat.read_sav,
    ".zsav": pyreadstat.read_sav,
    ".por": pyreadstat.read_por,
    ".dta": pyreadstat.read_dta,
}
ENDINGS = tuple(_READERS)
_TRY = """
import sys, pyreadstat
read = {".por": pyreadstat.read_por, ".dta": pyreadstat.read_dta}.get(sys.argv[2], pyreadstat.read_sav)
read(sys.argv[1], metadataonly=True, output_format="dict")
read(sys.argv[1], row_limit=1000, output_format="dict", disable_datetime_conversion=True)
"""


@dataclass(frozen=True)
class Variable:
    """What the file says of a column."""

    name: str
    label: str
    """The question, or what the column holds."""
    is_text: bool
    values: Mapping[str, str]
    """Code -> label."""
    missing: tuple[tuple[float, float] | str, ...]
    """Declared: closed ranges of numbers, or codes that are text (Stata's as `.a`)."""

    def cell(self, value: float | str | None) -> Cell:
        """Return what pyreadstat gave as a cell; what is declared missing is marked."""
        if isinstance(value, str):
            text = value.strip()
            if text and not self.is_text:
                return DeclaredMissing(f".{text}")  # a letter among Stata's numbers
            cell: Cell = text or None
        elif value is None or math.isnan(value):
            return None
        else:
            cell = int(value) if float(value).is_integer() and abs(value) < EXACT else value
        return DeclaredMissing(code_of(cell)) if cell is not None and self.declares(cell) else cell

    def declares(self, cell: Cell) -> bool:
        """Return whether the file declares the cell missing."""
        for one in self.missing:
            if isinstance(one, str):
                if cell == one:
                    return True
            elif isinstance(cell, int | float) and one[0] <= cell <= one[1]:
                return True
        return False


def variables(path: Path) -> tuple[Variable, ...]:
    """Return the columns with their labels. Raises InputError `survey-unreadable`, StudyError as `disk_errors`."""
    return _described(path)[0]


def statistical_columns(path: Path, reading: Reading) -> tuple[str, ...]:
    """Return the columns. Raises as `variables` does."""
    del reading
    return tuple(one.name for one in variables(path))


def statistical_rows(
    path: Path, reading: Reading, wanted: frozenset[str], cells: int = CELLS
) -> Iterator[RawRow | BadRow]:
    """Yield the cases with their numbers: numbers as numbers, dates as SPSS and Stata count them.

    `cells` are in memory at a time. Raises as above.
    """
    del reading
    described, total = _described(path)
    memos = {one.name: Memo(one.cell) for one in described if one.name in wanted}
    names = tuple(memos)
    size = max(cells // max(len(names), 1), 1)
    place, read = 0, size
    while names and read == size:
        data, _ = _read(path, usecols=list(names), row_offset=place, row_limit=size, user_missing=True)
        columns = [[memo[value] for value in data[name]] for name, memo in memos.items()]
        read = len(columns[0])
        for values in zip(*columns, strict=True):
            place += 1
            yield RawRow(place, dict(zip(names, values, strict=True)))
    if names and total is not None and place < total:
        raise _unreadable(path, f"{place} of the {total} cases that it says it has")


def _described(path: Path) -> tuple[tuple[Variable, ...], int | None]:
    """The columns, and the number of cases where the file says it."""
    # Without `user_missing` pyreadstat keeps to itself which codes are declared missing.
    _, meta = _read(path, metadataonly=True, user_missing=True)
    if None in meta.column_names:
        raise _unreadable(path, "a column whose name is no text")
    total = meta.number_rows
    return tuple(_variable(name, meta) for name in meta.column_names), total if total and total > 0 else None


def _variable(name: str, meta: Any) -> Variable:  # noqa: ANN401
    is_text = meta.readstat_variable_types.get(name) == "string"
    ranges = [_range(one) for one in meta.missing_ranges.get(name, ())]
    letters = [f".{code}" if not is_text else str(code) for code in meta.missing_user_values.get(name, ())]
    return Variable(
        name=name,
        label=(meta.column_names_to_labels.get(name) or "").strip(),
        is_text=is_text,
        values={
            f".{code}" if isinstance(code, str) and not is_text else code_of(code): str(label).strip()
            for code, label in meta.variable_value_labels.get(name, {}).items()
        },
        missing=(*ranges, *letters),
    )


def _range(one: Mapping[str, Any]) -> tuple[float, float] | str:
    return one["lo"].strip() if isinstance(one["lo"], str) else (one["lo"], one["hi"])


def _read(path: Path, **how: Any) -> tuple[dict[str, list[Any]], Any]:  # noqa: ANN401
    with disk_errors(path):
        path.open("rb").close()  # in our words where it may not be read
        state = path.stat()
    if not _survived(str(path.resolve()), state.st_mtime_ns, state.st_size):
        raise _unreadable(path, "a file at which the program that reads it dies")
    try:
        read: tuple[dict[str, list[Any]], Any] = _READERS[path.suffix.lower()](
            str(path), output_format="dict", disable_datetime_conversion=True, **_able(path, how)
        )
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, ValueError) as exc:
        raise _unreadable(path, " ".join(str(exc).split()).rstrip(".")) from exc
    return read


@lru_cache(maxsize=64)
def _survived(path: str, _changed: int, _size: int) -> bool:
    """Whether a process of its own lives through reading what the file says of itself.

    The C library under pyreadstat can be brought to a segmentation fault by one wrong byte (about one random change in
    eighty of a header), which no `except` catches. Whatever else goes wrong is told when we read the file ourselves.
    """
    reading = [sys.executable, "-I", "-c", _TRY, path, Path(path).suffix.lower()]
    return subprocess.run(reading, capture_output=True, check=False).returncode >= 0  # noqa: S603 - our own words


def _unreadable(path: Path, found: str) -> InputError:
    return InputError(
        "survey-unreadable",
        "survey file",
        where=str(path),
        found=found[:1].lower() + found[1:],
        expected=f"a whole {path.suffix.lower()} file",
        way_out="copy the file again, or save it anew with the program that made it",
    )


def _able(path: Path, how: dict[str, Any]) -> dict[str, Any]:
    """Portable files have no declared missing values that pyreadstat could tell."""
    return {key: value for key, value in how.items() if key != "user_missing" or path.suffix.lower() != ".por"}
