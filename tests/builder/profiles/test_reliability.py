"""Alpha, omega and what they rest on, against published matrices and output."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from builder.profiles.factor import Factor, one_factor
from builder.profiles.reliability import (
    against_others,
    alpha_of,
    complete_rows,
    cronbach_alpha,
    item_rest_of,
    mcdonald_omega,
    omega_of,
    reliability_by,
    spearman_brown,
    standardised_alpha_of,
)
from schemas.errors import Defect

# `ability.cov` of R: six tests, 112 people; Smith and Stanley (1983), doi:10.1016/0160-2896(83)90010-7.
ABILITY = np.array(
    [
        [24.641, 5.991, 33.520, 6.023, 20.755, 29.701],
        [5.991, 6.700, 18.137, 1.782, 4.936, 7.204],
        [33.520, 18.137, 149.831, 19.424, 31.430, 50.753],
        [6.023, 1.782, 19.424, 12.711, 4.757, 9.075],
        [20.755, 4.936, 31.430, 4.757, 52.604, 66.762],
        [29.701, 7.204, 50.753, 9.075, 66.762, 135.292],
    ]
)
# `Harman23.cor` of R: eight measures of 305 girls; Harman (1976), Modern Factor Analysis, table 2.3.
HARMAN = np.array(
    [
        [1, 0.846, 0.805, 0.859, 0.473, 0.398, 0.301, 0.382],
        [0.846, 1, 0.881, 0.826, 0.376, 0.326, 0.277, 0.415],
        [0.805, 0.881, 1, 0.801, 0.380, 0.319, 0.237, 0.345],
        [0.859, 0.826, 0.801, 1, 0.436, 0.329, 0.327, 0.365],
        [0.473, 0.376, 0.380, 0.436, 1, 0.762, 0.730, 0.629],
        [0.398, 0.326, 0.319, 0.329, 0.762, 1, 0.583, 0.577],
        [0.301, 0.277, 0.237, 0.327, 0.730, 0.583, 1, 0.539],
        [0.382, 0.415, 0.345, 0.365, 0.629, 0.577, 0.539, 1],
    ]
)
# Covariances of the five extraversion items of `bfi` (R's package psych), 2,713 complete rows, E1 and E2 turned round.
EXTRAVERSION = np.array(
    [
        [2.6648, 1.2276, 0.7054, 0.9998, 0.6511],
        [1.2276, 2.5831, 0.8204, 1.2072, 0.8101],
        [0.7054, 0.8204, 1.8289, 0.8256, 0.6925],
        [0.9998, 1.2072, 0.8256, 2.1354, 0.6170],
        [0.6511, 0.8101, 0.6925, 0.6170, 1.7869],
    ]
)
ITEMS = ("one", "two", "three")
NAN = float("nan")


def correlations(*loadings: float) -> NDArray[np.float64]:
    """The correlations that one factor with these loadings gives."""
    matrix = np.outer(loadings, loadings)
    np.fill_diagonal(matrix, 1.0)
    return matrix


def undefined(covariance: object) -> str | None:
    found = omega_of(np.array(covariance))
    assert found.value is None
    return found.undefined


@pytest.mark.parametrize(
    ("matrix", "n", "loadings", "uniquenesses", "chi_square"),
    [
        (
            ABILITY,
            112,
            [0.682, 0.384, 0.502, 0.300, 0.877, 0.849],
            [0.535, 0.853, 0.748, 0.910, 0.232, 0.280],
            75.18,
        ),
        (
            HARMAN,
            305,
            [0.918, 0.930, 0.900, 0.902, 0.490, 0.413, 0.351, 0.446],
            [0.158, 0.135, 0.190, 0.187, 0.760, 0.829, 0.877, 0.801],
            611.44,
        ),
    ],
)
def test_one_factor_is_that_of_r(
    matrix: NDArray[np.float64], n: int, loadings: list[float], uniquenesses: list[float], chi_square: float
) -> None:
    """`factanal(factors = 1)` on both: tests/Examples/datasets-Ex.Rout.save of R."""
    found = one_factor(matrix)
    assert isinstance(found, Factor)
    assert found.loadings == pytest.approx(loadings, abs=5.1e-4)
    assert found.uniquenesses == pytest.approx(uniquenesses, abs=5.1e-4)
    # Bartlett's correction, as `factanal` takes it: (n - 1 - (2p + 5)/6 - 2/3 factors) times the discrepancy.
    count = len(matrix)
    assert (n - 1 - (2 * count + 5) / 6 - 2 / 3) * found.discrepancy == pytest.approx(chi_square, abs=5e-3)


def test_omega_from_published_loadings() -> None:
    # Of correlations: R's loadings above sum to 3.594 and 5.350, its uniquenesses to 3.558 and 3.937.
    sd = np.sqrt(np.diag(ABILITY))
    assert omega_of(ABILITY / np.outer(sd, sd)).value == pytest.approx(3.594**2 / (3.594**2 + 3.558), abs=2e-4)
    assert omega_of(HARMAN).value == pytest.approx(5.350**2 / (5.350**2 + 3.937), abs=2e-4)
    # Of the covariances each loading and each uniqueness counts by its item's own SD.
    common = np.square(sd @ [0.682, 0.384, 0.502, 0.300, 0.877, 0.849])
    unique = np.square(sd) @ [0.535, 0.853, 0.748, 0.910, 0.232, 0.280]
    assert omega_of(ABILITY).value == pytest.approx(common / (common + unique), abs=3e-4)


def test_alpha_omega_and_item_rest_of_a_published_scale() -> None:
    # bruceR's documentation of `Alpha(psych::bfi, "E", 1:5, rev = 1:2)`: alpha .761, omega (psych, of correlations)
    # .763, item-rest .513 .606 .501 .578 .455.
    sd = np.sqrt(np.diag(EXTRAVERSION))
    assert alpha_of(EXTRAVERSION, 2713).value == pytest.approx(0.761, abs=5e-4)
    assert omega_of(EXTRAVERSION / np.outer(sd, sd)).value == pytest.approx(0.763, abs=5e-4)
    assert item_rest_of(EXTRAVERSION) == pytest.approx([0.513, 0.606, 0.501, 0.578, 0.455], abs=6e-4)
    # The same with E1 and E2 as they stand in the file: alpha -.624, item-rest -.263 -.355 -.002 -.202 -.047.
    turned = EXTRAVERSION * np.outer([-1, -1, 1, 1, 1], [-1, -1, 1, 1, 1])
    assert alpha_of(turned, 2713).value == pytest.approx(-0.624, abs=6e-4)
    assert item_rest_of(turned) == pytest.approx([-0.263, -0.355, -0.002, -0.202, -0.047], abs=6e-4)
    assert against_others(("E1", "E2", "E3", "E4", "E5"), item_rest_of(turned), 2713) == ("E1", "E2", "E4", "E5")


def test_alpha_of_a_small_matrix() -> None:
    # Julia's StatsBase, documentation of `cronbachalpha`: .8136. By hand: 4/3 (1 - 46/118).
    matrix = np.full((4, 4), 6) + np.diag([4, 5, 6, 7])
    assert alpha_of(matrix, 50).value == pytest.approx(4 / 3 * (1 - 46 / 118))
    assert alpha_of(matrix, 50).value == pytest.approx(0.8136, abs=5e-5)


def test_the_interval_of_alpha_is_feldts() -> None:
    # Chris Evans' R code, https://imaging.mrc-cbu.cam.ac.uk/statswiki/FAQ/cafun: alpha .913 of 20 items and 873 people
    # has .9044024 to .9211588. Equal correlations r give alpha = 20 r / (1 + 19 r).
    share = 0.913 / (20 - 19 * 0.913)
    found = alpha_of(np.full((20, 20), share) + (1 - share) * np.eye(20), 873)
    assert found.value == pytest.approx(0.913)
    assert (found.low, found.high) == pytest.approx((0.9044024, 0.9211588), abs=5e-8)


def test_three_items_have_loadings_in_closed_form() -> None:
    # Correlations .42, .35, .30: l1^2 = .42 * .35 / .30 = .49, l2^2 = .36, l3^2 = .25.
    found = one_factor(correlations(0.7, 0.6, 0.5))
    assert isinstance(found, Factor)
    assert found.loadings == pytest.approx([0.7, 0.6, 0.5])
    assert found.uniquenesses == pytest.approx([0.51, 0.64, 0.75])
    # (.7 + .6 + .5)^2 = 3.24; 3.24 / (3.24 + .51 + .64 + .75).
    assert omega_of(correlations(0.7, 0.6, 0.5)).value == pytest.approx(3.24 / 5.14)


@given(st.lists(st.floats(0.3, 0.9), min_size=3, max_size=7), st.floats(0.1, 10))
def test_a_factor_that_is_there_is_found(loadings: list[float], sd: float) -> None:
    matrix = correlations(*loadings)
    found = one_factor(matrix * sd**2)
    assert isinstance(found, Factor)
    assert found.loadings == pytest.approx(loadings, abs=1e-5)
    assert found.discrepancy == pytest.approx(0, abs=1e-9)
    # Of one factor alpha is at most omega (McDonald 1999, ch. 6), and equal where loadings are.
    omega, alpha = omega_of(matrix * sd**2).value, alpha_of(matrix, 100).value
    assert omega is not None
    assert alpha is not None
    assert alpha <= omega + 1e-9
    assert omega_of(correlations(*[loadings[0]] * 4)).value == pytest.approx(
        alpha_of(correlations(*[loadings[0]] * 4), 100).value
    )


@given(st.integers(0, 2**32 - 1), st.integers(3, 6), st.integers(4, 60))
def test_whatever_people_answer_the_factor_is_proper_or_there_is_none(seed: int, count: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    answers = rng.integers(1, 6, (n, count)).astype(np.float64)  # nothing in common but by chance
    found = complete_rows(answers)
    assert found.covariance is not None
    factor, omega = one_factor(found.covariance), omega_of(found.covariance)
    if isinstance(factor, str):
        assert (omega.value, omega.undefined) == (None, factor)
        return
    assert factor.loadings.sum() >= 0
    assert factor.uniquenesses.min() >= 0.005
    # At the minimum the fitted variances are the observed ones (Lawley and Maxwell 1971, ch. 4).
    assert np.square(factor.loadings) + factor.uniquenesses == pytest.approx(np.ones(count), abs=1e-5)
    assert omega.value is not None
    assert 0 <= omega.value < 1


def test_where_omega_is_undefined_it_says_why() -> None:
    assert undefined(correlations(0.7, 0.6)) == "fewer than 3 items do not identify a factor"
    # .8 * .8 / .3 > 1: the first item would have more common than own variance.
    assert undefined([[1, 0.8, 0.8], [0.8, 1, 0.3], [0.8, 0.3, 1]]) == (
        "one factor does not fit: an item would have no variance of its own (Heywood case)"
    )
    assert undefined([[1, 0, 0], [0, 1, 0], [0, 0, 0]]) == "an item has the same answer from everybody"
    assert undefined([[1, 1, 0.5], [1, 1, 0.5], [0.5, 0.5, 1]]) == (
        "an item follows from the others, or people are too few for so many items"
    )
    # Nothing in common: no factor, however it is worded.
    assert undefined(np.eye(4))
    # One pair of items alone: any two loadings with that product fit.
    assert undefined([[1, 0.5, 0, 0], [0.5, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])


def test_spearman_brown_by_hand() -> None:
    # Twice as long: 2 * .6 / 1.6. Half as long takes it back: .5 * .75 / (1 - .5 * .75).
    assert spearman_brown(0.6, 2) == pytest.approx(0.75)
    assert spearman_brown(0.75, 0.5) == pytest.approx(0.6)
    assert standardised_alpha_of([[4.0, 3.6], [3.6, 9.0]]).value == pytest.approx(spearman_brown(0.6, 2))
    for reliability, length in [(-1.0, 2.0), (0.5, 0.0)]:
        with pytest.raises(Defect):
            spearman_brown(reliability, length)


def test_a_table_by_country() -> None:
    answers = np.array(
        [
            [0, 25, 10],
            [25, 75, 20],
            [50, 100, 60],
            [NAN, 50, 50],
            [10, 10, 90],
            [20, 20, 10],
            [30, 30, 30],
            [40, 40, 70],
        ]
    )
    countries = ["KE", "KE", "KE", "KE", "FI", "FI", "FI", None]
    everybody, finland, kenya = reliability_by("care", ITEMS, answers, countries)
    assert [row.group for row in (everybody, finland, kenya)] == [None, "FI", "KE"]
    assert [(row.n, row.incomplete) for row in (everybody, finland, kenya)] == [(7, 1), (3, 0), (3, 1)]
    assert {(row.scale, row.items) for row in (everybody, finland, kenya)} == {("care", ITEMS)}
    for row, part in ((everybody, answers), (finland, answers[4:7]), (kenya, answers[:4])):
        assert row.alpha.value == pytest.approx(cronbach_alpha(part))
        assert row.omega == mcdonald_omega(part)
    # In Finland `one` and `two` are the same, so one follows from the other.
    assert finland.omega.undefined == "an item follows from the others, or people are too few for so many items"
    # `one` (10, 20, 30) with the rest (100, 30, 60): deviations -10 0 10 and 110/3 -100/3 -10/3, so -400 over the
    # root of 200 * 22200/9. Three people are too few to call it more than chance.
    assert finland.item_rest[0] == pytest.approx(-400 / np.sqrt(200 * 22200 / 9))
    assert finland.against == ()


def test_what_a_country_lacks_is_said_in_its_row() -> None:
    third = 1 + 4 / 3  # cannot be written in binary: the variance of such numbers is not exactly 0
    answers = np.array([[1, third, 2], [2, third, 4], [4, third, 5], [5, third, 5], [1, 2, 3], [2, 2, 2], [NAN, 1, 1]])
    _, constant, few = reliability_by("care", ITEMS, answers, ["A"] * 4 + ["B"] * 3)
    # Raw alpha stands: the item adds nothing. Variances 10/3 and 2, covariance 7/3: 3/2 (1 - (16/3) / 10).
    assert constant.alpha.value == pytest.approx(0.7)
    assert constant.alpha_standardised.undefined == "an item has the same answer from everybody"
    assert constant.omega.undefined == "an item has the same answer from everybody"
    assert constant.item_rest[1] is None
    assert constant.item_rest[0] == pytest.approx(7 / np.sqrt(60))
    assert (few.n, few.incomplete, few.alpha.value, few.omega.value) == (2, 1, None, None)
    assert few.alpha.undefined == few.omega.undefined == "2 people answered every item: fewer than 3"
    assert few.item_rest == (None, None, None)
    (only,) = reliability_by("care", ("one",), answers[:4, :1], [None] * 4)
    assert only.alpha.undefined == "one item: it cannot be compared with another"
    assert only.alpha_standardised.undefined == "one item: it cannot be compared with another"
    assert only.omega.undefined == "fewer than 3 items do not identify a factor"
    # Thirds cannot be written in binary: what cancels leaves a rest of rounding, 6e-17.
    thirds = np.array([0, 1, 1, 2, 5]) / 3
    (cancelled,) = reliability_by("care", ("one", "two"), np.column_stack([thirds, 1 / 3 - thirds]), [None] * 5)
    assert cancelled.alpha.undefined == "the sum of the items is the same for everybody"
    assert cancelled.item_rest == pytest.approx((-1, -1))
    (unmoved,) = reliability_by("care", ITEMS, np.full((11, 3), third), [None] * 11)
    assert unmoved.alpha.undefined == "the sum of the items is the same for everybody"
    assert unmoved.omega.undefined == "an item has the same answer from everybody"
    assert unmoved.item_rest == (None, None, None)
    with pytest.raises(Defect):
        reliability_by("care", ITEMS, answers, ["A"])


def test_an_item_runs_against_the_others_only_beyond_chance() -> None:
    # Fisher's z: tanh(1.96 / sqrt(n - 3)) is .2583 at n = 58 and .6296 at n = 10.
    assert against_others(ITEMS, (-0.26, -0.25, None), 58) == ("one",)
    assert against_others(ITEMS, (-0.62, -0.63, 0.9), 10) == ("two",)
    assert against_others(ITEMS, (-1.0, -1.0, -1.0), 3) == ()
