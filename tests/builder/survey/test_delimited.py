"""Delimited text: which delimiter, which header, which lines, and how much memory."""

import time
import tracemalloc
from pathlib import Path

import pytest

from builder.survey.delimited import delimited_columns, delimited_rows
from builder.survey.raw import BadRow, RawRow
from schemas.codebook import Reading
from schemas.errors import ConfigError, InputError


def file_of(folder: Path, text: str, encoding: str = "utf-8", name: str = "survey.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("a,b,c", ["a", "b", "c"]),
        ("a;b;c", ["a", "b", "c"]),
        ("a\tb\tc", ["a", "b", "c"]),
        ("a|b|c", ["a", "b", "c"]),
        ("alone", ["alone"]),
        ("a b, c ,", ["a b", "c", ""]),
        ("a;b, c;d", ["a", "b, c", "d"]),
        ('"a;b;c;d",e,f', ["a;b;c;d", "e", "f"]),
        ('"a, b, c, d";e', ["a, b, c, d", "e"]),
        ('"a ""b"", c";d', ['a "b", c', "d"]),
        ('"a\nb, c\nd, e";f', ["a\nb, c\nd, e", "f"]),
        ("sep=|\na,b|c,d", ["a,b", "c,d"]),
        ("\n\n a;b", ["a", "b"]),
        ("\ufeffa,b", ["a", "b"]),
    ],
)
def test_the_delimiter_is_that_which_makes_most_columns(tmp_path: Path, header: str, columns: list[str]) -> None:
    assert list(delimited_columns(file_of(tmp_path, header + "\n"), Reading())) == columns


def test_what_the_codebook_says_of_the_delimiter_goes_before(tmp_path: Path) -> None:
    path = file_of(tmp_path, "a,b,c|d\n")
    assert delimited_columns(path, Reading(delimiter="|")) == ("a,b,c", "d")
    assert delimited_columns(file_of(tmp_path, "a,b,c\td\n", name="survey.tsv"), Reading()) == ("a,b,c", "d")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_goes_before_the_codebook(tmp_path: Path, encoding: str) -> None:
    path = file_of(tmp_path, "a,é\n1,雨\n", encoding)
    for reading in (Reading(), Reading(encoding="windows-1252")):
        assert delimited_columns(path, reading) == ("a", "é")
        assert list(delimited_rows(path, reading, frozenset("é"))) == [RawRow(2, {"é": "雨"})]


def test_an_encoding_without_a_mark_is_told_in_the_codebook(tmp_path: Path) -> None:
    for encoding in ("shift_jis", "gb18030", "utf-16-le", "koi8-r", "windows-1252"):
        text = "é" if encoding == "windows-1252" else "ж"
        path = file_of(tmp_path, f"a,b\n1,{text}\n", encoding)
        assert list(delimited_rows(path, Reading(encoding=encoding), frozenset("b"))) == [RawRow(2, {"b": text})]


@pytest.mark.parametrize("encoding", ["hex", "rot13", "utf8000", "a\0b"])
def test_an_encoding_that_is_none_is_the_codebook_s_error(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(ConfigError) as caught:
        delimited_columns(file_of(tmp_path, "a,b\n"), Reading(encoding=encoding))
    assert caught.value.report.code == "encoding-unknown"


def test_only_the_columns_that_are_wanted_are_kept_and_only_they_must_be_text(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_bytes(b"a,b,b\n 1 ,\xe9,3\n,5,\n")
    assert list(delimited_rows(path, Reading(), frozenset("ax"))) == [RawRow(2, {"a": "1"}), RawRow(3, {"a": None})]
    bad, row = delimited_rows(path, Reading(), frozenset("ab"))
    assert isinstance(row, RawRow)
    assert bad == RawRow(2, {"a": "1", "b": "3"})  # of two columns of a name the last; the import refuses them


def test_lines_are_those_of_the_file_whatever_their_ends(tmp_path: Path) -> None:
    text = 'a,b\r\n1,2\r\n"x\r\ny",2\n\r1,2\r1\n2,3\u2028\x0b\x0c\x1c\x85\n4,5'
    rows = list(delimited_rows(file_of(tmp_path, text), Reading(), frozenset("a")))
    assert [(row.place, isinstance(row, RawRow)) for row in rows] == [
        (2, True),
        (3, True),
        (6, True),
        (7, False),
        (8, True),
        (9, True),
    ]


def test_rows_that_quotes_run_together_are_parted_again_in_time_that_grows_with_the_file(tmp_path: Path) -> None:
    """Each of these lines opens a quote that the next one closes and opens again: one row of the whole file."""
    line = 'x","y\n'
    seconds = []
    for lines in (5_000, 20_000):
        path = file_of(tmp_path, "a,b\n" + line * lines)
        start = time.process_time()
        rows = list(delimited_rows(path, Reading(), frozenset("a")))
        seconds.append(time.process_time() - start)
        assert all(isinstance(row, BadRow) for row in rows)
        assert len(rows) <= lines
    assert seconds[1] < 20 * seconds[0] + 1


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        path = file_of(tmp_path, "a,b\n" + "1,rain\n" * rows)
        tracemalloc.start()
        assert sum(1 for _ in delimited_rows(path, Reading(), frozenset("ab"))) == rows
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    assert peak(10_000) < 1.5 * peak(2_000) + 50_000


def test_a_file_that_goes_on_without_an_end_of_line_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n1,2\n")
        file.truncate(40_000_000)  # NUL bytes that take no room
    tracemalloc.start()
    rows = list(delimited_rows(path, Reading(), frozenset("ab")))
    top = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [(row.place, type(row)) for row in rows] == [(2, RawRow), (3, BadRow)]
    assert top < 30_000_000


def test_a_header_alone_has_no_rows_and_no_file_has_no_header(tmp_path: Path) -> None:
    assert list(delimited_rows(file_of(tmp_path, "a,b"), Reading(), frozenset("a"))) == []
    with pytest.raises(InputError) as caught:
        delimited_columns(file_of(tmp_path, "\n\r\n ,,\n"), Reading())
    assert caught.value.report.code == "survey-empty"
