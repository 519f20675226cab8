"""Gwet's AC1 and AC2, which do not fall where one value dominates."""

import numpy as np
from numpy.typing import ArrayLike

from annotation.agreement.alpha import NO_PAIRS
from annotation.agreement.kappa import chance_corrected
from annotation.agreement.level import Floats
from mvpbench.statistics.measures import Measure, Measured, Undefined


def gwet_ac(counts: ArrayLike, weights: ArrayLike | None = None) -> Measured:
    """Return AC1, or with `weights` AC2, of counts of shape (units, values); units may have any number of ratings.

    Gwet, K. L. (2008), doi:10.1348/000711006X126600; with missing ratings and weights: Gwet (2014), Handbook of
    Inter-Rater Reliability, 4th ed. (ISBN 978-0970806284). Observed agreement is over units with at least two ratings,
    the share of each value over all units. The number of values is that of the columns: those given anywhere, so that
    two groups of one table are measured alike. Undefined where no unit has two ratings or there is one value alone.

    Args:
        counts: of shape (units, values).
        weights: of shape (values, values), 1 on the diagonal.
    """
    table = np.asarray(counts, dtype=np.float64)
    values = table.shape[1]
    raters = table.sum(axis=1)
    if not (raters > 1).any():
        return Undefined(NO_PAIRS)
    if values == 1:
        return Undefined("only one value was ever given: nothing varies")
    weight = np.eye(values) if weights is None else np.asarray(weights, dtype=np.float64)
    agreeing = (table * (table @ weight - 1)).sum(axis=1) / np.maximum(raters * (raters - 1), 1)
    shares = table / np.maximum(raters, 1)[:, None]
    rows = np.column_stack([np.where(raters > 1, agreeing, 0), raters > 1, raters > 0, shares])
    chance = float(weight.sum()) / (values * (values - 1))

    def statistic(sums: Floats) -> Floats:
        share = sums[:, 3:] / np.maximum(sums[:, 2:3], 1)
        compared = sums[:, 1]
        observed = np.divide(sums[:, 0], compared, out=np.full(len(sums), np.nan), where=compared > 0)
        return chance_corrected(observed, chance * (share * (1 - share)).sum(axis=1))

    return Measure(rows, statistic, NO_PAIRS)
