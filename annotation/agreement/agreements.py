"""Agreement of every group of units: alpha and what is counted for all at once, other coefficients one by one."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from annotation.agreement.alpha import alpha_each
from annotation.agreement.gwet import gwet_ac
from annotation.agreement.icc import intraclass
from annotation.agreement.kappa import cohen_kappa, fleiss_kappa, percent_agreement
from annotation.agreement.level import Floats, Level, gwet_weights, power_weights
from annotation.agreement.table import Stack, Table
from mvpbench.statistics.bootstrap import Resampling
from mvpbench.statistics.measures import Measured, Undefined, estimate
from schemas.agreement import AgreementCell, Estimate

COEFFICIENTS: Mapping[str, Callable[[Table], Measured]] = {
    "gwet_ac1": lambda table: gwet_ac(table.counts),
    "gwet_ac2": lambda table: gwet_ac(table.counts, gwet_weights(table.scale, table.level)),
    "cohen_kappa": cohen_kappa,
    "cohen_kappa_linear": lambda table: cohen_kappa(table, power_weights(table.scale, table.level, 1)),
    "cohen_kappa_quadratic": lambda table: cohen_kappa(table, power_weights(table.scale, table.level, 2)),
    "fleiss_kappa": lambda table: fleiss_kappa(table.counts),
}
ORDERED: Mapping[str, bool] = {
    "gwet_ac1": False,
    "gwet_ac2": True,
    "cohen_kappa_linear": True,
    "cohen_kappa_quadratic": True,
}
"""Whether a coefficient is for ordered values, or for those without an order; one that is not here serves both."""


def agreements(stack: Stack, keys: Sequence[dict[str, str]], draw: Resampling) -> list[AgreementCell]:
    """Return the agreement of each group by its key, with alpha, percent agreement and counts."""
    table, group, many = stack.table, stack.group, len(keys)
    alphas = alpha_each(stack, many, draw)
    shares = _percent(stack, many)
    who = np.unique(group[table.unit] * (int(table.rater.max(initial=0)) + 1) + table.rater)
    raters = np.bincount(who // (int(table.rater.max(initial=0)) + 1), minlength=many).tolist()
    units = np.bincount(group, minlength=many).tolist()
    pairable = np.bincount(
        group, weights=np.where(table.raters_each > 1, table.raters_each, 0), minlength=many
    ).tolist()
    return [
        AgreementCell(
            key=key,
            alpha=alphas[number],
            level=table.level,
            percent_agreement=None if np.isnan(shares[number]) else float(shares[number]),
            units=units[number],
            raters=raters[number],
            pairable=int(pairable[number]),
        )
        for number, key in enumerate(keys)
    ]


def coefficients(table: Table, draw: Resampling) -> dict[str, Estimate]:
    """Return every coefficient beside alpha that the level knows, by its name in `Agreement.coefficients`."""
    ordered = table.level is not Level.NOMINAL
    names = [name for name in COEFFICIENTS if ORDERED.get(name, ordered) is ordered]
    found = {}
    for name in names:
        measure = COEFFICIENTS[name](table) if table.countable else Undefined(table.too_many)
        found[name] = estimate(measure, table.component, draw)
    if table.level in {Level.INTERVAL, Level.RATIO}:
        found |= intraclass(table, draw)
    return found


def _percent(stack: Stack, groups: int) -> Floats:
    """Percent agreement of each group, NaN where no unit has two ratings."""
    measure = percent_agreement(stack.table)
    if isinstance(measure, Undefined):
        return np.full(groups, np.nan)
    columns = [np.bincount(stack.group, weights=column, minlength=groups) for column in measure.rows.T]
    return measure.statistic(np.column_stack(columns))
