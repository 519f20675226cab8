"""From answers to scores: item means on 0-100, three forms of each score, and their standard errors.

All arrays are float64 of shape (people, dimensions), dimensions in the framework's order, NaN where a dimension was not
measured; NaN never leaves this package.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from builder.profiles.answers import Answers, Matrix, Vector
from builder.profiles.reliability import cronbach_alpha
from schemas.codebook import SurveyItem
from schemas.errors import ConfigError, InputError
from schemas.values import ValueDimension, ValueFramework

SCORING_VERSION = 2
MIN_SAMPLE = 3


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


def score(answers: Answers, framework: ValueFramework) -> Scores:
    """Return the scores on every dimension of `framework` that some item measures.

    Raw is the mean of a dimension's answered items, each mapped linearly from its scale to [0, 100] and turned round
    where reverse-keyed; it needs the share `scoring.min_answered` of them. Centred subtracts the person's own mean,
    over the dimensions measured or over all items answered (`scoring.centring`; the latter is Schwartz's MRAT).
    Standardised uses the mean and SD (n - 1) over all people, unweighted.

    The standard error of raw is SD * sqrt(1 - reliability) (classical test theory; Lord and Novick 1968), times
    sqrt(k / j) where j of k items were answered (their errors are taken as independent and alike). Reliability is
    Cronbach's alpha where several items measure the dimension, else that of the item or the framework.

    Raises InputError `survey-too-small` below three measured people on a dimension, `dimension-constant` where all
    gave the same answer, `scale-unreliable` where alpha is not between 0 and 1; ConfigError `nothing-measured`, or
    `reliability-missing` where none is known.
    """
    names = tuple(dimension.name for dimension in framework.dimensions if answers.of(dimension.name))
    if not names:
        raise ConfigError(
            "nothing-measured",
            "codebook items",
            found="none that measures a dimension",
            expected=f"items of {', '.join(dimension.name for dimension in framework.dimensions)}",
            way_out="name the `dimension` of the items in the codebook",
        )
    columns = [answers.of(name) for name in names]
    points = answers.points()
    answered = np.column_stack([(~np.isnan(points[:, places])).sum(axis=1) for places in columns])
    full = np.array([len(places) for places in columns])
    raw = np.column_stack([raw_score(points[:, places], framework.scoring.min_answered) for places in columns])
    sd = np.array([_spread(raw[:, index], name) for index, name in enumerate(names)])
    reliability = np.array([_reliability(answers, points, framework, name) for name in names])
    # Error variance of one item; of a mean of j items it is the j-th part.
    of_item = np.square(sd) * (1 - reliability) * full
    measured = ~np.isnan(raw)
    raw_error = np.where(measured, np.sqrt(of_item / np.maximum(answered, 1)), np.nan)
    if framework.scoring.centring == "items":
        own_mean, centred_error = _mean(points), _error_by_items(of_item, answered)
    else:
        own_mean, centred_error = _mean(raw), _error_by_dimensions(raw_error)
    return Scores(
        dimensions=names,
        items=tuple(tuple(answers.items[place].column for place in places) for places in columns),
        raw=raw,
        centred=raw - own_mean[:, None],
        standardised=(raw - np.nanmean(raw, axis=0)) / sd,
        raw_error=raw_error,
        centred_error=np.where(measured, centred_error, np.nan),
        standardised_error=raw_error / sd,
    )


def raw_score(points: Matrix, min_answered: float) -> Vector:
    """Return the mean of the items answered, NaN below the share `min_answered`; `points` is (people, items)."""
    answered = (~np.isnan(points)).sum(axis=1)
    return np.where(answered >= ceil(min_answered * points.shape[1]), _mean(points), np.nan)


def known_reliability(item: SurveyItem, dimension: ValueDimension) -> tuple[float | None, str]:
    """Return what is known of a single column, with its source: by the codebook, else by the framework."""
    if item.reliability is not None:
        return item.reliability, item.reliability_source
    return dimension.reliability, dimension.reliability_source


def _mean(values: Matrix) -> Vector:
    """Mean of each row over what is there; NaN where nothing is."""
    count = (~np.isnan(values)).sum(axis=1)
    return np.asarray(np.where(count > 0, np.nansum(values, axis=1) / np.maximum(count, 1), np.nan))


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


def _reliability(answers: Answers, points: Matrix, framework: ValueFramework, dimension: str) -> float:
    places = answers.of(dimension)
    if len(places) > 1:
        complete = points[:, places][~np.isnan(points[:, places]).any(axis=1)]
        if len(complete) < MIN_SAMPLE:
            found = f"{len(complete)} people who answered all {len(places)} items"
            raise _unreliable(dimension, found, f"at least {MIN_SAMPLE}")
        alpha = cronbach_alpha(complete)
        if not 0 < alpha < 1:
            found = f"Cronbach's alpha {alpha:.2f} over {len(places)} items"
            raise _unreliable(dimension, found, "between 0 and 1")
        return alpha
    item = answers.items[places[0]]
    known, _ = known_reliability(item, framework.dimension(dimension))
    if known is None:
        raise ConfigError(
            "reliability-missing",
            "codebook item",
            where=item.column,
            found="one column and no reliability",
            expected="`reliability` with its source, in the codebook or the framework",
        )
    return known


def _unreliable(dimension: str, found: str, expected: str) -> InputError:
    return InputError(
        "scale-unreliable",
        "value profiles",
        where=dimension,
        found=found,
        expected=expected,
        way_out="check in the codebook which items are reverse-keyed, and that they are in the questionnaire's order; "
        "`mvpbench survey describe FILE --codebook FILE --html PAGE.html` shows how each goes with the others",
    )


def _error_by_dimensions(raw_error: Matrix) -> Matrix:
    """Error of x_i - mean(x): own error weighs 1 - 1/k, each other dimension 1/k; errors are independent."""
    variance = np.square(raw_error)
    count = (~np.isnan(raw_error)).sum(axis=1, keepdims=True).clip(min=1)
    total = np.nansum(variance, axis=1, keepdims=True)
    weight = 1 - 1 / count
    return np.asarray(np.sqrt(variance * np.square(weight) + (total - variance) / np.square(count)))


def _error_by_items(of_item: Vector, answered: NDArray[np.int64]) -> Matrix:
    """Error of x_i less the mean of all J items answered, whose own items are among them.

    With v_i the error variance of an item of dimension i and j_i of its items answered, the variance is
    v_i / j_i - 2 v_i / J + sum of j v over all dimensions / J^2.
    """
    everything = answered.sum(axis=1, keepdims=True).clip(min=1)
    of_mean = (answered * of_item).sum(axis=1, keepdims=True) / np.square(everything)
    variance = of_item / answered.clip(min=1) - 2 * of_item / everything + of_mean
    return np.asarray(np.sqrt(variance.clip(min=0)))
