"""`annotate reconcile`: compares what the journal says was sent, what is kept, and what the server holds, task by task.

Everything is listed whole and nothing is taken on trust, so it finds what a push or a pull may overlook: a deleted task
beside a doubled one, texts that somebody edited, a server that was put back and went on to the same counts.
"""

import json
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from annotation.projects import (
    ADJUDICATION_PROJECT,
    ANNOTATOR,
    MADE_BY,
    PROJECT,
    Project,
    another_server,
    projects,
    server_name,
)
from annotation.server.state import FOLDER
from annotation.studio import Studio
from annotation.sync.fetch import Ask, fetch, listed
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
from annotation.sync.told import MEANINGS, MENDED_BY_COMMAND, in_words, undecided
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study, locked
from schemas.errors import ConfigError
from schemas.identity import content_id
from schemas.reconcile import Difference, Finding, ProjectState, ReconcileResult
from schemas.results import Outcome

RECONCILE = "mvpbench annotate reconcile"
ACCEPTED = "accepted-difference"
"""Kind of journal write: a difference that may stay; keys are `_name`s, payloads why."""


@dataclass(frozen=True)
class Acceptance:
    """That differences of some kinds, as they are now, may stay."""

    kinds: Collection[Difference]
    why: str

    def __post_init__(self) -> None:
        """Raise ConfigError `kind-missing`, `reason-missing` or `not-acceptable`."""
        if not self.kinds:
            raise ConfigError("kind-missing", "--why", expected="what may stay", way_out="name it, with --accept KIND")
        if not self.why.strip():
            raise ConfigError(
                "reason-missing",
                "--accept",
                found=f"--why {self.why!r}",
                expected="why it may stay: it is told beside it",
                way_out='say it, such as --accept answer-gone --why "R03 deleted a test"',
            )
        if mended := sorted(kind.value for kind in MENDED_BY_COMMAND & set(self.kinds)):
            raise ConfigError(
                "not-acceptable",
                f"--accept {mended[0]}",
                found="a difference that a command mends",
                way_out=MEANINGS[Difference(mended[0])].to_do,
            )


@dataclass(frozen=True)
class _Listing:
    """What the server holds of one project."""

    tasks: Mapping[int, bytes]
    copies: Mapping[str, list[int]]
    """uid -> ids of its tasks."""
    hashes: Mapping[int, str]
    """Task id -> `data_hash`."""
    answers: Mapping[Identity, tuple[datetime, int | None]]
    """When it was last updated, and by which account it is."""


def reconcile(
    study: Study,
    studio: Studio,
    *,
    say: Say,
    repair: bool = False,
    accept: Acceptance | None = None,
    pause: Pause = time.sleep,
) -> Outcome[ReconcileResult]:
    """Compare every project; with `repair`, mend first what can be mended without a choice.

    That is: batches whose end nobody saw are looked for, copies that nobody has begun are deleted, answers are pulled.
    Missing tasks are left to `push`. What is left of the kinds of `accept` is written down as what may stay, as it is
    now. Raises ServiceError where the server fails, StudyError `export-misfit` and `another-server`.
    """
    with locked(study), Journal(study.journal) as journal:
        states, found = _compared(study, studio, journal, say)
        before = Counter(one.difference for one in found)
        if repair and found:
            _repair(study, studio, journal, say, pause)
            states, found = _compared(study, studio, journal, say)
        after = Counter(one.difference for one in found)
        found = _with_reasons(journal, found, accept)
        next_step = _next_step(journal, undecided(found), repair)
        places = {one.key: f"{studio.url}/projects/{one.slot.project_id}" for one in _all_projects(journal)}
    left = Counter(one.difference for one in undecided(found))
    repaired = {name.value: before[name] - after[name] for name in Difference if before[name] > after[name]}
    return Outcome(
        result=ReconcileResult(projects=tuple(states), findings=tuple(found), repaired=repaired if repair else {}),
        counts={
            "projects": len(states),
            "tasks on the server": sum(one.tasks or 0 for one in states),
            "annotations on the server": sum(one.annotations or 0 for one in states),
            **{name.value: left[name] for name in Difference if left[name]},
            **{f"{name}, accepted": after[name] - left[name] for name in Difference if after[name] > left[name]},
            **{f"{name}, repaired": count for name, count in repaired.items() if repair},
        },
        summary=tuple(in_words(found, places)),
        next_step=next_step,
    )


