"""How well the items of a scale hang together: alpha, omega and item-rest correlations, over all people and by group.

Every figure is of complete rows, unweighted, and a function of the items' covariances; the functions ending in `_of`
take these, so that a published matrix can be put in. What is undefined is None with the reason.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtri, ndtri

from builder.profiles.factor import correlations_of, one_factor
from builder.profiles.groups import Labels, rows_by
from schemas.agreement import Estimate
from schemas.errors import Defect
from schemas.reliability import Coefficient, ScaleReliability

Floats = NDArray[np.float64]

FEWEST_ROWS = 3
LEVEL = 0.95
NO_VARIANCE = 1e-12
"""Of a sum of items, as a share of the items' variances: below it the sum does not vary but for rounding."""


class Complete(NamedTuple):
    """The complete rows of a scale's answers, and what they say of it."""

    n: int
    incomplete: int
    covariance: Floats | None
    """Shape (items, items), n - 1 below the line; None with fewer than `FEWEST_ROWS` rows."""


def cronbach_alpha(answers: Floats) -> float:
    """Return Cronbach's alpha of `answers`, shape (respondents, items), over complete rows.

    k/(k-1) * (1 - sum of item variances / variance of the sum); Cronbach (1951), doi:10.1007/BF02310555. Needs two
    items, three complete rows and a sum that varies; the caller keeps to that. `alpha_of` says what is lacking.
    """
    complete = answers[~np.isnan(answers).any(axis=1)]
    count = answers.shape[1]
    return float(count / (count - 1) * (1 - complete.var(axis=0, ddof=1).sum() / complete.sum(axis=1).var(ddof=1)))


def mcdonald_omega(answers: Floats) -> Coefficient:
    """Return McDonald's omega total of `answers`, shape (respondents, items), over complete rows, as `omega_of`."""
    found = complete_rows(answers)
    return _too_few(found.n) if found.covariance is None else omega_of(found.covariance)


def spearman_brown(reliability: float, length: float) -> float:
    """Return the reliability of a scale `length` times as long, k r / (1 + (k - 1) r); of two items, r and 2.

    Spearman (1910), doi:10.1111/j.2044-8295.1910.tb00206.x; Brown (1910), doi:10.1111/j.2044-8295.1910.tb00207.x.
    Raises Defect `length-unfit` where it is undefined: a length not above 0, or 1 + (k - 1) r not above 0.
    """
    below = 1 + (length - 1) * reliability
    if not (length > 0 and below > 0):
        found = f"reliability {reliability}, length {length}"
        raise Defect(
            "length-unfit", "Spearman-Brown", found=found, expected="a length above 0 and a reliability above it"
        )
    return length * reliability / below


def alpha_of(covariance: ArrayLike, n: int) -> Estimate:
    """Return Cronbach's alpha of a covariance matrix, shape (items, items), of `n` complete rows, with its interval.

    The interval is that of Feldt (1965), doi:10.1007/BF02289499: (1 - alpha) / (1 - estimate) is distributed as F with
    n - 1 and (n - 1)(k - 1) degrees of freedom. It is exact for normal answers with equal variances and equal
    correlations and approximate elsewhere; sampling units and weights are not in it.
    """
    matrix = np.asarray(covariance, dtype=np.float64)
    value = _alpha(matrix)
    if isinstance(value, str):
        return Estimate(value=None, low=None, high=None, undefined=value)
    tail, rows = (1 - LEVEL) / 2, n - 1
    low, high = 1 - (1 - value) * fdtri(rows, rows * (len(matrix) - 1), [1 - tail, tail])
    return Estimate(value=value, low=float(low), high=float(high))


def standardised_alpha_of(covariance: ArrayLike) -> Coefficient:
    """Return alpha of the correlations, k r / (1 + (k - 1) r) with r their mean: of items that weigh the same.

    Of two items this is the Spearman-Brown coefficient; Eisinga, te Grotenhuis and Pelzer (2013),
    doi:10.1007/s00038-012-0416-3.
    """
    correlations = correlations_of(np.asarray(covariance, dtype=np.float64))
    if correlations is None:
        return Coefficient(value=None, undefined="an item has the same answer from everybody")
    value = _alpha(correlations)
    return Coefficient(value=None, undefined=value) if isinstance(value, str) else Coefficient(value=value)


