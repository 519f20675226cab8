"""Shares and differences of shares, with no figure of too few people."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from schemas.overview import HIDDEN_BELOW
from schemas.pairing import CategoryBeside, DemographicBeside, MeanScore, Reuse, Share

Z_95 = 1.959963984540054
LARGEST = 3
"""Values of a demographic that are named."""
TOO_FEW = f"fewer than {HIDDEN_BELOW} people"

Counts = NDArray[np.int64]


def share(part: int, whole: int) -> Share:
    """Return the share with the interval of Wilson 1927, doi:10.1080/01621459.1927.10502953; null of too few people."""
    if whole < HIDDEN_BELOW:
        return Share(part=part, whole=whole, value=None, low=None, high=None, undefined=TOO_FEW)
    value, weight = part / whole, Z_95**2 / whole
    middle = (value + weight / 2) / (1 + weight)
    half = Z_95 / (1 + weight) * np.sqrt(value * (1 - value) / whole + weight / (4 * whole))
    # At 0 and 1 the ends are exactly 0 and 1, and rounding would put them beside.
    low = 0.0 if part == 0 else float(middle - half)
    high = 1.0 if part == whole else float(middle + half)
    return Share(part=part, whole=whole, value=value, low=low, high=high)


def mean_score(people: int, raw: float, standardised: float) -> MeanScore:
    """Return the means from the sums over `people`."""
    if people < HIDDEN_BELOW:
        return MeanScore(people=people, raw=None, standardised=None, undefined=TOO_FEW)
    return MeanScore(people=people, raw=raw / people, standardised=standardised / people)


def reuse(people: int, partners: int, most: int, places: int, shared: int) -> Reuse:
    """Return how often `people` are used, from their partners in all, and their `places` in pairs."""
    if people < HIDDEN_BELOW:
        reason = TOO_FEW if people else "nobody was paired"
        return Reuse(mean=None, most=None, shared_places=None, undefined=reason)
    return Reuse(mean=partners / people, most=most, shared_places=shared / places)


def demographic(name: str, values: Sequence[str], paired: Counts, everyone: Counts) -> list[DemographicBeside]:
    """Return a demographic in every row, from the counts of its `values` among the paired and among everyone.

    Both have the shape (rows, values).
    """
    known, all_known = paired.sum(axis=1), everyone.sum(axis=1)
    here, there = paired / np.maximum(known, 1)[:, None], everyone / np.maximum(all_known, 1)[:, None]
    difference = here - there
    spread = np.sqrt((here * (1 - here) + there * (1 - there)) / 2)
    standardised = np.divide(difference, spread, out=np.zeros_like(difference), where=spread > 0)
    is_told = everyone >= HIDDEN_BELOW
    # Values of too few people come last; equal differences stay in the order of their names.
    size = np.where(is_told, np.abs(difference).round(12), -1.0)
    order = np.argsort(-size, axis=1, kind="stable")[:, :LARGEST]
    most = np.where(is_told, np.abs(standardised), -1.0).max(axis=1, initial=-1.0)
    columns = [np.take_along_axis(one, order, axis=1).tolist() for one in (here, there, difference, standardised)]
    rows: list[DemographicBeside] = []
    for row, places in enumerate(order):
        reason = None
        if known[row] < HIDDEN_BELOW:
            reason = TOO_FEW
        elif most[row] < 0:
            reason = f"every value has {TOO_FEW}"
        figures = zip(places.tolist(), is_told[row, places].tolist(), *(column[row] for column in columns), strict=True)
        rows.append(
            DemographicBeside(
                name=name,
                paired=int(known[row]),
                all=int(all_known[row]),
                standardised=float(most[row]) if reason is None else None,
                largest=tuple(
                    CategoryBeside(value=values[place], paired=own, all=other, difference=by, standardised=in_sds)
                    for place, told, own, other, by, in_sds in figures
                    if told and reason is None
                ),
                undefined=reason,
            )
        )
    return rows
