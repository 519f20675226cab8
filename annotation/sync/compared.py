"""What differs between the journal, what was pulled, and what the server holds, of one project."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from annotation.projects import Project, annotator_id
from annotation.studio import OnServer, Studio
from annotation.sync.accepted import earlier_version
from annotation.sync.fetch import listed
from annotation.sync.kept import Identity, Said, answers_of
from annotation.sync.send import (
    RATERS,
    config_hash,
    data_hash,
    landed_uids,
    sent_config,
    sent_data,
    unfinished_batches,
)
from mvpbench.store.journal import Journal
from schemas.identity import content_id
from schemas.reconcile import Difference, Finding


class Here(NamedTuple):
    """What every project of a study is compared with."""

    server: str
    """The id of the one that is asked."""
    latest: frozenset[str]
    """Each slot's latest project."""
    sample: frozenset[str] | None
    """Uids that raters are to answer; None where it is to be drawn anew."""
    users: frozenset[int]
    """Accounts on the server."""
    told: frozenset[str]
    """Annotators whose account is gone, which is told already."""
    study: str
    """Its name on servers."""


class Pulled(NamedTuple):
    """What was pulled of a project."""

    known: Sequence[Said]
    since: datetime | None
    """After which moment a task must have changed for the next pull to ask for it; None: it asks for all."""


class Answer(NamedTuple):
    """An answer on the server."""

    updated_at: datetime
    user: int | None
    """Of the account by which it is."""
    touched_at: datetime
    """When its task changed last, by which a pull asks."""


class Listing(NamedTuple):
    """What the server holds of a project."""

    config: str
    """As `config_hash`."""
    copies: Mapping[str, list[int]]
    """uid -> ids of its tasks."""
    hashes: Mapping[int, str]
    """Task id -> `data_hash`."""
    answers: Mapping[Identity, Answer]


def listing_of(studio: Studio, on_server: OnServer) -> Listing:
    """Return what the server holds of a project. Raises what `listed` raises."""
    copies: dict[str, list[int]] = {}
    hashes: dict[int, str] = {}
    answers: dict[Identity, Answer] = {}
    for task, line in listed(studio, on_server.id).items():
        told = json.loads(line)["task"]
        data, touched = told["data"], datetime.fromisoformat(told["updated_at"])
        copies.setdefault(str(data.get("uid")), []).append(task)
        hashes[task] = data_hash(data)
        found = answers_of(line, Path(studio.url))[1]
        answers |= {one: Answer(said.updated_at, said.completed_by, touched) for one, said in found.items()}
    return Listing(config_hash(on_server.config), copies, hashes, answers)


def differences(project: Project, journal: Journal, listing: Listing, pulled: Pulled, here: Here) -> Iterator[Finding]:
    """Yield what differs in a project that the server has."""
    yield from _project(project, journal, listing.config)
    yield from _missing(project, listing, landed_uids(journal, project.slot), here)
    yield from _tasks(project, listing, sent_data(journal, project.slot))
    yield from _answers(project, listing, pulled, here)
    yield from _accounts(project, listing, pulled, here)


def absent(project: Project, here: Here) -> Finding:
    """Return what is told of a project that is not there.

    Numbers begin anew on each server: what stands under this one may be anybody's.
    """
    number, server = f"number {project.slot.project_id}", project.slot.server
    if server == here.server:
        return _finding(project, Difference.PROJECT_GONE, project.key, number)
    detail = f"{number} on the server {server}; this one is {here.server}"
    return _finding(project, Difference.PROJECT_ELSEWHERE, project.key, detail)


def _project(project: Project, journal: Journal, config: str) -> Iterator[Finding]:
    if sent_config(journal, project.slot) not in (None, config):
        yield _finding(project, Difference.CONFIG_CHANGED, project.key, state=config)
    for record in unfinished_batches(journal, project.slot):
        yield _finding(project, Difference.BATCH_UNFINISHED, record.key, f"{len(json.loads(record.payload))} tasks")