def omega_of(covariance: ArrayLike) -> Coefficient:
    """Return McDonald's omega total of a covariance matrix, shape (items, items).

    (sum of loadings)^2 / ((sum of loadings)^2 + sum of unique variances) of the sum of the items as they are, loadings
    and unique variances from one factor fitted by maximum likelihood (`factor.one_factor`). None, with the reason,
    where there is no such factor: two items, items that do not vary or follow from each other, Heywood cases.

    McDonald (1999), Test Theory, eq. 6.20b, doi:10.4324/9781410601087; Revelle and Zinbarg (2009),
    doi:10.1007/s11336-008-9102-z.
    """
    matrix = np.asarray(covariance, dtype=np.float64)
    factor = one_factor(matrix)
    if isinstance(factor, str):
        return Coefficient(value=None, undefined=factor)
    common = np.square((np.sqrt(np.diag(matrix)) * factor.loadings).sum())
    return Coefficient(value=float(common / (common + (np.diag(matrix) * factor.uniquenesses).sum())))


def item_rest_of(covariance: ArrayLike) -> tuple[float | None, ...]:
    """Return the correlation of each item with the sum of the others; None where one of the two does not vary."""
    matrix = np.asarray(covariance, dtype=np.float64)
    own = np.diag(matrix)
    shared = matrix.sum(axis=1) - own
    rest = matrix.sum() - 2 * shared - own
    varies = (own > NO_VARIANCE * own.max()) & (rest > NO_VARIANCE * own.sum())
    below = np.sqrt(np.where(varies, own * rest, 1.0))
    return tuple(float(r) if there else None for r, there in zip(shared / below, varies, strict=True))


def against_others(items: Sequence[str], item_rest: Sequence[float | None], n: int) -> tuple[str, ...]:
    """Return the items whose item-rest correlation over `n` rows is below 0 by its whole 95 % interval (Fisher's z)."""
    reach = ndtri((1 + LEVEL) / 2) / np.sqrt(max(n - 3, 1))
    found = zip(items, item_rest, strict=True)
    return tuple(item for item, r in found if r is not None and n > FEWEST_ROWS and r < -np.tanh(reach))


def complete_rows(answers: Floats) -> Complete:
    """Return what the rows without NaN say of `answers`, shape (respondents, items); 0 where an item does not vary."""
    complete = answers[~np.isnan(answers).any(axis=1)]
    n = len(complete)
    if n < FEWEST_ROWS:
        return Complete(n, len(answers) - n, None)
    centred = np.where(np.ptp(complete, axis=0) > 0, complete - complete.mean(axis=0), 0.0)
    return Complete(n, len(answers) - n, centred.T @ centred / (n - 1))


def reliability_by(scale: str, items: Sequence[str], answers: Floats, groups: Labels) -> tuple[ScaleReliability, ...]:
    """Return the reliability of one scale over all people, then of every group in alphabetical order.

    Args:
        scale: its name, e.g. a value dimension.
        items: names of its columns.
        answers: of shape (respondents, items), interval level, turned round where reverse-keyed, NaN where missing.
        groups: the country of each respondent; people without one count among all alone.

    Raises:
        Defect: `uneven-rows` where the shapes differ.
    """
    if answers.shape != (len(groups), len(items)):
        found = f"answers of shape {answers.shape}, {len(items)} items, {len(groups)} groups"
        raise Defect("uneven-rows", "reliability", where=scale, found=found, expected="(respondents, items)")
    parts = [(None, answers), *((name, answers[rows]) for name, rows in rows_by(groups).items())]
    return tuple(_reliability(scale, name, tuple(items), part) for name, part in parts)


def _reliability(scale: str, group: str | None, items: tuple[str, ...], answers: Floats) -> ScaleReliability:
    found = complete_rows(answers)
    if found.covariance is None:
        nothing = _too_few(found.n)
        alpha = Estimate(value=None, low=None, high=None, undefined=nothing.undefined)
        standardised = omega = nothing
        item_rest: tuple[float | None, ...] = (None,) * len(items)
    else:
        alpha = alpha_of(found.covariance, found.n)
        standardised, omega = standardised_alpha_of(found.covariance), omega_of(found.covariance)
        item_rest = item_rest_of(found.covariance)
    return ScaleReliability(
        scale=scale,
        group=group,
        items=items,
        n=found.n,
        incomplete=found.incomplete,
        alpha=alpha,
        alpha_standardised=standardised,
        omega=omega,
        item_rest=item_rest,
        against=against_others(items, item_rest, found.n),
    )


def _alpha(matrix: Floats) -> float | str:
    count, own, total = len(matrix), float(np.trace(matrix)), float(matrix.sum())
    if count < 2:  # noqa: PLR2004 - alpha compares items
        return "one item: it cannot be compared with another"
    if not total > NO_VARIANCE * own:
        return "the sum of the items is the same for everybody"
    return count / (count - 1) * (1 - own / total)


def _too_few(n: int) -> Coefficient:
    return Coefficient(value=None, undefined=f"{n} people answered every item: fewer than {FEWEST_ROWS}")
