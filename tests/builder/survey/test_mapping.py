"""One row under a codebook: what becomes of each cell, and which of several things that are wrong is told."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.survey.cells import Unusable, band_of, missing_kind
from builder.survey.codebook import items_of
from builder.survey.mapping import Plan, id_of, respondent_of
from builder.survey.raw import Cell, DeclaredMissing, RawRow
from schemas.codebook import Codebook, Missing
from schemas.survey import CountryOf, Respondent
from tests.builder.survey.made_files import framework
from tests.builder.survey.test_importing import TABLE

GOOD: dict[str, Cell] = {
    "who": "p1",
    "land": "KE",
    "part": "East",
    "age": 30,
    "words": "3.0",
    "care": 4,
    "loyalty": "2.5",
}


def plan(country_of: CountryOf = CountryOf.RESIDENCE, **changes: Any) -> Plan:
    book = Codebook.model_validate(TABLE.model_dump() | changes)
    return Plan(book, items_of(book, framework(book.framework)), country_of)


def person(changed: Plan | None = None, **cells: Cell) -> Respondent:
    return respondent_of(RawRow(2, GOOD | cells), changed or plan())


def why(changed: Plan | None = None, **cells: Cell) -> tuple[str | None, str, str]:
    with pytest.raises(Unusable) as caught:
        person(changed, **cells)
    return caught.value.column, caught.value.reason, caught.value.detail


def test_own_words_are_kept_as_they_are_and_codes_as_the_codebook_has_them() -> None:
    got = person(part="3.0")
    assert got.free_text == {"words": "3.0"}
    assert got.region == "3"


def test_the_nearest_list_of_codes_decides() -> None:
    codes = ({"9": Missing.REFUSED}, {"9": Missing.DONT_KNOW, "8": Missing.NOT_ASKED})
    assert [missing_kind(cell, ".", *codes) for cell in ("9", 9, 9.0, "9.00", 8)] == [
        *[Missing.REFUSED] * 4,
        Missing.NOT_ASKED,
    ]
    assert missing_kind(None, ".", *codes) is Missing.BLANK
    assert missing_kind(DeclaredMissing("9"), ".", *codes) is Missing.REFUSED
    assert missing_kind(DeclaredMissing("7"), ".", *codes) is Missing.UNSPECIFIED
    assert missing_kind("7", ".", *codes) is None
    assert missing_kind("9,0", ",", *codes) is Missing.REFUSED


@pytest.mark.parametrize("cell", ["99", "99.0", "+99", "099", "9.9e1", 99, 99.0, "٩٩"])
def test_a_code_of_a_missing_answer_is_none_in_any_digits(cell: Cell) -> None:
    """On a scale up to 100, where 99 could be an answer."""
    items = [{"column": "care", "dimension": "care", "scale": {"low": 0, "high": 100}}]
    got = person(plan(items=items, item_missing={"99": "refused"}), care=cell)
    assert got.answers == {}
    assert got.answers_missing == {"care": Missing.REFUSED}


def test_a_truth_value_is_no_number() -> None:
    assert why(care="true") == ("care", "not-a-number", "found 'true'")


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"who": None, "care": 9}, ("who", "id-missing", "the cell is empty")),
        ({"care": 5.0000001}, ("care", "off-scale", "found 5.0000001, expected 1 to 5")),
        ({"care": float("nan")}, ("care", "off-scale", "found nan, expected 1 to 5")),
        ({"land": "Narnia"}, ("land", "country-unknown", "found 'Narnia', expected a name or code of ISO 3166")),
        ({"loyalty": "x" * 1_000}, ("loyalty", "not-a-number", f"found '{'x' * 59}... (1,000 characters)")),
    ],
)
def test_the_first_thing_wrong_is_told(cells: dict[str, Cell], told: tuple[str, str, str]) -> None:
    assert why(**cells) == told


def test_an_age_in_bounds_becomes_its_band() -> None:
    ages = plan(demographics=[{"name": "age", "column": "age", "low": 14, "high": 110, "bands": [18, 30, 65]}])
    assert [person(ages, age=age).demographics.known["age"] for age in (14, "17.9", 18, "29", 30.0, 64, 110)] == [
        *["under 18"] * 2,
        *["18-29"] * 2,
        *["30-64"] * 2,
        "65+",
    ]
    assert why(ages, age=13) == ("age", "out-of-range", "found 13, expected 14 to 110")
    assert why(ages, age="old") == ("age", "not-a-number", "found 'old'")


@given(st.lists(st.integers(0, 120), min_size=1, max_size=8, unique=True).map(sorted), st.integers(0, 120))
def test_every_number_is_in_the_band_that_says_so(bounds: list[int], number: int) -> None:
    band = band_of(number, tuple(map(float, bounds)))
    if band.startswith("under "):
        assert number < int(band.removeprefix("under ")) == bounds[0]
    elif band.endswith("+"):
        assert number >= int(band[:-1]) == bounds[-1]
    else:
        low, high = map(int, band.split("-"))
        assert low <= number <= high


def test_a_weight_is_a_number_from_nought_or_nothing() -> None:
    weighed = plan(weights={"design": "w"})
    assert [person(weighed, w=cell).weights for cell in (0, "1.5", None)] == [{"design": 0.0}, {"design": 1.5}, {}]
    for cell, shown in ((-0.5, "-0.5"), ("inf", "'inf'"), ("heavy", "'heavy'"), (float("nan"), "nan")):
        assert why(weighed, w=cell) == ("w", "not-a-weight", f"found {shown}, expected a number from 0")


def test_consent_is_what_the_codebook_says_and_nothing_else() -> None:
    asked = plan(consent={"column": "yes", "agreed": ["1", "None"]})
    assert person(asked, yes=1.0).source_id == "p1"
    for cell, shown in ((0, "0"), ("yes", "'yes'"), (None, "an empty cell")):
        assert why(asked, yes=cell, care=9) == (
            "yes",
            "no-consent",
            f"found {shown}, which is not among `consent.agreed`",
        )


def test_a_language_is_a_tag_or_a_code_with_one() -> None:
    spoken = plan(language_column={"column": "tongue", "names": {"2": "sw"}})
    assert [person(spoken, tongue=cell).language for cell in (2, "sw-KE", None)] == ["sw", "sw-KE", "en"]
    assert why(spoken, tongue=3) == ("tongue", "language-unknown", "found '3', expected a BCP 47 tag")


def test_both_countries_are_kept_and_the_study_s_is_the_country() -> None:
    born = plan(CountryOf.BIRTH, birth_country={"column": "born"})
    got = person(born, born="076")
    assert (got.country, got.countries) == ("BR", {CountryOf.RESIDENCE: "KE", CountryOf.BIRTH: "BR"})
    got = person(born, born="Prefer not to say")
    assert (got.country, got.country_missing) == (None, Missing.REFUSED)


def test_an_id_of_several_columns_needs_them_all() -> None:
    book = plan(id=["land", "who"]).codebook
    assert id_of(RawRow(2, GOOD | {"who": 7.0}), book) == "KE/7"
    assert id_of(RawRow(2, GOOD | {"land": None}), book) is None


def test_the_same_row_is_the_same_person_however_many_were_read_before() -> None:
    used = plan()
    first = person(used)
    for number in range(3_000):
        person(used, who=str(number), part=f"region {number}")
    assert person(used) == first == person()


def test_ids_of_several_columns_never_meet() -> None:
    """A separator inside a part is told from the one between parts."""
    book = plan(id=["who", "part"]).codebook
    pairs = [("x/y", "z"), ("x", "y/z"), ("x\\", "/z"), ("x", "\\/z"), ("a/", "b"), ("a", "/b")]
    ids = [id_of(RawRow(2, {"who": one, "part": other}), book) for one, other in pairs]
    assert len(set(ids)) == len(pairs)
    assert id_of(RawRow(2, {"who": "x", "part": "z"}), book) == "x/z"


@pytest.mark.parametrize(
    ("cell", "tag"), [("EN", "en"), ("en-us", "en-US"), ("pt_BR", "pt-BR"), ("iw", "he"), ("zh-hant", "zh-Hant")]
)
def test_a_language_has_one_form(cell: str, tag: str) -> None:
    assert plan(language_column={"column": "tongue"}).language[cell] == tag
    assert plan(language=cell).own_language == tag


def test_a_region_goes_with_the_country_that_the_study_is_about() -> None:
    places = {
        "country": {"column": "lives", "region": "lives_in"},
        "birth_country": {"column": "born", "region": "born_in"},
        "region": "any",
    }
    book = plan(**places).codebook
    assert [Plan(book, plan().items, which).region for which in CountryOf] == ["lives_in", "born_in"]
    assert plan().region == "part"
