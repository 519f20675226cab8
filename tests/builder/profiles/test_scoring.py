"""Scores by hand, and what is refused."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.profiles.answers import answers_of
from builder.profiles.reliability import cronbach_alpha
from builder.profiles.scoring import Scores
from builder.profiles.scoring import score as score_answers
from schemas.codebook import SurveyItem
from schemas.errors import ConfigError, InputError
from schemas.survey import Respondent
from schemas.values import Scoring, ValueFramework
from tests.builder.made import made_framework, made_item, made_person

ITEMS = (made_item("amber"), made_item("blue", reverse=True))


def score(rows: Sequence[Respondent], items: Sequence[SurveyItem], framework: ValueFramework) -> Scores:
    return score_answers(answers_of(rows, items), framework)


def people(*answers: dict[str, float]) -> list[Respondent]:
    return [made_person(f"r-{place}", own) for place, own in enumerate(answers)]


def test_three_people_on_two_dimensions() -> None:
    got = score(
        people({"amber": 1, "blue": 2}, {"amber": 3, "blue": 2}, {"amber": 5, "blue": 5}), ITEMS, made_framework()
    )
    assert got.dimensions == ("amber", "blue")
    assert got.items == (("amber",), ("blue",))
    # Amber: (1-1)/4, (3-1)/4, (5-1)/4 of 100. Blue is reverse-keyed: 100 - 25, 100 - 25, 100 - 100.
    np.testing.assert_allclose(got.raw, [[0, 75], [50, 75], [100, 0]])
    # Own means 37.5, 62.5, 50.
    np.testing.assert_allclose(got.centred, [[-37.5, 37.5], [-12.5, 12.5], [50, -50]])
    # Amber: mean 50, SD sqrt((2500 + 0 + 2500)/2) = 50. Blue: mean 50, SD sqrt((625 + 625 + 2500)/2) = 43.3013.
    np.testing.assert_allclose(got.standardised, [[-1, 0.57735], [0, 0.57735], [1, -1.15470]], atol=1e-5)
    # Reliability .75: SD * sqrt(.25) = 25 and 21.6506; in SDs sqrt(.25) = .5.
    np.testing.assert_allclose(got.raw_error, [[25, 21.65064]] * 3, atol=1e-5)
    np.testing.assert_allclose(got.standardised_error, [[0.5, 0.5]] * 3)
    # x - (x + y)/2 = (x - y)/2, so sqrt(625 + 468.75)/2 = 16.5359 for both.
    np.testing.assert_allclose(got.centred_error, [[16.53595, 16.53595]] * 3, atol=1e-5)


def test_a_dimension_of_several_items_is_their_mean_and_needs_all_of_them() -> None:
    items = (made_item("one", "amber"), made_item("two", "amber"))
    rows = people({"one": 1, "two": 2}, {"one": 2, "two": 4}, {"one": 3, "two": 5}, {"one": 3})
    got = score(rows, items, made_framework())
    # (0 + 25)/2, (25 + 75)/2, (50 + 100)/2; the last person lacks `two`.
    np.testing.assert_allclose(got.raw[:, 0], [12.5, 50, 75, np.nan])
    # On 0-100 the items have variances 625 and 4375/3 (of 25, 75, 100), their sums 25, 100, 150 have 11875/3:
    # alpha = 2 (1 - (625 + 1458.333)/3958.333) = 0.947368.
    assert cronbach_alpha(np.array([[0, 25], [25, 75], [50, 100]])) == pytest.approx(0.947368, abs=1e-6)
    # SD of 12.5, 50, 75 is 31.4576; times sqrt(1 - .947368).
    np.testing.assert_allclose(got.raw_error[:3, 0], [7.21688] * 3, atol=1e-4)
    assert np.isnan(got.raw_error[3, 0])


def test_a_dimension_that_was_not_answered_stays_out_of_the_persons_mean() -> None:
    got = score(
        people({"amber": 1, "blue": 2}, {"amber": 3, "blue": 4}, {"amber": 5, "blue": 5}, {"amber": 4}),
        ITEMS,
        made_framework(),
    )
    # Only amber is known of the last: it is its own mean, without error of the difference.
    assert got.centred[3, 0] == 0
    assert got.centred_error[3, 0] == 0
    assert np.isnan([got.raw[3, 1], got.centred[3, 1], got.standardised[3, 1], got.standardised_error[3, 1]]).all()


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=4, max_size=12))
def test_reversing_an_item_mirrors_its_scores(answers: list[tuple[int, int]]) -> None:
    spread = [*answers, (1, 1), (5, 5)]  # so that neither dimension is constant
    rows = people(*({"amber": one, "blue": other} for one, other in spread))
    plain = score(rows, (made_item("amber"), made_item("blue")), made_framework())
    turned = score(rows, (made_item("amber", reverse=True), made_item("blue", reverse=True)), made_framework())
    np.testing.assert_allclose(turned.raw, 100 - plain.raw, atol=1e-9)
    np.testing.assert_allclose(turned.centred, -plain.centred, atol=1e-9)
    np.testing.assert_allclose(turned.standardised, -plain.standardised, atol=1e-9)
    np.testing.assert_allclose(turned.raw_error, plain.raw_error, atol=1e-9)


def test_two_people_are_too_few() -> None:
    with pytest.raises(InputError) as caught:
        score(people({"amber": 1}, {"amber": 5}), (made_item("amber"),), made_framework())
    assert caught.value.report.code == "survey-too-small"


@pytest.mark.parametrize("count", [3, 7, 11, 600])
def test_the_same_answer_from_everybody_measures_nothing(count: int) -> None:
    """4/3 of a scale point cannot be written in binary: the SD of 11 such numbers is not exactly 0."""
    with pytest.raises(InputError) as caught:
        score(people(*[{"amber": 1 + 4 / 3}] * count), (made_item("amber"),), made_framework())
    assert caught.value.report.code == "dimension-constant"


def test_items_that_run_against_each_other_are_refused() -> None:
    items = (made_item("one", "amber"), made_item("two", "amber"))
    with pytest.raises(InputError) as caught:
        score(people({"one": 1, "two": 5}, {"one": 3, "two": 4}, {"one": 5, "two": 1}), items, made_framework())
    assert caught.value.report.code == "scale-unreliable"


def test_one_column_without_a_reliability_is_refused() -> None:
    rows = people({"amber": 1}, {"amber": 2}, {"amber": 5})
    with pytest.raises(ConfigError) as caught:
        score(rows, (made_item("amber"),), made_framework(reliability=None))
    assert caught.value.report.code == "reliability-missing"


def test_items_that_measure_nothing_are_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        score(people({"green": 1}), (made_item("green").model_copy(update={"dimension": None}),), made_framework())
    assert caught.value.report.code == "nothing-measured"


def test_a_score_from_fewer_items_carries_more_error() -> None:
    """With half the items of a dimension answered the score stands, its error times sqrt(k / j) = sqrt(2)."""
    items = (made_item("one", "amber"), made_item("two", "amber"))
    half = made_framework().model_copy(update={"scoring": Scoring(min_answered=0.5)})
    rows = people({"one": 1, "two": 2}, {"one": 2, "two": 4}, {"one": 3, "two": 5}, {"one": 3}, {})
    got = score(rows, items, half)
    np.testing.assert_allclose(got.raw[:, 0], [12.5, 50, 75, 50, np.nan])
    assert got.raw_error[3, 0] == pytest.approx(got.raw_error[0, 0] * 2**0.5)
    assert got.standardised_error[3, 0] == pytest.approx(got.standardised_error[0, 0] * 2**0.5)
    assert np.isnan(got.raw_error[4, 0])


def test_centring_on_all_items_weighs_a_dimension_by_its_items() -> None:
    """MRAT: the mean of all items, here two of amber and one of blue, not of the two scores."""
    items = (made_item("one", "amber"), made_item("two", "amber"), made_item("blue"))
    mrat = made_framework().model_copy(update={"scoring": Scoring(centring="items")})
    rows = people({"one": 1, "two": 2, "blue": 5}, {"one": 2, "two": 4, "blue": 1}, {"one": 3, "two": 5, "blue": 2})
    got = score(rows, items, mrat)
    # The first: answers 0, 25, 100 of 100, mean 41.6667; amber 12.5, blue 100.
    np.testing.assert_allclose(got.centred[0], [12.5 - 125 / 3, 100 - 125 / 3])
    # Errors of an item: v = var of amber from its items, w = of blue. The mean of all is (2a + b)/3 with a the amber
    # score's error (variance v/2) and b blue's (w): amber less it is (a - b)/3, blue less it is 2 (b - a)/3.
    own = np.square(got.raw_error[0])
    np.testing.assert_allclose(got.centred_error[0], [(own.sum() / 9) ** 0.5, (own.sum() * 4 / 9) ** 0.5])
