"""`annotate reconcile`: compares what the journal says was sent, what is kept, and what the server holds, task by task.

Everything is listed whole and nothing is taken on trust, so it finds what a push or a pull may overlook: a deleted task
beside a doubled one, texts that somebody edited, a server that was put back and went on to the same counts.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from annotation.projects import (
    ANNOTATOR,
    MADE_BY,
    Project,
    projects,
    projects_there,
    server_name,
)
from annotation.server.state import FOLDER
from annotation.studio import Studio
from annotation.sync.accepted import Acceptance, with_reasons
from annotation.sync.accepted import accept as accept_differences
from annotation.sync.compared import Here, Pulled, absent, differences, listing_of
from annotation.sync.fetch import Ask, asked_since, fetch
from annotation.sync.kept import said
from annotation.sync.send import Pause, Say, doubt, each_once, finish_batches, sent_data
from annotation.sync.told import in_words, undecided
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study, locked
from mvpbench.store.tables import has_table, read_table
from schemas.annotation import Assignment
from schemas.reconcile import Difference, Finding, ProjectState, ReconcileResult
from schemas.results import Outcome

RECONCILE = "mvpbench annotate reconcile"
PULL = "mvpbench annotate pull"
BROUGHT = (Difference.ANSWER_NOT_PULLED, Difference.ANSWER_OVERLOOKED)
"""What a repair pulls and leaves to a pull to put into tables."""


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
    Missing tasks are left to `push`; that they are is noted, or it would believe the journal. What is left of the kinds
    of `accept` is written down as what may stay, as it is now. Raises ServiceError where the server fails, StudyError
    `export-misfit`, and `table-outdated` and its like of the assignments.
    """
    with locked(study), Journal(study.journal) as journal:
        states, found = _compared(study, studio, journal, say)
        before = Counter(one.difference for one in found)
        if repair and found:
            _repair(study, studio, journal, say, pause)
            states, found = _compared(study, studio, journal, say)
        _doubt_missing(journal, found)
        after = Counter(one.difference for one in found)
        told = [] if accept is None else accept_differences(journal, found, accept)
        found = with_reasons(journal, found)
        brought = any(before[kind] > after[kind] for kind in BROUGHT)
        next_step = _next_step(journal, undecided(found), repair) or (PULL if brought else None)
        elsewhere = {one.project for one in found if one.difference is Difference.PROJECT_ELSEWHERE}
        here = [one for one in _all_projects(journal) if one.key not in elsewhere]
        places = {one.key: f"{studio.url}/projects/{one.slot.project_id}" for one in here}
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
        summary=(*told, *in_words(found, places)),
        next_step=next_step,
    )


def _doubt_missing(journal: Journal, found: Iterable[Finding]) -> None:
    missing: dict[str, list[str]] = {}
    for one in found:
        if one.difference is Difference.TASK_MISSING:
            missing.setdefault(one.project, []).append(one.subject)
    for project in _all_projects(journal):
        if project.key in missing:
            doubt(journal, project.slot, missing[project.key])


def _next_step(journal: Journal, found: Sequence[Finding], repaired: bool) -> str | None:
    """Return the command that sends what the projects lack, raters' first, else what mends or brings the rest."""
    lacking = {one.project for one in found if one.difference is Difference.TASK_MISSING}
    for kind, command in MADE_BY.items():
        if lacking & {one.key for one in projects(journal, kind)}:
            return command
    kinds = {one.difference for one in found}
    if not repaired and kinds & {Difference.BATCH_UNFINISHED, Difference.TASK_DOUBLED, Difference.ANSWER_OVERLOOKED}:
        return f"{RECONCILE} --repair"
    return PULL if Difference.ANSWER_NOT_PULLED in kinds else None


def _all_projects(journal: Journal) -> list[Project]:
    """Return raters' and adjudicators' alike."""
    return [one for kind in MADE_BY for one in projects(journal, kind)]


