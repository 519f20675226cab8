"""`annotate reconcile`: compares what the journal says was sent, what is kept, and what the server holds, task by task.

Everything is listed whole and nothing is taken on trust, so it finds what a push or a pull may overlook: a deleted task
beside a doubled one, texts that somebody edited, a server that was put back and went on to the same counts.
"""

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from annotation.projects import ADJUDICATION_PROJECT, ANNOTATOR, MADE_BY, PROJECT, Project, projects, server_name
from annotation.server.state import FOLDER
from annotation.studio import Studio
from annotation.sync.fetch import fetch, listed
from annotation.sync.kept import Identity, Said, answers_of, said
from annotation.sync.send import (
    Pause,
    Say,
    config_hash,
    data_hash,
    each_once,
    finish_batches,
    landed_uids,
    sent_config,
    sent_data,
    unfinished_batches,
)
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study, locked
from schemas.reconcile import Difference, Finding, ProjectState, ReconcileResult
from schemas.results import Outcome

TOLD = 10
"""Findings of a kind shown to people; all of them are in the result."""


@dataclass(frozen=True)
class _Listing:
    """What the server holds of one project."""

    tasks: Mapping[int, bytes]
    copies: Mapping[str, list[int]]
    """uid -> ids of its tasks."""
    hashes: Mapping[int, str]
    """Task id -> `data_hash`."""
    answers: Mapping[Identity, tuple[str, int | None]]
    """When it was last updated, and by which account it is."""


def reconcile(
    study: Study, studio: Studio, *, say: Say, repair: bool = False, pause: Pause = time.sleep
) -> Outcome[ReconcileResult]:
    """Compare every project; with `repair`, mend first what can be mended without a choice.

    That is: batches whose end nobody saw are looked for, copies that nobody has begun are deleted, answers are pulled.
    Missing tasks are left to `push`. Raises ServiceError where the server fails, StudyError `export-misfit`.
    """
    with locked(study), Journal(study.journal) as journal:
        states, found = _compared(study, studio, journal, say)
        before = Counter(one.difference for one in found)
        if repair and found:
            _repair(study, studio, journal, say, pause)
            states, found = _compared(study, studio, journal, say)
        next_step = _next_step(journal, found)
    after = Counter(one.difference for one in found)
    repaired = {name.value: before[name] - after[name] for name in Difference if before[name] > after[name]}
    return Outcome(
        result=ReconcileResult(projects=tuple(states), findings=tuple(found), repaired=repaired if repair else {}),
        counts={
            "projects": len(states),
            "tasks on the server": sum(one.tasks or 0 for one in states),
            "annotations on the server": sum(one.annotations or 0 for one in states),
            **{name.value: after[name] for name in Difference if after[name]},
            **{f"{name}, repaired": count for name, count in repaired.items() if repair},
        },
        summary=tuple(_in_words(found)),
        next_step=next_step,
    )


def _next_step(journal: Journal, found: Iterable[Finding]) -> str:
    """Return the command that sends what the projects lack, raters' first."""
    lacking = {one.project for one in found if one.difference is Difference.TASK_MISSING}
    for kind, command in MADE_BY.items():
        if lacking & {one.key for one in projects(journal, kind)}:
            return command
    return "mvpbench annotate pull"


def _all_projects(journal: Journal) -> list[Project]:
    """Return raters' and adjudicators' alike."""
    return [one for kind in (PROJECT, ADJUDICATION_PROJECT) for one in projects(journal, kind)]


def _compared(study: Study, studio: Studio, journal: Journal, say: Say) -> tuple[list[ProjectState], list[Finding]]:
    states, found = [], list(_strangers(studio, journal))
    latest = {one.slot.id: one.key for one in _all_projects(journal)}
    users = studio.users()
    for project in _all_projects(journal):
        on_server = studio.project(project.slot.project_id)
        known = said(study.root / FOLDER, project.key)
        sent = sent_data(journal, project.slot)
        tasks = answers = None
        if on_server is None or project.marker not in on_server.description:
            if project.key in latest.values():  # another took the place of those before it
                found.append(_finding(Difference.PROJECT_GONE, project, project.key, f"{studio.url}"))
        else:
            listing = _list(studio, project, say)
            tasks, answers = len(listing.tasks), len(listing.answers)
            found += _project(project, journal, config_hash(on_server.config))
            found += _tasks(project, listing, sent, landed_uids(journal, project.slot))
            found += _answers(project, listing, known, {studio.owner_id(), *users})
        states.append(
            ProjectState(
                project=project.key,
                project_id=project.slot.project_id,
                tasks=tasks,
                sent=len(sent),
                annotations=answers,
                pulled=len(known),
            )
        )
    return states, found


