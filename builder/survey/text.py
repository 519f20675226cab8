"""Files of text: opened in their encoding, line by line, whatever bytes stand in them."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TextIO

from builder.survey.raw import Cell
from mvpbench.store.atomic import disk_errors
from schemas.codebook import Reading
from schemas.errors import ConfigError, InputError

LINE_LIMIT = 1 << 22
"""Characters of a line that are read: a file without line ends does not fill the memory."""
MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),  # before UTF-16, whose mark it starts with
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
NO_TEXT = re.compile("[\ud800-\udfff\0]")
"""A byte that the encoding does not have, as a lone surrogate (PEP 383), or NUL, as UTF-16 read for UTF-8 has it."""


@contextmanager
def opened(path: Path, reading: Reading, newline: str) -> Iterator[TextIO]:
    r"""The text of the file; its bytes that are none come as lone surrogates. `newline` as `open` has it: "", "\n".

    Raises ConfigError `encoding-unknown`, InputError `survey-encoding` where an encoding of several bytes a character
    finds no way on, StudyError as `disk_errors`.
    """
    with disk_errors(path):
        with path.open("rb") as raw:
            start = raw.read(4)
        encoding = next((name for mark, name in MARKS if start.startswith(mark)), reading.encoding)
        try:
            file = path.open(encoding=encoding, errors="surrogateescape", newline=newline)
        except (LookupError, ValueError) as exc:
            raise ConfigError(
                "encoding-unknown",
                "codebook",
                where="reading.encoding",
                found=repr(encoding),
                expected="the name of an encoding, such as utf-8 or windows-1252",
            ) from exc
        with file:
            try:
                yield file
            except UnicodeError as exc:
                raise not_decoded(path, encoding) from exc


def lines_of(file: TextIO) -> Iterator[str]:
    """Yield the lines with their ends; of a line of `LINE_LIMIT` characters or more, that many."""
    for line in iter(partial(file.readline, LINE_LIMIT), ""):
        yield line
        rest = line
        while len(rest) == LINE_LIMIT and not rest.endswith(("\n", "\r")):
            rest = file.readline(LINE_LIMIT)


def is_text(line: str) -> bool:
    """Return whether nothing in the line is what `NO_TEXT` looks for; fast."""
    if "\0" in line:
        return False
    try:
        return line.isascii() or bool(line.encode())
    except UnicodeEncodeError:
        return False


def no_text(cells: Mapping[str, Cell]) -> tuple[str, str] | None:
    """Return the first column whose cell holds what is no text, and what that is; None where all are text."""
    for name, cell in cells.items():
        found = NO_TEXT.search(cell) if isinstance(cell, str) else None
        if found:
            return name, of_character(found[0])
    return None


def of_character(character: str) -> str:
    """Return in words what `NO_TEXT` found."""
    if character == "\0":
        return "found a NUL character, which no text has"
    if "\udc80" <= character <= "\udcff":
        return f"found the byte 0x{ord(character) - 0xDC00:02x}, which the file's encoding does not have"
    return "found half of a surrogate pair (\\ud800 to \\udfff)"


def not_decoded(path: Path, where: str) -> InputError:
    """Return the error for a file that is in another encoding than it is read in."""
    return InputError(
        "survey-encoding",
        "survey file",
        where=f"{path}, {where}",
        found="bytes that are no text in the file's encoding",
        expected="UTF-8, or what `reading.encoding` in the codebook says",
        way_out="save the file as UTF-8, or name its encoding in the codebook: `reading: {encoding: windows-1252}`",
    )
