"""Who needs attention: what each account did, and what in it somebody should talk about with the rater.

Flags suit opinions: none asks whether a rater holds what others hold, so none tells where agreement will come out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median

from annotation.slots import in_order, place_of
from annotation.status.seen import Answer, Counted, Seen
from mvpbench.statistics.exact import exact_share
from schemas.agreement import Estimate
from schemas.annotation import Assignment, CheckAnnotation, Purpose
from schemas.progress import Pay, RaterFlag, RaterProgress

CAP_S = 600.0
"""Seconds of one task that count as work: a tab left open is none."""
FAST_S = 5.0
"""Seconds in which nobody reads a question, two answers and a profile."""
FAST_SHARE = 0.1
"""Of timed answers, from which on many are too fast."""
ONE_SIDED = 0.8
"""The whole interval of the share of A, or of B, is above it: the order is drawn, so half is to be expected."""
INCONSISTENT = 0.5
OVERLOOKED = 0.5
"""Shares of checks from which on a rater is flagged; of comprehension one missed is enough, since an answer plainly
fits."""
FEWEST = 2
"""Checks below which nobody is called inconsistent or inattentive."""


def rater_progress(seen: Seen, counted: Counted) -> tuple[RaterProgress, ...]:
    """Return every account that answered something: those with most flags first, else by slot."""
    tasks = {one.uid: one for one in seen.assigned}
    mine: dict[str, list[Answer]] = {}
    slots: dict[str, set[str]] = {}
    for row in counted.rows:
        mine.setdefault(row.annotator, []).append(row)
        slots.setdefault(row.slot, set()).add(row.annotator)
    told = [_rater(name, rows, seen, tasks, slots) for name, rows in mine.items()]
    order = {slot: place for place, slot in enumerate(in_order(slots))}
    return tuple(sorted(told, key=lambda one: (-len(one.flags), order[one.slots[0]], one.annotator)))


def _rater(
    annotator: str,
    rows: Sequence[Answer],
    seen: Seen,
    tasks: Mapping[str, Assignment],
    slots: Mapping[str, set[str]],
) -> RaterProgress:
    where = tuple(in_order(row.slot for row in rows))
    checks = [row for row in rows if isinstance(row, CheckAnnotation)]
    rated = [row for row in rows if not isinstance(row, CheckAnnotation)]
    times = [row.lead_time_s for row in rows if row.lead_time_s is not None]
    rated_times = [row.lead_time_s for row in rated if row.lead_time_s is not None]
    seconds = sum(min(one, CAP_S) for one in times)
    given = seen.placements.get(where[0])
    known = None if seen.flags is None else seen.flags.get(annotator, ())
    own = known if known is not None else (*_check_flags(checks), *_fast(rated_times), *_one_sided(rated, tasks))
    flags = (*own, *_places(annotator, where, slots))
    return RaterProgress(
        annotator=annotator,
        kind=rows[0].annotator_kind,
        slots=where,
        name=given.rater if given else None,
        rated=len(rated),
        checks=len(checks),
        hours=seconds / 3600,
        untimed=len(rows) - len(times),
        median_s=median(rated_times) if rated_times else None,
        pay=_pay(seen, where[0], given.rater_country if given else None, seconds / 3600),
        flags=flags,
    )


def _check_flags(checks: Sequence[CheckAnnotation]) -> Iterator[RaterFlag]:
    kinds = {
        purpose: [row for row in checks if row.purpose is purpose and row.passed is not None] for purpose in Purpose
    }
    read, again, plain = (kinds[one] for one in (Purpose.COMPREHENSION, Purpose.REPEAT, Purpose.VIOLATION))
    if missed := _failed(read):
        yield _flag("comprehension-missed", f"{missed} of {len(read)} comprehension tasks missed", missed, len(read))
    changed = _failed(again)
    if len(again) >= FEWEST and changed > INCONSISTENT * len(again):
        found = f"{changed} of {len(again)} tasks answered otherwise when shown again"
        yield _flag("repeats-inconsistent", found, changed, len(again))
    overlooked = _failed(plain)
    if len(plain) >= FEWEST and overlooked >= OVERLOOKED * len(plain):
        found = f"{overlooked} of {len(plain)} plain defects overlooked"
        yield _flag("violations-overlooked", found, overlooked, len(plain))


def _failed(rows: Iterable[CheckAnnotation]) -> int:
    return sum(row.passed is False for row in rows)


def _fast(times: Sequence[float]) -> Iterator[RaterFlag]:
    fast = sum(one < FAST_S for one in times)
    if len(times) >= FEWEST and fast >= FAST_SHARE * len(times):
        yield _flag("very-fast", f"{fast} of {len(times)} answers in less than {FAST_S:g} s", fast, len(times))


def _one_sided(rated: Iterable[Answer], tasks: Mapping[str, Assignment]) -> Iterator[RaterFlag]:
    orders = [(row.vote, tasks[row.uid].answer_order) for row in rated if row.uid in tasks]
    places = [order.index(vote) for vote, order in orders if vote in order]
    for letter, count in (("A", places.count(0)), ("B", places.count(1))):
        share = exact_share(count, len(places))
        if share.low is not None and share.low > ONE_SIDED:
            found = f"{letter} in {count} of {len(places)} answers, whatever stands there"
            yield RaterFlag(code="one-position", found=found, share=share)


def _places(annotator: str, where: Sequence[str], slots: Mapping[str, set[str]]) -> Iterator[RaterFlag]:
    """One rater, one slot: else somebody may have seen both members of a pair, or both tasks of a question."""
    if len(where) > 1:
        yield RaterFlag(code="several-slots", found=f"answered in {len(where)} slots: {', '.join(where)}", share=None)
    for slot in where:
        others = len(slots[slot] - {annotator})
        if others:
            found = f"{slot} is answered by {others} other {'account' if others == 1 else 'accounts'} too"
            yield RaterFlag(code="slot-shared", found=found, share=None)


def _flag(code: str, found: str, successes: int, tries: int) -> RaterFlag:
    share: Estimate = exact_share(successes, tries)
    return RaterFlag(code=code, found=found, share=share)


def _pay(seen: Seen, slot: str, rater_country: str | None, hours: float) -> Pay | None:
    country = rater_country or place_of(slot).group.country
    floor = seen.floors.get(country) if country else None
    if floor is None:
        return None
    if floor.amount is None:
        return Pay(currency=floor.currency, amount=None, undefined=f"no pay floor is written down for {country}")
    return Pay(currency=floor.currency, amount=hours * floor.amount)
