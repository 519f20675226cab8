"""Congruence by hand, what it flags, and the words that go with means of countries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from builder.profiles.invariance import congruence_by, invariance_warning, tucker_congruence
from schemas.errors import Defect
from schemas.reliability import CountryCongruence

ITEMS = ("one", "two", "three")
HEAD = (
    "care: means of 2 countries are not comparable. Nothing shows that its items work alike in all of them (scalar"
    " invariance), so a difference may lie in how questions are understood, translated or answered. Do not rank"
    " countries by them."
)


def answers_of(loadings: tuple[float, ...], n: int, mean: float = 50) -> NDArray[np.float64]:
    """Answers of `n` people whose correlations are exactly those of one factor with these loadings."""
    correlations = np.outer(loadings, loadings)
    np.fill_diagonal(correlations, 1.0)
    drawn = np.random.default_rng(n).normal(size=(n, len(loadings)))
    unit, _ = np.linalg.qr(drawn - drawn.mean(axis=0))
    return mean + np.sqrt(n - 1) * unit @ np.linalg.cholesky(correlations).T


def check(country: str, likeness: str | None, congruence: float | None, *against: str) -> CountryCongruence:
    return CountryCongruence.model_validate(
        {"scale": "care", "country": country, "n": 100, "congruence": congruence, "likeness": likeness}
        | {"against": against, "undefined": None if likeness else "fewer than 3 items do not identify a factor"}
    )


def test_congruence_by_hand() -> None:
    # (1*2 + 2*1) / sqrt(5 * 5); proportional loadings agree wholly, reflected ones oppositely.
    assert tucker_congruence([1, 2], [2, 1]) == pytest.approx(0.8)
    assert tucker_congruence([0.8, 0.6, 0.4], [0.4, 0.3, 0.2]) == pytest.approx(1)
    assert tucker_congruence([0.8, 0.6], [-0.8, -0.6]) == pytest.approx(-1)
    assert tucker_congruence([0, 0], [1, 2]) is None


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=2, max_size=8), st.floats(0.01, 100))
def test_congruence_is_symmetric_bounded_and_blind_to_size(pairs: list[tuple[float, float]], factor: float) -> None:
    one, other = (np.array(column) for column in zip(*[*pairs, (0.5, 0.5)], strict=True))
    found = tucker_congruence(one, other)
    assert found is not None
    assert -1 <= found <= 1
    assert tucker_congruence(other, one * factor) == pytest.approx(found)


def test_countries_are_compared_with_what_holds_within_countries() -> None:
    # Correlations of A: .56 .48 .42; of B: .56 .08 .07. Weighing 400 to 100 they pool to .56 .40 .35, which are those
    # of loadings .8, .7, .5 (.56 * .40 / .35 = .64 ...).
    # A: (.64 + .49 + .30) / sqrt(1.49 * 1.38) = .9972; B: (.64 + .49 + .05) / sqrt(1.14 * 1.38) = .9408.
    answers = np.vstack([answers_of((0.8, 0.7, 0.6), 401), answers_of((0.8, 0.7, 0.1), 101, mean=10)])
    found = congruence_by("care", ITEMS, answers, ["A"] * 401 + ["B"] * 101)
    assert [(row.country, row.n, row.likeness, row.against) for row in found] == [
        ("A", 401, "equal", ()),
        ("B", 101, "fair", ()),
    ]
    assert [row.congruence for row in found] == pytest.approx(
        [1.43 / np.sqrt(1.49 * 1.38), 1.18 / np.sqrt(1.14 * 1.38)]
    )


def test_a_key_that_is_wrong_in_one_country_is_seen() -> None:
    loadings = (0.8, 0.7, 0.7, 0.6)
    answers = np.vstack([answers_of(loadings, 200), answers_of(loadings, 200), answers_of(loadings, 100)])
    answers[400:, 3] = 100 - answers[400:, 3]
    countries = ["A"] * 200 + ["B"] * 200 + ["C"] * 100
    found = congruence_by("care", ("p", "q", "r", "s"), answers, countries)
    assert [row.against for row in found] == [(), (), ("s",)]
    assert [row.likeness for row in found] == ["equal", "equal", "unlike"]
    said = invariance_warning("care", 3, found)
    assert said is not None
    assert "Items hang together otherwise than elsewhere in C (" in said
    assert "Item s runs against the others in C: look at its key and its translation." in said


def test_what_cannot_be_compared_says_why() -> None:
    two = congruence_by("care", ("p", "q"), answers_of((0.8, -0.7), 50), ["A"] * 50)
    assert two[0].undefined == "fewer than 3 items do not identify a factor"
    # Of two items a wrong key shows all the same: their correlation is -.56.
    assert two[0].against == ("p", "q")
    answers = np.vstack([answers_of((0.8, 0.7, 0.6), 50), answers_of((0.8, 0.7, 0.6), 5)[:2]])
    large, small = congruence_by("care", ITEMS, answers, ["A"] * 50 + ["B"] * 2)
    assert large.congruence == pytest.approx(1)
    assert (small.congruence, small.likeness, small.n) == (None, None, 2)
    assert small.undefined == "2 people answered every item: fewer than 3"
    (alone,) = congruence_by("care", ITEMS, answers[50:], ["B"] * 2)
    assert alone.undefined == "2 people answered every item: fewer than 3"
    assert congruence_by("care", ITEMS, answers, [None] * 52) == ()
    with pytest.raises(Defect):
        congruence_by("care", ITEMS, answers, ["A"])


def test_means_are_warned_of_unless_invariance_was_shown() -> None:
    assert invariance_warning("care", 2) == HEAD
    assert invariance_warning("care", 2, established="  ") == HEAD
    assert invariance_warning("care", 1) is None
    assert invariance_warning("care", 2, established="Doe 2020, doi:10.1/x") is None


def test_congruence_does_not_lift_the_warning() -> None:
    said = invariance_warning("care", 2, (check("A", "equal", 0.99), check("B", "equal", 0.98)))
    tail = " That loadings agree in other countries does not change this: intercepts were not looked at."
    assert said == HEAD + tail


def test_what_the_data_say_is_told_beside_a_citation_too() -> None:
    checks = (check("A", "unlike", 0.8, "two"), check("B", "equal", 0.97), check("C", None, None, "two"))
    doubts = (
        "Items hang together otherwise than elsewhere in A (0.80): congruence below 0.85."
        " Item two runs against the others in A, C: look at its key and its translation."
        " In 1 of 3 countries loadings could not be compared."
    )
    assert invariance_warning("care", 3, checks, established="Doe 2020") == (
        f"care: invariance is cited (Doe 2020), but: {doubts}"
    )
    said = invariance_warning("care", 3, checks)
    assert said is not None
    assert doubts in said


def test_of_many_countries_five_are_named() -> None:
    said = invariance_warning("care", 7, [check(name, "unlike", 0.5) for name in "ABCDEFG"])
    assert said is not None
    assert "in A (0.50), B (0.50), C (0.50), D (0.50), E (0.50) and 2 more: congruence" in said
