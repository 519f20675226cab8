"""One common factor behind the items of a scale, fitted by maximum likelihood.

The model is R = l l' + diag(u) for the correlations R: loadings l, uniquenesses u. For given u the best l is known, so
the discrepancy is a function of u alone. With g and w the eigenvalues and eigenvectors of R scaled by 1 / sqrt(u),
greatest first, it is the sum over all but the first of g - log(g) - 1, and l = sqrt(u (g_1 - 1)) w_1. Newton's method
on log(u), with exact second derivatives, reaches its minimum in a few rounds. A minimum at the bound of u is no
solution (Heywood case): that is said, not hidden.

Source: Jöreskog (1967), doi:10.1007/BF02289658; the second derivatives are derived in `_slopes`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

FEWEST_ITEMS = 3
"""With two items one correlation would have to tell two loadings."""
MIN_UNIQUENESS = 0.005
"""Below it a solution is improper; the bound of R's `factanal`."""
BOUND = float(np.log(MIN_UNIQUENESS))
ROUNDS = 100
HALVINGS = 20
SETTLED = 1e-8
"""Greatest slope, by log(u), at which the minimum counts as reached; loadings are then right to about as much."""
FLAT = 1e-6
"""Least curvature of a minimum that is one point; and of a correlation matrix that is not singular."""
NO_VARIANCE = 1e-12


class Factor(NamedTuple):
    """A proper solution, of the correlations; loadings sum to 0 or more."""

    loadings: Floats
    """Shape (items,)."""
    uniquenesses: Floats
    """Shape (items,), each at least `MIN_UNIQUENESS`."""
    discrepancy: float
    """log|S| - log|R| + tr(R S^-1) - items, with S the fitted correlations; 0 for a perfect fit."""


def one_factor(covariance: ArrayLike) -> Factor | str:
    """Return the solution for a covariance or correlation matrix, shape (items, items), or why there is none."""
    matrix = np.asarray(covariance, dtype=np.float64)
    if len(matrix) < FEWEST_ITEMS:
        return f"fewer than {FEWEST_ITEMS} items do not identify a factor"
    correlations = correlations_of(matrix)
    if correlations is None:
        return "an item has the same answer from everybody"
    if np.linalg.eigvalsh(correlations)[0] < FLAT:
        return "an item follows from the others, or people are too few for so many items"
    found = _minimum(correlations)
    if isinstance(found, str):
        return found
    values, vectors, uniquenesses = found
    if values[0] <= 1 + FLAT:
        return "the items have nothing in common"
    loadings = np.sqrt(uniquenesses * (values[0] - 1)) * vectors[:, 0]
    return Factor(-loadings if loadings.sum() < 0 else loadings, uniquenesses, _discrepancy(values))


def correlations_of(covariance: Floats) -> Floats | None:
    """Return the correlations of a covariance matrix, or None where a variance is 0."""
    variances = np.diag(covariance)
    if not variances.min() > NO_VARIANCE * variances.max():
        return None
    sd = np.sqrt(variances)
    return np.asarray(covariance / np.outer(sd, sd))


def _minimum(correlations: Floats) -> tuple[Floats, Floats, Floats] | str:
    """Eigenvalues, eigenvectors and uniquenesses at the minimum, or why there is none."""
    here = np.log(np.maximum((1 - 0.5 / len(correlations)) / np.diag(np.linalg.inv(correlations)), 2 * MIN_UNIQUENESS))
    values, vectors = _scaled(correlations, here)
    for _ in range(ROUNDS):
        slope, curvature = _slopes(values, vectors)
        held = (here <= BOUND) & (slope > 0)
        if np.abs(slope[~held]).max(initial=0.0) < SETTLED:
            if held.any():
                return "one factor does not fit: an item would have no variance of its own (Heywood case)"
            if np.linalg.eigvalsh(curvature)[0] < FLAT:
                return "the answers do not identify one factor: other loadings fit as well"
            return values, vectors, np.exp(here)
        step = np.where(held, 0.0, _downhill(slope, curvature, ~held))
        here, values, vectors = _advanced(correlations, here, step, _discrepancy(values))
    return "one factor could not be fitted: the iteration did not settle"


def _advanced(correlations: Floats, here: Floats, step: Floats, value: float) -> tuple[Floats, Floats, Floats]:
    """Where `step` leads, kept within the bound and halved until it does not climb; with eigenvalues and -vectors."""
    reached, values, vectors = here, *_scaled(correlations, here)
    for halving in range(HALVINGS):
        reached = np.maximum(here + step / 2**halving, BOUND)
        values, vectors = _scaled(correlations, reached)
        if _discrepancy(values) < value + FLAT * SETTLED:
            break
    return reached, values, vectors


def _scaled(correlations: Floats, logs: Floats) -> tuple[Floats, Floats]:
    scale = np.exp(-logs / 2)
    values, vectors = np.linalg.eigh(correlations * np.outer(scale, scale))
    return values[::-1], vectors[:, ::-1]


def _discrepancy(values: Floats) -> float:
    return float((values[1:] - np.log(values[1:]) - 1).sum())


def _slopes(values: Floats, vectors: Floats) -> tuple[Floats, Floats]:
    """First and second derivatives of the discrepancy by log(u).

    With dg_m/dlog(u_i) = -g_m w_im^2 and dw_m/dlog(u_j) = -1/2 sum over n of w_n w_jn w_jm (g_m + g_n) / (g_m - g_n),
    the first are the sums over m > 1 of (1 - g_m) w_im^2; in the second the g_m - g_n cancel but for n = 1.
    """
    first, rest, roots = vectors[:, 0], vectors[:, 1:], values[1:]
    mixed = (1 - roots) * (roots + values[0]) / np.maximum(values[0] - roots, FLAT)
    curvature = ((rest * roots) @ rest.T) * (rest @ rest.T) + ((rest * mixed) @ rest.T) * np.outer(first, first)
    return np.square(rest) @ (1 - roots), curvature


def _downhill(slope: Floats, curvature: Floats, free: NDArray[np.bool_]) -> Floats:
    """Newton's step in what is free, turned downhill where the discrepancy curves the other way; at most 1 in any."""
    values, vectors = np.linalg.eigh(curvature[np.ix_(free, free)])
    step = np.zeros_like(slope)
    step[free] = -vectors @ ((vectors.T @ slope[free]) / np.maximum(np.abs(values), FLAT))
    return np.asarray(step / max(1.0, np.abs(step).max()))
