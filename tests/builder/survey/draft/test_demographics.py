"""Who the person is: what is drafted, with which gaps, and what never is."""

import pytest

from builder.survey.draft.demographics import guess_demographics, guess_region, is_sensitive
from tests.builder.survey.draft.made import column

AGES = list(range(20, 80)) * 2


@pytest.mark.parametrize(
    ("name", "cells", "labels", "label"),
    [
        ("gndr", [1, 2], {"1": "Male", "2": "Female"}, ""),
        ("v1", ["m", "f"], {}, "Sexo"),
        ("q1", ["Mwanaume", "Mwanamke"], {}, "Jinsia"),
        ("x", [1, 2], {"1": "ذكر", "2": "أنثى"}, "الجنس"),
    ],
)
def test_gender_by_its_answers(name: str, cells: list[object], labels: dict[str, str], label: str) -> None:
    (found,) = guess_demographics([column(name, cells * 4, label, labels=labels)])  # type: ignore[arg-type]
    assert (found.name, found.column) == ("gender", name)
    assert dict(found.labels) == labels


@pytest.mark.parametrize(
    ("name", "label", "cells"),
    [("same_sex_marriage", "", [1, 2, 3, 4, 5] * 3), ("q3", "Sex of your first child", [1, 2, 1]), ("sex", "", [1, 1])],
)
def test_what_is_no_gender_of_the_person(name: str, label: str, cells: list[object]) -> None:
    assert [one for one in guess_demographics([column(name, cells, label)]) if any(one.labels.values())] == []  # type: ignore[arg-type]


def test_codes_of_gender_without_words_are_gaps() -> None:
    (found,) = guess_demographics([column("sex", [1, 2, 1, 2])])
    assert dict(found.labels) == {"1": None, "2": None}


def test_an_age_becomes_bands_of_adults_or_of_all() -> None:
    (adults,) = guess_demographics([column("age", [*AGES, 999, -1])])
    assert (adults.low, adults.high, adults.bands[0]) == (18, 110, 18)
    assert set(adults.missing) == {"999", "-1"}
    (young,) = guess_demographics([column("age", [14, *AGES])])
    assert (young.low, young.bands[0]) == (13, 13)
    (children,) = guess_demographics([column("age", [11, *AGES])])
    assert (children.low, children.bands[0]) == (0, 18)


def test_an_impossible_age_once_is_a_slip_and_its_row_is_set_aside() -> None:
    (found,) = guess_demographics([column("age", [*AGES, 214])])
    assert found.missing == {}
    (found,) = guess_demographics([column("age", [*AGES, *[214] * 4])])
    assert set(found.missing) == {"214"}


def test_many_of_98_are_asked_about() -> None:
    (found,) = guess_demographics([column("age", [*AGES, *[98] * 9])])
    assert "98" in found.hint
    (found,) = guess_demographics([column("age", [*AGES, 97, 98, 99])])
    assert not found.hint


def test_age_groups_keep_their_words_and_birth_years_are_no_ages() -> None:
    (groups,) = guess_demographics([column("age", ["18-24", "25-34", "35+"] * 3)])
    assert (groups.low, dict(groups.labels)) == (None, {})
    assert guess_demographics([column("q2", list(range(1940, 2006)), "Year of birth (age)")]) == []


def test_only_demographics_that_have_words_are_drafted() -> None:
    columns = [
        column("marital", [1, 2, 3]),
        column("domicil", [1, 2], labels={"1": "Urban", "2": "Rural"}, label="Urban or rural"),
    ]
    assert [(one.name, one.column) for one in guess_demographics(columns)] == [("settlement", "domicil")]


@pytest.mark.parametrize(
    ("name", "label"),
    [("relig", ""), ("q5", "Religious denomination"), ("ethnic", ""), ("q6", "Tribe"), ("phone", ""), ("q7", "E-mail")],
)
def test_what_is_sensitive_or_identifies_is_never_drafted(name: str, label: str) -> None:
    one = column(name, [1, 2], label, labels={"1": "Male", "2": "Female"})
    assert is_sensitive(one)
    assert guess_demographics([one]) == []


def test_a_region_is_only_pointed_at() -> None:
    found = guess_region([column("county", ["Kisumu", "Nairobi"] * 3)])
    assert found is not None
    assert found.column == "county"
    assert guess_demographics([column("county", ["Kisumu", "Nairobi"] * 3)]) == []
