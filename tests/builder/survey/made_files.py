"""Survey files that are too long, too wide or too binary to lie in a folder of their own."""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat

from builder.frameworks import load_framework

framework = cache(load_framework)
"""Read once for all tests."""
HEADER = "who,land,age,words,care,loyalty"


def csv_of(path: Path, *rows: str, header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


def parquet_of(path: Path, **columns: Any) -> Path:
    """People p1, p2, ... of Kenya, aged 30, who answered 3; `columns` go before."""
    size = len(next(iter(columns.values())))
    plain: dict[str, Any] = {
        "who": [f"p{number}" for number in range(1, size + 1)],
        "land": ["KE"] * size,
        "age": [30] * size,
        "words": ["rain"] * size,
        "care": [3] * size,
        "loyalty": [3] * size,
    }
    pq.write_table(pa.table(plain | columns), path)
    return path


def row_wide(folder: Path) -> Path:
    wide = ",".join(["p2", "KE", "30", "", *["3"] * 9_996])
    return csv_of(folder / "survey.csv", "p1,KE,30,,3,3", wide, "p3,KE,30,,3,3")


def header_wide(folder: Path) -> Path:
    more = [f"q{number}" for number in range(5_000)]
    filled = ",".join(["1"] * 5_000)
    rows = [f"p1,KE,30,,3,3,{filled}", "p2,KE,30,,3,3,1,1", f"p3,KE,30,,3,6,{filled}"]
    return csv_of(folder / "survey.csv", *rows, header=f"{HEADER},{','.join(more)}")


def cell_long(folder: Path) -> Path:
    """Text of 200 kB is text; a number of 200 kB is none, and no message shows it whole; a cell of 2 MB is broken."""
    rows = [f'p1,KE,30,"{"rain, " * 33_334}",3,3', f"p2,KE,30,,{'4' * 200_000},3", f"p3,KE,30,{'x' * 2_000_000},3,3"]
    return csv_of(folder / "survey.csv", *rows, "p4,KE,30,,3,3")


def line_long(folder: Path) -> Path:
    """A line is read up to 4 MiB; one that goes on is one line nevertheless."""
    rows = ["p1,KE,30,,3,3", f"p2,KE,30,{'x,' * 5_000_000},3,3", "p3,KE,30,,3,3"]
    return csv_of(folder / "survey.csv", *rows)


def quote_swallows_lines(folder: Path) -> Path:
    """The quote in line 3 is never closed: of the lines below it none is lost, though they are longer than a cell."""
    rows = ["p1,KE,30,,3,3", 'p2,KE,30,"rain,3,3', *[f"q{number},KE,30,{'x' * 50_000},3,3" for number in range(30)]]
    return csv_of(folder / "survey.csv", *rows)


def country_slip(folder: Path) -> Path:
    """One name of 150 that no country has is a slip of the pen."""
    rows = [f"p{number},{'Kenia' if number == 77 else 'KE'},30,,3,3" for number in range(150)]
    return csv_of(folder / "survey.csv", *rows)


def parquet_types(folder: Path) -> Path:
    """Dates, decimals, truth values, dictionaries and what is nested."""
    day = dt.date(2024, 2, 29)
    return parquet_of(
        folder / "survey.parquet",
        land=pa.array(["KE", "PE", None]).dictionary_encode(),
        age=pa.array([Decimal("30.00"), None, Decimal("300.00")]),
        words=[day, day, None],
        care=pa.array([Decimal("3.5"), Decimal("99.0"), Decimal("4.0")]),
        loyalty=pa.array([4.0, float("nan"), 5.0], pa.float32()),
        region=pa.array([1_700_000_000_000_000_001, None, 0], pa.timestamp("ns")),
        psu=[True, False, None],
        stratum=pa.array([b"north", b"s\xc3\xbcd", None]),
        nested=[{"a": 1}, {"a": 2}, None],
        listed=[[1], [2], None],
        nothing=pa.nulls(3),
    )


def parquet_no_text(folder: Path) -> Path:
    """A string column may hold bytes that are no UTF-8."""
    words = pa.array([b"rain", b"caf\xe9", b"sun"])
    words = pa.Array.from_buffers(pa.string(), len(words), words.buffers())
    return parquet_of(folder / "survey.parquet", words=words)


def sav_missing(folder: Path, ending: str = ".sav") -> Path:
    """A range, a discrete code and a text declared missing; a cell of the system's own; labels."""
    frame = pd.DataFrame(
        {
            "who": ["p1", "p2", "p3", "p4", "p5"],
            "land": ["KE", "KE", "XX", "PE", "KE"],
            "age": [30.0, 999.0, 31.0, 200.0, 40.0],
            "words": ["rain", "n/a", "", "sun", "wind"],
            "care": [1.0, 97.0, 99.0, 3.0, 8.0],
            "loyalty": [5.0, None, 7.0, 3.0, 2.0],
        }
    )
    path = folder / f"survey{ending}"
    pyreadstat.write_sav(
        frame,
        str(path),
        compress=ending == ".zsav",
        missing_ranges={
            "land": ["XX"],
            "words": ["n/a"],
            "age": [999],
            "care": [{"lo": 90, "hi": 99}],
            "loyalty": [7],
        },
        variable_value_labels={"care": {1.0: "not at all", 5.0: "entirely", 97.0: "Refusal"}},
    )
    return path


def zsav(folder: Path) -> Path:
    return sav_missing(folder, ".zsav")


def sav_dates(folder: Path) -> Path:
    """A date is what SPSS keeps of it, seconds since 14 October 1582; names of columns may have any letters."""
    frame = pd.DataFrame(
        {
            "who": [1.0, 2.0],
            "país": ["KE", "PE"],
            "âge": [30.0, 31.0],
            "σκέψεις": ["βροχή", ""],
            "care": [3.0, 4.0],
            "loyalty": [3.0, 4.5],
            "día": pd.to_datetime(["2024-02-29", None]),
        }
    )
    path = folder / "survey.sav"
    pyreadstat.write_sav(frame, str(path))
    return path


def dta_missing(folder: Path, version: int = 15) -> Path:
    """Stata's `.`, `.a` and `.z`; a label of `.a` is no answer."""
    frame = pd.DataFrame(
        {
            "who": ["p1", "p2", "p3", "p4"],
            "land": ["KE", "KE", "PE", "KE"],
            "age": [30.0, None, 31.0, 32.0],
            "words": ["rain", "", "sun", "wind"],
            "care": [1, "a", 3, 9],
            "loyalty": [5, "z", "b", 2],
        }
    )
    path = folder / "survey.dta"
    pyreadstat.write_dta(
        frame,
        str(path),
        version=version,
        missing_user_values={"care": ["a"], "loyalty": ["b", "z"]},
        variable_value_labels={"care": {1: "not at all", "a": "Refusal"}},
    )
    return path


def dta_old(folder: Path) -> Path:
    return dta_missing(folder, 8)


MAKERS: Mapping[str, Callable[[Path], Path]] = {
    "row-wide": row_wide,
    "header-wide": header_wide,
    "cell-long": cell_long,
    "line-long": line_long,
    "quote-swallows-lines": quote_swallows_lines,
    "country-slip": country_slip,
    "parquet-types": parquet_types,
    "parquet-no-text": parquet_no_text,
    "sav-missing": sav_missing,
    "zsav": zsav,
    "sav-dates": sav_dates,
    "dta-missing": dta_missing,
    "dta-old": dta_old,
}
"""Case of `quarantine/` -> what writes its file into a folder."""
