"""Ratings from Label Studio's JSON export: a list of tasks, each with its data and its annotations.

The unit is a field of the task's data, or its id (`id`); the rater `completed_by`; the value what the control of that
name holds, if it is of choices, rating or number. Skipped annotations are no ratings; of several by one rater on one
task the latest counts.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from annotation.agreement.named import RatingsFile, Row, missing, unreadable
from schemas.errors import InputError

UNIT = "id"
RATER = "completed_by"
KINDS = ("choices", "rating", "number")
SKIPPED = "skipped"
EARLIER = "earlier answer of the same rater"
EXPECTED = "the export called JSON of Label Studio"
WAY_OUT = "export the project as JSON, not JSON-MIN, CSV or COCO"

Json = Mapping[str, Any]


def exported_rows(file: RatingsFile, dropped: dict[str, int]) -> Iterator[Row]:
    """Yield the latest answer of each rater to each task; an answer without the control has an empty value.

    Raises:
        InputError: `file-missing`, `file-unreadable`, `export-shape`, `column-missing` (a field that a task's data
            lack), `control-missing`, `control-kind`.
    """
    tasks = _tasks(file.path)
    _check_control(file, tasks)
    for number, task in enumerate(tasks, start=1):
        latest: dict[str, Json] = {}
        for annotation in sorted(task["annotations"], key=_when):
            if annotation.get("was_cancelled"):
                dropped[SKIPPED] = dropped.get(SKIPPED, 0) + 1
                continue
            rater = _text(annotation.get(RATER)) if file.rater == RATER else ""
            if rater and rater in latest:
                dropped[EARLIER] = dropped.get(EARLIER, 0) + 1
            latest[rater or f"annotation {annotation.get('id')}"] = annotation
        for annotation in latest.values():
            place = f"task {task.get('id', number)}, annotation {annotation.get('id')}"
            yield Row(place, {column: _cell(file, task, annotation, column) for _, column in file.columns})


def _cell(file: RatingsFile, task: Json, annotation: Json, column: str) -> str:
    if column == file.value:
        return _value(annotation, column)
    data = task.get("data")
    data = data if isinstance(data, Mapping) else {}
    if column in data:
        return _text(data[column])
    if column in {UNIT, "project"}:
        return _text(task.get(column))
    if column in annotation:
        return _text(annotation[column])
    file.check_columns([UNIT, RATER, file.value, *data])
    return ""


def _value(annotation: Json, control: str) -> str:
    for result in annotation["result"]:
        if result.get("from_name") == control and result.get("type") in KINDS:
            value = result.get("value")
            return _text(value.get(result["type"])) if isinstance(value, Mapping) else ""
    return ""


def _text(value: object) -> str:
    """Several choices are one value, whatever their order; a person is their id, never their address."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return _text(value.get("id"))
    if isinstance(value, list):
        return "; ".join(sorted(_text(one) for one in value))
    return str(value).strip()


def _when(annotation: Json) -> tuple[str, int]:
    found = annotation.get("id")
    return str(annotation.get("updated_at") or annotation.get("created_at") or ""), found if isinstance(
        found, int
    ) else 0


def _tasks(path: Path) -> list[Json]:
    try:
        read = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as exc:
        raise missing(path, EXPECTED) from exc
    except UnicodeDecodeError as exc:
        raise unreadable(path, f"bytes that are not UTF-8 at offset {exc.start}", "UTF-8 text") from exc
    except json.JSONDecodeError as exc:
        raise unreadable(path, f"no JSON: {exc.msg} at line {exc.lineno}, column {exc.colno}", EXPECTED) from exc
    except (OSError, RecursionError) as exc:
        raise unreadable(path, str(getattr(exc, "strerror", None) or type(exc).__name__), EXPECTED) from exc
    if not isinstance(read, list):
        raise _shape(path, "no list of tasks", "")
    for number, task in enumerate(read, start=1):
        if not isinstance(task, dict) or not isinstance(task.get("annotations"), list):
            raise _shape(path, "no list `annotations`", f", task {number}")
        if not all(isinstance(one, dict) and _results(one) for one in task["annotations"]):
            raise _shape(path, "an annotation without a list `result`", f", task {number}")
    return read


def _results(annotation: Json) -> bool:
    found = annotation.get("result")
    return isinstance(found, list) and all(isinstance(one, dict) for one in found)


def _shape(path: Path, found: str, place: str) -> InputError:
    return InputError(
        "export-shape", "ratings", where=f"{path}{place}", found=found, expected=EXPECTED, way_out=WAY_OUT
    )


def _check_control(file: RatingsFile, tasks: list[Json]) -> None:
    """Of a control that nobody used nothing can be said, so a name that never occurs is a mistake in the name."""
    kinds: dict[str, str] = {}
    for task in tasks:
        for annotation in task["annotations"]:
            for result in annotation["result"]:
                kinds.setdefault(str(result.get("from_name")), str(result.get("type")))
    if not kinds:
        return
    if file.value not in kinds:
        raise InputError(
            "control-missing",
            f"no control {file.value!r}",
            where=str(file.path),
            found=", ".join(sorted(kinds)),
            expected="the name of a control that was answered",
            way_out="name one of them with --value",
        )
    if kinds[file.value] not in KINDS:
        raise InputError(
            "control-kind",
            f"control {file.value!r}",
            where=str(file.path),
            found=f"answers of kind {kinds[file.value]}",
            expected=", ".join(KINDS),
            way_out="name a control of one of these kinds with --value",
        )
