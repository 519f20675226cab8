"""Which column has which role; every rule with a column that fits and one that must not."""

from collections.abc import Sequence

import pytest

from builder.survey.draft.roles import (
    guess_consent,
    guess_country,
    guess_id,
    guess_language,
    guess_sampling,
    guess_weights,
)
from schemas.codebook import Missing
from tests.builder.survey.draft.made import column, facts

NAMES = ["Kenya", "South Korea", "Viet Nam", "Türkiye"] * 5


def never(_names: Sequence[str]) -> bool:
    return False


def test_an_id_is_named_like_one_and_differs_in_every_row() -> None:
    serial, weight, code = column("n", [3, 1, 2]), column("w", [0.1, 0.2, 0.3]), column("respid", ["a", "b", "c"])
    found = guess_id(facts(weight, serial, code), never)
    assert found is not None
    assert found.columns == ("respid",)
    found = guess_id(facts(weight, serial), never)
    assert found is not None
    assert found.columns == ("n",)
    assert guess_id(facts(weight, column("respid", ["a", "a", "b"])), never) is None
    assert guess_id(facts(column("respid", ["a", None, "b"])), never) is None


def test_an_id_may_stand_twice_by_a_slip_in_few_rows() -> None:
    """2 % of 100 rows are two; a third one is none of slips any more."""
    slips = column("respno", [*range(98), 5, 6])
    found = guess_id(facts(slips), never)
    assert found is not None
    assert (found.columns, "2 stand there a second time" in found.why) == (("respno",), True)
    assert guess_id(facts(column("respno", [*range(97), 5, 6, 7])), never) is None
    assert guess_id(facts(column("number", [*range(98), 5, 6])), never) is None  # no name of an id


def test_columns_that_make_an_id_together() -> None:
    parts = facts(column("hh", [1, 1, 2]), column("line", [1, 2, 1]), column("sex", [1, 2, 1]))
    found = guess_id(parts, lambda names: set(names) == {"hh", "line"})
    assert found is not None
    assert found.columns == ("hh", "line")


@pytest.mark.parametrize(
    ("name", "cells", "labels", "names"),
    [
        ("country", NAMES, {}, {}),
        ("cntry", ["DE", "ES"] * 9, {}, {}),
        ("B_COUNTRY", [404, 800] * 9, {}, {}),
        ("pais", ["México", "Perú"] * 9, {}, {"México": "MX", "Perú": "PE"}),
        ("c", [1, 2] * 9, {"1": "Kenya", "2": "Uganda"}, {"1": "KE", "2": "UG"}),
        ("c", [404, 800] * 9, {"404": "Kenya", "800": "Uganda"}, {}),
        ("c", [4, 800] * 9, {"4": "Ghana", "800": "Uganda"}, {"4": "GH"}),  # 004 is Afghanistan
    ],
)
def test_countries_by_name_code_and_label(
    name: str, cells: list[object], labels: dict[str, str], names: dict[str, str]
) -> None:
    label = "Country of interview" if name == "c" else ""
    found = guess_country([column(name, cells, label, labels=labels)])  # type: ignore[arg-type]
    assert found is not None
    assert found.column == name
    assert {code: alpha for code, alpha in found.names.items() if code not in {"South Korea", "Viet Nam"}} == names


def test_a_country_nobody_knows_is_a_gap_and_no_answer_is_none() -> None:
    labels = {str(code): name for code, name in enumerate([*_more(16), "Otherland"])}
    found = guess_country([column("country", list(range(17)) * 3, labels=labels)])
    assert found is not None
    assert [(code, found.words[code]) for code, alpha in found.names.items() if alpha is None] == [("16", "Otherland")]
    found = guess_country([column("country", [*NAMES, "Prefer not to say"])])
    assert found is not None
    assert dict(found.missing) == {"Prefer not to say": Missing.REFUSED}


def _more(count: int) -> list[str]:
    known = "Germany Spain Poland Mexico India Brazil France Egypt China Ghana Peru Chile Nepal Malta Latvia Qatar"
    return known.split()[:count]