def _compared(study: Study, studio: Studio, journal: Journal, say: Say) -> tuple[list[ProjectState], list[Finding]]:
    made, folder = _all_projects(journal), study.root / FOLDER
    latest = {one.slot.id: one for one in made}
    gone = _gone_accounts(studio, journal)
    here = _here(study, studio, journal, latest.values(), gone)
    states, found = [], [*_strangers(studio, journal, made), *_simulated(gone, latest, here)]
    for project in made:
        on_server = studio.project(project.slot.project_id)
        pulled = Pulled(said(folder, project.key), asked_since(folder, project.key))
        listing = None
        if on_server is not None and project.marker in on_server.description:
            listing = listing_of(studio, on_server)
            say(f"{project.key}: {len(listing.hashes)} tasks listed")
            found += differences(project, journal, listing, pulled, here)
        elif project.key in here.latest:  # another took the place of those before it
            found.append(absent(project, here))
        states.append(
            ProjectState(
                project=project.key,
                project_id=project.slot.project_id,
                tasks=None if listing is None else len(listing.hashes),
                sent=len(sent_data(journal, project.slot)),
                annotations=None if listing is None else len(listing.answers),
                pulled=len(pulled.known),
            )
        )
    return states, found


def _here(
    study: Study, studio: Studio, journal: Journal, latest: Iterable[Project], gone: Mapping[str, Sequence[str]]
) -> Here:
    """`gone`: address -> keys of its records, as `_gone_accounts` says."""
    sample = None
    if has_table(study.tables, "assignments"):
        sample = frozenset(one.uid for one in read_table(study.tables, "assignments", Assignment))
    return Here(
        server=studio.server_id(),
        latest=frozenset(one.key for one in latest),
        sample=sample,
        users=frozenset({studio.owner_id(), *studio.users()}),
        told=frozenset(key.partition("/")[0] for keys in gone.values() for key in keys),
        study=server_name(journal),
    )


def _gone_accounts(studio: Studio, journal: Journal) -> dict[str, list[str]]:
    """Return the accounts that we made and the server has not, address -> `<annotator id>/<slot>` of its records."""
    there, gone = set(studio.accounts()), dict[str, list[str]]()
    for record in journal.writes(ANNOTATOR):
        if record.payload not in there:
            gone.setdefault(record.payload, []).append(record.key)
    return gone


def _simulated(gone: Mapping[str, Sequence[str]], latest: Mapping[str, Project], here: Here) -> Iterator[Finding]:
    """Yield a finding for each address; of those on another server its projects are told."""
    for address, keys in gone.items():
        slots = [key.partition("/")[2] for key in keys]
        if any(slot not in latest or latest[slot].slot.server == here.server for slot in slots):
            yield Finding(
                difference=Difference.ACCOUNT_GONE,
                project=slots[0],
                subject=f"account {address}",
                detail="simulated",
                state=" ".join(keys),
            )


def _strangers(studio: Studio, journal: Journal, made: Iterable[Project]) -> Iterator[Finding]:
    """Yield projects that bear our mark and are unknown to the journal."""
    known = {one.slot.project_id for one in made}
    for one in studio.projects():
        if f"[mvpbench {server_name(journal)} " in one.description and one.id not in known:
            name, detail = str(one.id), f"{one.title}, {studio.url}/projects/{one.id}"
            yield Finding(difference=Difference.PROJECT_UNKNOWN, project=name, subject=name, detail=detail)


def _repair(study: Study, studio: Studio, journal: Journal, say: Say, pause: Pause) -> None:
    for project in [one for kind in MADE_BY for one in projects_there(studio, journal, kind)]:
        finish_batches(studio, journal, project.slot, pause)
        each_once(studio, project.slot, sent_data(journal, project.slot), say)
        fetch(studio, study.root / FOLDER, {project.key: project.slot.project_id}, say, ask=Ask.WHOLE)
