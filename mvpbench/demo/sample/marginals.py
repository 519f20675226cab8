"""What is published of PRISM: one distribution a field, and how the stated preferences hang together."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pycountry

from schemas.errors import InputError

COUNTS = "prism_marginals.json"
BORN_AND_RESIDE = "prism_countries.csv"
SUBREGIONS = "prism_birth_country_subregion.csv"


class Slider(NamedTuple):
    """One stated preference, 0-100. The quartiles are over conversations, the rest over people."""

    mean: float
    low: float
    high: float
    quarter: float
    median: float
    three_quarters: float


class Country(NamedTuple):
    """One country as the published tables have it."""

    name: str
    iso3: str
    born: int
    reside: int
    subregion: str
    special_region: str


class Marginals(NamedTuple):
    """The published tables."""

    people: int
    counts: Mapping[str, Mapping[str, int]]
    """Field -> answer -> people."""
    sliders: Mapping[str, Slider]
    order: tuple[str, ...]
    """Sliders in the order of rows and columns of `correlation`."""
    correlation: tuple[tuple[float, ...], ...]
    """Pearson."""
    performance: Mapping[str, tuple[float, float]]
    """Attribute -> mean and SD of its rating; so `choice`."""
    choice: Mapping[str, tuple[float, float]]
    countries: Mapping[str, Country]
    """By name, ISO 3166 countries alone."""
    elsewhere: int
    """People who do not live where they were born."""
    survey_only: int
    """People who answered the survey and held no conversation."""


def read_marginals(folder: Path) -> Marginals:
    """Return the marginals in `folder`. Raises InputError `marginals-missing` where a file is not there."""
    facts = json.loads(_text(folder / COUNTS))
    stated = facts["stated_prefs"]
    return Marginals(
        people=facts["n"],
        counts={name: table for name, table in facts.items() if _is_counts(table)},
        sliders={
            name: Slider(row["mean"], row["min"], row["max"], row["q1_cw_est"], row["median_cw"], row["q3_cw_est"])
            for name, row in stated.items()
            if "median_cw" in row
        },
        order=tuple(facts["stated_prefs_correlation_order"]),
        correlation=tuple(tuple(row) for row in facts["stated_prefs_correlation_pearson"]),
        performance={name: (row[0], row[1]) for name, row in facts["performance_attributes_mean_sd"].items()},
        choice={name: (row[0], row[1]) for name, row in facts["choice_attributes_mean_sd"].items()},
        countries=_countries(folder),
        elsewhere=facts["same_birth_reside_country"]["No"],
        survey_only=facts["n_survey_only"],
    )


def _is_counts(table: object) -> bool:
    return isinstance(table, dict) and all(isinstance(value, int) for value in table.values())


def _countries(folder: Path) -> dict[str, Country]:
    places = {row["birth_countryISO"]: row for row in csv.DictReader(_text(folder / SUBREGIONS).splitlines())}
    countries: dict[str, Country] = {}
    for row in csv.DictReader(_text(folder / BORN_AND_RESIDE).splitlines()):
        try:
            iso3 = pycountry.countries.lookup(row["country"]).alpha_3
        except LookupError:
            continue  # "Prefer not to say" is not a country
        if iso3 in places:
            place = places[iso3]
            countries[row["country"]] = Country(
                row["country"],
                iso3,
                int(row["n_born"]),
                int(row["n_reside"]),
                place["birth_subregion"],
                place["special_region"],
            )
    return countries


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as exc:
        raise InputError(
            "marginals-missing",
            "published marginals",
            where=str(path),
            found="no such file",
            expected=f"{COUNTS}, {BORN_AND_RESIDE} and {SUBREGIONS} in one folder",
            way_out="give their folder with --marginals",
        ) from exc
