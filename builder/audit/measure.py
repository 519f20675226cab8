"""One number of the audit with two intervals, one to report and one to judge by, and the gate on it."""

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mvpbench.statistics.bootstrap import LEVEL, Resampling, ratio_interval, share_interval
from schemas.agreement import Estimate
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
"""Of the interval that is judged where nothing else is said: four gates a recipe are, and sound data should fail none
of them."""
LEAST_HELD_OUT = 4
MOST_MISSING = 10_000_000
"""Rows beyond which nobody is told how many more it takes."""


class Measured(NamedTuple):
    """A baseline, and the interval its gate looks at."""

    baseline: Baseline
    gate: Estimate
    level: float = GATE_LEVEL
    """Of the interval in `gate`."""
    doubt: str | None = None
    """Why the figure cannot pass, whatever it is; it can still fail."""


class Rule(NamedTuple):
    """What a gated figure must keep to; both kinds of it fail in the same way."""

    two_sided: bool
    """Whether falling below one half counts too: for a fixed rule or a reader, which are as good turned round. Not for
    a classifier tested on what it was not trained on: below one half it has learnt meaning that turns round in other
    dimensions, and a mark would lift it."""
    reach: float = REACH
    """How far from one half the interval of a figure that passes may reach."""


def measured(
    name: str,
    right: Floats,
    cluster: Sequence[str] | Ints,
    held_out: Sequence[str] = (),
    level: float = GATE_LEVEL,
) -> Measured:
    """Return the accuracy of `right` (1, 1/2 for a tie, 0; NaN where nothing could be said), shape (rows,).

    Intervals resample `cluster`, the group of every row, and are seeded by the name. Where a classifier was tested on
    whole sets of rows unlike those it was trained on, `held_out` names the set of every row: the reported interval
    resamples these, and the gate looks at the wider of both. Fewer than `LEAST_HELD_OUT` sets cannot be resampled:
    `cluster` alone decides, which says nothing of other dimensions but sees a mark. The gate looks at an interval of
    `level`.
    """
    said = ~np.isnan(right)
    sets = np.asarray(held_out, dtype=np.str_)[said] if held_out else np.empty(0, dtype=np.str_)
    by_set = len(np.unique(sets)) >= LEAST_HELD_OUT
    draw = Resampling(seed("audit", name), level=level)
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
    return Measured(baseline, judged, level)


def not_measured(reason: str) -> Measured:
    """Return what stands for a baseline that cannot be had."""
    return Measured(Baseline(accuracy=None, low=None, high=None, n=0, undefined=reason), _nothing(reason))


def gate(name: str, found: Measured, rule: Rule) -> AuditCheck:
    """Return whether the figure is near one half (passed), is not (failed), or there is too little to say.

    It fails where it lies more than `MARGIN` from one half and its interval excludes one half, and passes where it lies
    within `MARGIN`, its interval reaches no further than the rule's `reach`, and nothing makes it doubtful. What is
    neither, or has no interval, is not measured: a leak found in 11 of 14 questions has not passed for want of
    questions.
    """
    expected = _expected(found.level, rule)
    value, low, high = found.gate.value, found.gate.low, found.gate.high
    if value is None or low is None or high is None:
        reason = found.gate.undefined or "no interval"
        return AuditCheck(name=name, outcome=CheckOutcome.NOT_MEASURED, found=reason, expected=expected)
    words = f"{value:.3f} ({low:.3f} to {high:.3f}) on {found.baseline.n:,}"
    sides = [_Side(value - HALF, value - low, high - value)]
    if rule.two_sided:
        sides.append(_Side(HALF - value, high - value, value - low))
    verdicts = [_verdict(side, rule) for side in sides]
    outcome = next(
        one for one in (CheckOutcome.FAILED, CheckOutcome.NOT_MEASURED, CheckOutcome.PASSED) if one in verdicts
    )
    if outcome is CheckOutcome.NOT_MEASURED:
        words += f": too few to say; {_more(max(_missing(side, rule, found.baseline.n) for side in sides))}"
    if found.doubt and outcome is not CheckOutcome.FAILED:
        outcome, words = CheckOutcome.NOT_MEASURED, f"{words}: {found.doubt}"
    return AuditCheck(name=name, outcome=outcome, found=words, expected=expected)


def _expected(level: float, rule: Rule) -> str:
    near, far = (f"{HALF + MARGIN:.2f}", f"{HALF + rule.reach:.2f}")
    if not rule.two_sided:
        return f"at most {near}, with a {level:.0%} interval up to {far}"
    return f"within {HALF - MARGIN:.2f} to {near}, with a {level:.0%} interval inside {HALF - rule.reach:.2f} to {far}"


class _Side(NamedTuple):
    """A figure seen in the direction of one of its two leaks."""

    off: float
    """How far from one half; negative where it lies on the other side."""
    down: float
    """How far its interval reaches towards one half and beyond."""
    up: float
    """How far away from it."""


def _verdict(side: _Side, rule: Rule) -> CheckOutcome:
    if side.off > MARGIN:
        return CheckOutcome.FAILED if side.off > side.down else CheckOutcome.NOT_MEASURED
    return CheckOutcome.PASSED if side.off + side.up <= rule.reach else CheckOutcome.NOT_MEASURED


def _missing(side: _Side, rule: Rule, there: int) -> float:
    """Return how many more rows than `there` it takes to say; intervals shrink with the root of their number."""
    wide, room = (side.down, side.off) if side.off > MARGIN else (side.up, rule.reach - side.off)
    return there * ((wide / room) ** 2 - 1) if room > 0 else float("inf")


def _more(rows: float) -> str:
    if rows > MOST_MISSING:
        return "no number of questions would do if the figure stayed so"
    return f"about {max(1, ceil(rows)):,} more of other scenarios would do if the figure stayed so"


def _share(right: Floats, said: NDArray[np.bool_], groups: Sequence[str] | Ints, draw: Resampling) -> Estimate:
    return share_interval(right[said], np.ones(int(said.sum())), np.asarray(groups)[said], draw)


def _hull(one: Estimate, other: Estimate) -> Estimate:
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return _nothing(str(other.undefined or one.undefined))
    return one.model_copy(update={"low": min(one.low, other.low), "high": max(one.high, other.high)})


def _nothing(reason: str) -> Estimate:
    return Estimate(value=None, low=None, high=None, undefined=reason)
