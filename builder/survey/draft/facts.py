"""What a survey file, its documentation and its first rows say of each column: the facts that a draft is made from."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import pyreadstat

from builder.survey.draft.ddi import Ddi, DdiVariable
from builder.survey.draft.seen import FirstRows, Seen, look_at, second_header
from builder.survey.draft.words import match_words, words
from builder.survey.raw import code_of
from builder.survey.statistical import ENDINGS, variables
from builder.survey.table import table_columns, table_files
from schemas.codebook import Reading
from schemas.errors import InputError
from schemas.variables import VariableFacts
from schemas.visible import is_seen

ROWS = 20_000
"""Looked at unless told otherwise."""
SNIFFED = 1 << 20
"""Bytes by which the encoding of a text file is told."""
EXAMPLES = 10
FEW = 30
"""Distinct values up to which a column's values are examples, not a way to single people out."""
STANDS = 3
"""Rows that must have a value before it is shown."""
SHORT = 40
"""Characters of a cell above which it is somebody's own words."""
NARROW = 1_000
"""Numbers up to here, like ages, counts and answers, single nobody out by being the largest."""
LABEL_LENGTH = 300
NUMERIC = 0.9
"""Share of the cells that are numbers in a column of numbers: text files write missing ones as words."""
LABELS = 260
TEXT_ENDINGS = (".csv", ".tsv", ".txt")
_READERS: Mapping[str, Callable[..., Any]] = {
    ".sav": pyreadstat.read_sav,
    ".zsav": pyreadstat.read_sav,
    ".por": pyreadstat.read_por,
    ".dta": pyreadstat.read_dta,
}


@dataclass(frozen=True)
class Column:
    """One column, by all that is known of it."""

    name: str
    label: str = ""
    question: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Code -> words."""
    missing: frozenset[str] = frozenset()
    """Codes declared missing, of those labelled or seen."""
    is_weight: bool = False
    """The documentation says so."""
    seen: Seen | None = None
    """None where only the documentation was read."""

    @property
    def counts(self) -> Mapping[str, int]:
        """Code -> cells; empty where there are too many values, or none was looked for."""
        return (self.seen.counts if self.seen else None) or {}

    @property
    def texts(self) -> tuple[str, str]:
        """What is said of the column in words."""
        return self.label, self.question

    @property
    def is_numeric(self) -> bool:
        """Whether the cells seen, but for a few, are numbers; by the labels' codes where none was seen."""
        if self.seen is None:
            return all(_number(code) is not None for code in self.labels)
        return self.seen.whole + self.seen.broken > NUMERIC * self.seen.filled > 0

    @property
    def is_private(self) -> bool:
        """Whether its values may tell who a person is, or are somebody's own words."""
        if match_words(words().identifying, self.name, *self.texts).score:
            return True
        seen = self.seen
        return seen is not None and (seen.longest > SHORT or (seen.unique and seen.filled > 1))


@dataclass(frozen=True)
class FileFacts:
    """A survey file, by all that is known of it."""

    path: Path
    columns: tuple[Column, ...]
    first: FirstRows | None
    """None for a DDI file alone."""
    reading: Reading = field(default_factory=Reading)
    title: str = ""
    """As SPSS and Stata files carry one."""
    ddi: Ddi | None = None
    second_header: bool = False
    """The first two rows are none of people."""

    def column(self, name: str) -> Column:
        """Return the column called `name`; KeyError if there is none."""
        return next(column for column in self.columns if column.name == name)


def gather(path: Path, ddi: Ddi | None, limit: int = ROWS) -> FileFacts:
    """Return the facts of the table at `path`, with what its documentation adds.

    Raises InputError and StudyError as the reader of the file does, InputError `survey-empty` where no row can be read,
    `ddi-other` where documentation names no column of the file.
    """
    table_files(path)
    reading = Reading(encoding=_encoding(path)) if path.suffix.lower() in TEXT_ENDINGS else Reading()
    names = tuple(dict.fromkeys(name for name in table_columns(path, reading) if name))
    asked = second_header(path, names, reading) if path.suffix.lower() in TEXT_ENDINGS else {}
    first = look_at(path, names, reading, limit, 2 if asked else 0)
    if not first.rows:
        raise _empty(path, len(first.bad))
    reading = reading.model_copy(update={"decimal": first.decimal})
    labelled, title = _labelled(path)
    columns = [
        replace(labelled.get(name, Column(name, asked.get(name, ""))), seen=first.columns[name]) for name in names
    ]
    columns = [replace(one, missing=one.missing | set(first.columns[one.name].declared)) for one in columns]
    if ddi is not None:
        columns = _documented(columns, ddi, path)
    return FileFacts(path, tuple(columns), first, reading, title, ddi, bool(asked))


def from_ddi(path: Path, ddi: Ddi) -> FileFacts:
    """Return the facts of a survey of which only the documentation at `path` is there.

    Where it documents several files, of the one with most variables.
    """
    largest = Counter(variable.file for variable in ddi.variables).most_common(1)[0][0]
    columns = tuple(_column(variable) for variable in ddi.variables if variable.file == largest)
    return FileFacts(path, columns, None, title=ddi.title, ddi=ddi)


