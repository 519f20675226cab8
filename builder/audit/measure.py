"""One number of the audit with two intervals: 95 % to report, 99 % to judge by."""

from collections.abc import Sequence
from math import ceil
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
REACH = 0.25
"""How far from one half the interval of a gate that passes may reach: not to where every second question has a mark.
Reaching no further than `MARGIN` would take some 170 independent questions of a figure of exactly one half, and 660 of
one of .55; scenarios, not questions, are independent, and the banks that ship have 60 to 80 a recipe."""
GATE_LEVEL = 0.99
"""Of the interval that is judged: seven gates are, and sound data should fail none of them."""
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
    """Return whether the figure is near one half (passed), is not (failed), or there is too little to say.

    It fails where it lies more than `MARGIN` from one half and its interval excludes one half, and passes where it lies
    within `MARGIN` and its interval reaches no further than `REACH`. What is neither, or has no interval, is not
    measured: a leak found in 11 of 14 questions has not passed for want of questions.

    Two-sided for a fixed rule, which is as good turned round. One-sided for a classifier tested on what it was not
    trained on: below one half it has learnt meaning that turns round in other dimensions, and a mark would lift it.
    """
    near, far = (f"{HALF + MARGIN:.2f}", f"{HALF + REACH:.2f}")
    if two_sided:
        near, far = (f"{HALF - MARGIN:.2f} to {near}", f"{HALF - REACH:.2f} to {far}")
    expected = f"{'within' if two_sided else 'at most'} {near}, with a {GATE_LEVEL:.0%} interval "
    expected += f"inside {far}" if two_sided else f"up to {far}"
    value, low, high = found.gate.value, found.gate.low, found.gate.high
    if value is None or low is None or high is None:
        reason = found.gate.undefined or "no interval"
        return AuditCheck(name=name, outcome=CheckOutcome.NOT_MEASURED, found=reason, expected=expected)
    words = f"{value:.3f} ({low:.3f} to {high:.3f}) on {found.baseline.n:,}"
    sides = [_Side(value - HALF, value - low, high - value)]
    if two_sided:
        sides.append(_Side(HALF - value, high - value, value - low))
    verdicts = [_verdict(side) for side in sides]
    outcome = next(
        one for one in (CheckOutcome.FAILED, CheckOutcome.NOT_MEASURED, CheckOutcome.PASSED) if one in verdicts
    )
    if outcome is CheckOutcome.NOT_MEASURED:
        more = max(_missing(side, found.baseline.n) for side in sides)
        words += f": too few to say; about {more:,} more of other scenarios would do if the figure stayed so"
    return AuditCheck(name=name, outcome=outcome, found=words, expected=expected)


class _Side(NamedTuple):
    """A figure seen in the direction of one of its two leaks."""

    off: float
    """How far from one half; negative where it lies on the other side."""
    down: float
    """How far its interval reaches towards one half and beyond."""
    up: float
    """How far away from it."""


def _verdict(side: _Side) -> CheckOutcome:
    if side.off > MARGIN:
        return CheckOutcome.FAILED if side.off > side.down else CheckOutcome.NOT_MEASURED
    return CheckOutcome.PASSED if side.off + side.up <= REACH else CheckOutcome.NOT_MEASURED


def _missing(side: _Side, there: int) -> int:
    """Return how many more rows than `there` it takes to say; intervals shrink with the root of their number."""
    shrink = side.down / side.off if side.off > MARGIN else side.up / (REACH - side.off)
    return max(1, ceil(there * (shrink**2 - 1)))


def _share(right: Floats, said: NDArray[np.bool_], groups: Sequence[str] | Ints, draw: Resampling) -> Estimate:
    return share_interval(right[said], np.ones(int(said.sum())), np.asarray(groups)[said], draw)


def _hull(one: Estimate, other: Estimate) -> Estimate:
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return _nothing(str(other.undefined or one.undefined))
    return one.model_copy(update={"low": min(one.low, other.low), "high": max(one.high, other.high)})


def _nothing(reason: str) -> Estimate:
    return Estimate(value=None, low=None, high=None, undefined=reason)
