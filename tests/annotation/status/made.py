"""Made-up annotation at some point of its way: tasks of slots, and what raters said of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from annotation.quality.rater import Work, rater_quality
from annotation.slots import place_of
from annotation.status.seen import Answer, Seen
from schemas.agreement import Agreement, AgreementCell, AgreementReport, Estimate, ExpectedVotes
from schemas.annotation import (
    Annotation,
    AnnotatorKind,
    Assignment,
    CheckAnnotation,
    Declaration,
    Fit,
    ItemAnnotation,
    ItemDefect,
    Placement,
    Purpose,
    TaskKind,
)
from schemas.country import PayFloor
from schemas.identity import uniform
from schemas.quality import RaterQuality
from schemas.questions import Dropped

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ALPHA = 0.4321
"""Told only where it may be; stands nowhere else in what is made up here."""
HOSTILE = '<script>document.title="broken"</script> [bold red]loud[/] \u202eturned\u202c & "quoted" \x1b[31mred\x1b[0m'


def task(slot: str, subject: int, purpose: Purpose = Purpose.RATED) -> Assignment:
    """A task of a slot; the same `subject` in two slots is the same instance or question."""
    place = place_of(slot)
    group = f"{place.group.country}-{place.group.language}"
    is_item, alone = place.task is TaskKind.ITEM, purpose is Purpose.COMPREHENSION
    return Assignment(
        uid=f"t-{slot}-{purpose.value}-{subject}",
        slot=slot,
        task=place.task,
        purpose=purpose,
        country=place.group.country,
        language=place.group.language,
        instance_id=None if is_item or alone else f"i-{group}-{subject}",
        question_id=None if alone else f"q-{group}-{subject}",
        answer_order=("a-1", "a-2"),
        asked_side="care:high" if is_item else None,
        right="a-1" if purpose in {Purpose.COMPREHENSION, Purpose.VIOLATION} else None,
        place=0.5,
        shown_sha256="0" * 64,
    )


def tasks(slot: str, rated: int, **checks: int) -> list[Assignment]:
    """A slot's tasks: so many rated ones, and of each purpose named."""
    found = [task(slot, number) for number in range(rated)]
    return found + [task(slot, n, Purpose(purpose)) for purpose, count in checks.items() for n in range(count)]


def answer(
    to: Assignment,
    *,
    hours_ago: float = 1.0,
    vote: str = "a-1",
    annotator: str | None = None,
    kind: AnnotatorKind = AnnotatorKind.HUMAN,
    lead_time_s: float | None = 30.0,
    **more: Any,
) -> Answer:
    """What a rater said; `more` are `comment`, `defects` and `passed`."""
    when = (NOW - timedelta(hours=hours_ago)).isoformat(timespec="microseconds")
    name = annotator or f"n-{to.slot}"
    common: dict[str, Any] = {
        "id": f"v-{to.uid}-{name}",
        "uid": to.uid,
        "slot": to.slot,
        "annotator": name,
        "annotator_kind": kind,
        "vote": vote,
        "lead_time_s": lead_time_s,
        "created_at": when,
        "updated_at": when,
        "source_id": 1,
    }
    if to.purpose is not Purpose.RATED:
        return CheckAnnotation(task=to.task, purpose=to.purpose, passed=more.pop("passed", True), **common, **more)
    if to.task is TaskKind.ITEM:
        return ItemAnnotation(
            question_id=str(to.question_id), country=to.country, asked_side="care:high", **common, **more
        )
    return Annotation(instance_id=str(to.instance_id), **common, **more)


def declared(assigned: Sequence[Assignment], number: int = 1, **update: Any) -> Declaration:
    """The declaration that says what is given out."""
    rated = [one for one in assigned if one.purpose is Purpose.RATED]
    made = Declaration(
        number=number,
        declared_at=f"2026-11-{number:02}T09:00:00+00:00",
        pairs=len({one.question_id for one in rated}),
        person_ratings=sum(one.task is TaskKind.PERSON for one in rated),
        item_ratings=sum(one.task is TaskKind.ITEM for one in rated),
        slots=3,
        deep_share=0,
        deep_slots=6,
        item_slots=2,
    )
    return made.model_copy(update=update)


def agreed(countries: Sequence[str] = ("KE",), low: float = 0.35, units: int = 120) -> AgreementReport:
    """Agreement that would be told."""
    one = Agreement(
        alpha=Estimate(value=ALPHA, low=low, high=0.52),
        level="nominal",
        percent_agreement=0.71,
        units=units,
        raters=3,
        pairable=2 * units,
        expected=ExpectedVotes(
            of_answers=Estimate(value=0.9, low=0.8, high=0.95),
            of_all=Estimate(value=0.8123, low=0.75, high=0.87),
            expected=8,
            other=1,
            apart={"both": 1},
        ),
    )
    cells = tuple(AgreementCell(key={"country": code}, **dict(one)) for code in countries)
    return AgreementReport(overall=one, by=cells)


