"""From what the server said to annotations: checked, one for each task and rater, mapped back to answer ids."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from annotation.accounts import Identify
from annotation.export import ExportedAnnotation
from annotation.sync.kept import Said
from annotation.tasks.answers import Answered, MisfitError, read_answer
from schemas.annotation import (
    Annotation,
    AnnotatorKind,
    Assignment,
    CheckAnnotation,
    ItemAnnotation,
    Purpose,
    Slot,
    TaskKind,
)
from schemas.identity import content_id
from schemas.questions import Dropped

GONE = "answers deleted on the server, counted"


@dataclass(frozen=True)
class Export:
    """What one project holds, or held at some pull."""

    slot: Slot
    said: Sequence[Said]


@dataclass(frozen=True)
class Sent:
    """What raters were given."""

    assigned: Mapping[str, Assignment]
    """By uid."""
    uids: Set[str] = frozenset()
    """Of every task ever sent, those of texts that changed since among them."""


@dataclass(frozen=True)
class Raters:
    """How accounts become annotators."""

    identify: Identify
    kinds: Mapping[str, AnnotatorKind] = field(default_factory=dict)
    """Of those whose kind is on record; the others are human."""


@dataclass(frozen=True)
class Collected:
    """What raters said, each list sorted by id; the rest with reasons."""

    annotations: list[Annotation]
    items: list[ItemAnnotation]
    checks: list[CheckAnnotation]
    dropped: list[Dropped]
    gone: int
    """Of the annotations of all three kinds: deleted on the server, and counted."""


class _Answer(NamedTuple):
    """A valid answer, before it is known which of several counts."""

    id: str
    task: Assignment
    annotator: str
    kind: AnnotatorKind
    said: ExportedAnnotation
    answered: Answered
    gone: bool


def collect(exports: Iterable[Export], sent: Sent, raters: Raters) -> Collected:
    """Return the valid annotations, one a slot and task, and the rest with reasons.

    Of several by one annotator on one task the latest wins (`superseded`). A slot is one rater's: of several accounts
    on one of its tasks the one that came first counts (`slot-twice`). The server lets anyone open any project: of an
    annotator who worked in several slots, only answers to the task of a question that they met first count, over both
    tasks and whether or not they answered or skipped it (`not-blind`).
    """
    exports = list(exports)
    met = _met(exports, sent, raters)
    dropped: list[Dropped] = []
    latest: dict[str, _Answer] = {}
    for one in sorted(_valid(exports, sent, raters, dropped), key=lambda one: (one.said.updated_at, one.said.id)):
        if one.id in latest:
            dropped.append(_drop(latest[one.id].said.id, "superseded", one.task.uid))
        latest[one.id] = one
    blind = _blind(_once_a_slot(latest.values(), met, dropped), met, dropped)
    first = {(one.annotator, _subject(one.task)): one for one in blind if one.task.purpose is Purpose.RATED}
    return Collected(
        annotations=[_annotation(one) for one in blind if _is(one, TaskKind.PERSON)],
        items=[_item(one) for one in blind if _is(one, TaskKind.ITEM)],
        checks=[_check(one, first) for one in blind if one.task.purpose is not Purpose.RATED],
        dropped=dropped,
        gone=sum(one.gone for one in blind),
    )


def _valid(exports: Iterable[Export], sent: Sent, raters: Raters, dropped: list[Dropped]) -> Iterator[_Answer]:
    for export in exports:
        for answer in export.said:
            if answer.let_go:
                dropped.append(_drop(answer.annotation.id, "deleted-on-server", answer.uid))
                continue
            read = _read(answer, export.slot, sent, raters)
            if isinstance(read, Dropped):
                dropped.append(read)
            else:
                yield read


def _read(answer: Said, slot: Slot, sent: Sent, raters: Raters) -> _Answer | Dropped:
    said, uid = answer.annotation, answer.uid
    task = sent.assigned.get(uid)
    if task is None or task.slot != slot.id:
        changed = task is None and uid in sent.uids
        detail = f"{uid}: its texts have changed since, or it left the sample" if changed else f"uid {uid}"[:200]
        return _drop(said.id, "superseded" if changed else "unknown-task", detail)
    if (reason := _why_not(said, task)) is not None:
        return _drop(said.id, reason, uid)
    try:
        answered = read_answer(said.result, task)
    except MisfitError as exc:
        return _drop(said.id, exc.reason, f"{uid}: {exc}")
    annotator = raters.identify(slot.server, said)
    kind = raters.kinds.get(annotator, AnnotatorKind.HUMAN)
    return _Answer(content_id("v", uid, annotator), task, annotator, kind, said, answered, answer.gone)


def _why_not(said: ExportedAnnotation, task: Assignment) -> str | None:
    if said.shown is not None and said.shown != task.shown_sha256:
        return "text-changed"  # by hand, on the server
    if said.was_cancelled:
        return "skipped"
    return "no-annotator" if said.completed_by is None else None


class _Met(NamedTuple):
    """When annotators first did anything with a task, by annotator and uid."""

    at: Mapping[tuple[str, str], tuple[datetime, int]]
    first: Mapping[tuple[str, str], str]
    """Annotator and question -> uid of the task of the sample in which they met it first."""


def _met(exports: Iterable[Export], sent: Sent, raters: Raters) -> _Met:
    """Look at everything that was ever said, what was skipped, let go or could not be read among it."""
    at: dict[tuple[str, str], tuple[datetime, int]] = {}
    for export in exports:
        for answer in export.said:
            said = answer.annotation
            if said.completed_by is not None and answer.uid in sent.assigned:
                key = (raters.identify(export.slot.server, said), answer.uid)
                moment = (said.created_at, said.id)
                at[key] = min(at.get(key, moment), moment)
    first: dict[tuple[str, str], str] = {}
    for annotator, uid in sorted(at, key=lambda key: at[key]):
        task = sent.assigned[uid]
        if task.purpose is Purpose.RATED:
            first.setdefault((annotator, str(task.question_id)), uid)
    return _Met(at, first)


def _once_a_slot(answers: Iterable[_Answer], met: _Met, dropped: list[Dropped]) -> list[_Answer]:
    first: dict[str, _Answer] = {}
    kept: list[_Answer] = []
    for one in sorted(answers, key=lambda one: met.at[one.annotator, one.task.uid]):
        earlier = first.setdefault(one.task.uid, one)
        if earlier is one:
            kept.append(one)
        else:
            dropped.append(_drop(one.said.id, "slot-twice", f"{one.task.uid}: answered by another account before"))
    return kept


def _blind(answers: Iterable[_Answer], met: _Met, dropped: list[Dropped]) -> list[_Answer]:
    """Return the answers that are blind, sorted by id. A repeat is of the slot's own task, and no second look."""
    kept: list[_Answer] = []
    for one in answers:
        first = met.first.get((one.annotator, str(one.task.question_id)), one.task.uid)
        if one.task.purpose is Purpose.RATED and first != one.task.uid:
            dropped.append(_drop(one.said.id, "not-blind", f"annotator has met {first} of the same question before"))
        else:
            kept.append(one)
    return sorted(kept, key=lambda one: one.id)


