"""Questionnaires as published: which question measures what, and in which direction."""

from collections import Counter

import pytest

from builder.frameworks import load_framework
from builder.survey import built_in_codebooks, read_codebook
from schemas.values import Instrument, ValueFramework

PVQ21 = {
    "conformity": (7, 16),
    "tradition": (9, 20),
    "benevolence": (12, 18),
    "universalism": (3, 8, 19),
    "self_direction": (1, 11),
    "stimulation": (6, 15),
    "hedonism": (10, 21),
    "achievement": (4, 13),
    "power": (2, 17),
    "security": (5, 14),
}
"""Schwartz, Computing Scores for the 10 Human Values, ESS data documentation."""
PVQRR = {
    "self_direction_thought": (1, 23, 39),
    "self_direction_action": (16, 30, 56),
    "stimulation": (10, 28, 43),
    "hedonism": (3, 36, 46),
    "achievement": (17, 32, 48),
    "power_dominance": (6, 29, 41),
    "power_resources": (12, 20, 44),
    "face": (9, 24, 49),
    "security_personal": (13, 26, 53),
    "security_societal": (2, 35, 50),
    "tradition": (18, 33, 40),
    "conformity_rules": (15, 31, 42),
    "conformity_interpersonal": (4, 22, 51),
    "humility": (7, 38, 54),
    "universalism_nature": (8, 21, 45),
    "universalism_concern": (5, 37, 52),
    "universalism_tolerance": (14, 34, 57),
    "benevolence_care": (11, 25, 47),
    "benevolence_dependability": (19, 27, 55),
}
"""Schwartz, Coding and Analysis Instructions PVQ-RR, June 2021."""
MFQ2 = {
    "care": (1, 7, 13, 19, 25, 31),
    "equality": (2, 8, 14, 20, 26, 32),
    "proportionality": (3, 9, 15, 21, 27, 33),
    "loyalty": (4, 10, 16, 22, 28, 34),
    "authority": (5, 11, 17, 23, 29, 35),
    "purity": (6, 12, 18, 24, 30, 36),
}
"""Scoring key of the MFQ-2, as reproduced in arXiv:2507.10073, appendix B."""


def instrument_of(name: str) -> Instrument:
    instrument = load_framework(name).instrument
    assert instrument is not None
    return instrument


@pytest.mark.parametrize(("name", "key"), [("pvq21", PVQ21), ("pvqrr", PVQRR), ("mfq2", MFQ2)])
def test_every_question_measures_what_the_published_key_says(name: str, key: dict[str, tuple[int, ...]]) -> None:
    found: dict[str, tuple[int, ...]] = {}
    for number, item in enumerate(instrument_of(name).items, start=1):
        found[item.dimension] = (*found.get(item.dimension, ()), number)
    assert found == key
    assert {dimension.name for dimension in load_framework(name).dimensions} == set(key)


@pytest.mark.parametrize(
    ("name", "count", "scale", "reverse", "most_like_me"),
    [
        ("pvq21", 21, (1, 6), True, "1"),
        ("pvqrr", 57, (1, 6), False, "6"),
        ("mfq2", 36, (1, 5), False, "5"),
    ],
)
def test_the_scale_and_its_direction(
    name: str, count: int, scale: tuple[float, float], reverse: bool, most_like_me: str
) -> None:
    instrument = instrument_of(name)
    assert len(instrument.items) == count
    assert (instrument.scale.low, instrument.scale.high) == scale
    assert {item.reverse for item in instrument.items} == {reverse}
    assert set(instrument.scale.labels) == {str(number) for number in range(1, int(scale[1]) + 1)}
    assert instrument.scale.labels[most_like_me].lower().startswith(("very much like me", "describes me extremely"))


@pytest.mark.parametrize("name", ["pvq21", "pvqrr", "mfq2"])
def test_texts_whose_licence_is_not_ours_are_not_printed(name: str) -> None:
    assert {item.text for item in instrument_of(name).items} == {""}