def quality(
    assigned: Sequence[Assignment], answers: Sequence[Answer], floors: Mapping[str | None, PayFloor] | None = None
) -> list[RaterQuality]:
    """The rows that `annotate pull` would make, were 5 seconds the least that any task takes to read."""
    return rater_quality(
        Work(
            annotations=[one for one in answers if isinstance(one, Annotation)],
            items=[one for one in answers if isinstance(one, ItemAnnotation)],
            checks=[one for one in answers if isinstance(one, CheckAnnotation)],
            assigned={one.uid: one for one in assigned},
            least_seconds=lambda _: 5.0,
            floors=dict(floors or {}),
        )
    )


def seen(assigned: Sequence[Assignment], answers: Sequence[Answer] = (), **more: Any) -> Seen:
    """What is looked at; declared is what is given out."""
    given: dict[str, Any] = {
        "study": "made-up",
        "assigned": assigned,
        "declarations": [declared(assigned)],
        "agree": agreed,
        "quality": quality(assigned, answers),
        "annotations": [one for one in answers if isinstance(one, Annotation)],
        "items": [one for one in answers if isinstance(one, ItemAnnotation)],
        "checks": [one for one in answers if isinstance(one, CheckAnnotation)],
    }
    return Seen(**(given | more))


def at_work(countries: Sequence[str], per_slot: int = 24, done: float = 0.8, **more: Any) -> Seen:
    """Several countries with three person and two item slots, each somewhere on its way; the same every time."""
    assigned: list[Assignment] = []
    answers: list[Answer] = []
    dropped: list[Dropped] = []
    placements: dict[str, Placement] = {}
    for code in countries:
        for kind, number in (*(("person", one) for one in (1, 2, 3)), *(("item", one) for one in (1, 2))):
            slot = f"{code}-en-{kind}-{number}"
            checks = {"comprehension": 2, "repeat": 3} if kind == "person" else {"violation": 2, "repeat": 2}
            mine = tasks(slot, per_slot, **checks)
            assigned += mine
            place = uniform("made slot", slot)
            if place > 0.12:
                placements[slot] = _placement(slot, code, place)
            share = done if done == 1 else (0.0 if place < 0.12 else done * (0.4 + 0.6 * place))
            answers += [_said(one, place) for one in mine if uniform("made answer", one.uid) < share]
            dropped += [_skip(one) for one in mine if share < 1 and uniform("made answer", one.uid) > 0.985]
    given = {
        "dropped": dropped,
        "placements": placements,
        "has_list": True,
        "agree": lambda: agreed(countries),
        "quality": quality(assigned, answers, {code: PayFloor(currency="EUR", amount=12.5) for code in countries[::2]}),
        "texts": {str(one.question_id): f"Made-up question {one.question_id}? " * 3 for one in assigned},
    }
    return seen(assigned, answers, **(given | more))


def _said(one: Assignment, place: float) -> Answer:
    draw = uniform("made vote", one.uid)
    more: dict[str, Any] = {}
    if one.purpose is not Purpose.RATED:
        more["passed"] = draw > (0.9 if place > 0.9 else 0.1)
    elif draw < 0.08:
        more["comment"] = "The second answer is not something that one would say here." if draw > 0.02 else HOSTILE
    if (
        one.purpose is Purpose.RATED
        and one.task is TaskKind.ITEM
        and uniform("made defect", one.question_id or "") < 0.1
    ):
        more["defects"] = (ItemDefect.IMPLAUSIBLE,) if draw < 0.5 else (ItemDefect.IMPLAUSIBLE, ItemDefect.STEREOTYPE)
    return answer(
        one,
        hours_ago=1 + 150 * uniform("made time", one.uid) + (200 if place < 0.2 else 0),
        vote="a-1" if draw < 0.5 or place > 0.95 else "a-2",
        lead_time_s=3.0 if place > 0.93 else 20 + 100 * draw,
        **more,
    )


def _placement(slot: str, code: str, place: float) -> Placement:
    group = place_of(slot).group
    elsewhere = place < 0.3
    return Placement(
        slot=slot,
        country=group.country,
        language=group.language,
        rater=f"rater-{slot.lower()}",
        rater_country="GB" if elsewhere else code,
        fit=Fit.LANGUAGE if elsewhere else Fit.COUNTRY,
    )


def _skip(one: Assignment) -> Dropped:
    return Dropped(stage="pull", subject="annotation 7", reason="skipped", detail=one.uid)