def _with_reasons(journal: Journal, found: Iterable[Finding], accept: Acceptance | None) -> list[Finding]:
    """Return the findings, those that may stay with the reason, the first given; `accept` is written down before."""
    found = list(found)
    if accept is not None:
        why = " ".join(accept.why.split())
        with journal.batch():
            for name in sorted({_name(one) for one in found if one.difference in accept.kinds}):
                journal.begin_write(ACCEPTED, name, why)
                journal.finish_write(ACCEPTED, name, "")
    reasons = {one.key: one.payload for one in journal.writes(ACCEPTED)}
    return [one.model_copy(update={"accepted": reasons.get(_name(one))}) for one in found]


def _name(one: Finding) -> str:
    return content_id("difference", one.difference.value, one.project, one.subject, one.state)


def _next_step(journal: Journal, found: Sequence[Finding], repaired: bool) -> str | None:
    """Return the command that sends what the projects lack, raters' first, else what mends or brings the rest."""
    lacking = {one.project for one in found if one.difference is Difference.TASK_MISSING}
    for kind, command in MADE_BY.items():
        if lacking & {one.key for one in projects(journal, kind)}:
            return command
    kinds = {one.difference for one in found}
    if not repaired and kinds & {Difference.BATCH_UNFINISHED, Difference.TASK_DOUBLED}:
        return f"{RECONCILE} --repair"
    return "mvpbench annotate pull" if Difference.ANSWER_NOT_PULLED in kinds else None


def _all_projects(journal: Journal) -> list[Project]:
    """Return raters' and adjudicators' alike."""
    return [one for kind in (PROJECT, ADJUDICATION_PROJECT) for one in projects(journal, kind)]


def _compared(study: Study, studio: Studio, journal: Journal, say: Say) -> tuple[list[ProjectState], list[Finding]]:
    latest = {one.slot.id: one.key for one in _all_projects(journal)}
    users = {studio.owner_id(), *studio.users()}
    states, found = [], list(_strangers(studio, journal))
    for project in _all_projects(journal):
        on_server = studio.project(project.slot.project_id)
        known = said(study.root / FOLDER, project.key)
        sent = sent_data(journal, project.slot)
        tasks = answers = None
        if on_server is not None and project.marker in on_server.description:
            listing = _list(studio, project, say)
            tasks, answers = len(listing.tasks), len(listing.answers)
            found += _project(project, journal, config_hash(on_server.config))
            found += _tasks(project, listing, sent, landed_uids(journal, project.slot))
            found += _answers(project, listing, known)
            found += _accounts(project, listing, known, users)
        elif project.key in latest.values():  # another took the place of those before it
            if (other := another_server(studio, project.slot)) is not None:
                raise other
            found.append(_finding(project, Difference.PROJECT_GONE, project.key, f"number {project.slot.project_id}"))
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
            name, detail = str(one.id), f"{one.title}, {studio.url}/projects/{one.id}"
            yield Finding(difference=Difference.PROJECT_UNKNOWN, project=name, subject=name, detail=detail)
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
    answers: dict[Identity, tuple[datetime, int | None]] = {}
    for task, line in lines.items():
        data = json.loads(line)["task"]["data"]
        copies.setdefault(str(data.get("uid")), []).append(task)
        hashes[task] = data_hash(data)
        found = answers_of(line, Path(studio.url))[1]
        answers |= {one: (said.updated_at, said.completed_by) for one, said in found.items()}
    return _Listing(lines, copies, hashes, answers)


