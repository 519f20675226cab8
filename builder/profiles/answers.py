"""Respondents' answers as arrays: what scoring, reliability and the survey's description work on."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.codebook import Missing, SurveyItem
from schemas.survey import Respondent

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

KINDS = tuple(Missing)
"""Kind of missing by its number in `Answers.missing`."""
ANSWERED = -1


@dataclass(frozen=True)
class Answers:
    """One row a person, one column an item that measures a dimension."""

    people: tuple[str, ...]
    """Respondent ids."""
    countries: tuple[str | None, ...]
    items: tuple[SurveyItem, ...]
    values: Matrix
    """In the file's own units, NaN where there is no answer; (people, items)."""
    missing: NDArray[np.int8]
    """Number of the kind in `KINDS`, `ANSWERED` where there is an answer; (people, items)."""

    def points(self) -> Matrix:
        """Return the answers mapped linearly from each item's scale to [0, 100], turned round where reverse-keyed."""
        low = np.array([item.scale.low for item in self.items])
        high = np.array([item.scale.high for item in self.items])
        share = (self.values - low) / (high - low)
        reverse = np.array([item.reverse for item in self.items], dtype=bool)
        return np.clip(np.where(reverse, 1 - share, share) * 100, 0.0, 100.0)

    def of(self, dimension: str) -> list[int]:
        """Return the columns of the items that measure `dimension`."""
        return [index for index, item in enumerate(self.items) if item.dimension == dimension]

    def only(self, chosen: NDArray[np.bool_]) -> "Answers":
        """Return the answers of the people `chosen`, a mask of shape (people,)."""
        places = np.flatnonzero(chosen).tolist()
        return Answers(
            people=tuple(self.people[place] for place in places),
            countries=tuple(self.countries[place] for place in places),
            items=self.items,
            values=self.values[chosen],
            missing=self.missing[chosen],
        )


def answers_of(respondents: Iterable[Respondent], items: Sequence[SurveyItem]) -> Answers:
    """Return the answers to those of `items` that measure a dimension; `respondents` is gone through once."""
    scored = tuple(item for item in items if item.dimension is not None)
    columns = [item.column for item in scored]
    number = {kind: place for place, kind in enumerate(KINDS)}
    nothing = float("nan")
    people: list[str] = []
    countries: list[str | None] = []
    values, missing = array("d"), array("b")
    for person in respondents:
        people.append(person.id)
        countries.append(person.country)
        answers, absent = person.answers, person.answers_missing
        for column in columns:
            answer = answers.get(column)
            values.append(nothing if answer is None else answer)
            missing.append(ANSWERED if answer is not None else number[absent.get(column, Missing.BLANK)])
    shape = (len(people), len(columns))
    return Answers(
        people=tuple(people),
        countries=tuple(countries),
        items=scored,
        values=np.array(values, dtype=np.float64).reshape(shape),
        missing=np.array(missing, dtype=np.int8).reshape(shape),
    )
