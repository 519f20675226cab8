"""`annotate pull`: what raters said so far, checked, deduplicated and mapped back to answer ids."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from annotation.assigned import read_assigned
from annotation.person import MisfitError, read_answer
from annotation.projects import annotator_id, annotators, current_projects, projects
from annotation.server.state import FOLDER
from annotation.studio import ExportedAnnotation, Studio
from annotation.sync.fetch import fetch
from annotation.sync.kept import Said, let_go, said, stored
from annotation.sync.send import sent_uids
from mvpbench.store.journal import Journal
from mvpbench.store.stage import Produced, Stage, run_stage
from mvpbench.store.study import Study, locked
from mvpbench.store.tables import read_table
from schemas.annotation import Annotation, AnnotatorKind, Assignment, Slot
from schemas.identity import content_id
from schemas.questions import Dropped
from schemas.results import Outcome, PullResult

STAGE = Stage(
    table="annotations",
    record=Annotation,
    version=2,
    inputs=("instances", "assignments"),
    sections=(),
    makes_with="mvpbench annotate pull",
)

GONE = "answers deleted on the server, counted"

Identify = Callable[[str, int], str]
"""(`Slot.server`, account on it) -> annotator's id."""


@dataclass(frozen=True)
class Export:
    """What one project holds, or held at some pull."""

    slot: Slot
    said: Sequence[Said]


@dataclass(frozen=True)
class Sent:
    """What raters were given: the assignments by uid, and the question behind each instance."""

    assigned: Mapping[str, Assignment]
    question_of: Mapping[str, str]
    uids: Set[str] = frozenset()
    """Of every task ever sent, those of texts that changed since among them."""


def pull(
    study: Study, studio: Studio, *, say: Callable[[str], None], accept_deletions: bool = False
) -> Outcome[PullResult]:
    """Bring the table of annotations to what was said so far; run again without new answers, it changes nothing.

    What the server said is kept as it came (`annotation.sync.kept`), apart from its reading: an answer that was pulled
    counts although it is deleted on the server since, alone or with its project. `accept_deletions` leaves out those
    deleted alone (`deleted-on-server`). Raises StudyError `not-pushed`, `project-gone`,
    `tables-disagree`, `export-misfit`, and ServiceError where the server fails.
    """
    with locked(study), Journal(study.journal) as journal:
        assigned, instances = read_assigned(study)
        question_of = {one.id: one.question_id for one in instances.values()}
        sent = Sent({one.uid: one for one in assigned}, question_of, sent_uids(journal))
        current = current_projects(studio, journal)
        folder = study.root / FOLDER
        for one in current:
            fetch(studio, folder, one.key, one.slot.project_id, say)
            say(f"{one.slot.id}: fetched")
        if accept_deletions:
            for one in projects(journal):
                let_go(folder, one.key)
        files = export_files(study, journal)
        kinds = annotators(journal)

        def identify(server: str, user: int) -> str:
            return annotator_id(journal, server, user)

        info = run_stage(study, STAGE, files, lambda: collect(_exports(study, journal), sent, identify, kinds))
        rows = read_table(study.tables, STAGE.table, Annotation)
    answered = {one.uid for one in rows}
    by_slot = Counter(one.slot for one in rows)
    if gone := info.counts.get(GONE, 0):
        say(f"{gone} answers were deleted on the server after they were pulled; --accept-deletions leaves them out")
    return Outcome(
        result=PullResult(
            annotations=len(rows),
            tasks=len(assigned),
            answered=len(answered),
            by_slot={one.slot.id: by_slot[one.slot.id] for one in current},
        ),
        counts={"annotations": len(rows), "tasks": len(assigned), "tasks answered": len(answered)}
        | ({GONE: gone} if gone else {}),
        dropped=info.dropped,
        next_step="mvpbench agree" if len(answered) == len(assigned) else "pull again when raters have gone on",
    )