def _strangers(studio: Studio, journal: Journal) -> Iterator[Finding]:
    """Yield projects that bear our mark unknown to the journal, and accounts that it knows and the server does not."""
    known = {one.slot.project_id for one in _all_projects(journal)}
    for one in studio.projects():
        if f"[mvpbench {server_name(journal)} " in one.description and one.id not in known:
            yield Finding(
                difference=Difference.PROJECT_UNKNOWN, project=str(one.id), subject=str(one.id), detail=one.title
            )
    there = set(studio.accounts())
    for record in journal.writes(ANNOTATOR):
        if record.payload not in there:
            slot = record.key.partition("/")[2]
            yield Finding(difference=Difference.ACCOUNT_GONE, project=slot, subject=record.key)


def _list(studio: Studio, project: Project, say: Say) -> _Listing:
    lines = listed(studio, project.slot.project_id)
    say(f"{project.key}: {len(lines)} tasks listed")
    copies: dict[str, list[int]] = {}
    hashes: dict[int, str] = {}
    answers: dict[Identity, tuple[str, int | None]] = {}
    for task, line in lines.items():
        data = json.loads(line)["task"]["data"]
        copies.setdefault(str(data.get("uid")), []).append(task)
        hashes[task] = data_hash(data)
        found = answers_of(line, Path(studio.url))[1]
        answers |= {one: (said.updated_at.isoformat(), said.completed_by) for one, said in found.items()}
    return _Listing(lines, copies, hashes, answers)


def _project(project: Project, journal: Journal, config: str) -> Iterator[Finding]:
    if sent_config(journal, project.slot) not in (None, config):
        yield _finding(Difference.CONFIG_CHANGED, project, project.key)
    for record in unfinished_batches(journal, project.slot):
        yield _finding(Difference.BATCH_UNFINISHED, project, record.key, f"{len(json.loads(record.payload))} tasks")


def _tasks(project: Project, listing: _Listing, sent: Mapping[str, str | None], landed: set[str]) -> Iterator[Finding]:
    for uid in sorted(landed - listing.copies.keys()):
        yield _finding(Difference.TASK_MISSING, project, uid)
    for uid, ids in sorted(listing.copies.items()):
        if uid not in sent:
            yield _finding(Difference.TASK_FOREIGN, project, uid, _named(ids))
            continue
        if len(ids) > 1:
            yield _finding(Difference.TASK_DOUBLED, project, uid, _named(ids))
        if changed := [task for task in ids if sent[uid] not in (None, listing.hashes[task])]:
            yield _finding(Difference.TASK_CHANGED, project, uid, _named(changed))


def _answers(project: Project, listing: _Listing, known: Iterable[Said], users: set[int]) -> Iterator[Finding]:
    pulled = {(one.uid, one.annotation.id, one.annotation.created_at.isoformat()): one for one in known}
    for identity, (updated, user) in sorted(listing.answers.items()):
        uid, number, _ = identity
        kept = pulled.get(identity)
        if kept is None or kept.gone or kept.annotation.updated_at.isoformat() < updated:
            yield _finding(Difference.ANSWER_NOT_PULLED, project, f"annotation {number}", uid)
        if user not in users:
            yield _finding(Difference.ACCOUNT_GONE, project, f"account {user}", f"annotation {number} on {uid}")
    for identity in sorted(pulled.keys() - listing.answers.keys()):
        if not pulled[identity].let_go:
            yield _finding(Difference.ANSWER_GONE, project, f"annotation {identity[1]}", identity[0])


def _repair(study: Study, studio: Studio, journal: Journal, say: Say, pause: Pause) -> None:
    for project in _all_projects(journal):
        if not studio.has_project(project.slot.project_id, project.marker):
            continue
        finish_batches(studio, journal, project.slot, pause)
        each_once(studio, project.slot, sent_data(journal, project.slot), say)
        fetch(studio, study.root / FOLDER, project.key, project.slot.project_id, say, whole=True)


def _finding(difference: Difference, project: Project, subject: str, detail: str = "") -> Finding:
    return Finding(difference=difference, project=project.key, subject=subject, detail=detail)


def _named(tasks: list[int]) -> str:
    return "task " + ", ".join(map(str, tasks))


def _in_words(found: Iterable[Finding]) -> Iterator[str]:
    seen: Counter[Difference] = Counter()
    for one in found:
        seen[one.difference] += 1
        if seen[one.difference] <= TOLD:
            yield f"{one.difference.value}: {one.subject} in {one.project}" + f" ({one.detail})" * bool(one.detail)
    yield from (f"{name.value}: {count - TOLD} more" for name, count in seen.items() if count > TOLD)
