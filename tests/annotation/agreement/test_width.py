"""What a wished width takes: against simulation, and where it cannot be told."""

import numpy as np
import pytest
from numpy.typing import NDArray

from annotation.agreement.alpha import alpha
from annotation.agreement.level import Level
from annotation.agreement.table import Table, of_matrix
from annotation.agreement.width import needed
from mvpbench.statistics.bootstrap import Resampling
from mvpbench.statistics.measures import estimate
from schemas.agreement import Needed

DRAW = Resampling(1, resamples=500)


def votes(rng: np.random.Generator, units: int, raters: int, reliability: float = 0.85) -> Table:
    truth = rng.integers(2, size=(1, units))
    said = np.where(rng.random((raters, units)) < reliability, truth, 1 - truth)
    return of_matrix(said.tolist(), Level.NOMINAL)


def width(table: Table) -> float:
    found = estimate(alpha(table), table.component, DRAW)
    assert found.low is not None
    assert found.high is not None
    return found.high - found.low


def wished(table: Table, width: float) -> Needed:
    return needed(table, estimate(alpha(table), table.component, DRAW), width, DRAW)


def mean_width(units: int, raters: int, tables: int = 20) -> float:
    return float(
        np.mean([width(votes(np.random.default_rng([units, raters, one]), units, raters)) for one in range(tables)])
    )


@pytest.mark.slow
def test_the_units_told_give_the_wished_width() -> None:
    """From 100 units; the width of one table at hand varies, so the mean over twenty of what is told."""
    told = [wished(votes(np.random.default_rng([9, one]), 100, 3), 0.1).units.low for one in range(20)]
    enough = round(float(np.mean([one for one in told if one is not None])))
    assert 400 < enough < 800
    assert mean_width(enough, 3) == pytest.approx(0.1, rel=0.1)


@pytest.mark.slow
def test_the_raters_told_hold_the_number_that_gives_the_wished_width() -> None:
    """Widths of panels of 2, 3, 4 of 4 raters, carried on to that of 8: the number is between the bounds, or nearly."""
    aim = mean_width(300, 8)
    told = [wished(votes(np.random.default_rng([8, one]), 300, 4), aim).raters for one in range(8)]
    lows = [one.low for one in told if one.low is not None]
    assert len(lows) >= 6
    assert 5 <= float(np.median(lows)) <= 9
    highs = [one.high if one.high is not None else np.inf for one in told]
    assert float(np.median(highs)) >= 7


def test_half_the_width_takes_four_times_the_units() -> None:
    table = votes(np.random.default_rng(1), 100, 3)
    now = width(table)
    found = wished(table, now / 2)
    assert found.found == now
    assert found.units.low == found.units.high == 400
    assert wished(table, now).units.low == 100


def test_two_ratings_a_unit_do_not_say_what_more_would_do() -> None:
    found = wished(votes(np.random.default_rng(1), 100, 2), 0.1)
    assert found.units.low is not None
    assert found.raters.low is None
    assert found.raters.undefined == (
        "with two ratings a unit, what units and what raters add cannot be told apart: it takes three"
    )


def test_without_an_interval_nothing_is_told() -> None:
    table = of_matrix([[1, 1, 2], [1, 2, 2], [1, 1, 2]], Level.NOMINAL)
    found = wished(table, 0.1)
    assert (found.found, found.units.undefined) == (None, "no interval: only 3 independent groups")


def test_raters_who_never_differ_say_nothing_of_width() -> None:
    found = wished(of_matrix([[1, 2] * 20] * 3, Level.NOMINAL), 0.1)
    assert found.found is None
    assert found.units.undefined == found.raters.undefined
    assert "every resample is the same" in str(found.units.undefined)


def test_a_width_out_of_reach_for_raters_is_told() -> None:
    found = wished(votes(np.random.default_rng(2), 20, 4, 0.95), 0.01)
    assert found.raters.low is None
    assert "not within 100 ratings" in str(found.raters.undefined)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("units", "low", "high"), [(20, 0.20, 0.27), (50, 0.12, 0.17), (100, 0.09, 0.12), (320, 0.05, 0.065)]
)
def test_widths_at_three_raters(units: int, low: float, high: float) -> None:
    """Half widths simulated beforehand at a true alpha of .64: here of three values, ratings right with 13/15.

    Two ratings differ with 1 - (13/15)^2 - (2/15)^2 / 2 = .24, any two with 2/3: 1 - .36. Mean of forty tables.
    """
    half = []
    for number in range(40):
        rng = np.random.default_rng([units, number])
        slip = np.where(rng.random((3, units)) < 13 / 15, 0, rng.integers(1, 3, size=(3, units)))
        said = (rng.integers(3, size=(1, units)) + slip) % 3
        half.append(width(of_matrix(said.tolist(), Level.NOMINAL)) / 2)
    assert low <= float(np.mean(half)) <= high


def test_panels_hold_every_rating_alike() -> None:
    """A panel of two of three raters leaves out each of them about as often."""
    from annotation.agreement.width import _panel

    table = votes(np.random.default_rng(1), 3_000, 3)
    chosen: NDArray[np.int64] = _panel(table, 2, np.random.default_rng(2))
    assert len(chosen) == 6_000
    assert np.bincount(table.rater[chosen]) == pytest.approx([2_000] * 3, abs=100)
    assert (np.bincount(table.unit[chosen]) == 2).all()
