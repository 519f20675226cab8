"""What one rater's work looks like: checks passed, speed, positions, agreement with others of the country."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median
from typing import NamedTuple

from annotation.declare import kinds_that_count
from annotation.quality.pay import pay_due
from annotation.slots import Place, place_of
from mvpbench.statistics.exact import even_p, exact_share, holm, longest_run_p
from schemas.agreement import Estimate
from schemas.annotation import Annotation, Assignment, CheckAnnotation, ItemAnnotation, Purpose
from schemas.country import PayFloor
from schemas.quality import Checked, Positions, QualityFlag, RaterQuality, Speed

FEWEST_CHECKS = 2
FEWEST_TIMED = 5
LEAST_SHARE = {QualityFlag.COMPREHENSION: 0.9, QualityFlag.INCONSISTENT: 0.75, QualityFlag.VIOLATIONS: 0.85}
"""Flagged where the whole interval of the share passed lies below: with two checks, only who fails both; views of a
person may waver, what plainly fits or plainly is wrong does not."""
MOST_TOO_FAST = 0.1
"""Flagged where the whole interval of the share lies above."""
SIGNIFICANT = 0.05
"""Of straight-lining, after Holm: in how many studies of raters who all read anybody is flagged for it."""

Said = Annotation | ItemAnnotation | CheckAnnotation
Unit = tuple[str, str | None]


@dataclass(frozen=True)
class Work:
    """All that raters did, and what it is measured by."""

    annotations: Sequence[Annotation]
    items: Sequence[ItemAnnotation]
    checks: Sequence[CheckAnnotation]
    assigned: Mapping[str, Assignment]
    """By uid."""
    least_seconds: Callable[[Assignment], float | None]
    floors: Mapping[str | None, PayFloor | None]
    """Country -> the least pay."""


class _Key(NamedTuple):
    annotator: str
    slot: str


def rater_quality(work: Work) -> list[RaterQuality]:
    """Return a row for each annotator and slot in which they answered, sorted so."""
    votes: list[Annotation | ItemAnnotation] = [*work.annotations, *work.items]
    rated: dict[_Key, list[Annotation | ItemAnnotation]] = defaultdict(list)
    checks: dict[_Key, list[CheckAnnotation]] = defaultdict(list)
    for one in votes:
        rated[_Key(one.annotator, one.slot)].append(one)
    for check in work.checks:
        checks[_Key(check.annotator, check.slot)].append(check)
    kinds = kinds_that_count([*votes, *work.checks])
    units = _units([one for one in votes if one.annotator_kind in kinds])
    keys = sorted({*rated, *checks})
    positions = _adjusted([_positions(rated[key], work.assigned) for key in keys])
    return [
        _row(work, rated[key], checks[key], at, _agreement(rated[key], units))
        for key, at in zip(keys, positions, strict=True)
    ]


def _row(
    work: Work,
    rated: Sequence[Annotation | ItemAnnotation],
    checks: Sequence[CheckAnnotation],
    positions: Positions,
    agreement: tuple[Estimate, int],
) -> RaterQuality:
    everything: list[Said] = [*rated, *checks]
    first, place = everything[0], place_of(everything[0].slot)
    passed: dict[Purpose, Checked] = {purpose: _checked(checks, purpose) for purpose in Purpose}
    speed = _speed(everything, work)
    return RaterQuality(
        annotator=first.annotator,
        annotator_kind=first.annotator_kind,
        slot=first.slot,
        country=place.group.country,
        language=place.group.language,
        task=place.task,
        rated=len(rated),
        checks=len(checks),
        comprehension=passed[Purpose.COMPREHENSION],
        repeats=passed[Purpose.REPEAT],
        violations=passed[Purpose.VIOLATION],
        speed=speed,
        positions=positions,
        agreement=agreement[0],
        shared=agreement[1],
        pay=pay_due((one.lead_time_s for one in everything), work.floors.get(place.group.country)),
        flags=_flags(passed, speed, positions),
    )


def _checked(checks: Iterable[CheckAnnotation], purpose: Purpose) -> Checked:
    """A repeat whose first showing was not answered asks nothing."""
    found = [one.passed for one in checks if one.purpose is purpose and one.passed is not None]
    return Checked(passed=sum(found), asked=len(found), share=exact_share(sum(found), len(found), FEWEST_CHECKS))


def _speed(said: Iterable[Said], work: Work) -> Speed:
    taken: list[tuple[float, float]] = []
    for one in said:
        task = work.assigned.get(one.uid)
        if task is None or task.purpose is Purpose.REPEAT or one.lead_time_s is None:
            continue
        least = work.least_seconds(task)
        if least is not None:
            taken.append((one.lead_time_s, least))
    fast = sum(seconds < least for seconds, least in taken)
    return Speed(
        timed=len(taken),
        median_s=median(seconds for seconds, _ in taken) if taken else None,
        too_fast=fast,
        share=exact_share(fast, len(taken), FEWEST_TIMED),
    )


def _positions(rated: Iterable[Annotation | ItemAnnotation], assigned: Mapping[str, Assignment]) -> Positions:
    """Only of the declared sample: the order of a repeat depends on that of its first showing."""
    named: list[str] = []
    for one in sorted(rated, key=lambda one: (one.created_at, one.id)):
        order = assigned[one.uid].answer_order if one.uid in assigned else ()
        if one.vote in order:
            named.append("AB"[order.index(one.vote)])
    longest = max((len(list(run)) for _, run in groupby(named)), default=0)
    first = named.count("A")
    return Positions(
        named=len(named),
        first=first,
        longest_run=longest,
        p_share=even_p(first, len(named)) if named else None,
        p_run=longest_run_p(longest, len(named)) if named else None,
        p=None,
    )


def _adjusted(rows: Sequence[Positions]) -> list[Positions]:
    """Both tests of all raters are looked at, so all of them are one family."""
    p_values = [p for row in rows for p in (row.p_share, row.p_run) if p is not None]
    adjusted = iter(holm(p_values))
    return [
        row if row.p_share is None else row.model_copy(update={"p": min(next(adjusted), next(adjusted))})
        for row in rows
    ]


def _units(said: Iterable[Annotation | ItemAnnotation]) -> dict[Unit, dict[str, str]]:
    """Return unit -> annotator -> vote; raters of two countries are not compared."""
    units: dict[Unit, dict[str, str]] = defaultdict(dict)
    for one in said:
        units[_unit(one)][one.annotator] = one.vote
    return units


def _unit(one: Annotation | ItemAnnotation) -> Unit:
    subject = one.instance_id if isinstance(one, Annotation) else one.question_id
    place: Place = place_of(one.slot)
    return f"{place.task} {subject}", place.group.country


def _agreement(
    rated: Iterable[Annotation | ItemAnnotation], units: Mapping[Unit, Mapping[str, str]]
) -> tuple[Estimate, int]:
    """With the votes that count of others: people's are not compared with others', unless none are there."""
    shares: list[float] = []
    for one in rated:
        said = units.get(_unit(one), {})
        others = [vote for who, vote in said.items() if who != one.annotator] if one.annotator in said else []
        if others:
            shares.append(others.count(one.vote) / len(others))
    if not shares:
        return Estimate(value=None, low=None, high=None, undefined="nobody else rated the same"), 0
    return Estimate(value=sum(shares) / len(shares), low=None, high=None), len(shares)


def _flags(passed: Mapping[Purpose, Checked], speed: Speed, positions: Positions) -> tuple[QualityFlag, ...]:
    checks = {
        QualityFlag.COMPREHENSION: passed[Purpose.COMPREHENSION],
        QualityFlag.INCONSISTENT: passed[Purpose.REPEAT],
        QualityFlag.VIOLATIONS: passed[Purpose.VIOLATION],
    }
    raised = {flag for flag, one in checks.items() if one.share.high is not None and one.share.high < LEAST_SHARE[flag]}
    if speed.share.low is not None and speed.share.low > MOST_TOO_FAST:
        raised.add(QualityFlag.TOO_FAST)
    if positions.p is not None and positions.p < SIGNIFICANT:
        raised.add(QualityFlag.STRAIGHT_LINING)
    return tuple(flag for flag in QualityFlag if flag in raised)
