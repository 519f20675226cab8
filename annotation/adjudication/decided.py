"""The table `adjudications`: what adjudicators decided so far, read from what was fetched of their projects."""

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import UTC, datetime

from annotation.accounts import Accounts, Pulled
from annotation.adjudication.interface import read_decision
from annotation.projects import ADJUDICATION_PROJECT, Project, annotators, projects, projects_there
from annotation.server.state import FOLDER
from annotation.studio import Studio
from annotation.sync.fetch import Ask, AskNow, Fetched, Say, fetch
from annotation.sync.kept import Kept, Said, kept, let_go, said, stored
from annotation.tasks.answers import MisfitError
from mvpbench.store.journal import Journal
from mvpbench.store.stage import Outside, Produced, Stage, run_stage
from mvpbench.store.study import Study
from mvpbench.store.tables import TableInfo, read_table
from schemas.annotation import AnnotatorKind, Assignment
from schemas.identity import content_id
from schemas.labels import Adjudication, AdjudicationTask
from schemas.questions import Dropped

TASK = "adjudication-task"
"""Kind of journal write: a question put to an adjudicator; keys are uids, payloads `AdjudicationTask` records."""

STAGE = Stage(
    table="adjudications",
    record=Adjudication,
    version=3,
    inputs=("assignments",),
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
    folder, made = study.root / FOLDER, projects(journal, ADJUDICATION_PROJECT)
    files: dict[str, Outside] = {}
    for one in [*made, *(projects(journal) if made else ())]:  # who rated what matters once somebody decides
        files |= stored(folder, one.key)
    return files | {"what adjudicators were asked": "\n".join(one.payload for one in journal.writes(TASK))}


def fetch_decisions(
    study: Study, studio: Studio, journal: Journal, say: Say, *, ask: Ask | AskNow = Ask.CHANGES
) -> list[Fetched]:
    """Keep what `ask` asks for of each adjudicator's latest project, of earlier ones too if that is all there is.

    For the holder of the lock. One that is gone is told when it is opened.
    """
    latest = {one.slot.id: one.key for one in projects(journal, ADJUDICATION_PROJECT)}.values()
    there = projects_there(studio, journal, ADJUDICATION_PROJECT)
    asked = {one.key: one.slot.project_id for one in there if one.key in latest or ask is not Ask.CHANGES}
    return fetch(studio, study.root / FOLDER, asked, say, ask=ask)


def let_decisions_go(study: Study, journal: Journal) -> None:
    """Note that decisions that are gone from the server count no more, unless they come back."""
    for one in projects(journal, ADJUDICATION_PROJECT):
        let_go(study.root / FOLDER, one.key)


def _decided(study: Study, journal: Journal) -> Produced[Adjudication]:
    tasks, kinds = asked_tasks(journal), annotators(journal)
    made = projects(journal, ADJUDICATION_PROJECT)
    decided, rated = _pulled(study, made), _pulled(study, projects(journal) if made else [])
    everything = (Pulled(project.slot.server, one.annotation) for project, found in decided + rated for one in found)
    accounts = Accounts(journal, everything)
    met = _met(study, rated, accounts) if made else {}
    dropped: list[Dropped] = []
    latest: dict[str, Adjudication] = {}
    for project, found in decided:
        for one in _in_time(found):
            if one.let_go:
                dropped.append(_drop(one, "deleted-on-server", one.uid))
                continue
            task = tasks.get(one.uid)
            if task is None or task.slot != project.slot.id:
                dropped.append(_drop(one, "unknown-task", f"uid {one.uid}"[:200]))
                continue
            if one.annotation.was_cancelled or one.annotation.completed_by is None:
                dropped.append(_drop(one, "skipped" if one.annotation.was_cancelled else "no-annotator", one.uid))
                continue
            who = accounts.identify(project.slot.server, one.annotation)
            read = _read(one, task, who, kinds.get(who, AnnotatorKind.HUMAN), met.get(who, frozenset()))
            if isinstance(read, Dropped):
                dropped.append(read)
                continue
            if read.id in latest:
                dropped.append(Dropped(stage=STAGE.table, subject=read.id, reason="superseded", detail=one.uid))
            latest[read.id] = read
    return Produced([latest[name] for name in sorted(latest)], dropped, {"adjudications": len(latest)})


def _read(one: Said, task: AdjudicationTask, who: str, kind: AnnotatorKind, met: Set[str]) -> Adjudication | Dropped:
    if {task.question_id, task.shown["question"]} & met:
        return _drop(one, "own-question", f"{one.uid}: {who} was shown {task.question_id} as a rater")
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


def _pulled(study: Study, made: Iterable[Project]) -> list[tuple[Project, list[Said]]]:
    """Return everything that was ever pulled of the projects."""
    return [(one, said(study.root / FOLDER, one.key)) for one in made]


def _met(study: Study, rated: Iterable[tuple[Project, list[Said]]], accounts: Accounts) -> dict[str, set[str]]:
    """Return which questions each annotator has met as a rater, by id and by text.

    Of everything that was ever pulled, counted or not: who skipped a question has read it. The text tells where a task
    has left the sample, and with it the table that knows its question.
    """
    of_task = {one.uid: one.question_id for one in read_table(study.tables, "assignments", Assignment)}
    met: dict[str, set[str]] = {}
    for project, found in rated:
        texts = _texts(kept(study.root / FOLDER, project.key))
        for one in found:
            if one.annotation.completed_by is None:
                continue
            who = accounts.identify(project.slot.server, one.annotation)
            met.setdefault(who, set()).update(filter(None, (of_task.get(one.uid), texts.get(one.uid))))
    return met


def _texts(held: Kept) -> dict[str, str]:
    """Return uid -> question as it was shown, of the tasks at the last pull."""
    data = (json.loads(line)["task"]["data"] for line in held.tasks.values())
    return {str(one.get("uid")): str(one["question"]) for one in data if "question" in one}


def _in_time(found: Sequence[Said]) -> list[Said]:
    return sorted(found, key=lambda one: (one.annotation.updated_at, one.annotation.id))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _drop(one: Said, reason: str, detail: str) -> Dropped:
    return Dropped(stage=STAGE.table, subject=f"annotation {one.annotation.id}", reason=reason, detail=detail)
