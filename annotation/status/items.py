"""What needs attention beside raters: tasks given up, defects of texts, answers that do not count, comments."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from annotation.slots import place_of
from annotation.status.seen import Counted, Seen
from schemas.annotation import Annotation, Assignment, CheckAnnotation, ItemAnnotation, ItemDefect, Purpose
from schemas.progress import Comment, ItemFinding, LeftOut
from schemas.questions import Dropped

SKIPPED = "skipped"
OFTEN = 2
"""Raters from whom on a task that was skipped, or a defect that was marked, is a finding of the item."""
EXAMPLES = 3
MEANINGS: Mapping[str, str] = {
    SKIPPED: "given up by the rater, who can still take it up again",
    "superseded": "of texts that changed since, or of tasks that left the sample",
    "deleted-on-server": "deleted on the server, and let go with --accept-deletions",
    "not-blind": "by somebody who had judged the same question before",
    "unknown-task": "of tasks that are not of this study's sample",
    "no-annotator": "without an account",
    "no-answer": "without the answer asked for: look at the project's labelling setup",
    "unknown-control": "with a field that the interface does not have: was the labelling setup edited?",
    "control-twice": "with one field twice",
    "unknown-choice": "with a choice that the interface does not have: was the labelling setup edited?",
    "unknown-comment": "with a comment that is no text",
}


def item_findings(seen: Seen, counted: Counted) -> tuple[ItemFinding, ...]:
    """Return what somebody should look at: what stands open first, then what most raters found."""
    found = [*_given_up(seen, counted), *_defects(seen, counted.items)]
    return tuple(sorted(found, key=lambda one: (not one.is_open, -one.raters, one.code, one.subject)))


def given_up(seen: Seen, counted: Counted) -> int:
    """Return how many rated tasks their raters skipped that have no answer and were not waived."""
    rated = {one.uid for one in seen.assigned if one.purpose is Purpose.RATED}
    skipped = {row.detail for row in seen.dropped if row.reason == SKIPPED}
    return len((rated & skipped) - {row.uid for row in counted.rows} - seen.waived)


def _given_up(seen: Seen, counted: Counted) -> Iterator[ItemFinding]:
    tasks = {one.uid: one for one in seen.assigned}
    answered = {row.uid for row in counted.rows}
    skipped: dict[tuple[str, str | None, str], dict[str, Assignment]] = {}
    for row in seen.dropped:
        task = tasks.get(row.detail) if row.reason == SKIPPED else None
        if task is not None:
            subject = task.instance_id or task.question_id or task.uid
            skipped.setdefault((subject, task.country, task.language), {})[task.uid] = task
    for (subject, country, language), there in skipped.items():
        left = [task for uid, task in there.items() if uid not in answered]
        waived = sorted(task.slot for task in left if task.uid in seen.waived)
        standing = sorted(task.slot for task in left if task.uid not in seen.waived)
        if left or len(there) >= OFTEN:
            taken_up = sorted({task.slot for task in there.values()} - {task.slot for task in left})
            parts = [f"open in {', '.join(standing)}"] if standing else []
            parts += [f"waived in {', '.join(waived)}"] if waived else []
            parts += [f"answered later in {', '.join(taken_up)}"] if taken_up else []
            yield ItemFinding(
                code="given-up",
                subject=subject,
                country=country,
                language=language,
                raters=len({task.slot for task in there.values()}),
                found="; ".join(parts),
                is_open=bool(standing),
                text=seen.texts.get(next(iter(there.values())).question_id or ""),
            )


def _defects(seen: Seen, items: Sequence[ItemAnnotation]) -> Iterator[ItemFinding]:
    """A defect that two raters marked, whatever each called it: they are of the text, not of an opinion."""
    marked: dict[tuple[str, str | None, str], dict[str, tuple[ItemDefect, ...]]] = {}
    for row in items:
        if row.defects:
            group = place_of(row.slot).group
            marked.setdefault((row.question_id, group.country, group.language), {})[row.annotator] = row.defects
    for (question, country, language), by_rater in marked.items():
        if len(by_rater) >= OFTEN:
            kinds = Counter(defect for defects in by_rater.values() for defect in defects)
            yield ItemFinding(
                code="defects",
                subject=question,
                country=country,
                language=language,
                raters=len(by_rater),
                found=", ".join(f"{kind.value.replace('_', ' ')} {kinds[kind]}" for kind in ItemDefect if kinds[kind]),
                is_open=False,
                text=seen.texts.get(question),
            )


def left_out(dropped: Sequence[Dropped]) -> tuple[LeftOut, ...]:
    """Return the answers that do not count, by reason, most first."""
    reasons = Counter(row.reason for row in dropped)
    examples: dict[str, list[str]] = {}
    for row in dropped:
        examples.setdefault(row.reason, []).append(f"{row.subject}: {row.detail}" if row.detail else row.subject)
    return tuple(
        LeftOut(
            reason=reason,
            count=count,
            meaning=MEANINGS.get(reason, "see `mvpbench status --dropped annotations`"),
            examples=tuple(examples[reason][:EXAMPLES]),
        )
        for reason, count in sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
    )


def comments(counted: Counted) -> tuple[Comment, ...]:
    """Return what raters wrote, the latest first."""
    rows: list[tuple[Annotation | ItemAnnotation | CheckAnnotation, str]] = [
        *((row, row.instance_id) for row in counted.annotations),
        *((row, row.question_id) for row in counted.items),
        *((row, row.uid) for row in counted.checks),
    ]
    told = [
        Comment(
            slot=row.slot,
            task=place_of(row.slot).task,
            subject=subject,
            annotator=row.annotator,
            said_at=row.updated_at,
            text=row.comment,
        )
        for row, subject in rows
        if row.comment
    ]
    return tuple(sorted(told, key=lambda one: (one.said_at, one.slot, one.subject), reverse=True))
