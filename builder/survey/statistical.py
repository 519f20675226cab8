"""SPSS (.sav, .zsav, .por) and Stata (.dta), read with pyreadstat, part by part and only the columns wanted.

What the file declares missing stays apart from a cell that is empty: SPSS's codes and ranges, Stata's `.a` to `.z`.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyreadstat

from builder.survey.raw import BadRow, Cell, DeclaredMissing, RawRow, code_of
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
    _, meta = _read(path, metadataonly=True)
    return tuple(_variable(name, meta) for name in meta.column_names)


def statistical_columns(path: Path, reading: Reading) -> tuple[str, ...]:
    """Return the columns. Raises as `variables` does."""
    del reading
    return tuple(_read(path, metadataonly=True)[1].column_names)


def statistical_rows(path: Path, reading: Reading, wanted: frozenset[str]) -> Iterator[RawRow | BadRow]:
    """Yield the cases with their numbers: numbers as numbers, dates as SPSS and Stata count them. Raises as above."""
    del reading
    known = [one for one in variables(path) if one.name in wanted]
    names = [one.name for one in known]
    size = max(CELLS // max(len(names), 1), 1000)
    place = 0
    while names:
        data, _ = _read(path, usecols=names, row_offset=place, row_limit=size, user_missing=True)
        columns = [_cells(data[one.name], one) for one in known]
        for values in zip(*columns, strict=True):
            place += 1
            yield RawRow(place, dict(zip(names, values, strict=True)))
        if len(columns[0]) < size:
            return


def _cells(values: list[Any], variable: Variable) -> list[Cell]:
    """The column's cells; what is declared missing is marked."""
    plain = [_cell(value, is_text=variable.is_text) for value in values]
    if not variable.missing:
        return plain
    return [DeclaredMissing(code_of(cell)) if cell is not None and variable.declares(cell) else cell for cell in plain]


def _cell(value: Any, *, is_text: bool) -> Cell:  # noqa: ANN401 - what pyreadstat gives
    if value is None:
        return None
    if isinstance(value, float):
        return None if math.isnan(value) else int(value) if value.is_integer() else value
    if isinstance(value, int):
        return value
    text = str(value).strip()
    if not is_text and text:
        return f".{text}"  # a letter among Stata's numbers
    return text or None


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
    try:
        read: tuple[dict[str, list[Any]], Any] = _READERS[path.suffix.lower()](
            str(path), output_format="dict", disable_datetime_conversion=True, **_able(path, how)
        )
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, ValueError) as exc:
        raise InputError(
            "survey-unreadable",
            "survey file",
            where=str(path),
            found=" ".join(str(exc).split()).rstrip("."),
            expected=f"a whole {path.suffix.lower()} file",
            way_out="copy the file again, or save it anew with the program that made it",
        ) from exc
    return read


def _able(path: Path, how: dict[str, Any]) -> dict[str, Any]:
    """Portable files have no declared missing values that pyreadstat could tell."""
    return {key: value for key, value in how.items() if key != "user_missing" or path.suffix.lower() != ".por"}
