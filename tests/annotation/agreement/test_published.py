"""Every published or independently computed value of agreement that is known here."""

import json
from pathlib import Path

import pytest

from annotation.agreement.alpha import alpha, alpha_of_counts
from annotation.agreement.gwet import gwet_ac
from annotation.agreement.icc import intraclass
from annotation.agreement.kappa import cohen_kappa, fleiss_kappa
from annotation.agreement.level import Level, gwet_weights, power_weights
from annotation.agreement.table import of_matrix
from mvpbench.statistics.bootstrap import Resampling
from mvpbench.statistics.measures import point
from tests.annotation.agreement.published import (
    BINARY,
    KRIPPENDORFF_2011,
    LETTERS,
    SHROUT_FLEISS,
    WIKIPEDIA,
    Matrix,
    by_rater,
    square,
)

REFERENCE = Path(__file__).parents[4] / "shared" / "data" / "reference" / "krippendorff.json"


@pytest.mark.parametrize(
    ("raters", "level", "published", "digits"),
    [
        (KRIPPENDORFF_2011, Level.NOMINAL, 0.743, 3),
        (KRIPPENDORFF_2011, Level.ORDINAL, 0.815, 3),
        (KRIPPENDORFF_2011, Level.INTERVAL, 0.849, 3),
        (KRIPPENDORFF_2011, Level.RATIO, 0.797, 3),
        (WIKIPEDIA, Level.NOMINAL, 0.691, 3),
        (WIKIPEDIA, Level.INTERVAL, 0.811, 3),
        (WIKIPEDIA, Level.ORDINAL, 0.8067, 4),
        (WIKIPEDIA, Level.RATIO, 0.8089, 4),
        (BINARY, Level.NOMINAL, 0.095, 3),
        (LETTERS, Level.NOMINAL, 0.692, 3),
    ],
)
def test_alpha(raters: Matrix, level: Level, published: float, digits: int) -> None:
    found = point(alpha(of_matrix(raters, level)))
    assert found is not None
    assert round(found, digits) == published


@pytest.mark.skipif(
    not REFERENCE.exists(), reason="needs ../shared/data/reference/krippendorff.json beside the checkout"
)
@pytest.mark.parametrize(
    ("name", "ours"), [("krippendorff_2011_4x12", KRIPPENDORFF_2011), ("wikipedia_3x15", WIKIPEDIA)]
)
def test_the_reference_file_holds_these_tables_and_values(name: str, ours: Matrix) -> None:
    kept = json.loads(REFERENCE.read_text(encoding="utf-8"))[name]
    assert kept["data"] == ours
    for level, published in kept["alpha"].items():
        assert point(alpha(of_matrix(kept["data"], Level(level)))) == pytest.approx(published, abs=5e-4)


@pytest.mark.parametrize(
    ("level", "computed"),
    # The package irrCAC 0.4.4 for Python, `CAC(ratings, weights=...).gwet()`, run on these ratings.
    [(Level.NOMINAL, 0.77544), (Level.ORDINAL, 0.89894), (Level.INTERVAL, 0.914), (Level.RATIO, 0.85737)],
)
def test_gwet_on_missing_ratings(level: Level, computed: float) -> None:
    table = of_matrix(KRIPPENDORFF_2011, level)
    assert point(gwet_ac(table.counts, gwet_weights(table.scale, level))) == pytest.approx(computed, abs=5e-6)
    if level is Level.NOMINAL:
        assert point(gwet_ac(table.counts)) == pytest.approx(0.775, abs=5e-4)


