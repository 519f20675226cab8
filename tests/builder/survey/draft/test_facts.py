"""What is gathered of a file, and what of it may be shown."""

import resource
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.survey.draft.facts import STANDS, clean, gather, shown
from builder.survey.draft.seen import CHUNK, COUNTED, Seen
from schemas.visible import is_seen
from tests.builder.survey.draft.made import column, kenya, write_sav
from tests.synthetic import wvs7


def table(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "survey.csv"
    path.write_bytes(text.encode(encoding))
    return path


@given(st.lists(st.sampled_from([None, 1, 2, 2.5, -3, "x", "4", "5,5", "y" * 50]), max_size=60), st.integers(1, 7))
def test_rows_in_parts_are_seen_as_rows_at_once(cells: list[object], size: int) -> None:
    whole, parts = Seen(), Seen()
    whole.add(cells, ".")  # type: ignore[arg-type]
    for start in range(0, len(cells), size):
        parts.add(cells[start : start + size], ".")  # type: ignore[arg-type]
    for name in (
        "rows",
        "blank",
        "whole",
        "broken",
        "text",
        "low",
        "high",
        "longest",
        "characters",
        "counts",
        "unique",
    ):
        assert getattr(whole, name) == getattr(parts, name), name
    assert whole.rows == whole.blank + whole.filled
    assert whole.unique == (len({str(c) for c in cells if c is not None}) == sum(c is not None for c in cells))


def test_memory_does_not_grow_with_the_values() -> None:
    seen = Seen()
    for start in range(0, 10 * CHUNK, CHUNK):
        seen.add([f"name {number // 2}" for number in range(start, start + CHUNK)], ".")
    assert (seen.counts, seen.unique, len(seen._hashes)) == (None, False, 0)
    assert COUNTED < CHUNK


@pytest.mark.parametrize(
    ("cells", "examples", "low"),
    [
        ([1, 2, 3] * 5, ("1", "2", "3"), 1),
        ([*[1, 2] * 5, 3], ("1", "2"), 1),  # one person's 3 is not shown
        (["a", "b"] * STANDS, ("a", "b"), None),
        ([5001, 5002, 5003], (), None),  # as an id
        (["x" * 41] * 5, (), None),  # somebody's words
        (list(range(18, 90)) * 2, (), 18),  # an age
        ([712345678, 712345678, 799999999, 700000001], (), None),  # a phone number
        ([0.5, 0.7, 0.5], (), 0.5),  # a weight
    ],
)
def test_what_is_shown_of_a_column(cells: list[object], examples: tuple[str, ...], low: float | None) -> None:
    told = shown(column("v", cells))  # type: ignore[arg-type]
    assert set(told.examples) == set(examples)
    assert told.low == low


@pytest.mark.parametrize("name", ["name", "phone", "GPS_latitude", "email", "ip_address", "interviewer"])
def test_a_column_that_identifies_shows_no_value(name: str) -> None:
    told = shown(column(name, ["a", "b"] * 20))
    assert (told.examples, told.low) == ((), None)


def test_labels_that_are_as_many_as_people_are_names_of_people() -> None:
    labels = {str(code): f"Otieno {code}" for code in range(60)}
    assert shown(column("v", list(range(60)), labels=labels)).labels == {}
    assert shown(column("v", [1, 2, 3], labels={"1": "a", "2": "b", "3": "c"})).labels


@given(st.text(max_size=2000))
def test_what_is_shown_is_one_line_that_can_be_seen(text: str) -> None:
    line = clean(text)
    assert len(line) <= 300
    assert line == " ".join(line.split())
    assert all(is_seen(char) for char in line)


@pytest.mark.parametrize(("encoding", "found"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-8")])
def test_unicode_is_told_by_its_bytes_or_its_mark(tmp_path: Path, encoding: str, found: str) -> None:
    facts = gather(table(tmp_path, "país,edad\nPerú,3\nPerú,4\n", encoding), None)
    assert facts.reading.encoding == found
    assert facts.column("país").counts == {"Perú": 2}


def test_other_bytes_are_taken_for_those_of_spreadsheets(tmp_path: Path) -> None:
    facts = gather(table(tmp_path, "país;peso\nPerú;3,5\nMéxico;4,5\n", "windows-1252"), None)
    assert (facts.reading.encoding, facts.reading.decimal) == ("windows-1252", ",")
    assert facts.column("país").counts == {"Perú": 1, "México": 1}
    assert facts.column("peso").is_numeric


def test_a_character_cut_at_the_end_of_the_look_is_no_other_encoding(tmp_path: Path) -> None:
    text = "a,b\n" + "é" * ((1 << 19) + 10) + ",1\n"
    assert gather(table(tmp_path, text), None).reading.encoding == "utf-8"


def test_the_second_header_of_qualtrics_holds_questions(tmp_path: Path) -> None:
    rows = "\n".join(f"R_{number},{1 + number % 2}" for number in range(9))
    ids = '"{""ImportId"":""_recordId""}","{""ImportId"":""QID1""}"'
    text = f"ResponseId,Q1\nResponse ID,What is your gender?\n{ids}\n{rows}\n"
    facts = gather(table(tmp_path, text), None)
    assert facts.second_header
    assert facts.column("Q1").label == "What is your gender?"
    assert facts.column("Q1").counts == {"1": 5, "2": 4}
    assert not gather(table(tmp_path, "a,b\n1,2\n3,4\n"), None).second_header


def test_declared_codes_are_kept_apart_from_answers(tmp_path: Path) -> None:
    facts = gather(write_sav(tmp_path / "kenya.sav", kenya(150), title="Values\x07 in Kenya"), None)
    item = facts.column("mfq_1")
    assert item.missing == {"97", "98"}
    assert set(item.counts) == {"1", "2", "3", "4", "5"}
    assert facts.title == "Values in Kenya"


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".sav", ".csv"])
def test_a_large_file_is_looked_at_in_seconds_and_in_little_memory(tmp_path: Path, ending: str) -> None:
    path = wvs7(100_000, width=400).write(tmp_path / f"large{ending}")
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    facts = gather(path, None)
    assert time.monotonic() - started < 60
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # KiB; the file has 40 million cells
    assert facts.first is not None
    assert (facts.first.rows, facts.first.whole_file) == (20_000, False)
    assert len(facts.columns) >= 400
