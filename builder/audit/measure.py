"""One number of the audit with two intervals: 95 % to report, 99 % to judge by."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mvpbench.statistics.bootstrap import LEVEL, Resampling, ratio_interval, share_interval
from schemas.annotation import Estimate
from schemas.identity import seed
from schemas.results import AuditCheck, Baseline, CheckOutcome

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HALF = 0.5
MARGIN = 0.1
"""How far from one half a gated figure may lie. Less would be found in any finite bank; a tenth of all questions with a
mark on one side moves the figure by a twentieth."""
GATE_LEVEL = 0.99
"""Of the interval that must hold one half: seven gates are judged, and sound data should pass all of them."""
LEAST_HELD_OUT = 4


class Measured(NamedTuple):
    """A baseline, and the interval its gate looks at."""

    baseline: Baseline
    gate: Estimate


def measured(name: str, right: Floats, cluster: Sequence[str] | Ints, held_out: Sequence[str] = ()) -> Measured:
    """Return the accuracy of `right` (1, 1/2 for a tie, 0; NaN where nothing could be said), shape (rows,).

    Intervals resample `cluster`, the group of every row, and are seeded by the name. Where a classifier was tested on
    whole sets of rows unlike those it was trained on, `held_out` names the set of every row: the reported interval
    resamples these, and the gate looks at the wider of both. Fewer than `LEAST_HELD_OUT` sets cannot be resampled:
    `cluster` alone decides, which says nothing of other dimensions but sees a mark.
    """
    said = ~np.isnan(right)
    sets = np.asarray(held_out, dtype=np.str_)[said] if held_out else np.empty(0, dtype=np.str_)
    by_set = len(np.unique(sets)) >= LEAST_HELD_OUT
    draw = Resampling(seed("audit", name), level=GATE_LEVEL)
    judged = _share(right, said, cluster, draw)
    reported = _share(right, said, held_out if by_set else cluster, draw._replace(level=LEVEL))
    if by_set:
        # Where all rows are right the plain bootstrap is a point: the finer groups say how sure that is.
        judged = _hull(judged, ratio_interval(right[said], np.ones(len(sets)), sets, *draw))
    baseline = Baseline(
        accuracy=reported.value,
        low=reported.low,
        high=reported.high,
        n=int(said.sum()),
        undefined=reported.undefined,
    )
    return Measured(baseline, judged)


def not_measured(reason: str) -> Measured:
    """Return what stands for a baseline that cannot be had."""
    return Measured(Baseline(accuracy=None, low=None, high=None, n=0, undefined=reason), _nothing(reason))


def gate(name: str, found: Measured, *, two_sided: bool) -> AuditCheck:
    """Return whether the figure can be told from one half by more than `MARGIN`.

    Two-sided for a fixed rule, which is as good turned round. One-sided for a classifier tested on what it was not
    trained on: below one half it has learnt meaning that turns round in other dimensions, and a mark would lift it.
    What has no interval is not measured, and neither passed nor failed.
    """
    expected = f"within {MARGIN:.2f} of one half" if two_sided else f"at most {HALF + MARGIN:.2f}"
    expected += f", or a {GATE_LEVEL:.0%} interval that holds one half"
    value, low, high = found.gate.value, found.gate.low, found.gate.high
    if value is None or low is None or high is None:
        reason = found.gate.undefined or "no interval"
        return AuditCheck(name=name, outcome=CheckOutcome.NOT_MEASURED, found=reason, expected=expected)
    above = value > HALF + MARGIN and low > HALF
    below = value < HALF - MARGIN and high < HALF
    words = f"{value:.3f} ({low:.3f} to {high:.3f}) on {found.baseline.n:,}"
    outcome = CheckOutcome.FAILED if above or (two_sided and below) else CheckOutcome.PASSED
    return AuditCheck(name=name, outcome=outcome, found=words, expected=expected)


def _share(right: Floats, said: NDArray[np.bool_], groups: Sequence[str] | Ints, draw: Resampling) -> Estimate:
    return share_interval(right[said], np.ones(int(said.sum())), np.asarray(groups)[said], draw)


def _hull(one: Estimate, other: Estimate) -> Estimate:
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return _nothing(str(other.undefined or one.undefined))
    return one.model_copy(update={"low": min(one.low, other.low), "high": max(one.high, other.high)})


def _nothing(reason: str) -> Estimate:
    return Estimate(value=None, low=None, high=None, undefined=reason)
