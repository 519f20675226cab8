"""The people of a survey as arrays: a stream of respondents is gone through once, and none of them is kept."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from builder.profiles.answers import Answers, answers_of
from builder.profiles.splits import split_of
from builder.profiles.weighting import Design, weights_of
from mvpbench.store.stage import Streamed
from schemas.codebook import Missing, SurveyItem, WeightRole
from schemas.errors import InputError
from schemas.survey import Respondent, Survey
from schemas.values import Split

SPLITS = tuple(Split)
"""Split by its number in `Census.splits`."""
REFUSED = "too-many-bad-rows"

Vector = NDArray[np.float64]
Counts = dict[Missing, int]


@dataclass(frozen=True)
class Columns:
    """What is counted and not kept by person."""

    items: tuple[SurveyItem, ...]
    """Those that measure no dimension."""
    known: Mapping[str, Counter[str]]
    """Demographic -> value -> people."""
    unknown: Mapping[str, Counter[Missing]]
    """Demographic -> kind -> people."""
    absent: Mapping[str, Counter[Missing]]
    """Column of such an item -> kind -> people."""
    silent: Mapping[str, Counter[str | None]]
    """The same column -> country -> people without an answer."""


@dataclass(frozen=True)
class Census:
    """One row a person, in the order of the file; `answers` has the same rows."""

    answers: Answers
    languages: tuple[str, ...]
    splits: NDArray[np.int8]
    within: Vector
    """Weights for figures of one country; NaN for who has none."""
    across: Vector
    """Weights for figures over countries."""
    design: Design
    """Units and strata nested in countries."""
    columns: Columns
    refused: str | None
    """Why the import refuses the file after its last row."""

    def only(self, chosen: NDArray[np.bool_]) -> "Census":
        """Return the people `chosen`, a mask of shape (people,); `columns` stays that of everybody."""
        places = np.flatnonzero(chosen).tolist()
        psu, stratum = (None if labels is None else [labels[place] for place in places] for labels in self.design)
        return Census(
            answers=self.answers.only(chosen),
            languages=tuple(self.languages[place] for place in places),
            splits=self.splits[chosen],
            within=self.within[chosen],
            across=self.across[chosen],
            design=Design(psu, stratum),
            columns=self.columns,
            refused=self.refused,
        )


def take_census(survey: Survey, people: Streamed[Respondent], shares: Mapping[Split, float]) -> Census:
    """Return the people of the stream; `people.dropped` is whole afterwards.

    That too many rows are bad is kept as a fact, since a page about the file is the more needed then. Raises what else
    the stream raises.
    """
    taker = _Taker(survey, shares)
    answers = answers_of(taker.passing(people.rows), survey.items)
    size, roles = len(answers.people), survey.weights.columns()
    weights: dict[WeightRole, NDArray[np.float64]] = {
        role: np.array(taker.weights[role], dtype=np.float64) for role in roles
    }
    return Census(
        answers=answers,
        languages=tuple(taker.languages),
        splits=np.array(taker.splits, dtype=np.int8),
        within=weights_of(weights, survey.weights.within(), size),
        across=weights_of(weights, survey.weights.across(), size),
        design=Design(taker.psus.labels(), _strata(taker.strata.labels(), answers.countries)),
        columns=Columns(taker.unscored, taker.known, taker.unknown, taker.absent, taker.silent),
        refused=taker.refused,
    )


def _strata(strata: Sequence[int | None] | None, countries: Sequence[str | None]) -> Sequence[object]:
    """Countries are drawn one by one: where the file names no strata, each is one, and so are people without one."""
    return strata if strata is not None else [code or "?" for code in countries]


@dataclass
class _Nested:
    """Labels of units within countries as numbers."""

    numbers: dict[tuple[str | None, str], int] = field(default_factory=dict)
    own: "array[int]" = field(default_factory=lambda: array("q"))

    def add(self, country: str | None, label: str | None) -> None:
        number = -1 if label is None else self.numbers.setdefault((country, label), len(self.numbers))
        self.own.append(number)

    def labels(self) -> list[int | None] | None:
        """Of each person; None where the file names none at all."""
        return [None if number < 0 else number for number in self.own] if self.numbers else None


class _Taker:
    def __init__(self, survey: Survey, shares: Mapping[Split, float]) -> None:
        self.shares = shares
        self.languages: list[str] = []
        self.splits = array("b")
        self.weights = {role: array("d") for role in survey.weights.columns()}
        self.psus, self.strata = _Nested(), _Nested()
        self.known: dict[str, Counter[str]] = defaultdict(Counter)
        self.unknown: dict[str, Counter[Missing]] = defaultdict(Counter)
        self.unscored = tuple(item for item in survey.items if item.dimension is None)
        self.absent: dict[str, Counter[Missing]] = {item.column: Counter() for item in self.unscored}
        self.silent: dict[str, Counter[str | None]] = {item.column: Counter() for item in self.unscored}
        self.refused: str | None = None

    def passing(self, people: Iterator[Respondent]) -> Iterator[Respondent]:
        """Hand people on after looking at them."""
        number = {split: place for place, split in enumerate(SPLITS)}
        try:
            for person in people:
                self._look(person)
                self.splits.append(number[split_of(person.id, self.shares)])
                yield person
        except InputError as error:
            if error.report.code != REFUSED:
                raise
            self.refused = error.report.sentence()

    def _look(self, person: Respondent) -> None:
        self.languages.append(person.language)
        for role, weights in self.weights.items():
            weights.append(person.weights.get(role, float("nan")))
        self.psus.add(person.country, person.psu)
        self.strata.add(person.country, person.stratum)
        for name, value in person.demographics.known.items():
            self.known[name][value] += 1
        for name, kind in person.demographics.missing.items():
            self.unknown[name][kind] += 1
        for column, absent in self.absent.items():
            if column not in person.answers:
                absent[person.answers_missing.get(column, Missing.BLANK)] += 1
                self.silent[column][person.country] += 1