def test_schwartz_values_are_centred_on_all_items() -> None:
    for name in ("pvq21", "pvqrr"):
        assert load_framework(name).scoring.centring == "items"
    rules = load_framework("pvq21").scoring
    assert (rules.max_missing, rules.max_same) == (5, 16)
    counts = Counter(item.dimension for item in instrument_of("pvq21").items)
    assert {1 / count >= rules.min_answered for count in counts.values() if count == 2} == {True}


def measured(name: str) -> tuple[ValueFramework, list[str | None]]:
    codebook = read_codebook(built_in_codebooks()[name])
    framework = load_framework(codebook.framework)
    asked: list[str | None] = [item.dimension for item in codebook.items]
    if codebook.instrument is not None:
        assert framework.instrument is not None
        assert len(codebook.instrument.columns) == len(framework.instrument.items)
        asked += [item.dimension for item in framework.instrument.items]
    return framework, asked


@pytest.mark.parametrize("name", sorted(built_in_codebooks()))
def test_every_built_in_codebook_measures_every_dimension(name: str) -> None:
    framework, asked = measured(name)
    assert set(asked) == {dimension.name for dimension in framework.dimensions}


@pytest.mark.parametrize("name", sorted(built_in_codebooks()))
def test_a_dimension_of_one_column_has_a_reliability(name: str) -> None:
    """Without several items none can be computed from the file."""
    framework, asked = measured(name)
    for dimension, count in Counter(asked).items():
        assert count > 1 or (dimension is not None and framework.dimension(dimension).reliability is not None)


def test_ess_columns_are_in_the_order_of_the_questionnaire() -> None:
    codebook = read_codebook(built_in_codebooks()["ess"])
    assert codebook.instrument is not None
    classic = (
        "ipcrtiv imprich ipeqopt ipshabt impsafe impdiff ipfrule ipudrst ipmodst ipgdtim impfree iphlppl ipsuces "
        "ipstrgv ipadvnt ipbhprp iprspot iplylfr impenv imptrad impfun"
    )
    assert list(codebook.instrument.columns) == classic.split()
    assert not codebook.instrument.turned
    assert codebook.weights.within() == ("post_stratification",)
    assert codebook.weights.across() == ("post_stratification", "population")


REVERSED = "Q6 Q171 Q172 Q177 Q178 Q180 Q181 Q4 Q199 Q200 Q39 Q40 Q41 Q124 Q126 Q128 Q129 Q130"
STRAIGHT = "Q164 Q182 Q184 Q185 Q29 Q30 Q31 Q33 Q121 Q122 Q123 Q125 Q127"
"""By the answers of the WVS-7 codebook, file version 5.0: 1 is "very important" for Q4 and Q6, "not at all" for Q164,
"never justifiable" for Q177 to Q185, "agree strongly" for Q29 to Q41, "let anyone come" for Q130."""


def test_directions_and_scales_of_the_world_values_survey() -> None:
    codebook = read_codebook(built_in_codebooks()["wvs7"])
    assert {item.column for item in codebook.items if item.reverse} == set(REVERSED.split())
    assert {item.column for item in codebook.items if not item.reverse} == set(STRAIGHT.split())
    scales = {item.column: (item.scale.low, item.scale.high) for item in codebook.items}
    assert {column: scales[column] for column in ("Q6", "Q164", "Q171", "Q172", "Q33", "Q29", "Q200", "Q122")} == {
        "Q6": (1, 4),
        "Q164": (1, 10),
        "Q171": (1, 7),
        "Q172": (1, 8),
        "Q33": (1, 5),
        "Q29": (1, 4),
        "Q200": (1, 3),
        "Q122": (0, 2),
    }
    assert not codebook.redistribute_profiles


def test_no_scale_of_the_world_values_survey_reaches_a_missing_code() -> None:
    codebook = read_codebook(built_in_codebooks()["wvs7"])
    assert all(item.scale.low >= 0 for item in codebook.items)
    numbers = [int(code) for code in codebook.missing if code.lstrip("-").isdigit()]
    assert max(numbers) < 0
