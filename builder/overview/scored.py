"""Scores of every dimension that can be scored, and why the others cannot be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from builder.profiles.answers import Answers
from builder.profiles.scoring import Scores, raw_score, score
from schemas.errors import UserError
from schemas.values import ValueFramework

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """Of the people whose answers the framework's rules take; arrays of shape (people,), NaN where not measured."""

    raw: Mapping[str, Vector]
    """Dimension that some item measures -> raw scores, in the framework's order; scored further or not."""
    scores: Scores | None
    """Of the dimensions that are not in `unscored`; None where all are."""
    unscored: Mapping[str, str]
    """Dimension -> why its scores have no error, so that no side can be told."""

    def place(self, dimension: str) -> int | None:
        """Return the column of `dimension` in `scores`; None where it is not scored."""
        if self.scores is None or dimension not in self.scores.dimensions:
            return None
        return self.scores.dimensions.index(dimension)


def score_each(answers: Answers, framework: ValueFramework) -> Scored:
    """Return the scores, of as many dimensions as there can be.

    `profile` stops at the first dimension that cannot be scored. Here each is tried alone first; those that pass are
    scored together, as they would be were the others left out of the codebook.
    """
    measured = [dimension.name for dimension in framework.dimensions if answers.of(dimension.name)]
    unscored: dict[str, str] = {}
    for name in measured:
        try:
            score(_part(answers, [name]), framework)
        except UserError as error:
            report = error.report
            unscored[name] = f"{report.found}; {report.way_out or f'expected {report.expected}'}"
    kept = [name for name in measured if name not in unscored]
    points = answers.points()
    return Scored(
        raw={name: raw_score(points[:, answers.of(name)], framework.scoring.min_answered) for name in measured},
        scores=score(_part(answers, kept), framework) if kept else None,
        unscored=unscored,
    )


def _part(answers: Answers, dimensions: Sequence[str]) -> Answers:
    places = [place for place, item in enumerate(answers.items) if item.dimension in dimensions]
    return Answers(
        people=answers.people,
        countries=answers.countries,
        items=tuple(answers.items[place] for place in places),
        values=answers.values[:, places],
        missing=answers.missing[:, places],
    )
