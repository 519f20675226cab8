"""JSON lines: flat records, and what is no record."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.survey.jsonl import jsonl_columns, jsonl_rows, records
from builder.survey.raw import BadRow, RawRow
from builder.survey.text import LINE_LIMIT
from schemas.codebook import Reading

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8"))
KEYS = st.text(st.characters(codec="utf-8", exclude_characters="."), min_size=1, max_size=5)
OBJECTS = st.recursive(
    st.dictionaries(KEYS, SCALARS, max_size=4),
    lambda inner: st.dictionaries(KEYS, SCALARS | inner, max_size=3),
    max_leaves=12,
)


def read(folder: Path, *lines: str, wanted: str = "") -> list[RawRow | BadRow]:
    path = folder / "survey.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8", newline="")
    return list(jsonl_rows(path, Reading(), frozenset(wanted.split())))


def test_a_record_is_flat_with_dots_and_without_lists(tmp_path: Path) -> None:
    line = '{"a": {"b": {"c": 1}, "d": []}, "e": " x ", "f": " ", "g": true, "h": false, "i": null, "j": NaN, "k": 1.0}'
    (row,) = read(tmp_path, line)
    expected = {"a.b.c": 1, "e": "x", "f": None, "g": "true", "h": "false", "i": None, "j": None, "k": 1.0}
    assert row == RawRow(1, expected)


@given(st.lists(OBJECTS, min_size=1, max_size=4))
def test_whatever_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]]
) -> None:
    """Against a flattening of its own: a path of keys to each scalar."""

    def flat(value: object, *path: str) -> dict[str, object]:
        if isinstance(value, dict):
            return {name: leaf for key, inner in value.items() for name, leaf in flat(inner, *path, key).items()}
        if isinstance(value, str):
            value = value.strip() or None
        return {".".join(path): str(value).lower() if isinstance(value, bool) else value}

    path = tmp_path_factory.mktemp("jsonl") / "survey.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    for row, record in zip(records(path, Reading()), rows, strict=True):
        text = json.dumps(record)
        if "\\u0000" in text:
            continue
        assert isinstance(row, RawRow)
        assert row.cells == flat(record)


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        ("{", "found no JSON (expecting property name enclosed in double quotes at column 2)"),
        ("[1]", "found a JSON list, expected an object"),
        ("null", "found a JSON NoneType, expected an object"),
        ('{"a": 1, "a": 2}', "found the key 'a' twice"),
        ('{"b": {"a": 1, "a": 1}}', "found the key 'a' twice"),
        ('{"a.b": 1, "a": {"b": 2}}', "found the key 'a.b' twice"),
        ('{"a": "\\ud800"}', "found half of a surrogate pair (an escape \\ud800 to \\udfff)"),
        ('{"\\udc80": 1}', "found half of a surrogate pair (an escape \\ud800 to \\udfff)"),
        ('{"a": "\\u0000"}', "found a NUL character (\\u0000)"),
        ('{"x": []}', "found a list or an object under 'x', expected text or a number"),
        ('{"x": {"y": 1}}', "found a list or an object under 'x', expected text or a number"),
        ('{"a": "' + "x" * LINE_LIMIT + '"}', "found a line of more than 4,194,304 characters"),
    ],
)
def test_what_is_no_record_is_set_aside_and_the_rest_goes_on(tmp_path: Path, line: str, detail: str) -> None:
    first, bad, last = read(tmp_path, '{"a": 1}', line, '{"a": 2}', wanted="x")
    assert (first, last) == (RawRow(1, {"a": 1}), RawRow(3, {"a": 2}))
    assert bad == BadRow(2, "row-broken", detail)


@pytest.mark.parametrize("depth", [300, *range(900, 1_000, 7), 5_000, 100_000])
def test_brackets_in_brackets_are_no_recursion_of_ours(tmp_path: Path, depth: int) -> None:
    """Where between them the limit lies is Python's."""
    (row,) = read(tmp_path, '{"a": ' * depth + "1" + "}" * depth)
    assert isinstance(row, RawRow) or row.reason == "row-broken"
    assert isinstance(row, RawRow) or depth > 300
    assert isinstance(row, BadRow) or depth < 100_000


def test_a_backslash_before_u0000_is_text(tmp_path: Path) -> None:
    assert read(tmp_path, '{"a": "\\\\u0000 \\\\ud800 \\ud83d\\ude00"}') == [RawRow(1, {"a": "\\u0000 \\ud800 😀"})]


def test_columns_are_those_of_all_records_that_are_looked_at(tmp_path: Path) -> None:
    read(tmp_path, "{", '{"a": 1}', '{"b": {"c": 1}, "a": 2}')
    assert jsonl_columns(tmp_path / "survey.jsonl", Reading()) == ("a", "b.c")
