"""How fast answers come, and when the last one would."""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from schemas.progress import Pace

WINDOW = timedelta(days=7)
"""A week, so that no weekend speeds or slows it."""
LEAST = timedelta(days=1)
"""Work that is younger says nothing of days."""
FARTHEST_DAYS = 3650

DONE = "all answered"
WAIVED = "what is left was waived"
ENDED = {DONE, WAIVED}
NOTHING_YET = "nothing answered yet"
STILL = f"no answer in the last {WINDOW.days} days"
YOUNG = "begun less than a day ago"
FAR = "more than ten years at this pace"


def slot_pace(answered_at: Sequence[str], left: int, now: datetime, waived: int = 0) -> Pace:
    """Return the pace of one slot, whose rater works alone.

    Args:
        answered_at: when its rated tasks were answered, ISO 8601.
        left: rated tasks without an answer, and not waived.
        now: aware.
        waived: rated tasks without an answer for which nobody waits.
    """
    moments = sorted(datetime.fromisoformat(one) for one in answered_at)
    last = moments[-1].isoformat(timespec="seconds") if moments else None
    recent = [one for one in moments if one > now - WINDOW]
    since = min(WINDOW, now - moments[0]) if moments else timedelta()
    per_day = len(recent) / (since / timedelta(days=1)) if since >= LEAST else None
    unsaid = _unsaid(left, bool(moments), bool(recent), per_day)
    unsaid = WAIVED if unsaid == DONE and waived else unsaid
    end = None
    if unsaid is None and per_day:
        days = left / per_day
        unsaid = FAR if days > FARTHEST_DAYS else None
        end = None if unsaid else (now + timedelta(days=math.ceil(days))).date().isoformat()
    return Pace(last_answer=last, per_day=per_day, end=end, unsaid=unsaid)


def _unsaid(left: int, begun: bool, moving: bool, per_day: float | None) -> str | None:
    if left == 0:
        return DONE
    if not begun:
        return NOTHING_YET
    if not moving:
        return STILL
    return YOUNG if per_day is None else None


def joint_pace(slots: Sequence[Pace]) -> Pace:
    """Return the pace of several slots: they end when the last of them does, whatever the others' speed."""
    last = max((one.last_answer for one in slots if one.last_answer), default=None)
    speeds = [one.per_day for one in slots if one.per_day is not None]
    still = [one for one in slots if one.unsaid not in ENDED]
    reasons = Counter(one.unsaid for one in still if one.unsaid is not None)
    ends = [one.end for one in still if one.end is not None]
    unsaid: str | None = None
    if not still:
        unsaid = WAIVED if any(one.unsaid == WAIVED for one in slots) else DONE
    elif reasons:
        unsaid = ", ".join(
            f"{reason}: {count} {'slot' if count == 1 else 'slots'}" for reason, count in reasons.items()
        )
    end = max(ends) if ends and unsaid is None else None
    return Pace(last_answer=last, per_day=sum(speeds) if speeds else None, end=end, unsaid=unsaid)
