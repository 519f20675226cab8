"""`annotate pull`: what raters said so far, checked, deduplicated and mapped back to answer ids."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter

from annotation.person import MisfitError, read_answer
from annotation.projects import annotator_id, annotators, project_slots
from annotation.server.state import FOLDER
from annotation.studio import ExportedAnnotation, ExportedTask, Studio
from mvpbench.store.atomic import write_atomic
from mvpbench.store.journal import Journal
from mvpbench.store.stage import Produced, Stage, run_stage
from mvpbench.store.study import Study, locked
from mvpbench.store.tables import read_table
from schemas.annotation import Annotation, AnnotatorKind, Assignment
from schemas.identity import content_id
from schemas.questions import Dropped, Instance
from schemas.results import Outcome, PullResult

STAGE = Stage(
    table="annotations",
    record=Annotation,
    version=1,
    inputs=("instances", "assignments"),
    sections=(),
    makes_with="mvpbench annotate pull",
)
EXPORTS = TypeAdapter(list[ExportedTask])


def pull(study: Study, studio: Studio, *, say: Callable[[str], None]) -> Outcome[PullResult]:
    """Bring the table of annotations to what the server holds now; run again without new answers, it changes nothing.

    What the server said is kept as it came in `label-studio/exports/`, apart from its reading. Raises StudyError
    `not-pushed`, `project-gone`, `export-misfit`, and ServiceError where the server fails.
    """
    with locked(study), Journal(study.journal) as journal:
        assigned = read_table(study.tables, "assignments", Assignment)
        pairs = {one.id: one.pair_id or one.id for one in read_table(study.tables, "instances", Instance)}
        files = {}
        for slot in project_slots(studio, journal):
            files[slot.id] = _fetch(study, studio, slot.id, slot.project_id)
            say(f"{slot.id}: fetched")
        kinds = annotators(journal)
        info = run_stage(
            study,
            STAGE,
            files,
            lambda: collect(_exports(files), assigned, pairs, lambda user: annotator_id(journal, user), kinds),
        )
        rows = read_table(study.tables, STAGE.table, Annotation)
    answered = {one.uid for one in rows}
    by_slot = Counter(one.slot for one in rows)
    return Outcome(
        result=PullResult(
            annotations=len(rows),
            tasks=len(assigned),
            answered=len(answered),
            by_slot={slot: by_slot[slot] for slot in files},
        ),
        counts={"annotations": len(rows), "tasks": len(assigned), "tasks answered": len(answered)},
        dropped=info.dropped,
        next_step="mvpbench agree" if len(answered) == len(assigned) else "pull again when raters have gone on",
    )


def collect(
    exports: Mapping[str, Sequence[ExportedTask]],
    assigned: Iterable[Assignment],
    pairs: Mapping[str, str],
    identify: Callable[[int], str],
    kinds: Mapping[str, AnnotatorKind],
) -> Produced[Annotation]:
    """Return the valid annotations, one for each task and annotator, sorted by id, and the rest with reasons.

    `exports` by slot; `pairs` maps instances to pairs; `identify` an account to an annotator's id. Of several by one
    annotator on one task the latest wins. The server lets anyone open any project: of an annotator who worked in
    several slots, only the first answer on a pair counts, as the second is not blind.
    """
    known = {one.uid: one for one in assigned}
    dropped: list[Dropped] = []
    valid: list[Annotation] = []
    for slot, tasks in exports.items():
        for task in tasks:
            uid = str(task.data.get("uid"))
            for said in task.annotations:
                read = _read(said, slot, uid, known.get(uid), identify, kinds)
                (valid if isinstance(read, Annotation) else dropped).append(read)  # type: ignore[arg-type]
    latest: dict[str, Annotation] = {}
    for one in sorted(valid, key=_when):
        if one.id in latest:
            dropped.append(_drop(latest[one.id].source_id, "superseded", one.uid))
        latest[one.id] = one
    blind: dict[tuple[str, str], Annotation] = {}
    for one in sorted(latest.values(), key=lambda one: (one.created_at, one.source_id)):
        key = (one.annotator, pairs[one.instance_id])
        if key in blind:
            dropped.append(_drop(one.source_id, "not-blind", f"annotator has judged {blind[key].uid} of the same pair"))
        else:
            blind[key] = one
    rows = sorted(blind.values(), key=lambda one: one.id)
    return Produced(rows=rows, dropped=dropped, counts={"annotations": len(rows)})


def _read(
    said: ExportedAnnotation,
    slot: str,
    uid: str,
    task: Assignment | None,
    identify: Callable[[int], str],
    kinds: Mapping[str, AnnotatorKind],
) -> Annotation | Dropped:
    if task is None or task.slot != slot:
        return _drop(said.id, "unknown-task", f"uid {uid}"[:200])
    if said.was_cancelled:
        return _drop(said.id, "skipped", uid)
    if said.completed_by is None:
        return _drop(said.id, "no-annotator", uid)
    try:
        answered = read_answer(said.result, task)
    except MisfitError as exc:
        return _drop(said.id, exc.reason, f"{uid}: {exc}")
    annotator = identify(said.completed_by)
    measured = said.lead_time is not None and math.isfinite(said.lead_time) and said.lead_time >= 0
    return Annotation(
        id=content_id("v", uid, annotator),
        instance_id=task.instance_id,
        uid=uid,
        slot=slot,
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


def _fetch(study: Study, studio: Studio, slot: str, project_id: int) -> Path:
    path = study.root / FOLDER / "exports" / f"{slot}.json"
    tasks = sorted(studio.export(project_id), key=lambda task: task.id)
    write_atomic(path, EXPORTS.dump_json(tasks))
    return path


def _exports(files: Mapping[str, Path]) -> dict[str, list[ExportedTask]]:
    return {slot: EXPORTS.validate_json(path.read_bytes()) for slot, path in files.items()}


def _drop(annotation: int, reason: str, detail: str) -> Dropped:
    return Dropped(stage="pull", subject=f"annotation {annotation}", reason=reason, detail=detail)


def _when(one: Annotation) -> tuple[str, int]:
    return one.updated_at, one.source_id


def _utc(moment: datetime) -> str:
    """Return ISO 8601 in UTC with microseconds, so that texts sort as times."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
