"""Survey files to value profiles: a WVS-shaped file of 100,000 x 400, and tables of growing length, beside pandas.

Everything is made up. Each command and each pandas reader is a process of its own, so that memory is its own.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from benchmarks.material import COMMAND
from benchmarks.measure import Figure, Spent, timed_process
from tests.synthetic import wvs7

WIDE_ROWS, WIDE_COLUMNS = 100_000, 400
LENGTHS = (10_000, 100_000, 1_000_000)
ITEMS = 36
"""Of the MFQ-2."""
CODEBOOK = f"""\
codebook: 1
name: made
title: SYNTHETIC people who answered the MFQ-2
version: "1"
framework: mfq2
citation: nobody answered any of it
licence: CC0-1.0
synthetic: true
id: person
country: {{column: country}}
demographics: [{{name: age, column: age, low: 15, high: 110, bands: [18, 30, 50]}}]
instrument: {{columns: [{", ".join(f"q{number}" for number in range(1, ITEMS + 1))}]}}
"""
PANDAS = {".csv": "read_csv", ".sav": "read_spss"}


def figures() -> Iterator[Figure]:
    """Yield seconds and peak memory."""
    with tempfile.TemporaryDirectory(prefix="mvpbench-") as folder:
        here = Path(folder)
        made = wvs7(WIDE_ROWS, WIDE_COLUMNS)
        for ending in (".sav", ".csv"):
            path = made.write(here / f"WVS{ending}")
            what = f"WVS-7 shape, {WIDE_ROWS:,} x {WIDE_COLUMNS} {ending}"
            yield from _commands(what, here / f"study{ending}", path, None, "under 2,000")
            yield from _figures(f"{what}, pandas.{PANDAS[ending]} alone", _pandas(path))
            path.unlink()
        codebook = here / "codebook.yaml"
        codebook.write_text(CODEBOOK, encoding="utf-8")
        for rows in LENGTHS:
            path = _people(here / "people.csv", rows)
            yield from _commands(f"table, {rows:,} rows", here / f"study-{rows}", path, codebook)
            yield from _figures(f"table, {rows:,} rows, pandas.read_csv alone", _pandas(path))
            path.unlink()


def _commands(what: str, study: Path, survey: Path, codebook: Path | None, aim: str = "") -> Iterator[Figure]:
    described = ["--codebook", str(codebook)] if codebook else []
    timed_process([COMMAND, "init", str(study), "--survey", str(survey), *described])
    for step in (["survey", "import"], ["profile"]):
        spent = timed_process([COMMAND, *step, "--study", str(study)])
        yield from _figures(f"{what}, {' '.join(step)}", spent, aim)
    if not described:  # the page needs no study
        page = ["survey", "describe", str(survey), "--html", f"{study}.html"]
        yield from _figures(f"{what}, survey describe --html", timed_process([COMMAND, *page]), aim)


def _figures(what: str, spent: Spent, aim: str = "") -> Iterator[Figure]:
    yield Figure("survey", what, spent.wall, "s")
    yield Figure("survey", f"{what}, CPU", spent.cpu, "s")
    yield Figure("survey", f"{what}, most memory", spent.megabytes, "MB", aim)


def _pandas(path: Path) -> Spent:
    read = f"import sys, pandas; print(len(pandas.{PANDAS[path.suffix]}(sys.argv[1])))"
    if path.suffix == ".sav":
        read = read.replace("(sys.argv[1])", "(sys.argv[1], convert_categoricals=False)")
    return timed_process([sys.executable, "-c", read, str(path)])


def _people(path: Path, rows: int) -> Path:
    """Write a CSV of people with a factor a foundation, in parts."""
    rng = np.random.default_rng(rows)
    places = pa.array(["KE", "UG", "TZ", "RW", "BI"])
    with path.open("wb") as file:
        for start in range(0, rows, LENGTHS[0]):
            people = min(LENGTHS[0], rows - start)
            factor = rng.normal(size=(people, 6))[:, np.arange(ITEMS) % 6]
            answers = np.clip(np.rint(3 + 0.8 * factor + 0.7 * rng.normal(size=(people, ITEMS))), 1, 5).astype(np.int8)
            columns: dict[str, pa.Array] = {
                "person": pa.array([f"p{start + place}" for place in range(people)]),
                "country": places.take(pa.array(rng.integers(0, 5, people))),
                "age": pa.array(rng.integers(16, 90, people)),
            }
            columns |= {f"q{number + 1}": pa.array(answers[:, number]) for number in range(ITEMS)}
            how = pyarrow.csv.WriteOptions(include_header=start == 0, quoting_style="none")
            pyarrow.csv.write_csv(pa.table(columns), file, how)
    return path
