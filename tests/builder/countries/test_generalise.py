"""Generalised demographics: numbers and ranges in bands, never narrower than asked, the unknown left out."""

from itertools import zip_longest

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
    ["old", "", "1987-03-02", "between 10 and 20 and 30", "50-18", "-", "18-30-50", "\u0000", "1e9999 or 2", "9" * 400],
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


@given(st.sets(st.integers(0, 120), min_size=1, max_size=6), st.integers(0, 130), st.integers(0, 60))
def test_bands_hold_what_was_put_into_them_and_stay_as_they_are(bounds: set[int], low: int, width: int) -> None:
    ascending = sorted(bounds)
    band = in_bands(f"{low}-{low + width}", *ascending)
    assert band is None or in_bands(band, *ascending) == band
    for bound, after in zip_longest(ascending, ascending[1:]):
        assert in_bands(str(bound), *ascending) == (f"{bound}+" if after is None else f"{bound}-{after - 1}")


@given(st.text(max_size=30))
def test_any_text_comes_out_as_a_band_or_not_at_all(text: str) -> None:
    band = in_bands(text)
    assert band is None or any(char.isdigit() for char in band)
