"""Ratings files: every format says the same of the same ratings, and bad input gets one message with its place."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from annotation.agreement import RatingsFile, agree_file
from annotation.agreement.files import read_ratings
from annotation.agreement.level import Level
from schemas.errors import InputError
from tests.annotation.agreement.published import BINARY

ROWS = [
    (f"u{unit}", rater, values[unit], "KE" if unit < 5 else "BR", "young" if rater == "ann" else "old")
    for rater, values in zip(("ann", "bob"), BINARY, strict=True)
    for unit in range(10)
]
NAMES = ("item", "who", "said", "place", "age")


def delimited(path: Path, delimiter: str) -> None:
    path.write_text("\n".join(delimiter.join(row) for row in [NAMES, *ROWS]) + "\n", encoding="utf-8")


def parquet(path: Path) -> None:
    columns = dict(zip(NAMES, map(list, zip(*ROWS, strict=True)), strict=True))
    pq.write_table(pa.table({**columns, "said": [float(one) for one in columns["said"]]}), path)


def annotation(number: int, who: object, value: object, **more: object) -> dict[str, Any]:
    """One annotation of an export with a control `said` of choices."""
    kind = more.pop("type", "choices")
    result = [{"from_name": "said", "to_name": "text", "type": kind, "value": {str(kind): value}}]
    told = {"id": number, "completed_by": who, "updated_at": f"2026-01-01T00:00:{number:02}Z", "was_cancelled": False}
    return {**told, "result": result if value is not None else [], **more}


def task(number: int, annotations: list[dict[str, Any]], **data: object) -> dict[str, Any]:
    return {"id": number, "data": data, "annotations": annotations, "project": 1}


def export(path: Path) -> None:
    tasks: dict[str, dict[str, Any]] = {}
    for number, (item, who, said, place, age) in enumerate(ROWS):
        one = tasks.setdefault(item, task(100 + len(tasks), [], item=item, place=place))
        one["annotations"].append(annotation(number, {"id": who, "email": "x@y.z"}, [said], age=age))
    path.write_text(json.dumps(list(tasks.values())), encoding="utf-8")


FORMATS: dict[str, Callable[[Path], None]] = {
    "ratings.csv": lambda path: delimited(path, ","),
    "ratings.tsv": lambda path: delimited(path, "\t"),
    "ratings.txt": lambda path: delimited(path, ";"),
    "ratings.parquet": parquet,
    "ratings.JSON": export,
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_the_same(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    FORMATS[name](path)
    who = "completed_by" if name.endswith("JSON") else "who"
    file = RatingsFile(path, "item", who, "said", by=(("place",),), rater_group="age")
    report = agree_file(file).result
    assert report.overall.alpha.value == pytest.approx(0.095, abs=5e-4)
    assert [cell.key["place"] for cell in report.by] == ["BR", "KE"]
    assert [(one.key["age"], one.raters) for one in report.rater_groups[0].groups] == [("old", 1), ("young", 1)]


def exported(folder: Path, tasks: object) -> RatingsFile:
    path = folder / "export.json"
    path.write_text(tasks if isinstance(tasks, str) else json.dumps(tasks), encoding="utf-8")
    return RatingsFile(path, "id", "completed_by", "said")


def test_skipped_annotations_and_earlier_answers_are_counted_and_left_out(tmp_path: Path) -> None:
    tasks = [
        task(
            7,
            [
                annotation(3, 1, ["new"]),
                annotation(1, 1, ["old"]),
                annotation(2, 2, ["x"], was_cancelled=True),
                annotation(4, 3, None),
            ],
        ),
        task(8, [annotation(5, 1, ["b", "a"])]),
    ]
    read = read_ratings(exported(tmp_path, tasks), Level.NOMINAL)
    assert read.dropped == {"skipped": 1, "earlier answer of the same rater": 1, "no value": 1}
    assert (read.columns.unit, read.columns.rater, read.columns.value) == (["7", "8"], ["1", "1"], ["new", "a; b"])


def test_an_answer_taken_up_again_and_skipped_stays(tmp_path: Path) -> None:
    tasks = [task(7, [annotation(1, 1, ["old"]), annotation(2, 1, ["x"], was_cancelled=True)])]
    assert read_ratings(exported(tmp_path, tasks), Level.NOMINAL).columns.value == ["old"]


@pytest.mark.parametrize(("kind", "value", "text"), [("rating", 4, "4"), ("number", 2.5, "2.5")])
def test_stars_and_numbers_are_read(tmp_path: Path, kind: str, value: float, text: str) -> None:
    file = exported(tmp_path, [task(1, [annotation(1, 1, value, type=kind)])])
    assert read_ratings(file, Level.INTERVAL).columns.value == [text]


def test_whole_numbers_that_are_floats_in_parquet_are_the_same_in_text(tmp_path: Path) -> None:
    pq.write_table(pa.table({"u": [1, 1], "r": ["a", "b"], "v": [2.0, float("nan")]}), tmp_path / "r.parquet")
    read = read_ratings(RatingsFile(tmp_path / "r.parquet", "u", "r", "v"), Level.INTERVAL)
    assert (read.columns.value, read.dropped) == (["2"], {"no value": 1})


CSV = "item,who,said,age\n"
GOLDEN = [
    ("none.csv", None, "nominal", "ratings ({path}): found no file, expected a CSV or TSV"),
    ("none.parquet", None, "nominal", "ratings ({path}): found no file, expected a Parquet file"),
    ("none.json", None, "nominal", "ratings ({path}): found no file, expected the export called JSON of Label Studio"),
    ("e.csv", "", "nominal", "ratings ({path}): found an empty file, expected a header"),
    (
        "c.csv",
        "item,who,score,age\nu,a,1,x\n",
        "nominal",
        "no column 'said' ({path}): found item, who, score, age, expected the column named with --value. "
        "name one of them with --value",
    ),
    (
        "b.csv",
        CSV + "u,a,1,x\n,b,1,x\n",
        "nominal",
        "unit of a rating ({path}, row 2, column 'item'): found nothing, expected the unit in every row",
    ),
    (
        "n.csv",
        CSV + "u,a,1,x\nu,b,high,x\n",
        "ordinal",
        "value of a rating ({path}, row 2, column 'said'): found 'high', expected a number, as the level is ordinal; a "
        "cell left empty where no rating was given",
    ),
    (
        "g.csv",
        CSV + "u,a,-1,x\n",
        "ratio",
        "value of a rating ({path}, row 1, column 'said'): found -1, expected a number from 0, as the level is ratio",
    ),
    (
        "t.csv",
        CSV + "u,a,1,x\nu,a,2,x\n",
        "nominal",
        "unit 'u', rater 'a' ({path}, row 2): found a rating already in row 1, expected one row a unit and rater. "
        "keep one of them, or name a column that tells the units apart with --unit",
    ),
    (
        "w.csv",
        CSV + "u,a,1,x\nv,a,2,y\n",
        "nominal",
        "rater-group of a rating ({path}, row 2, column 'age'): found 'y' for rater 'a', who is in 'x' in row 1, "
        "expected one group a rater",
    ),
    ("u.csv", CSV + "u,a\n", "nominal", "ratings ({path}, row 1): found 2 cells, expected 4, as in the header"),
    (
        "p.parquet",
        "no parquet",
        "nominal",
        "ratings ({path}): found bytes that are no Parquet, expected a Parquet file",
    ),
]


@pytest.mark.parametrize(("name", "text", "level", "message"), GOLDEN, ids=[one[0] for one in GOLDEN])
def test_bad_input_gets_one_message(tmp_path: Path, name: str, text: str | None, level: str, message: str) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        agree_file(RatingsFile(path, "item", "who", "said", rater_group="age"), level)
    assert raised.value.exit_code == 2
    assert str(raised.value) == message.format(path=path)


SHAPE = "expected the export called JSON of Label Studio. export the project as JSON, not JSON-MIN, CSV or COCO"
LABELS = [{"from_name": "box", "type": "labels", "value": {}}]
BAD_EXPORTS: list[tuple[object, str]] = [
    (
        "{",
        "ratings ({path}): found no JSON: Expecting property name enclosed in double quotes at line 1, column 2, "
        "expected the export called JSON of Label Studio",
    ),
    ({"tasks": []}, f"ratings ({{path}}): found no list of tasks, {SHAPE}"),
    ([{"id": 1, "said": "x"}], f"ratings ({{path}}, task 1): found no list `annotations`, {SHAPE}"),
    ([task(1, [{"id": 1}])], f"ratings ({{path}}, task 1): found an annotation without a list `result`, {SHAPE}"),
    (
        [task(1, [annotation(1, 1, ["x"]) | {"result": LABELS}])],
        "no control 'said' ({path}): found box, expected the name of a control that was answered. name one of them "
        "with --value",
    ),
    (
        [task(1, [annotation(1, 1, ["x"], type="labels")])],
        "control 'said' ({path}): found answers of kind labels, expected choices, rating, number. name a control "
        "of one of these kinds with --value",
    ),
    (
        [task(4, [annotation(9, None, ["x"])])],
        "rater of a rating ({path}, task 4, annotation 9, column 'completed_by'): found nothing, expected the rater in "
        "every row",
    ),
]


@pytest.mark.parametrize(("tasks", "message"), BAD_EXPORTS)
def test_a_bad_export_gets_one_message(tmp_path: Path, tasks: object, message: str) -> None:
    file = exported(tmp_path, tasks)
    with pytest.raises(InputError) as raised:
        read_ratings(file, Level.NOMINAL)
    assert str(raised.value) == message.format(path=file.path)


def test_a_data_field_that_tasks_lack_is_named(tmp_path: Path) -> None:
    file = exported(tmp_path, [task(1, [annotation(1, 1, ["x"])], text="hello")])
    with pytest.raises(InputError, match=r"no column 'item'.*found id, completed_by, said, text, expected.*--unit"):
        read_ratings(RatingsFile(file.path, "item", "completed_by", "said"), Level.NOMINAL)


@pytest.mark.parametrize("text", ["1e101", "-1e300", "inf", "nan", "0x1"])
def test_numbers_whose_squares_are_none_are_not_taken(tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.csv"
    path.write_text(f"item,who,said\nu,a,{text}\nu,b,1\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"row 1, column 'said'.*'{text}'"):
        agree_file(RatingsFile(path, "item", "who", "said"), "interval")


def test_answers_and_data_of_another_shape_are_no_values(tmp_path: Path) -> None:
    odd = annotation(1, 1, ["x"])
    odd["result"][0]["value"] = ["x"]
    read = read_ratings(exported(tmp_path, [task(1, [odd, annotation(2, 2, ["y"])]) | {"data": [1]}]), Level.NOMINAL)
    assert (read.columns.value, read.dropped) == (["y"], {"no value": 1})


def test_an_export_without_any_annotation_has_no_ratings(tmp_path: Path) -> None:
    found = agree_file(exported(tmp_path, [task(1, [])])).result.overall
    assert (found.units, found.alpha.undefined) == (0, "no unit has two ratings")
