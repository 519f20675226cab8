"""The log of a project: a file of lines that only grows, in blocks of which each is vouched for by its last line.

Killed at any byte, it holds the blocks before, and what is left of the last one is cut off by the next writer. A block
says in which format it is: a log may begin in an earlier one and go on in this. A log, as a pull appends little to
much, reading is one pass without an index, and no byte that was ever pulled is written anew; SQLite would pay for
indices that nobody asks, and its file differs from run to run, where the fingerprints of tables want a content hash.
"""

import os
import re
from collections.abc import Iterator
from io import BufferedRandom
from pathlib import Path
from zlib import crc32

from pydantic import AwareDatetime, BaseModel, ValidationError

from mvpbench.store.atomic import disk_errors, sync_folder
from schemas.errors import StudyError

FORMAT = 2
"""Of the blocks that are written. Those of format 1 say nothing of accounts, and none of their lines overrules."""
END = b'{"end":'
MOVE_AWAY = "move the file away and run `mvpbench annotate pull` again: what is on the server comes anew"
RUN_TOGETHER = re.compile(rb'(?<=\}\})(?=\{"(?:id|gone|end)":)')
"""Where a line that ends a block was written on, its newline lost in a kill. Within JSON such bytes stand nowhere."""


class Block(BaseModel):
    """What vouches for the lines before it."""

    format: int = FORMAT
    lines: int
    checksum: int
    """CRC-32 of the block's lines with their ends."""
    cursor: str
    """The newest `updated_at` that the server told before it listed; empty where it held no task."""
    accounts: dict[int, AwareDatetime] | None = None
    """Number -> when the account was made, of those who answered in the lines and are on the server: a server put back
    gives numbers out again. None where that was not asked, in format 1."""
    overrules: bool = False
    """Whether the lines count whatever their stamps: somebody asked for what the server says now."""
    stands: tuple[tuple[str, int, str], ...] = ()
    """Annotations (`kept.Identity`) that they do not overrule all the same: the study accepted that the server holds an
    earlier version."""


class _Head(BaseModel):
    format: int


class _HeadLine(BaseModel):
    end: _Head


class _EndLine(BaseModel):
    end: Block


def read_blocks(path: Path) -> Iterator[tuple[Block, list[bytes], int]]:
    """Yield the blocks that are whole, each with its lines and where in the file it ends; none where no file is.

    What a killed writer left after the last is no part of any. Raises StudyError `export-misfit` for a log that is
    damaged, `export-newer` for a block of a later format.
    """
    lines: list[bytes] = []
    read = 0
    content = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    for number, written in enumerate(content, 1):
        pieces = RUN_TOGETHER.split(written) if written.startswith(END) else [written]
        for line in pieces:
            read += len(line)
            if not line.startswith(END):
                lines.append(line)
                continue
            cut_off = line is pieces[-1] and not line.endswith(b"\n")
            block = None if cut_off else _vouching(path, number, line, lines)
            if block is None:
                if number == len(content):
                    return
                raise damaged(path, f"line {number} does not vouch for what stands before it")
            yield block, lines, read
            lines = []


def write_block(path: Path, size: int, content: bytes, block: Block) -> None:
    """Add a block of lines after the first `size` bytes, which are those of whole blocks; durable on return.

    Raises StudyError `disk-full`, `not-writable` or `disk-error`.
    """
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("r+b" if path.exists() else "w+b") as log:
            size += _end_line(log, size)
            log.truncate(size)
            log.seek(size)
            log.write(content + END + block.model_dump_json().encode() + b"}\n")
            log.flush()
            os.fsync(log.fileno())
        sync_folder(path.parent)


def damaged(path: Path, found: str) -> StudyError:
    """Return the error of a file of what was pulled that cannot be read."""
    return StudyError(
        "export-misfit",
        "what was pulled from the label studio project cannot be read",
        where=str(path),
        found=found,
        expected="what `mvpbench annotate pull` wrote",
        way_out="restore the file from a backup, else " + MOVE_AWAY,
    )


def _end_line(log: BufferedRandom, size: int) -> int:
    """Give the first `size` bytes their newline if they lack it; return how many bytes that were.

    Before the rest is cut off: without it the block that ends there would be as one cut off itself.
    """
    log.seek(max(size - 1, 0))
    return log.write(b"\n") if size and log.read(1) != b"\n" else 0


def _vouching(path: Path, number: int, line: bytes, lines: list[bytes]) -> Block | None:
    """Return what the line says if it vouches for the lines before it. Raises StudyError `export-newer`."""
    try:
        told = _HeadLine.model_validate_json(line).end.format
        if told > FORMAT:
            raise _newer(path, number, told)
        block = _EndLine.model_validate_json(line).end
    except ValidationError:
        return None
    return block if (block.lines, block.checksum) == (len(lines), crc32(b"".join(lines))) else None


def _newer(path: Path, number: int, told: int) -> StudyError:
    return StudyError(
        "export-newer",
        "what was pulled from the label studio project was written by a newer mvpbench",
        where=str(path),
        found=f"format {told} in line {number}",
        expected=f"format {FORMAT} or an earlier one",
        way_out="update mvpbench",
    )
