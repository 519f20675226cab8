"""JSON lines: one object a line, nested fields as dotted columns (`location.birth_country`)."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from builder.survey.raw import BadRow, Cell, RawRow
from mvpbench.store.atomic import disk_errors
from schemas.codebook import Reading
from schemas.errors import InputError

LOOKED_AT = 1000
"""Records whose keys are the columns: a key may be absent where a person gave no answer."""
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


def jsonl_columns(path: Path, reading: Reading) -> tuple[str, ...]:
    """Return the dotted keys of the first records. Raises InputError `survey-empty` where none can be read."""
    del reading
    names: dict[str, None] = {}
    for row in islice(records(path), LOOKED_AT):
        if isinstance(row, RawRow):
            names |= dict.fromkeys(row.cells)
    if not names:
        raise InputError(
            "survey-empty", "survey file", where=str(path), found="no record", expected="a JSON object a line"
        )
    return tuple(names)


def jsonl_rows(path: Path, reading: Reading, wanted: frozenset[str]) -> Iterator[RawRow | BadRow]:
    """Yield the records of the file with their lines."""
    del reading, wanted
    yield from records(path)


def records(path: Path) -> Iterator[RawRow | BadRow]:
    """Yield the flat objects of a file with their lines, blank lines passed over. Raises StudyError as `disk_errors`.

    Read as bytes, line by line, so that a place is right even where the text is not UTF-8.
    """
    with disk_errors(path), path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield _record(number, line)


def _record(number: int, line: bytes) -> RawRow | BadRow:
    try:
        record = json.loads(line.decode("utf-8-sig").strip())
    except UnicodeDecodeError as exc:
        return BadRow(number, "not-decoded", f"found the byte 0x{line[exc.start]:02x}, which UTF-8 does not have")
    except json.JSONDecodeError as exc:
        return BadRow(number, "row-broken", f"found no JSON ({exc.msg.lower()} at column {exc.colno})")
    except (ValueError, RecursionError) as exc:  # a number of thousands of digits, brackets in brackets
        return BadRow(number, "row-broken", f"found what cannot be read ({exc})")
    if not isinstance(record, dict):
        return BadRow(number, "row-broken", f"found a JSON {type(record).__name__}, expected an object")
    if _HALF.search(line) and _half_inside(record):
        return BadRow(number, "row-broken", "found half of a surrogate pair (an escape \\ud800 to \\udfff)")
    return RawRow(number, flat(record))


def _half_inside(record: Mapping[str, object]) -> bool:
    """Whether some text of it has no form in UTF-8."""
    try:
        json.dumps(record, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def flat(record: Mapping[str, object], prefix: str = "") -> dict[str, Cell]:
    """Return dotted keys to scalars; lists are left out, since no column of a codebook can be one."""
    cells: dict[str, Cell] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            cells |= flat(value, f"{prefix}{key}.")
        elif value is None or isinstance(value, str | int | float):
            cells[prefix + key] = (value.strip() or None) if isinstance(value, str) else value
    return cells
