"""Generalised demographics: numbers and ranges in bands, never narrower than asked, the unknown left out."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from builder.countries.generalise import generalise
from tests.builder.countries.made import made_pack

BOUNDS = (18, 30, 50, 65)


def in_bands(text: str, *bounds: int) -> str | None:
    pack = made_pack(generalise={"age": {"bands": bounds or BOUNDS}})
    return generalise({"age": text}, pack).get("age")


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("17", "under 18"),
        ("18", "18-29"),
        ("29", "18-29"),
        ("30", "30-49"),
        ("34 years", "30-49"),
        ("49.5", "30-49"),
        ("65", "65+"),
        ("101", "65+"),
        ("18-29", "18-29"),
        ("18-24 years old", "18-29"),
        ("30 – 49", "30-49"),
        ("31 to 40", "30-49"),
        ("65+ years old", "65+"),
        ("70 or older", "65+"),
        ("over 80", "65+"),
        ("under 18", "under 18"),
        ("<16", "under 18"),
        ("over 64", "65+"),
        ("aged over 64", "65+"),
        ("66 years and over", "65+"),
        ("65 years or older", "65+"),
        ("65 ans et plus", "65+"),
        ("65 Jahre und älter", "65+"),
        ("65 años y más", "65+"),
        ("65 anos ou mais", "65+"),
        ("miaka 65 na zaidi", "65+"),
        ("at least 65", "65+"),
        ("under the age of 18", "under 18"),
        ("17 or younger", "under 18"),
        ("17 and under", "under 18"),
        ("up to 17", "under 18"),
        ("moins de 18 ans", "under 18"),
        ("between 30 and 49", "30-49"),
        ("34 Jahre", "30-49"),
        ("34 ans", "30-49"),
        ("miaka 34", "30-49"),
        ("age: 34", "30-49"),
        ("34  years old", "30-49"),
    ],
)
def test_a_number_or_a_range_inside_a_band_becomes_the_band(text: str, band: str) -> None:
    assert in_bands(text) == band


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("25-34 years old", "18-49"),  # 10 years wide, touches bands of 12 and 20: both together
        ("55-70", "50+"),  # touches 50-64 and the open band
        ("16-20", "under 30"),
        ("60 years and over", "60+"),  # touches 50-64 and 65+, and is as wide as the open one: it stays
        ("60 years or older", "60+"),
        ("60 ans et plus", "60+"),
        ("60 Jahre und älter", "60+"),
        ("up to 30", "under 31"),
        ("<= 30", "under 31"),
        ("24 or younger", "under 25"),
    ],
)
def test_a_range_finer_than_the_bands_it_touches_becomes_all_of_them(text: str, made: str) -> None:
    assert in_bands(text) == made


@pytest.mark.parametrize("text", ["18-30", "30-50", "50+"])
def test_a_range_as_wide_as_every_band_it_touches_stays(text: str) -> None:
    """D3CODE's ages under ten-year bands: 13, 21 and endless years against ten."""
    assert in_bands(text, 18, 25, 35, 45, 55, 65) == text


@pytest.mark.parametrize(
    "text",
    [
        *("old", "", "1987-03-02", "between 10 and 20 and 30", "50-18", "-", "18-30-50", "\u0000", "1e9999 or 2"),
        *("9" * 400, "1960", "born 1960", "born 60", "1960-1970", "since 1960", "1960+", "-5", "not 34", "34 children"),
        *("34 or so", "before 30", "nearly 18", "60th percentile", "class 7", "18 under", "1,500", "late 30s"),
    ],
)
def test_what_cannot_be_put_in_a_band_is_left_out(text: str) -> None:
    assert in_bands(text) is None


def test_the_other_rules() -> None:
    pack = made_pack(
        generalise={
            "religion": {"drop": True},
            "town": {"map": {"Nairobi": "Nairobi", "Mombasa": "coast"}, "other": "elsewhere"},
            "work": {"map": {"nurse": "health"}},
        }
    )
    known = {"religion": "x", "town": "Mombasa", "work": "nurse", "gender": "Woman"}
    assert generalise(known, pack) == {"town": "coast", "work": "health", "gender": "Woman"}
    assert generalise({"town": "Lamu", "work": "fisher"}, pack) == {"town": "elsewhere"}


@pytest.mark.parametrize(
    "rule", [{}, {"drop": True, "bands": [1]}, {"bands": [30, 18]}, {"bands": [18, 18]}, {"other": "x"}, {"map": {}}]
)
def test_a_rule_is_exactly_one_thing(rule: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="generalise"):
        made_pack(generalise={"age": rule})


def test_numbers_of_the_size_of_a_year_are_read_where_the_bands_are_of_that_size() -> None:
    assert in_bands("1960", 500, 1500, 2500) == "1500-2499"


def test_large_numbers_keep_their_digits() -> None:
    assert in_bands("1500000", 1_000_000, 2_000_000) == "1000000-1999999"


def span_of(band: str) -> tuple[float, float]:
    """The whole numbers that a band holds, its ends among them."""
    if band.startswith("under "):
        return -math.inf, int(band.removeprefix("under ")) - 1
    if band.endswith("+"):
        return int(band[:-1]), math.inf
    low, high = band.split("-")
    return int(low), int(high)


WORDS = st.sampled_from(
    [
        ("{0}-{1}", 0, 0),
        ("{0} to {1} years old", 0, 0),
        ("zwischen {0} und {1} Jahre", 0, 0),
        ("{0}+", 0, math.inf),
        ("{0} years and over", 0, math.inf),
        ("{0} ans et plus", 0, math.inf),
        ("over {0}", 1, math.inf),
        ("under {1}", -math.inf, -1),
        ("{1} or younger", -math.inf, 0),
        ("up to {1}", -math.inf, 0),
    ]
)
"""A text with two numbers, and what is to be added to them to have the whole numbers that it speaks of."""


@given(st.sets(st.integers(1, 120), min_size=1, max_size=6), st.integers(0, 130), st.integers(0, 60), WORDS)
def test_bands_hold_what_was_put_into_them_and_stay_as_they_are(
    bounds: set[int], low: int, width: int, words: tuple[str, float, float]
) -> None:
    ascending, (text, more, less) = sorted(bounds), words
    band = in_bands(text.format(low, low + width), *ascending)
    if band is None:  # it lies in all bands
        return
    starts, ends = span_of(band)
    assert starts <= low + more
    assert low + width + less <= ends
    assert in_bands(band, *ascending) == band
    # Never finer than the narrowest band.
    assert ends - starts + 1 >= min((after - one for one, after in pairwise(ascending)), default=math.inf)


@given(st.sets(st.integers(0, 120), min_size=1, max_size=6), st.integers(0, 180))
def test_a_number_is_in_its_band_and_no_other(bounds: set[int], number: int) -> None:
    ascending = sorted(bounds)
    edges = [-math.inf, *ascending, math.inf]
    band = in_bands(str(number), *ascending)
    assert band is not None
    assert span_of(band) in [(one, after - 1) for one, after in pairwise(edges) if one <= number < after]


@given(st.text(max_size=30), st.integers(0, 120))
def test_any_text_comes_out_as_a_band_or_not_at_all(text: str, number: int) -> None:
    for told in (text, f"{text}{number}", f"{number}{text}", f"{text} {number} years"):
        band = in_bands(told)
        if band is not None:
            starts, ends = span_of(band)
            assert starts <= ends
            assert in_bands(band) == band
