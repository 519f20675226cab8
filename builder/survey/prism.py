"""`format: prism`: the survey and conversations of PRISM, as published or in the same shape.

Kirk et al. (2024), doi:10.48550/arXiv.2404.16019. `path` is the folder or its survey.jsonl; conversations.jsonl may be
absent. Nested fields become dotted columns (`location.birth_country`, `stated_prefs.safety`). From the conversations a
person gets `conversations.count` and `conversations.opening_prompts` (one a line, in file order).
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from builder.survey.raw import Cell, RawRow
from mvpbench.store.atomic import disk_errors
from schemas.errors import InputError

SURVEY_FILE = "survey.jsonl"
CONVERSATIONS_FILE = "conversations.jsonl"
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


def prism_files(path: Path) -> tuple[Path, ...]:
    """Return survey.jsonl and, where it is there, conversations.jsonl.

    Raises InputError `survey-missing`, StudyError as `disk_errors`.
    """
    with disk_errors(path):
        survey = path / SURVEY_FILE if path.is_dir() else path
        is_file = survey.is_file()
        conversations = survey.parent / CONVERSATIONS_FILE
        files = (survey, conversations) if conversations.is_file() else (survey,)
    if not is_file:
        raise InputError(
            "survey-missing",
            "PRISM survey",
            where=str(survey),
            found="no such file",
            expected=f"{SURVEY_FILE}, with {CONVERSATIONS_FILE} beside it",
            way_out="check the path, and `survey.file` in study.yaml",
        )
    return files


def prism_columns(path: Path) -> tuple[str, ...]:
    """Return the dotted columns of the first person."""
    first = next(_records(prism_files(path)[0]), None)
    if first is None:
        raise InputError(
            "survey-empty", "PRISM survey", where=str(path), found="an empty file", expected="a JSON object a line"
        )
    return (*_flat(first[1]), "conversations.count", "conversations.opening_prompts")


def prism_rows(path: Path) -> Iterator[RawRow]:
    """Yield one row a person, joined with what they opened their conversations with."""
    files = prism_files(path)
    prompts: dict[str, list[str]] = defaultdict(list)
    for number, record in _records(files[1]) if len(files) > 1 else ():
        user, prompt = record.get("user_id"), record.get("opening_prompt")
        if not isinstance(user, str):
            raise _broken(files[1], number, "no user_id", "the id of a person")
        prompts[user].append(" ".join(prompt.split()) if isinstance(prompt, str) else "")
    for number, record in _records(files[0]):
        cells = _flat(record)
        own = prompts.get(str(cells.get("user_id")), [])
        cells["conversations.count"] = len(own)
        cells["conversations.opening_prompts"] = "\n".join(own) or None
        yield RawRow(number, cells)


def _records(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    """The objects of a file with their 1-based places, blank lines not counted.

    Read as bytes, line by line, so that a place is right even where the text is not UTF-8.
    """
    number = 0
    with disk_errors(path), path.open("rb") as file:
        for line in file:
            if not line.strip():
                continue
            number += 1
            try:
                record = json.loads(line.decode("utf-8-sig").strip())
            except UnicodeDecodeError as exc:
                found = f"bytes that are not UTF-8 (0x{line[exc.start]:02x})"
                raise _broken(path, number, found, "UTF-8 text") from exc
            except json.JSONDecodeError as exc:
                found = f"a line that is not JSON ({exc.msg.lower()} at column {exc.colno})"
                raise _broken(path, number, found, "a JSON object") from exc
            except (ValueError, RecursionError) as exc:  # a number of thousands of digits, brackets in brackets
                raise _broken(path, number, f"a line that cannot be read ({exc})", "a JSON object") from exc
            if not isinstance(record, dict):
                raise _broken(path, number, f"a JSON {type(record).__name__}", "a JSON object")
            if _HALF.search(line) and _half_inside(record):
                raise _broken(
                    path, number, "half of a surrogate pair (an escape \\ud800 to \\udfff)", "whole characters"
                )
            yield number, record


def _half_inside(record: Mapping[str, object]) -> bool:
    """Whether some text of it has no form in UTF-8."""
    try:
        json.dumps(record, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _flat(record: Mapping[str, object], prefix: str = "") -> dict[str, Cell]:
    """Dotted keys to scalars; lists and the like are left out, since no column of a codebook can be one."""
    cells: dict[str, Cell] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            cells |= _flat(value, f"{prefix}{key}.")
        elif value is None or isinstance(value, str | int | float):
            cells[prefix + key] = (value.strip() or None) if isinstance(value, str) else value
    return cells


def _broken(path: Path, number: int, found: str, expected: str) -> InputError:
    return InputError(
        "row-broken",
        "PRISM file",
        where=f"{path}, record {number}",
        found=found,
        expected=expected,
        way_out="mend the line, or fetch the file again",
    )
