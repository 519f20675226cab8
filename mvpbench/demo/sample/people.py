"""Made-up people in the shape of a line of PRISM's survey.jsonl.

Each field is drawn by itself from its published distribution, since how they hang together is not published: what
stands beside what in a person means nothing. Only stated preferences are drawn together; the texts follow from them.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import yaml

from mvpbench.demo.sample.chance import Chance
from mvpbench.demo.sample.grammar import Grammar, sentence
from mvpbench.demo.sample.marginals import Country, Marginals
from mvpbench.demo.sample.preferences import most_and_least, preferences
from schemas.errors import ConfigError
from schemas.record import Record

UNSAID = "Prefer not to say"
BEGIN = datetime(2024, 1, 1, 8, 0)  # noqa: DTZ001 - the published times have no zone either
PERIOD_S = 30 * 24 * 3600

Json = Mapping[str, object]


class Design(Record):
    """design.yaml: what the published tables leave open."""

    countries: tuple[str, ...]
    single: str
    unsaid: int
    regions: dict[str, str]
    religion_simplified: dict[str, str]
    ethnicity_simplified: dict[str, str]
    usecases: tuple[str, ...]
    usecase_share: float
    other_share: float
    other_slider: tuple[float, float]
    second_conversation: float
    third_turn: float
    conversation_types: dict[str, int]
    models: tuple[str, ...]
    provider: str


class Material(NamedTuple):
    """Everything that people are drawn from."""

    marginals: Marginals
    design: Design
    grammar: Grammar


def read_design() -> Design:
    """Return the design that lies beside this file."""
    path = Path(__file__).parent / "design.yaml"
    return Design.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def birth_countries(people: int, material: Material) -> list[str | None]:
    """Return the country of birth of each of `people`, None for whoever will not say, in no particular order.

    Places are given in proportion to the square root of the people the survey has there (largest remainders), so that
    small countries have enough for counterparts. Raises ConfigError `sample-too-small` where they would not.
    """
    design = material.design
    weights = {name: math.sqrt(material.marginals.countries[name].born) for name in design.countries}
    places = people - 1 - design.unsaid
    exact = {name: places * weight / sum(weights.values()) for name, weight in weights.items()}
    given = {name: int(share) for name, share in exact.items()}
    if min(given.values()) < 2:  # noqa: PLR2004 - a counterpart is somebody else
        raise ConfigError(
            "sample-too-small", "sample", found=f"{people} people", expected="two in every country", way_out="draw more"
        )
    remainders = sorted(exact, key=lambda name: given[name] - exact[name])
    for name in remainders[: places - sum(given.values())]:
        given[name] += 1
    countries: list[str | None] = [name for name, count in given.items() for _ in range(count)]
    return [*countries, design.single, *[None] * design.unsaid]


def person(number: int, born: str | None, chance: Chance, material: Material) -> Json:
    """Return one line of survey.jsonl, less the number of conversations."""
    counts = material.marginals.counts
    stated = preferences(chance, material.marginals)
    most, least = most_and_least(stated, material.marginals)
    words = {"most": most, "least": least}

    def drawn(field: str) -> str:
        return chance.weighted(field, counts[field])

    location = _location(born, chance, material)
    direct = drawn("lm_direct_use")
    return {
        "synthetic": True,
        "user_id": f"synthetic-user{number}",
        "survey_only": chance.happens("survey only", material.marginals.survey_only / material.marginals.people),
        "num_completed_conversations": 0,
        "consent": "Yes, I consent to take part",
        "consent_age": "I certify that I am 18 years of age or over",
        "lm_familiarity": drawn("lm_familiarity"),
        "lm_indirect_use": drawn("lm_indirect_use"),
        "lm_direct_use": direct,
        "lm_frequency_use": _frequency(direct, chance, counts["lm_frequency_use"]),
        "self_description": sentence(material.grammar, "self_description", words, chance, "text"),
        "system_string": sentence(material.grammar, "system_string", words, chance, "text"),
        "age": drawn("age"),
        "gender": drawn("gender"),
        "employment_status": drawn("employment_status"),
        "education": drawn("education"),
        "marital_status": drawn("marital_status"),
        "english_proficiency": drawn("english_proficiency"),
        "study_id": "synthetic-study",
        "study_locale": str(location["special_region"]).lower(),
        "religion": _categorised("religion", drawn("religion_categorised"), material.design.religion_simplified),
        "ethnicity": _categorised("ethnicity", drawn("ethnicity_categorised"), material.design.ethnicity_simplified),
        "location": location,
        "lm_usecases": _usecases(direct, chance, material.design),
        "stated_prefs": stated | _other(chance, material),
        "order_lm_usecases": _order("usecases", material.design.usecases, chance, asked=direct == "Yes"),
        "order_stated_prefs": _order("sliders", [*stated, "other"], chance, asked=True),
        **when(chance),
        **_included(location, chance, material.marginals),
    }


def _location(born: str | None, chance: Chance, material: Material) -> dict[str, str]:
    if born is None:
        fields = ["birth_country", "birth_countryISO", "birth_region", "birth_subregion"]
        fields += [field.replace("birth", "reside") for field in fields]
        return dict.fromkeys([*fields, "same_birth_reside_country", "special_region"], UNSAID)
    countries = material.marginals.countries
    start = countries[born]
    here = _residence(start, chance, material)
    regions = material.design.regions
    return {
        "birth_country": start.name,
        "birth_countryISO": start.iso3,
        "birth_region": regions[start.subregion],
        "birth_subregion": start.subregion,
        "reside_country": here.name,
        "reside_countryISO": here.iso3,
        "reside_region": regions[here.subregion],
        "reside_subregion": here.subregion,
        "same_birth_reside_country": "Yes" if here.name == start.name else "No",
        "special_region": start.special_region,
    }


def _residence(born: Country, chance: Chance, material: Material) -> Country:
    """Where the survey has residents from nowhere, nobody of the sample lives either."""
    marginals = material.marginals
    stays = not chance.happens("elsewhere", marginals.elsewhere / marginals.people)
    if born.name == material.design.single or (stays and born.reside > 0):
        return born
    others = {name: marginals.countries[name].reside for name in material.design.countries if name != born.name}
    return marginals.countries[chance.weighted("residence", others)]


def _categorised(field: str, category: str, simplified: Mapping[str, str]) -> dict[str, str]:
    described = category if category == UNSAID else f"{category.lower()} (made up)"
    return {"self_described": described, "categorised": category, "simplified": simplified.get(category, category)}


def _frequency(direct: str, chance: Chance, counts: Mapping[str, int]) -> str | None:
    """Whoever says that they do not use such models was not asked how often."""
    asked = {answer: count for answer, count in counts.items() if answer != "null"}
    return None if direct == "No" else chance.weighted("lm_frequency_use", asked)


def _usecases(direct: str, chance: Chance, design: Design) -> dict[str, int | str | None]:
    """Whoever was not asked has null everywhere, as in the published file."""
    asked = direct == "Yes"
    uses: dict[str, int | str | None] = {
        name: int(chance.happens(f"use {name}", design.usecase_share)) if asked else None for name in design.usecases
    }
    if asked:
        uses["other"] = 0
    return uses | {"other_text": None}


def _other(chance: Chance, material: Material) -> dict[str, int | str | None]:
    """Whoever named nothing else that matters left the slider where it stood."""
    if not chance.happens("other", material.design.other_share):
        return {"other": 50, "other_text": None}
    mean, sd = material.design.other_slider
    text = sentence(material.grammar, "other_text", {}, chance, "text")
    return {"other": chance.whole("other value", mean, sd, 0, 100), "other_text": text}


def _order(purpose: str, names: Sequence[str], chance: Chance, *, asked: bool) -> dict[str, int | None]:
    """Name -> the place, from 1, at which it was shown; "other" is always last."""
    shown = [*chance.shuffled(f"order {purpose}", [name for name in names if name != "other"]), "other"]
    return {name: shown.index(name) + 1 if asked else None for name in names}


def when(chance: Chance) -> dict[str, str | float]:
    """Return a moment of the made-up month and how long it took, a quarter of an hour or so."""
    seconds = round(math.exp(6.7 + 0.5 * chance.normal("duration")), 1)
    moment = BEGIN + timedelta(seconds=int(chance.share("moment") * PERIOD_S))
    return {
        "generated_datetime": str(moment),
        "timing_duration_s": seconds,
        "timing_duration_mins": round(seconds / 60, 2),
    }


def _included(location: Mapping[str, str], chance: Chance, marginals: Marginals) -> dict[str, bool]:
    """Membership of the census-representative samples, among residents, and of the balanced subset."""

    def member(field: str, country: str) -> bool:
        share = marginals.counts[field]["True"] / marginals.countries[country].reside
        return location["reside_country"] == country and chance.happens(field, share)

    balanced = marginals.counts["included_in_balanced_subset"]["True"] / marginals.people
    return {
        "included_in_US_REP": member("included_in_US_REP", "United States"),
        "included_in_UK_REP": member("included_in_UK_REP", "United Kingdom"),
        "included_in_balanced_subset": chance.happens("balanced", balanced),
    }