@pytest.mark.parametrize(
    ("name", "label", "cells"),
    [
        ("state", "", ["CA", "AL", "DE", "ME"] * 5),  # of the United States
        ("answer", "In which country would you rather live: yes or no?", ["NO", "NO", "YES"] * 5),
        ("q5", "Country of your father's birth", NAMES),
        ("country", "", ["north", "south"] * 9),
        ("iso", "", [1, 2, 3, 5] * 5),
    ],
)
def test_what_is_no_country_of_the_person(name: str, label: str, cells: list[object]) -> None:
    assert guess_country([column(name, cells, label)]) is None  # type: ignore[arg-type]


def test_where_people_live_and_where_they_were_born() -> None:
    both = [column("birth_country", NAMES), column("q2", ["Kenya"] * 20, "In which country do you live?")]
    live, born = guess_country(both), guess_country(both, birth=True)
    assert live is not None
    assert born is not None
    assert (live.column, born.column) == ("q2", "birth_country")


@pytest.mark.parametrize(
    ("cells", "labels", "names"),
    [
        ([1, 2], {"1": "English", "2": "Kiswahili"}, {"1": "en", "2": "sw"}),
        (["en", "sw", "pt-BR"], {}, {}),
        (["Español", "Français", "العربية"], {}, {"Español": "es", "Français": "fr", "العربية": "ar"}),
    ],
)
def test_languages(cells: list[object], labels: dict[str, str], names: dict[str, str]) -> None:
    found = guess_language([column("lang", cells, labels=labels)])  # type: ignore[arg-type]
    assert found is not None
    assert dict(found.names) == names


def test_a_language_that_is_none_is_no_guess() -> None:
    assert guess_language([column("lang", ["English", "whatever they spoke"])]) is None
    assert guess_language([column("lang", [1, 2, 3])]) is None


def test_consent_is_what_means_yes_and_a_gap_where_no_label_tells() -> None:
    labels = {"1": "Yes, I agree", "2": "No, I do not agree"}
    found = guess_consent([column("q0", [1, 2], "Informed consent", labels=labels)])
    assert found is not None
    assert dict(found.names) == {"1": "Yes, I agree"}
    bare = guess_consent([column("consent", [1, 1, 0])])
    assert bare is not None
    assert dict(bare.names) == {}
    assert guess_consent([column("q7", [1, 2, 3, 4, 5] * 3, "Sex needs consent")]) is None


@pytest.mark.parametrize(
    ("columns", "roles", "others"),
    [
        (("dweight", "pspwght", "pweight", "anweight"), "dweight pspwght pweight", ["anweight"]),
        (("w_design", "w_post"), "w_design w_post", []),
        (("weight",), "- weight", []),
        (("fexp", "weight2"), "- fexp", ["weight2"]),
        (("height", "wealth"), "", []),
    ],
)
def test_weights_by_role(columns: tuple[str, ...], roles: str, others: list[str]) -> None:
    found, more = guess_weights([column(name, [0.5, 1.5, 1.1]) for name in columns])
    expected = dict(zip(("design", "post_stratification", "population"), roles.split(), strict=False))
    assert {role: guess.column for role, guess in found.items()} == {
        role: name for role, name in expected.items() if name != "-"
    }
    assert more == others


@pytest.mark.parametrize(
    ("label", "cells"), [("Body weight in kg", [60.5, 70.1]), ("", [1, 1]), ("", [-0.5, 1.2]), ("", ["heavy", "light"])]
)
def test_what_is_no_weight(label: str, cells: list[object]) -> None:
    assert guess_weights([column("weight", cells, label)]) == ({}, [])  # type: ignore[arg-type]


def test_sampling_units_repeat_and_vary() -> None:
    for cells, fits in (([1, 1, 2], True), ([1, 2, 3], False), ([1, 1, 1], False), ([1.5, 1.5, 2], False)):
        assert (guess_sampling([column("psu", cells)], "psu") is not None) is fits