def collect(
    exports: Iterable[Export], sent: Sent, identify: Identify, kinds: Mapping[str, AnnotatorKind]
) -> Produced[Annotation]:
    """Return the valid annotations, one for each task and annotator, sorted by id, and the rest with reasons.

    Of several by one annotator on one task the latest wins. The server lets anyone open any project: of an annotator
    who worked in several slots, only the first answer on a question counts, as the second is not blind.
    """
    dropped: list[Dropped] = []
    valid: list[Annotation] = []
    gone: set[tuple[str, int]] = set()
    for export in exports:
        for answer in export.said:
            if answer.let_go:
                dropped.append(_drop(answer.annotation.id, "deleted-on-server", answer.uid))
                continue
            read = _read(answer.annotation, export.slot, answer.uid, sent, identify, kinds)
            if isinstance(read, Dropped):
                dropped.append(read)
                continue
            valid.append(read)
            if answer.gone:
                gone.add((read.id, read.source_id))
    latest: dict[str, Annotation] = {}
    for one in sorted(valid, key=_when):
        if one.id in latest:
            dropped.append(_drop(latest[one.id].source_id, "superseded", one.uid))
        latest[one.id] = one
    blind: dict[tuple[str, str], Annotation] = {}
    for one in sorted(latest.values(), key=lambda one: (one.created_at, one.source_id)):
        key = (one.annotator, sent.question_of[one.instance_id])
        if key in blind:
            detail = f"annotator has judged {blind[key].uid} of the same question"
            dropped.append(_drop(one.source_id, "not-blind", detail))
        else:
            blind[key] = one
    rows = sorted(blind.values(), key=lambda one: one.id)
    return Produced(
        rows=rows,
        dropped=dropped,
        counts={"annotations": len(rows), GONE: sum((one.id, one.source_id) in gone for one in rows)},
    )


def _read(
    said: ExportedAnnotation,
    slot: Slot,
    uid: str,
    sent: Sent,
    identify: Identify,
    kinds: Mapping[str, AnnotatorKind],
) -> Annotation | Dropped:
    task = sent.assigned.get(uid)
    if task is None and uid in sent.uids:
        return _drop(said.id, "superseded", f"{uid}: its texts have changed since, or it left the sample")
    if task is None or task.slot != slot.id:
        return _drop(said.id, "unknown-task", f"uid {uid}"[:200])
    if said.was_cancelled:
        return _drop(said.id, "skipped", uid)
    if said.completed_by is None:
        return _drop(said.id, "no-annotator", uid)
    try:
        answered = read_answer(said.result, task)
    except MisfitError as exc:
        return _drop(said.id, exc.reason, f"{uid}: {exc}")
    annotator = identify(slot.server, said.completed_by)
    measured = said.lead_time is not None and math.isfinite(said.lead_time) and said.lead_time >= 0
    return Annotation(
        id=content_id("v", uid, annotator),
        instance_id=task.instance_id,
        uid=uid,
        slot=slot.id,
        annotator=annotator,
        annotator_kind=kinds.get(annotator, AnnotatorKind.HUMAN),
        vote=answered.vote,
        sureness=answered.sureness,
        comment=answered.comment,
        lead_time_s=said.lead_time if measured else None,
        created_at=_utc(said.created_at),
        updated_at=_utc(said.updated_at),
        source_id=said.id,
    )


def export_files(study: Study, journal: Journal) -> dict[str, Path]:
    """Return the files of what was pulled, by names that say of which project."""
    folder = study.root / FOLDER
    return {name: path for one in projects(journal) for name, path in stored(folder, one.key).items()}


def _exports(study: Study, journal: Journal) -> list[Export]:
    folder = study.root / FOLDER
    return [Export(one.slot, said(folder, one.key)) for one in projects(journal) if stored(folder, one.key)]


def _drop(annotation: int, reason: str, detail: str) -> Dropped:
    return Dropped(stage="pull", subject=f"annotation {annotation}", reason=reason, detail=detail)


def _when(one: Annotation) -> tuple[str, int]:
    return one.updated_at, one.source_id


def _utc(moment: datetime) -> str:
    """Return ISO 8601 in UTC with microseconds, so that texts sort as times."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
