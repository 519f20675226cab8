"""People as columns: their countries, scores, sides, demographics and pairs, in the order of their ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from builder.stands import Stands, Target
from schemas.errors import Defect
from schemas.questions import Match, Scope
from schemas.survey import Respondent
from schemas.values import ValueProfile

Mask = NDArray[np.bool_]
Matrix = NDArray[np.float64]
Numbers = NDArray[np.int64]


class Coded(NamedTuple):
    """A demographic: its values in alphabetical order, and the number of each person's, -1 where unknown."""

    values: tuple[str, ...]
    code: Numbers


@dataclass(frozen=True)
class People:
    """Everybody with a profile; every array has a row a person."""

    countries: tuple[str, ...]
    """Codes, in alphabetical order."""
    country: Numbers
    """Number of the person's country, -1 where unknown."""
    place: Numbers
    """Number of country, language and split, -1 where the country is unknown."""
    targets: tuple[Target, ...]
    sign: NDArray[np.int8]
    """Shape (people, targets)."""
    dimensions: tuple[str, ...]
    """That were measured, in the order of the targets."""
    raw: Matrix
    """Shape (people, dimensions); NaN where not scored."""
    standardised: Matrix
    demographics: Mapping[str, Coded]


@dataclass(frozen=True)
class Pairs:
    """Who is in pairs; shapes are (people, targets) and (people,)."""

    places: Numbers
    """Matches that the person is in, by target."""
    at_home: Mask
    """Whether one of these is within the country."""
    partners: Numbers
    """Different people with whom, over all targets."""


def people_of(profiles: Sequence[ValueProfile], respondents: Sequence[Respondent], stands: Stands) -> People:
    """Return the columns; `stands` has the people of `profiles`, in any order."""
    persons = {person.id: person for person in respondents}
    row_of = {respondent: row for row, respondent in enumerate(stands.respondents)}
    ordered = sorted(profiles, key=lambda one: one.respondent_id)
    unknown = [
        one.respondent_id for one in ordered if one.respondent_id not in row_of or one.respondent_id not in persons
    ]
    if unknown or len(ordered) != len(row_of):
        found = f"{len(ordered)} profiles, {len(row_of)} stands, of whom {unknown[:1]} has none or is unknown"
        raise Defect("pairing-people", "the pairing table", found=found, expected="the same people in all tables")
    countries = tuple(sorted({one.country for one in ordered if one.country is not None}))
    number = {code: place for place, code in enumerate(countries)}
    places: dict[tuple[str, str, str], int] = {}
    named = dict.fromkeys(name for target in stands.targets for name in target.dimensions)
    dimensions = (*named, *sorted({score.dimension for one in ordered for score in one.scores} - named.keys()))
    raw, standardised = _scores(ordered, dimensions)
    return People(
        countries=countries,
        country=np.array([-1 if one.country is None else number[one.country] for one in ordered], dtype=np.int64),
        place=np.array(
            [
                -1
                if one.country is None
                else places.setdefault((one.country, persons[one.respondent_id].language, one.split), len(places))
                for one in ordered
            ],
            dtype=np.int64,
        ),
        targets=stands.targets,
        sign=stands.sign[[row_of[one.respondent_id] for one in ordered]],
        dimensions=dimensions,
        raw=raw,
        standardised=standardised,
        demographics=_demographics([persons[one.respondent_id] for one in ordered]),
    )


def pairs_of(profiles: Sequence[ValueProfile], people: People, matches: Sequence[Match]) -> Pairs:
    """Return who of `people` is in `matches`, which are those of their stands.

    Raises:
        Defect: `pairing-matches` where a match is of other people, of no target, or of somebody on no side of it.
    """
    row_of = {name: row for row, name in enumerate(sorted(one.respondent_id for one in profiles))}
    target_of = {(target.recipe, target.dimensions): place for place, target in enumerate(people.targets)}
    places = np.zeros(people.sign.shape, dtype=np.int64)
    at_home = np.zeros(people.sign.shape, dtype=np.bool_)
    try:
        target = np.array([target_of[one.recipe, one.dimensions] for one in matches], dtype=np.int64)
        first = np.array([row_of[one.first.respondent_id] for one in matches], dtype=np.int64)
        second = np.array([row_of[one.second.respondent_id] for one in matches], dtype=np.int64)
    except KeyError as exc:
        expected = "matches of these people and targets"
        raise Defect("pairing-matches", "the pairing table", found=str(exc), expected=expected) from exc
    home = np.array([one.scope is Scope.COUNTRY for one in matches], dtype=np.bool_)
    for member in (first, second):
        np.add.at(places, (member, target), 1)
        at_home[member[home], target[home]] = True
    if np.any((places > 0) & (people.sign == 0)):
        raise Defect("pairing-matches", "the pairing table", found="a person on no side", expected="two sides a match")
    couples = np.unique(np.column_stack([np.minimum(first, second), np.maximum(first, second)]), axis=0)
    return Pairs(places, at_home, np.bincount(couples.ravel(), minlength=len(row_of)).astype(np.int64))


def _scores(profiles: Sequence[ValueProfile], dimensions: Sequence[str]) -> tuple[Matrix, Matrix]:
    raw = np.full((len(profiles), len(dimensions)), np.nan)
    standardised = raw.copy()
    column = {name: place for place, name in enumerate(dimensions)}
    for row, profile in enumerate(profiles):
        for score in profile.scores:
            raw[row, column[score.dimension]] = score.raw
            standardised[row, column[score.dimension]] = score.standardised
    return raw, standardised


def _demographics(people: Sequence[Respondent]) -> dict[str, Coded]:
    coded: dict[str, Coded] = {}
    for name in sorted({name for person in people for name in person.demographics.known}):
        found = [person.demographics.known.get(name) for person in people]
        values = tuple(sorted({value for value in found if value is not None}))
        number = {value: place for place, value in enumerate(values)}
        codes = [-1 if value is None else number[value] for value in found]
        coded[name] = Coded(values, np.array(codes, dtype=np.int64))
    return coded
