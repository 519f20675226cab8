"""Country names to codes."""

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.survey.countries import country_code, country_name


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Kenya", "KE"),
        ("KEN", "KE"),
        ("404", "KE"),  # ISO numeric, as the World Values Survey has it
        ("Korea, Republic of", "KR"),
        ("Venezuela, Bolivarian Republic of", "VE"),
        ("Viet Nam", "VN"),
        ("Türkiye", "TR"),
        ("Côte d'Ivoire", "CI"),
        ("Hong Kong", "HK"),
        ("Prefer not to say", None),
        ("Wakanda", None),
    ],
)
def test_names_and_codes_of_iso_3166(name: str, code: str | None) -> None:
    assert country_code(name, {}) == code


def test_the_codebooks_own_names_come_first() -> None:
    assert country_code("Holland", {}) is None
    assert country_code("Holland", {"Holland": "NL"}) == "NL"
    assert country_code("Georgia", {"Georgia": "US"}) == "US"


@given(st.sampled_from(sorted(country.alpha_2 for country in pycountry.countries)))
def test_a_code_finds_its_name_and_a_name_its_code(code: str) -> None:
    assert country_code(code, {}) == code
    assert country_code(country_name(code), {}) == code


def test_a_code_that_is_none_stays_as_it_is() -> None:
    assert country_name("XX") == "XX"
