"""Made-up people, scores and stands for the builder's tests."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from builder.profiles.scoring import Scores
from builder.stands import Stands, Target
from schemas.codebook import Scale, SurveyItem
from schemas.questions import Recipe
from schemas.survey import Demographics, Respondent
from schemas.values import Domain, Split, ValueDimension, ValueFramework, ValueProfile

COLOURS = ("amber", "blue", "crimson")


def made_framework(names: Sequence[str] = COLOURS, reliability: float | None = 0.75) -> ValueFramework:
    dimensions = tuple(
        ValueDimension(name=name, title=name, definition="", high="", low="", reliability=reliability) for name in names
    )
    return ValueFramework(framework="made", title="", version="1", source="", domain="", dimensions=dimensions)


def made_item(column: str, dimension: str | None = None, *, reverse: bool = False) -> SurveyItem:
    return SurveyItem(column=column, dimension=dimension or column, scale=Scale(low=1, high=5), reverse=reverse)


def made_person(
    name: str,
    answers: Mapping[str, float] | None = None,
    country: str | None = "KE",
    region: str | None = None,
    known: Mapping[str, str] | None = None,
) -> Respondent:
    return Respondent(
        id=name,
        source_id=name,
        survey="s-made",
        row=1,
        country=country,
        region=region,
        language="en",
        demographics=Demographics(known=dict(known or {})),
        answers=dict(answers or {}),
    )


def made_profile(person: Respondent, split: Split = Split.TRAIN) -> ValueProfile:
    return ValueProfile(
        respondent_id=person.id,
        survey=person.survey,
        framework="made",
        split=split,
        domain=Domain.IN,
        country=person.country,
        scores=(),
        scoring_version=1,
    )


def made_targets(count: int) -> tuple[Target, ...]:
    return tuple(Target(Recipe.SIDES, (f"dimension_{'abcdefgh'[place]}",)) for place in range(count))


def made_stands(signs: Mapping[str, Sequence[int]], errors: ArrayLike | None = None) -> Stands:
    """Stands of people on as many targets as each has signs; an error probability of .1 where none is given."""
    sign = np.array(list(signs.values()), dtype=np.int8).reshape(len(signs), -1)
    error = np.full(sign.shape, 0.1) if errors is None else np.array(errors, dtype=np.float64)
    return Stands(tuple(signs), made_targets(sign.shape[1]), sign, np.where(sign == 0, np.nan, error))


def made_scores(raw: ArrayLike, raw_error: float, names: Sequence[str] = COLOURS) -> Scores:
    """Scores of one error for all: centred and standardised follow from `raw`, shape (respondents, dimensions)."""
    matrix = np.array(raw, dtype=np.float64)
    count = matrix.shape[1]
    spread = matrix.std(axis=0, ddof=1)
    full = np.full(matrix.shape, raw_error)
    # x - mean(x): own error weighs (k - 1)/k, each of the k - 1 others 1/k, so the variance is s^2 (k - 1)/k
    return Scores(
        dimensions=tuple(names[:count]),
        items=tuple(() for _ in range(count)),
        raw=matrix,
        centred=matrix - matrix.mean(axis=1, keepdims=True),
        standardised=(matrix - matrix.mean(axis=0)) / spread,
        raw_error=full,
        centred_error=full * np.sqrt((count - 1) / count),
        standardised_error=full / spread,
    )
