"""Whatever bytes stand in a text file: each row is a person or is set aside, or the file is refused in our words."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from builder.survey import import_survey
from builder.survey.delimited import delimited_rows
from builder.survey.raw import RawRow
from builder.survey.table import table_rows
from schemas.codebook import Codebook, Reading
from schemas.errors import UserError
from tests.builder.survey.made_files import HEADER, framework
from tests.builder.survey.test_importing import TABLE

BOOK = Codebook.model_validate(
    TABLE.model_dump() | {"region": None, "max_bad_share": 1.0, "demographics": ({"name": "age", "column": "age"},)}
)
PIECES = (
    *(
        b"p1",
        b"p2",
        b"KE",
        b"Kenya",
        b"Narnia",
        b"3",
        b"3.0",
        b"9",
        b"-1",
        b"1e999",
        b"nan",
        b"",
        b" ",
        b"\xe9",
        b"\xc3\xa9",
    ),
    *(b"\0", b"\x1a", b"\xed\xa0\x80", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"x" * 50),
    *(b",", b",", b",", b",,,,,", b";", b"\t", b"|", b'"', b'""', b'","', b"\n", b"\n", b"\r\n", b"\r", b"\n\n"),
    *(b"\np4,KE,30,,3,3\n", b"\np5,PE,30,,3,3\n"),
)
OBJECTS = (
    *(b"{", b"}", b'"who"', b'"land"', b'"care"', b": ", b", ", b'"p1"', b"1", b"true", b"null", b"NaN", b"[", b"]"),
    *(
        b"\\ud800",
        b"\\u0000",
        b'"',
        b"\n",
        b"\n",
        b"\r",
        b"\0",
        b"\xe9",
        b"\xef\xbb\xbf",
        b"9" * 5000,
        b'{"a": ' * 2000,
    ),
    *(b'\n{"who": "p4", "land": "KE", "care": 3, "loyalty": 3}\n', b'\n{"who": "p5", "care": {"a": [1]}}\n'),
    *(b'\n{"who": 5, "land": "PE", "age": 31, "words": "a", "care": 1.5, "loyalty": "2"}\n',),
)
READINGS = st.sampled_from(
    [Reading(), Reading(decimal=","), Reading(delimiter=";"), Reading(encoding="windows-1252")]
    + [
        Reading(encoding=name)
        for name in ("utf-16", "shift_jis", "gb18030", "utf-7", "hex", "undefined", "no such one")
    ]
)


def joined(pieces: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    return st.lists(
        st.one_of(st.sampled_from(pieces), st.sampled_from(pieces), st.binary(max_size=6)), max_size=60
    ).map(b"".join)


def check(path: Path, reading: Reading) -> None:
    """People and dropped are the rows of the file, each told once, in its order."""
    book = BOOK.model_copy(update={"reading": reading})
    try:
        _, stream = import_survey(path, book, framework(book.framework))
        people = list(stream.rows)
    except UserError:
        return
    rows = list(table_rows(path, reading, frozenset()))
    assert len(people) + len(stream.dropped) == len(rows)
    assert [row.place for row in rows] == sorted({row.place for row in rows})
    assert {person.row for person in people} <= {row.place for row in rows}
    assert {int(str(one.where).split("line ")[1].split(",")[0]) for one in stream.dropped} == {
        row.place for row in rows
    } - {person.row for person in people}


@given(joined(PIECES), READINGS, st.booleans())
@example(b'p1,KE,30,"a,3,3\np2,KE,30,b",3,3\n', Reading(), True)
@example("p1,KE,30,,3,3\n".encode("utf-16-le"), Reading(), True)
def test_any_bytes_in_delimited_text(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, reading: Reading, headed: bool
) -> None:
    path = tmp_path_factory.mktemp("any") / "survey.csv"
    path.write_bytes((f"{HEADER}\n".encode() if headed else b"") + data)
    check(path, reading)


@given(joined(OBJECTS), READINGS)
def test_any_bytes_in_json_lines(tmp_path_factory: pytest.TempPathFactory, data: bytes, reading: Reading) -> None:
    path = tmp_path_factory.mktemp("any") / "survey.jsonl"
    path.write_bytes(b'{"who": "p0", "land": "KE", "age": 1, "words": "a", "care": 3, "loyalty": 3}\n' + data)
    check(path, reading)


GOOD = b"p1,KE,30,,3,3"
LINES = (GOOD, b'p1,KE,30,"a,3,3', b'p1,KE,30,"a"b,3,3', b'"p1"x,KE,30,,3,3', b"p1,KE", b"p1,KE,30,,3,3,", b"")


@given(st.lists(st.sampled_from(LINES), max_size=40), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_a_broken_line_takes_no_other_with_it(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], end: bytes
) -> None:
    """Quotes left open, text behind them, cells too few or too many: each line is judged by itself."""
    path = tmp_path_factory.mktemp("any") / "survey.csv"
    path.write_bytes(end.join([HEADER.encode(), *lines]))
    told = {row.place: row for row in delimited_rows(path, Reading(), frozenset(["who"]))}
    assert list(told) == [place for place, line in enumerate(lines, start=2) if line]
    assert all(isinstance(row, RawRow) == (lines[place - 2] == GOOD) for place, row in told.items())
