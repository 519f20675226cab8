"""The table `adjudications`: what adjudicators decided so far, read from what was fetched of their projects."""

from collections.abc import Mapping, Sequence, Set
from datetime import UTC, datetime

from annotation.adjudication.interface import read_decision
from annotation.projects import ADJUDICATION_PROJECT, annotator_id, annotators, projects
from annotation.server.state import FOLDER
from annotation.sync.kept import Said, said, stored
from annotation.tasks.answers import MisfitError
from mvpbench.store.journal import Journal
from mvpbench.store.stage import Outside, Produced, Stage, run_stage
from mvpbench.store.study import Study
from mvpbench.store.tables import TableInfo, read_table
from schemas.annotation import Annotation, AnnotatorKind, Assignment, CheckAnnotation, ItemAnnotation
from schemas.identity import content_id
from schemas.labels import Adjudication, AdjudicationTask
from schemas.questions import Dropped

TASK = "adjudication-task"
"""Kind of journal write: a question put to an adjudicator; keys are uids, payloads `AdjudicationTask` records."""

STAGE = Stage(
    table="adjudications",
    record=Adjudication,
    version=1,
    inputs=("assignments", "annotations", "item_annotations", "check_annotations"),
    makes_with="mvpbench annotate pull",
)


def asked_tasks(journal: Journal) -> dict[str, AdjudicationTask]:
    """Return every task that was ever put to an adjudicator, by uid."""
    return {one.key: AdjudicationTask.model_validate_json(one.payload) for one in journal.writes(TASK)}


def bring_adjudications(study: Study, journal: Journal) -> TableInfo:
    """Bring the table up to what was fetched; for the holder of the study's lock."""
    return run_stage(study, STAGE, adjudication_files(study, journal), lambda: _decided(study, journal))


def adjudication_files(study: Study, journal: Journal) -> Mapping[str, Outside]:
    """Return on what the table depends beside other tables: what was asked, and what was fetched."""
    folder = study.root / FOLDER
    files: dict[str, Outside] = {}
    for one in projects(journal, ADJUDICATION_PROJECT):
        files |= stored(folder, one.key)
    return files | {"what adjudicators were asked": "\n".join(one.payload for one in journal.writes(TASK))}


def _decided(study: Study, journal: Journal) -> Produced[Adjudication]:
    tasks, rated, kinds = asked_tasks(journal), _rated(study), annotators(journal)
    dropped: list[Dropped] = []
    latest: dict[str, Adjudication] = {}
    for project in projects(journal, ADJUDICATION_PROJECT):
        for one in _in_time(said(study.root / FOLDER, project.key)):
            task = tasks.get(one.uid)
            if task is None or task.slot != project.slot.id:
                dropped.append(_drop(one, "unknown-task", f"uid {one.uid}"[:200]))
                continue
            if one.annotation.was_cancelled or one.annotation.completed_by is None:
                dropped.append(_drop(one, "skipped" if one.annotation.was_cancelled else "no-annotator", one.uid))
                continue
            who = annotator_id(journal, project.slot.server, one.annotation.completed_by)
            read = _read(one, task, who, kinds.get(who, AnnotatorKind.HUMAN), rated.get(who, frozenset()))
            if isinstance(read, Dropped):
                dropped.append(read)
                continue
            if read.id in latest:
                dropped.append(Dropped(stage=STAGE.table, subject=read.id, reason="superseded", detail=one.uid))
            latest[read.id] = read
    return Produced([latest[name] for name in sorted(latest)], dropped, {"adjudications": len(latest)})


def _read(one: Said, task: AdjudicationTask, who: str, kind: AnnotatorKind, rated: Set[str]) -> Adjudication | Dropped:
    if task.question_id in rated:
        return _drop(one, "own-question", f"{one.uid}: {who} has rated {task.question_id}")
    try:
        decision = read_decision(one.annotation.result)
    except MisfitError as exc:
        return _drop(one, exc.reason, f"{one.uid}: {exc}")
    lead = one.annotation.lead_time
    return Adjudication(
        id=content_id("d", one.uid, who),
        question_id=task.question_id,
        country=task.country,
        uid=task.uid,
        slot=task.slot,
        doubts=task.doubts,
        shown_sha256=task.shown_sha256,
        annotator=who,
        annotator_kind=kind,
        ruling=decision.ruling,
        reason=decision.reason,
        comment=decision.comment,
        lead_time_s=lead if lead is not None and 0 <= lead < float("inf") else None,
        created_at=_utc(one.annotation.created_at),
        updated_at=_utc(one.annotation.updated_at),
        source_id=one.annotation.id,
    )


def _rated(study: Study) -> dict[str, set[str]]:
    """Return which questions each annotator has met as a rater, of either task and in whatever purpose."""
    of_task = {one.uid: one.question_id for one in read_table(study.tables, "assignments", Assignment)}
    rows: list[Annotation | ItemAnnotation | CheckAnnotation] = [
        *read_table(study.tables, "annotations", Annotation),
        *read_table(study.tables, "item_annotations", ItemAnnotation),
        *read_table(study.tables, "check_annotations", CheckAnnotation),
    ]
    met: dict[str, set[str]] = {}
    for one in rows:
        question = of_task.get(one.uid)
        if question is not None:
            met.setdefault(one.annotator, set()).add(question)
    return met


def _in_time(found: Sequence[Said]) -> list[Said]:
    return sorted(found, key=lambda one: (one.annotation.updated_at, one.annotation.id))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _drop(one: Said, reason: str, detail: str) -> Dropped:
    return Dropped(stage=STAGE.table, subject=f"annotation {one.annotation.id}", reason=reason, detail=detail)