def test_ordinal_alpha_by_gwets_weights_is_another_number() -> None:
    """IrrCAC calls .834 the ordinal alpha of this table: distances by place alone, not by how often values are given.

    1 - weight is a squared difference of values that lie on no line; alpha of it is 1 - (n - 1) sum o d / sum n n d.
    """
    table = of_matrix(KRIPPENDORFF_2011, Level.ORDINAL)
    counts = table.counts[table.raters_each > 1]
    apart = 1 - gwet_weights(table.scale, Level.ORDINAL)
    given, raters = counts.sum(axis=0), counts.sum(axis=1)
    observed = ((counts @ apart * counts).sum(axis=1) / (raters - 1)).sum()
    found = 1 - (given.sum() - 1) * observed / (given @ apart @ given)
    assert found == pytest.approx(0.834, abs=5e-4)
    assert point(alpha_of_counts(table.counts, table.scale, Level.ORDINAL)) == pytest.approx(0.815, abs=5e-4)


@pytest.mark.parametrize(
    ("cells", "kappa"),
    [
        ([[118, 5], [2, 0]], -0.0234),
        ([[20, 5], [10, 15]], 0.4),
        ([[45, 15], [25, 15]], 0.1304),
        ([[25, 35], [5, 35]], 0.2593),
    ],
)
def test_cohen(cells: list[list[int]], kappa: float) -> None:
    assert point(cohen_kappa(of_matrix(square(cells), Level.NOMINAL))) == pytest.approx(kappa, abs=5e-5)


def test_one_dominant_value_brings_kappa_down_and_not_ac1() -> None:
    table = of_matrix(square([[118, 5], [2, 0]]), Level.NOMINAL)
    assert point(gwet_ac(table.counts)) == pytest.approx(0.9408, abs=5e-5)


def test_weighted_cohen() -> None:
    # Cohen (1968) by hand on 3 x 3 counts [[4, 1, 0], [1, 3, 1], [0, 2, 3]], 15 units, margins 5 5 5 and 5 6 4.
    # Linear: observed (10 + 5 / 2) / 15 = 5 / 6; by chance sum p q w = (5 (5 + 3) + 5 (2.5 + 6 + 2) + 5 (3 + 4)) / 225
    # = (40 + 52.5 + 35) / 225 = 17 / 30; kappa = (25 / 30 - 17 / 30) / (13 / 30) = 8 / 13.
    # Quadratic: observed (10 + 5 * 3 / 4) / 15 = 11 / 12; by chance (5 * 9.5 + 5 (3.75 + 6 + 3) + 5 * 8.5) / 225
    # = 153.75 / 225 = 41 / 60; kappa = (55 / 60 - 41 / 60) / (19 / 60) = 14 / 19.
    table = of_matrix(square([[4, 1, 0], [1, 3, 1], [0, 2, 3]]), Level.ORDINAL)
    linear, quadratic = (power_weights(table.scale, Level.ORDINAL, power) for power in (1, 2))
    assert point(cohen_kappa(table, linear)) == pytest.approx(8 / 13)
    assert point(cohen_kappa(table, quadratic)) == pytest.approx(14 / 19)


def test_fleiss() -> None:
    # Fleiss (1971), doi:10.1037/h0031619, as worked in https://en.wikipedia.org/wiki/Fleiss%27_kappa: 10 subjects,
    # 14 raters, 5 categories; kappa .210.
    counts = [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
    assert point(fleiss_kappa(counts)) == pytest.approx(0.210, abs=5e-4)


def test_intraclass_correlations() -> None:
    # Shrout and Fleiss (1979), table 4: .17, .29, .71, .44, .62, .91. Intervals: the package pingouin 0.6 for Python.
    found = intraclass(of_matrix(by_rater(SHROUT_FLEISS), Level.INTERVAL), Resampling(1))
    published = {
        "icc_1": (0.17, -0.13, 0.72),
        "icc_a1": (0.29, 0.02, 0.76),
        "icc_c1": (0.71, 0.34, 0.95),
        "icc_1k": (0.44, -0.88, 0.91),
        "icc_ak": (0.62, 0.07, 0.93),
        "icc_ck": (0.91, 0.68, 0.99),
    }
    assert set(found) == set(published)
    for name, numbers in published.items():
        one = found[name]
        assert (one.value, one.low, one.high) == pytest.approx(numbers, abs=5e-3), name