def shown(column: Column) -> VariableFacts:
    """Return what may be shown of a column."""
    seen = column.seen
    labels = {clean(code): clean(label) for code, label in list(column.labels.items())[:LABELS]}
    if seen is not None and len(labels) > max(FEW, seen.filled // 2):
        labels = {}  # about as many as people: names that were given codes
    facts = VariableFacts(
        name=column.name,
        label=clean(column.label),
        question=clean(column.question),
        labels=labels,
        missing=tuple(sorted(map(clean, column.missing)))[:LABELS],
        kind=_kind(seen),
    )
    if seen is None or not seen.rows:
        return facts
    bounds = seen.low <= seen.high and not column.is_private and (_is_narrow(seen) or _is_few(seen))
    return facts.model_copy(
        update={
            "blank": round(seen.blank / seen.rows, 4),
            "distinct": None if seen.counts is None else len(seen.counts),
            "low": seen.low if bounds else None,
            "high": seen.high if bounds else None,
            "examples": () if column.is_private else _examples(seen),
        }
    )


def clean(text: str, length: int = LABEL_LENGTH) -> str:
    """Return `text` as one line of at most `length` characters that all can be seen."""
    line = " ".join("".join(char if is_seen(char) else " " for char in text[: 4 * length]).split())
    return line if len(line) <= length else line[: length - 3].rstrip() + "..."


def _is_narrow(seen: Seen) -> bool:
    return max(-seen.low, seen.high) <= NARROW


def _is_few(seen: Seen) -> bool:
    return seen.counts is not None and len(seen.counts) <= seen.filled / 2


def _examples(seen: Seen) -> tuple[str, ...]:
    if seen.counts is None or len(seen.counts) > FEW or seen.broken:
        return ()
    return tuple(clean(code) for code, count in seen.counts.most_common(EXAMPLES) if count >= STANDS)


def _kind(seen: Seen | None) -> Literal["whole numbers", "numbers", "text", "mixed", "empty", "not looked at"]:
    if seen is None:
        return "not looked at"
    numbers = seen.whole + seen.broken
    if numbers and seen.text:
        return "mixed"
    if numbers:
        return "numbers" if seen.broken else "whole numbers"
    return "text" if seen.text else "empty"


def _encoding(path: Path) -> str:
    """UTF-8 where the start of the file is that, or has a mark; else the encoding that spreadsheets write most."""
    with path.open("rb") as file:  # that it can be read was made sure
        start = file.read(SNIFFED)
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-8"  # the mark tells the reader
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as exc:
        if exc.start < len(start) - 4 or len(start) < SNIFFED:  # else a character is cut at the end
            return "windows-1252"
    return "utf-8"


def _empty(path: Path, bad: int) -> InputError:
    return InputError(
        "survey-empty",
        "survey file",
        where=str(path),
        found=f"{bad:,} rows, none of which can be read" if bad else "no rows",
        expected="one a person",
        way_out="describe the file with its rows: a draft is made from what stands in them",
    )


def _labelled(path: Path) -> tuple[dict[str, Column], str]:
    """The columns as an SPSS or Stata file describes them, and its title."""
    if path.suffix.lower() not in ENDINGS:
        return {}, ""
    columns = {}
    for one in variables(path):
        missing = {code for code in one.values if one.declares(code if code.startswith(".") else _cell(code))}
        columns[one.name] = Column(one.name, one.label, "", dict(one.values), frozenset(missing))
    # `variables` made sure that it can be read. Without `output_format` pyreadstat wants pandas, a package for tests.
    _, meta = _READERS[path.suffix.lower()](str(path), metadataonly=True, output_format="dict")
    return columns, clean(str(meta.file_label or ""))


def _cell(code: str) -> float | str:
    number = _number(code)
    return code if number is None else number


def _number(code: str) -> float | None:
    try:
        number = float(code)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _documented(columns: Sequence[Column], ddi: Ddi, path: Path) -> list[Column]:
    known = ddi.for_file(path.stem, [column.name for column in columns])
    if not known:
        raise InputError(
            "ddi-other",
            "DDI documentation",
            where=str(path),
            found=f"none of the file's {len(columns)} columns among its {len(ddi.variables)} variables",
            expected="the documentation of this file",
            way_out="check which files belong together, or leave out --ddi",
        )
    return [_merged(column, known.get(column.name.lower())) for column in columns]


def _merged(column: Column, variable: DdiVariable | None) -> Column:
    """The file's own labels, and where it has none those of the documentation."""
    if variable is None:
        return column
    other = _column(variable)
    other = replace(other, labels={_as_in(column, code): label for code, label in other.labels.items()})
    codes = set(column.counts) | set(column.labels) | set(other.labels)
    return replace(
        column,
        label=column.label or other.label,
        question=other.question,
        labels={**other.labels, **dict(column.labels)},
        missing=column.missing | {code for code in codes if variable.declares(code)},
        is_weight=other.is_weight,
    )


def _as_in(column: Column, code: str) -> str:
    """The code as the file writes it: documentation may have `01` where the file has 1."""
    short = code.lstrip("0") or "0"
    return short if code not in column.counts and short in column.counts else code


def _column(variable: DdiVariable) -> Column:
    labels = {code_of(code): label for code, label in variable.categories.items()}
    return Column(
        variable.name,
        variable.label,
        variable.question,
        labels,
        frozenset(code for code in {*labels, *variable.missing} if variable.declares(code)),
        variable.is_weight,
    )