def _missing(project: Project, listing: Listing, landed: set[str], here: Here) -> Iterator[Finding]:
    """Yield what is to be sent again: nobody needs tasks that left the sample, or that another project has now."""
    if project.key not in here.latest:
        return
    for uid in sorted(landed - listing.copies.keys()):
        if here.sample is None or not uid.startswith(RATERS) or uid in here.sample:
            yield _finding(project, Difference.TASK_MISSING, uid)


def _tasks(project: Project, listing: Listing, sent: Mapping[str, str | None]) -> Iterator[Finding]:
    for uid, ids in sorted(listing.copies.items()):
        if uid not in sent:
            yield _finding(project, Difference.TASK_FOREIGN, uid, _named(ids), _state(listing, ids))
            continue
        if len(ids) > 1:
            yield _finding(project, Difference.TASK_DOUBLED, uid, _named(ids), _named(ids))
        if changed := [task for task in ids if sent[uid] not in (None, listing.hashes[task])]:
            yield _finding(project, Difference.TASK_CHANGED, uid, _named(changed), _state(listing, changed))


def _answers(project: Project, listing: Listing, pulled: Pulled, here: Here) -> Iterator[Finding]:
    known, since = _by_identity(pulled.known), _asked_since(project, pulled.since, here)
    for identity, now in sorted(listing.answers.items()):
        uid, number, _ = identity
        before = known.get(identity)
        if before is None or before.gone or before.annotation.updated_at < now.updated_at:
            new = Difference.ANSWER_NOT_PULLED if now.touched_at > since else Difference.ANSWER_OVERLOOKED
            yield _finding(project, new, f"annotation {number}", uid)
        elif before.annotation.updated_at > now.updated_at:
            yield earlier_version(project.key, identity, now.updated_at, before.annotation.updated_at)
    for identity in sorted(known.keys() - listing.answers.keys()):
        uid, number, created = identity
        if not known[identity].let_go and known[identity].annotation.completed_by is not None:  # else it never counted
            yield _finding(project, Difference.ANSWER_GONE, f"annotation {number}", uid, created)


def _accounts(project: Project, listing: Listing, pulled: Pulled, here: Here) -> Iterator[Finding]:
    """Yield accounts that are gone, one by one, and answers of which nothing says whose they are.

    Where nobody knows when an account was made, another of its number may come: then what may be accepted is its
    answers as they are.
    """
    known = _by_identity(pulled.known)
    gone: dict[tuple[int, datetime | None], list[Identity]] = {}
    for identity, now in sorted(listing.answers.items()):
        if now.user in here.users:
            continue
        before = known[identity].annotation if identity in known else None
        user = before.completed_by if now.user is None and before is not None else now.user
        if user is None:
            uid, number, created = identity
            yield _finding(project, Difference.ANSWER_OF_NOBODY, f"annotation {number}", uid, created)
            continue
        joined = None if before is None else before.joined
        if annotator_id(here.study, project.slot.server, user, joined) not in here.told:
            gone.setdefault((user, joined), []).append(identity)
    for (user, joined), answers in gone.items():
        state = joined.isoformat() if joined is not None else content_id("answers", *map(str, answers))
        yield _finding(project, Difference.ACCOUNT_GONE, f"account {user}", f"{len(answers)} answers", state)


def _by_identity(known: Iterable[Said]) -> dict[Identity, Said]:
    return {(one.uid, one.annotation.id, one.annotation.created_at.isoformat()): one for one in known}


def _asked_since(project: Project, since: datetime | None, here: Here) -> datetime:
    """Return after which change of a task the next pull asks for it: of a project that is not the latest, never."""
    if project.key not in here.latest:
        return datetime.max.replace(tzinfo=UTC)
    return datetime.min.replace(tzinfo=UTC) if since is None else since


def _finding(project: Project, difference: Difference, subject: str, detail: str = "", state: str = "") -> Finding:
    return Finding(difference=difference, project=project.key, subject=subject, detail=detail, state=state)


def _named(tasks: list[int]) -> str:
    return "task " + ", ".join(map(str, tasks))


def _state(listing: Listing, tasks: Iterable[int]) -> str:
    return " ".join(listing.hashes[task] for task in tasks)
