"""Who needs attention: what each account did, and what in it somebody should talk about with the rater.

Flags are those of the table `rater_quality`, with two more that are about accounts and not about their answers. None
asks whether a rater holds what others hold, so none tells where agreement will come out; the rows' own agreement with
others would, and stays out.
"""

from collections.abc import Iterator, Mapping, Sequence, Set

from annotation.slots import in_order
from annotation.status.seen import Counted, Seen
from mvpbench.statistics.exact import exact_share
from schemas.progress import RaterFlag, RaterProgress
from schemas.quality import Checked, Positions, QualityFlag, RaterQuality


def rater_progress(seen: Seen, counted: Counted) -> tuple[RaterProgress, ...]:
    """Return every account that has rows of quality: those with most flags first, else by slot."""
    mine: dict[str, list[RaterQuality]] = {}
    accounts: dict[str, set[str]] = {}
    for row in seen.quality:
        if row.annotator_kind in counted.kinds:
            mine.setdefault(row.annotator, []).append(row)
            accounts.setdefault(row.slot, set()).add(row.annotator)
    order = {slot: place for place, slot in enumerate(in_order(accounts))}
    told = [_rater(sorted(rows, key=lambda row: order[row.slot]), seen, accounts) for rows in mine.values()]
    return tuple(sorted(told, key=lambda one: (-len(one.flags), order[one.slots[0]], one.annotator)))


def _rater(rows: Sequence[RaterQuality], seen: Seen, accounts: Mapping[str, Set[str]]) -> RaterProgress:
    first = rows[0]
    given = seen.placements.get(first.slot)
    return RaterProgress(
        annotator=first.annotator,
        kind=first.annotator_kind,
        slots=tuple(row.slot for row in rows),
        name=given.rater if given else None,
        rated=sum(row.rated for row in rows),
        checks=sum(row.checks for row in rows),
        median_s=tuple(row.speed.median_s for row in rows),
        pay=tuple(row.pay for row in rows),
        flags=(*_of_work(rows), *_of_accounts({row.slot: len(accounts[row.slot]) for row in rows})),
    )


def _of_work(rows: Sequence[RaterQuality]) -> Iterator[RaterFlag]:
    for row in rows:
        where = f"{row.slot}: " if len(rows) > 1 else ""
        for flag in row.flags:
            told = _told(flag, row)
            yield told.model_copy(update={"found": where + told.found})


def _told(flag: QualityFlag, row: RaterQuality) -> RaterFlag:
    match flag:
        case QualityFlag.COMPREHENSION:
            return _check(flag, row.comprehension, "comprehension tasks passed")
        case QualityFlag.INCONSISTENT:
            return _check(flag, row.repeats, "tasks answered alike when shown again")
        case QualityFlag.VIOLATIONS:
            return _check(flag, row.violations, "planted defects found")
        case QualityFlag.TOO_FAST:
            found = f"{row.speed.too_fast} of {row.speed.timed} tasks answered faster than they can be read"
            return RaterFlag(code=flag, found=found, share=row.speed.share)
        case QualityFlag.STRAIGHT_LINING:
            return _line(flag, row.positions)


def _check(flag: QualityFlag, checked: Checked, what: str) -> RaterFlag:
    return RaterFlag(code=flag, found=f"{checked.passed} of {checked.asked} {what}", share=checked.share)


def _line(flag: QualityFlag, positions: Positions) -> RaterFlag:
    letter, count = max(("A", positions.first), ("B", positions.named - positions.first), key=lambda one: one[1])
    p = positions.p or 0.0
    chance = f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"  # noqa: PLR2004 - what three digits can say
    found = (
        f"{letter} in {count} of {positions.named} votes, whatever stands there; one letter"
        f" {positions.longest_run} times in a row ({chance} by chance)"
    )
    return RaterFlag(code=flag, found=found, share=exact_share(count, positions.named))


def _of_accounts(accounts: Mapping[str, int]) -> Iterator[RaterFlag]:
    """One rater, one slot: else somebody may have seen both members of a pair, or both tasks of a question."""
    if len(accounts) > 1:
        found = f"answered in {len(accounts)} slots: {', '.join(accounts)}"
        yield RaterFlag(code="several-slots", found=found, share=None)
    for slot, count in accounts.items():
        if count > 1:
            found = f"{slot} is answered by {count - 1} other {'account' if count == 2 else 'accounts'} too"  # noqa: PLR2004
            yield RaterFlag(code="slot-shared", found=found, share=None)
