"""`format: ess` and `format: wvs7`: files of these programmes as they are given out, under one spelling of columns.

The European Social Survey writes names in small letters in some files and in capitals in others, and from round 11 on
an `a` behind those of the human values items (`ipcrtiva`). The World Values Survey's names are in capitals.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from builder.survey.raw import BadRow, RawRow
from builder.survey.table import table_columns, table_rows
from schemas.codebook import Reading
from schemas.errors import InputError

PVQ21 = frozenset(
    """
    ipcrtiv imprich ipeqopt ipshabt impsafe impdiff ipfrule ipudrst ipmodst ipgdtim impfree iphlppl ipsuces ipstrgv
    ipadvnt ipbhprp iprspot iplylfr impenv imptrad impfun
    """.split()  # noqa: SIM905 - a list of 21 lines says no more
)


def ess_name(column: str) -> str:
    """Return the classic name of an ESS column: `ipcrtiv` for `IPCRTIV` and `ipcrtiva`."""
    name = column.lower()
    return name[:-1] if name.endswith("a") and name[:-1] in PVQ21 else name


def ess_columns(path: Path, reading: Reading) -> tuple[str, ...]:
    """Return the columns by their classic names. Raises as `table_columns` does, InputError `column-doubled`."""
    return tuple(_names(path, reading, ess_name))


def ess_rows(path: Path, reading: Reading, wanted: frozenset[str]) -> Iterator[RawRow | BadRow]:
    """Yield the rows under classic names."""
    return _renamed(path, reading, wanted, ess_name)


def wvs7_columns(path: Path, reading: Reading) -> tuple[str, ...]:
    """Return the columns in capitals. Raises as `table_columns` does, InputError `column-doubled`."""
    return tuple(_names(path, reading, str.upper))


def wvs7_rows(path: Path, reading: Reading, wanted: frozenset[str]) -> Iterator[RawRow | BadRow]:
    """Yield the rows under names in capitals."""
    return _renamed(path, reading, wanted, str.upper)


def _names(path: Path, reading: Reading, rename: Callable[[str], str]) -> dict[str, str]:
    """Known name -> the file's own."""
    names: dict[str, str] = {}
    for column in table_columns(path, reading):
        name = rename(column)
        if name in names:
            raise InputError(
                "column-doubled",
                "survey file",
                where=str(path),
                found=f"{names[name]!r} and {column!r}, which are both {name}",
                expected="one of them",
                way_out="take one of them out, or write a codebook with `format: table`",
            )
        names[name] = column
    return names


def _renamed(
    path: Path, reading: Reading, wanted: frozenset[str], rename: Callable[[str], str]
) -> Iterator[RawRow | BadRow]:
    known = {column: name for name, column in _names(path, reading, rename).items() if name in wanted}
    for row in table_rows(path, reading, frozenset(known)):
        if isinstance(row, BadRow):
            yield row
        else:
            yield RawRow(row.place, {known[column]: cell for column, cell in row.cells.items() if column in known})
