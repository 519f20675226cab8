"""From answers to scores: item means on 0-100, three forms of each score, and their standard errors.

All arrays are float64 of shape (respondents, dimensions), dimensions in the framework's order, NaN where a dimension
was not measured; NaN never leaves this package.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.codebook import SurveyItem
from schemas.errors import ConfigError, InputError
from schemas.survey import Respondent
from schemas.values import ValueFramework

SCORING_VERSION = 1
MIN_SAMPLE = 3

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """Scores of one survey's respondents, with standard errors in the same units."""

    dimensions: tuple[str, ...]
    items: tuple[tuple[str, ...], ...]
    """Columns behind each dimension."""
    raw: Matrix
    centred: Matrix
    standardised: Matrix
    raw_error: Matrix
    centred_error: Matrix
    standardised_error: Matrix


def score(respondents: Sequence[Respondent], items: Sequence[SurveyItem], framework: ValueFramework) -> Scores:
    """Return the scores of `respondents` on every dimension of `framework` that `items` measure.

    Raw is the mean of a dimension's items, each mapped linearly from its scale to [0, 100] and turned round where
    reverse-keyed; it needs every item of the dimension. Centred subtracts the person's own mean over the dimensions
    measured. Standardised uses the mean and SD (n - 1) over all respondents. The standard error of raw is
    SD * sqrt(1 - reliability) (classical test theory; Lord and Novick 1968), with the reliability of the single item
    or the framework, or Cronbach's alpha where several items measure the dimension.

    Raises InputError `survey-too-small` below three measured people on a dimension, `dimension-constant` where all
    gave the same answer, ConfigError where an item names an unknown dimension or no reliability is known.
    """
    by_dimension = _items_by_dimension(items, framework)
    names = tuple(by_dimension)
    columns = [_mapped(respondents, by_dimension[name]) for name in names]
    raw = np.column_stack([column.mean(axis=1) for column in columns])
    sd = np.array([_spread(raw[:, index], name) for index, name in enumerate(names)])
    reliability = np.array(
        [_reliability(by_dimension[name], columns[index], framework, name) for index, name in enumerate(names)]
    )
    measured = ~np.isnan(raw)
    raw_error = np.where(measured, sd * np.sqrt(1 - reliability), np.nan)
    own_mean = np.array([row[~np.isnan(row)].mean() if (~np.isnan(row)).any() else np.nan for row in raw])
    return Scores(
        dimensions=names,
        items=tuple(tuple(item.column for item in by_dimension[name]) for name in names),
        raw=raw,
        centred=raw - own_mean[:, None],
        standardised=(raw - np.nanmean(raw, axis=0)) / sd,
        raw_error=raw_error,
        centred_error=_centred_error(raw_error),
        standardised_error=np.where(measured, np.sqrt(1 - reliability), np.nan),
    )


def cronbach_alpha(answers: Matrix) -> float:
    """Return Cronbach's alpha of `answers`, shape (respondents, items), over complete rows.

    k/(k-1) * (1 - sum of item variances / variance of the sum); Cronbach (1951), doi:10.1007/BF02310555. Needs two
    items and three complete rows; the caller keeps to that.
    """
    complete = answers[~np.isnan(answers).any(axis=1)]
    count = answers.shape[1]
    return float(count / (count - 1) * (1 - complete.var(axis=0, ddof=1).sum() / complete.sum(axis=1).var(ddof=1)))


def _items_by_dimension(items: Sequence[SurveyItem], framework: ValueFramework) -> dict[str, list[SurveyItem]]:
    known = [dimension.name for dimension in framework.dimensions]
    for item in items:
        if item.dimension not in known:
            raise ConfigError(
                "dimension-unknown",
                "codebook item",
                where=item.column,
                found=f"dimension {item.dimension!r}",
                expected=f"one of {', '.join(known)}",
            )
    grouped = {name: [item for item in items if item.dimension == name] for name in known}
    return {name: group for name, group in grouped.items() if group}


def _mapped(respondents: Sequence[Respondent], items: Sequence[SurveyItem]) -> Matrix:
    table = np.array(
        [[person.answers.get(item.column, np.nan) for item in items] for person in respondents], dtype=np.float64
    ).reshape(len(respondents), len(items))
    low = np.array([item.scale.low for item in items])
    high = np.array([item.scale.high for item in items])
    share = (table - low) / (high - low)
    reverse = np.array([item.reverse for item in items])
    return np.clip(np.where(reverse, 1 - share, share) * 100, 0.0, 100.0)


def _spread(column: Vector, dimension: str) -> float:
    measured = column[~np.isnan(column)]
    if len(measured) < MIN_SAMPLE:
        raise InputError(
            "survey-too-small",
            "value profiles",
            where=dimension,
            found=f"{len(measured)} people with an answer",
            expected=f"at least {MIN_SAMPLE}",
            way_out="import more respondents or leave the dimension out of the codebook",
        )
    if measured.min() == measured.max():  # compared as answers: the SD of equal numbers need not be exactly 0
        raise InputError(
            "dimension-constant",
            "value profiles",
            where=dimension,
            found=f"the same answer from all {len(measured)} people",
            expected="answers that differ",
            way_out="leave the dimension out of the codebook",
        )
    return float(measured.std(ddof=1))


def _reliability(items: Sequence[SurveyItem], answers: Matrix, framework: ValueFramework, dimension: str) -> float:
    if len(items) > 1:
        alpha = cronbach_alpha(answers)
        if not 0 < alpha < 1:
            raise InputError(
                "scale-unreliable",
                "value profiles",
                where=dimension,
                found=f"Cronbach's alpha {alpha:.2f} over {len(items)} items",
                expected="between 0 and 1",
                way_out="check which items are reverse-keyed in the codebook",
            )
        return alpha
    known = items[0].reliability or framework.dimension(dimension).reliability
    if known is None:
        raise ConfigError(
            "reliability-missing",
            "codebook item",
            where=items[0].column,
            found="one column and no reliability",
            expected="`reliability` with its source, in the codebook or the framework",
        )
    return known


def _centred_error(raw_error: Matrix) -> Matrix:
    """Error of x_i - mean(x): own error weighs 1 - 1/k, each other dimension 1/k; errors are independent."""
    variance = np.square(raw_error)
    count = (~np.isnan(raw_error)).sum(axis=1, keepdims=True).clip(min=1)
    total = np.nansum(variance, axis=1, keepdims=True)
    weight = 1 - 1 / count
    return np.asarray(np.sqrt(variance * np.square(weight) + (total - variance) / np.square(count)))
