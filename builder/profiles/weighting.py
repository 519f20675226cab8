"""Weights of a survey and the means they give, with the error that its design leaves.

Weights of different roles are kept apart in the file and multiplied here, only those that are named. Nobody gets a
weight that the file does not give: whoever lacks one is left out and counted.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from builder.profiles.groups import Labels, numbered, rows_by
from schemas.codebook import WeightRole
from schemas.errors import Defect
from schemas.reliability import WeightedMean

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Design(NamedTuple):
    """How people were drawn; None where the file does not say.

    Units are nested in strata: unit 1 of one stratum is not unit 1 of another. Where a file numbers strata anew in
    every country, a label is a tuple of country and stratum.
    """

    psu: Labels | None = None
    """Primary sampling unit of each person; None: every person is one."""
    stratum: Labels | None = None
    """None: all people are of one."""


def weights_of(columns: Mapping[WeightRole, ArrayLike], roles: Sequence[WeightRole], people: int) -> Floats:
    """Return each person's weight, shape (people,): the product over `roles`; NaN for whoever has none.

    A person has no weight where a factor is missing, not finite, or not above 0. Without roles everybody weighs 1.
    Raises Defect `weights-unfit` where a role has no column, is named twice, or has another length.
    """
    weights = np.ones(people)
    for role in roles:
        factor = np.asarray(columns[role], dtype=np.float64) if role in columns else np.empty(0)
        if role not in columns or len(set(roles)) < len(roles) or factor.shape != (people,):
            found = f"{role} of shape {factor.shape} among roles {', '.join(roles)}"
            raise Defect("weights-unfit", "weights", found=found, expected=f"one column of {people} rows for each role")
        weights = weights * np.where(np.isfinite(factor) & (factor > 0), factor, np.nan)
    return _usable(weights)


def effective_n(weights: ArrayLike) -> float | None:
    """Return Kish's effective sample size (sum w)^2 / (sum w^2), or None where nobody has a weight.

    Args:
        weights: of shape (people,), in any unit; people with NaN or without a weight above 0 do not count.

    Source: Kish (1965), Survey Sampling; Kish (1992), Weighting for unequal Pi, J. Official Statistics 8(2), 183-200.
    """
    given = _usable(np.asarray(weights, dtype=np.float64))
    given = given[~np.isnan(given)]
    if not len(given):
        return None
    scaled = given / given.max()
    return float(np.square(scaled.sum()) / np.square(scaled).sum())


def weighted_mean(values: ArrayLike, weights: ArrayLike, design: Design | None = None) -> WeightedMean:
    """Return the weighted mean of `values` with its standard error by Taylor linearisation.

    The mean is a ratio of two estimated totals. Its variance is that of the sum of z = w (x - mean) / sum(w) over
    sampling units, drawn with replacement within strata: sum over strata of n / (n - 1) times the squared deviations of
    the units' totals of z from the stratum's mean. With equal weights and no design this is s / sqrt(n). Without finite
    population correction and over the first stage alone: rather too large than too small.

    A stratum with one unit shows no deviation; there the total counts as its deviation from the mean over all units,
    which is 0 (R survey's `adjust`, Stata's `singleunit(centered)`; conservative), and such strata are counted.

    People without a value or a weight are left out before, and units and strata are those of who is left (as Stata's
    `svy: mean` does). So this serves for whole strata, a country say, and not for the error of a part of the people
    that cuts through units, such as women.

    Args:
        values: of shape (people,), interval level, NaN where there is none.
        weights: of shape (people,), as `weights_of` returns it; only their ratios matter.
        design: of the sample.

    Returns:
        `mean` None where nobody is left; `standard_error` None with one unit, or where somebody's unit or stratum is
        not known. `psus` less `strata` are the degrees of freedom of an interval.

    Raises:
        Defect: `uneven-rows` where the shapes differ.

    Source: Woodruff (1971), doi:10.1080/01621459.1971.10482279; Lumley (2004), doi:10.18637/jss.v009.i08.
    """
    x, w, drawn = _read(values, weights, design or Design())
    return _mean(x, w, drawn)


def weighted_mean_by(
    values: ArrayLike, weights: ArrayLike, groups: Labels, design: Design | None = None
) -> dict[str, WeightedMean]:
    """Return group -> `weighted_mean` of its people, in alphabetical order. Groups must not cut through strata."""
    x, w, drawn = _read(values, weights, design or Design())
    return {
        name: _mean(x[rows], w[rows], _Drawn(*(None if own is None else own[rows] for own in drawn)))
        for name, rows in rows_by(groups).items()
    }


class _Drawn(NamedTuple):
    """A design in numbers, -1 for what is not known."""

    unit: Ints | None
    stratum: Ints | None


def _read(values: ArrayLike, weights: ArrayLike, design: Design) -> tuple[Floats, Floats, _Drawn]:
    x, w = np.asarray(values, dtype=np.float64), _usable(np.asarray(weights, dtype=np.float64))
    drawn = _Drawn(*(None if labels is None else numbered(labels)[1] for labels in design))
    if x.ndim != 1 or w.shape != x.shape or any(own is not None and own.shape != x.shape for own in drawn):
        lengths = [len(own) for own in drawn if own is not None]
        found = f"values of shape {x.shape}, weights of shape {w.shape}, labels of {lengths}"
        raise Defect("uneven-rows", "weighted mean", found=found, expected="one of each for every person")
    return x, w, drawn


def _mean(x: Floats, w: Floats, drawn: _Drawn) -> WeightedMean:
    valued, kept = np.isfinite(x), np.isfinite(x) & ~np.isnan(w)
    counts = {
        "n": int(kept.sum()),
        "without_value": int((~valued).sum()),
        "without_weight": int((valued & ~kept).sum()),
    }
    if not kept.any():
        return WeightedMean(mean=None, undefined="nobody has both a value and a weight", **counts)
    x, w = x[kept], w[kept] / w[kept].max()
    total = w.sum()
    mean = float((w * x).sum() / total)
    found = _linearised(w * (x - mean) / total, kept, drawn)
    return WeightedMean(
        mean=mean,
        standard_error=found.error,
        n_effective=effective_n(w),
        psus=found.psus,
        strata=found.strata,
        lonely_strata=found.lonely,
        undefined=found.undefined,
        **counts,
    )


class _Error(NamedTuple):
    error: float | None
    psus: int = 0
    strata: int = 0
    lonely: int = 0
    undefined: str | None = None


def _linearised(z: Floats, kept: NDArray[np.bool_], drawn: _Drawn) -> _Error:
    unit = np.arange(len(z)) if drawn.unit is None else drawn.unit[kept]
    stratum = np.zeros(len(z), dtype=np.int64) if drawn.stratum is None else drawn.stratum[kept]
    for name, own in (("sampling unit", unit), ("stratum", stratum)):
        if (own < 0).any():
            return _Error(
                None, undefined=f"no standard error: the {name} of {int((own < 0).sum())} people is not known"
            )
    _, first, unit = np.unique(stratum * (unit.max() + 1) + unit, return_index=True, return_inverse=True)
    _, home = np.unique(stratum[first], return_inverse=True)
    totals, units = np.bincount(unit, weights=z), np.bincount(home)
    lonely = int((units == 1).sum())
    counted = _Error(None, len(totals), len(units), lonely)
    if len(totals) == 1:
        return counted._replace(undefined="no standard error: all people are of one sampling unit")
    centre = np.where(units > 1, np.bincount(home, weights=totals) / units, 0.0)
    factor = np.where(units > 1, units / np.maximum(units - 1, 1), 1.0)
    return counted._replace(error=float(np.sqrt((factor[home] * np.square(totals - centre[home])).sum())))


def _usable(weights: Floats) -> Floats:
    return np.where(np.isfinite(weights) & (weights > 0), weights, np.nan)