def _project(project: Project, journal: Journal, config: str) -> Iterator[Finding]:
    if sent_config(journal, project.slot) not in (None, config):
        yield _finding(project, Difference.CONFIG_CHANGED, project.key, state=config)
    for record in unfinished_batches(journal, project.slot):
        yield _finding(project, Difference.BATCH_UNFINISHED, record.key, f"{len(json.loads(record.payload))} tasks")


def _tasks(project: Project, listing: _Listing, sent: Mapping[str, str | None], landed: set[str]) -> Iterator[Finding]:
    for uid in sorted(landed - listing.copies.keys()):
        yield _finding(project, Difference.TASK_MISSING, uid)
    for uid, ids in sorted(listing.copies.items()):
        if uid not in sent:
            yield _finding(project, Difference.TASK_FOREIGN, uid, _named(ids), _state(listing, ids))
            continue
        if len(ids) > 1:
            yield _finding(project, Difference.TASK_DOUBLED, uid, _named(ids), _named(ids))
        if changed := [task for task in ids if sent[uid] not in (None, listing.hashes[task])]:
            yield _finding(project, Difference.TASK_CHANGED, uid, _named(changed), _state(listing, changed))


def _answers(project: Project, listing: _Listing, known: Iterable[Said]) -> Iterator[Finding]:
    pulled = _by_identity(known)
    for identity, (updated, _) in sorted(listing.answers.items()):
        uid, number, _ = identity
        kept = pulled.get(identity)
        if kept is None or kept.gone or kept.annotation.updated_at < updated:
            yield _finding(project, Difference.ANSWER_NOT_PULLED, f"annotation {number}", uid)
        elif kept.annotation.updated_at > updated:
            state = f"{updated.isoformat()} {kept.annotation.updated_at.isoformat()}"
            yield _finding(project, Difference.ANSWER_EARLIER, f"annotation {number}", uid, state)
    for identity in sorted(pulled.keys() - listing.answers.keys()):
        uid, number, created = identity
        if not pulled[identity].let_go:
            yield _finding(project, Difference.ANSWER_GONE, f"annotation {number}", uid, created)


def _accounts(project: Project, listing: _Listing, known: Iterable[Said], users: set[int]) -> Iterator[Finding]:
    """Yield those that are gone, one by one; of what they answered the server may say that it is nobody's."""
    pulled = _by_identity(known)
    gone: Counter[tuple[str, str]] = Counter()
    for identity, (_, user) in listing.answers.items():
        if user in users:
            continue
        kept = pulled[identity].annotation if identity in pulled else None
        number = user if user is not None or kept is None else kept.completed_by
        joined = kept.joined.isoformat() if kept is not None and kept.joined is not None else ""
        gone[f"account {number or 'unknown'}", joined] += 1
    for (subject, joined), count in sorted(gone.items()):
        yield _finding(project, Difference.ACCOUNT_GONE, subject, f"{count} answers", joined)


def _by_identity(known: Iterable[Said]) -> dict[Identity, Said]:
    return {(one.uid, one.annotation.id, one.annotation.created_at.isoformat()): one for one in known}


def _repair(study: Study, studio: Studio, journal: Journal, say: Say, pause: Pause) -> None:
    for project in _all_projects(journal):
        if not studio.has_project(project.slot.project_id, project.marker):
            continue
        finish_batches(studio, journal, project.slot, pause)
        each_once(studio, project.slot, sent_data(journal, project.slot), say)
        fetch(studio, study.root / FOLDER, project.key, project.slot.project_id, say, ask=Ask.WHOLE)


def _finding(project: Project, difference: Difference, subject: str, detail: str = "", state: str = "") -> Finding:
    return Finding(difference=difference, project=project.key, subject=subject, detail=detail, state=state)


def _named(tasks: list[int]) -> str:
    return "task " + ", ".join(map(str, tasks))


def _state(listing: _Listing, tasks: Iterable[int]) -> str:
    return " ".join(listing.hashes[task] for task in tasks)
