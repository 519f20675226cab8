"""Agreement in many small groups against a loop over the `krippendorff` package, and what intervals cover."""

import time
from collections.abc import Iterator
from statistics import median
from typing import NamedTuple

import krippendorff
import numpy as np
from numpy.typing import NDArray

from annotation.agreement.alpha import alpha
from annotation.agreement.level import Level
from annotation.agreement.run import Asked, agree
from annotation.agreement.table import Grouping, Ratings, Table, cells, crossed, of_matrix
from benchmarks.measure import Figure
from mvpbench.statistics.bootstrap import Resampling
from mvpbench.statistics.measures import estimate, point
from schemas.agreement import AgreementReport

UNITS = 24_020
RATERS = 3
COUNTRIES = 75
DIMENSIONS = 7
VALUES = 5
RESAMPLES = 1_000
ROUNDS = 3
LOOPED_RESAMPLES = 25
"""Of every cell by the package; its time for `RESAMPLES` is as many times as long."""
TABLES = 300
RELIABILITIES = (0.75, 0.88, 0.96)
"""How often a rater gives a unit's own value; the other values share the rest."""
SIZES = (50, 100, 320)

Ints = NDArray[np.int64]


def figures() -> Iterator[Figure]:
    """Yield the time of all cells, how much longer the package takes, how far estimates are apart, and coverage."""
    ratings = made_ratings()
    by = (("country", "dimension"),)
    alone, report = _timed(ratings, Asked(by=by, coefficients=False))
    every, _ = _timed(ratings, Asked(by=by))
    where = f"{len(report.by)} cells, {RESAMPLES:,} resamples"
    yield Figure("agreement", f"alpha, {where}, wall", alone.wall, "s", "under 10")
    yield Figure("agreement", f"alpha, {where}, CPU", alone.cpu, "s")
    yield Figure("agreement", f"all coefficients, {where}, wall", every.wall, "s")
    looped, apart = _loop(ratings, report)
    what = f"krippendorff's loop, from {LOOPED_RESAMPLES} resamples"
    yield Figure("agreement", f"{what}, wall", looped.wall, "s")
    yield Figure("agreement", f"{what}, CPU", looped.cpu, "s")
    yield Figure("agreement", "its loop / ours, CPU", looped.cpu / alone.cpu, "x", "at least 150")
    yield Figure("agreement", "estimates apart, at most", apart * 1e12, "1e-12", "at most 1")
    yield from coverage()


def made_ratings(seed: int = 1) -> Ratings:
    """Return ratings of units in countries of sizes that fall as 1 / rank, each of one dimension."""
    rng = np.random.default_rng(seed)
    sizes = 1 / np.arange(1, COUNTRIES + 1) ** 0.5
    country = rng.choice(COUNTRIES, size=UNITS, p=sizes / sizes.sum())
    dimension = rng.integers(DIMENSIONS, size=UNITS)
    unit = np.repeat(np.arange(UNITS), RATERS)
    table = Table(
        level=Level.NOMINAL,
        scale=np.arange(VALUES, dtype=np.float64),
        unit=unit,
        rater=rng.integers(20, size=len(unit)) * RATERS + np.tile(np.arange(RATERS), UNITS),
        value=_votes(rng, UNITS, VALUES, 0.75).ravel(),
        component=np.arange(UNITS),
        rating=np.arange(len(unit)),
    )
    groups = {
        name: Grouping(tuple(f"{name} {number:02}" for number in range(many)), np.arange(len(unit)), found[unit])
        for name, found, many in (("country", country, COUNTRIES), ("dimension", dimension, DIMENSIONS))
    }
    return Ratings(table, groups)


def coverage(tables: int = TABLES) -> Iterator[Figure]:
    """Yield the share of tables whose 95 % interval holds the true alpha: that of a table without end."""
    for reliability in RELIABILITIES:
        for units in SIZES:
            what = f"coverage, alpha {true_alpha(reliability):.2f}, {units} units, {RATERS} raters"
            aim = "0.92 to 0.97"
            yield Figure("agreement", what, covered(reliability, units, tables), f"of {tables}", aim)


def covered(reliability: float, units: int, tables: int, resamples: int = RESAMPLES) -> float:
    """Return the share of made tables whose interval holds the true alpha."""
    truth = true_alpha(reliability)
    held = 0
    for number in range(tables):
        rng = np.random.default_rng([number, units, round(1000 * reliability)])
        table = of_matrix(_votes(rng, units, 2, reliability).T.tolist(), Level.NOMINAL)
        found = estimate(alpha(table), table.component, Resampling(number, resamples))
        held += found.low is not None and found.high is not None and found.low <= truth <= found.high
    return held / tables


def true_alpha(reliability: float) -> float:
    """Return alpha of two equally frequent values: 1 - 2 r (1 - r) / (1 / 2), the chance that two ratings differ."""
    return 1 - 4 * reliability * (1 - reliability)


def _votes(rng: np.random.Generator, units: int, values: int, reliability: float) -> Ints:
    """Ratings, shape (units, raters): the unit's own value, or as likely each of the others."""
    truth = rng.integers(values, size=(units, 1))
    slip = rng.integers(1, values, size=(units, RATERS))
    return np.where(rng.random((units, RATERS)) < reliability, truth, (truth + slip) % values)


class _Seconds(NamedTuple):
    wall: float
    cpu: float
    """Of this process, all threads: what a machine that does other work does not change."""


def _now() -> _Seconds:
    return _Seconds(time.perf_counter(), time.process_time())


def _timed(ratings: Ratings, asked: Asked) -> tuple[_Seconds, AgreementReport]:
    """Medians over `ROUNDS`, each with draws of its own."""
    spent, report = [], None
    for number in range(ROUNDS):
        fresh = Ratings(ratings.table.part(ratings.table.rating), ratings.groups)  # nothing counted beforehand
        started = _now()
        report = agree(fresh, asked, Resampling(number, RESAMPLES))
        ended = _now()
        spent.append(_Seconds(ended.wall - started.wall, ended.cpu - started.cpu))
    assert report is not None
    return _Seconds(median(one.wall for one in spent), median(one.cpu for one in spent)), report


def _loop(ratings: Ratings, report: AgreementReport) -> tuple[_Seconds, float]:
    """Seconds of `RESAMPLES` resamples of every cell with the package, and how far its estimates are from ours."""
    groups, keys = crossed([ratings.groups[name] for name in ("country", "dimension")])
    ours = {tuple(cell.key.values()): cell.alpha.value for cell in report.by}
    rng = np.random.default_rng(1)
    apart, wall, cpu = 0.0, 0.0, 0.0
    for number, part in cells(ratings.table, groups):
        counts = part.counts
        expected = krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")
        value = ours[keys[number]]
        assert value is not None
        assert value == point(alpha(part))
        apart = max(apart, abs(value - expected))
        started = _now()
        for _ in range(LOOPED_RESAMPLES):
            drawn = counts[rng.integers(len(counts), size=len(counts))]
            krippendorff.alpha(value_counts=drawn, level_of_measurement="nominal")
        ended = _now()
        wall, cpu = wall + ended.wall - started.wall, cpu + ended.cpu - started.cpu
    times = RESAMPLES / LOOPED_RESAMPLES
    return _Seconds(wall * times, cpu * times), apart
