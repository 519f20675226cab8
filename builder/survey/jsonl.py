"""JSON lines: one object a line, nested fields as dotted columns (`location.birth_country`)."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from builder.survey.raw import BadRow, Cell, RawRow
from builder.survey.text import LINE_LIMIT, NO_TEXT, is_text, lines_of, of_character, opened
from schemas.codebook import Reading
from schemas.errors import InputError

LOOKED_AT = 1000
"""Records whose keys are the columns: a key may be absent where a person gave no answer."""
LONG = f"a line of more than {LINE_LIMIT:,} characters"
NO_OBJECT = "a JSON {}, expected an object"
TWICE = "the key {!r} twice"
NO_CELL = "a list or an object under {!r}, expected text or a number"
NUL = "a NUL character (\\u0000)"
HALF = "half of a surrogate pair (an escape \\ud800 to \\udfff)"
_ESCAPED = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")


def jsonl_columns(path: Path, reading: Reading) -> tuple[str, ...]:
    """Return the dotted keys of the first records. Raises InputError `survey-empty` where none can be read."""
    names: dict[str, None] = {}
    for row in islice(records(path, reading), LOOKED_AT):
        if isinstance(row, RawRow):
            names |= dict.fromkeys(row.cells)
    if not names:
        raise InputError(
            "survey-empty", "survey file", where=str(path), found="no record", expected="a JSON object a line"
        )
    return tuple(names)


def jsonl_rows(path: Path, reading: Reading, wanted: frozenset[str]) -> Iterator[RawRow | BadRow]:
    """Yield the records of the file with their lines."""
    yield from records(path, reading, wanted)


def records(path: Path, reading: Reading, wanted: frozenset[str] = frozenset()) -> Iterator[RawRow | BadRow]:
    """Yield the flat objects of a file with their lines, blank lines passed over; lists are no cells.

    A record that has a list or an object under a name that is wanted is a `BadRow`.

    A truth value is the text `true` or `false`, NaN is None. Raises ConfigError, InputError and StudyError as `opened`.
    """
    with opened(path, reading, "\n") as file:
        for number, line in enumerate(lines_of(file), start=1):
            if not line.isspace():
                yield _record(number, line, wanted)


def _record(number: int, line: str, wanted: frozenset[str]) -> RawRow | BadRow:
    if not is_text(line) and (found := NO_TEXT.search(line)):
        return BadRow(number, "not-decoded", of_character(found[0]))
    try:
        return RawRow(number, _cells(line, wanted))
    except _BrokenError as exc:
        detail = f"found {exc}"
    except json.JSONDecodeError as exc:
        detail = f"found no JSON ({exc.msg.lower()} at column {exc.colno})"
    except (ValueError, RecursionError) as exc:  # a number of thousands of digits, brackets in brackets
        detail = f"found what cannot be read ({exc})"
    return BadRow(number, "row-broken", detail)


def _cells(line: str, wanted: frozenset[str]) -> dict[str, Cell]:
    if len(line) >= LINE_LIMIT:
        raise _BrokenError(LONG)
    record = _DECODER.decode(line.rstrip())
    if not isinstance(record, dict):
        raise _BrokenError(NO_OBJECT.format(type(record).__name__))
    cells: dict[str, Cell] = {}
    rest: list[str] = []
    _flatten(record, "", cells, rest)
    if not wanted.isdisjoint(rest):
        raise _BrokenError(NO_CELL.format(next(name for name in rest if name in wanted)))
    if _ESCAPED.search(line):
        _check_text(cells)
    return cells


class _BrokenError(Exception):
    """JSON in form, but not a person's row."""


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        raise _BrokenError(TWICE.format(next(name for name in names if names.count(name) > 1)))
    return record


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_constant={"NaN": None, "Infinity": float("inf"), "-Infinity": float("-inf")}.__getitem__,
)


def _check_text(cells: Mapping[str, Cell]) -> None:
    for text in (one for pair in cells.items() for one in pair if isinstance(one, str)):
        if found := NO_TEXT.search(text):
            raise _BrokenError(NUL if found[0] == "\0" else HALF)


def _flatten(record: Mapping[str, object], prefix: str, cells: dict[str, Cell], rest: list[str]) -> None:
    """Put the scalars under dotted keys into `cells`, the keys of lists and objects into `rest`."""
    for key, value in record.items():
        name = prefix + key
        if isinstance(value, dict):
            rest.append(name)
            _flatten(value, f"{name}.", cells, rest)
        elif isinstance(value, list):
            rest.append(name)
        elif name in cells:
            raise _BrokenError(TWICE.format(name))
        elif isinstance(value, str):
            cells[name] = value.strip() or None
        elif isinstance(value, bool):
            cells[name] = "true" if value else "false"
        else:
            cells[name] = value if isinstance(value, int | float) else None