def _subject(task: Assignment) -> str:
    return f"{task.slot} {task.instance_id or task.question_id}"


def _is(one: _Answer, task: TaskKind) -> bool:
    return one.task.task is task and one.task.purpose is Purpose.RATED


def _annotation(one: _Answer) -> Annotation:
    return Annotation(
        instance_id=str(one.task.instance_id),
        sureness=one.answered.sureness,
        comment=one.answered.comment,
        **_common(one),
    )


def _item(one: _Answer) -> ItemAnnotation:
    return ItemAnnotation(
        question_id=str(one.task.question_id),
        country=one.task.country,
        asked_side=str(one.task.asked_side),
        defects=one.answered.defects,
        comment=one.answered.comment,
        **_common(one),
    )


def _check(one: _Answer, first: Mapping[tuple[str, str], _Answer]) -> CheckAnnotation:
    return CheckAnnotation(
        task=one.task.task,
        purpose=one.task.purpose,
        defects=one.answered.defects,
        comment=one.answered.comment,
        passed=_passed(one, first.get((one.annotator, _subject(one.task)))),
        **_common(one),
    )


def _passed(one: _Answer, before: _Answer | None) -> bool | None:
    match one.task.purpose:
        case Purpose.COMPREHENSION:
            return one.answered.vote == one.task.right
        case Purpose.VIOLATION:
            return bool(one.answered.defects)
        case _:
            return None if before is None else one.answered.vote == before.answered.vote


def _common(one: _Answer) -> dict[str, Any]:
    lead = one.said.lead_time
    return {
        "id": one.id,
        "uid": one.task.uid,
        "slot": one.task.slot,
        "annotator": one.annotator,
        "annotator_kind": one.kind,
        "vote": one.answered.vote,
        "lead_time_s": lead if lead is not None and math.isfinite(lead) and lead >= 0 else None,
        "created_at": _utc(one.said.created_at),
        "updated_at": _utc(one.said.updated_at),
        "source_id": one.said.id,
    }


def _drop(annotation: int, reason: str, detail: str) -> Dropped:
    return Dropped(stage="pull", subject=f"annotation {annotation}", reason=reason, detail=detail)


def _utc(moment: datetime) -> str:
    """Return ISO 8601 in UTC with microseconds, so that texts sort as times."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
