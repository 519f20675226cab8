"""The slots' projects on the server: made once each, found again by the journal, told from other studies' by a mark."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from secrets import token_hex
from typing import NamedTuple

from annotation.slots import place_of
from annotation.studio import Studio
from annotation.tasks.interface import instruction, labelling_config, project_title
from annotation.tasks.words import Words
from mvpbench.store.journal import Journal, WriteRecord
from schemas.annotation import Annotator, AnnotatorKind, Slot
from schemas.errors import StudyError
from schemas.identity import content_id

PROJECT = "project"
"""Kind of journal write; keys are `<slot>/<n>`, n counting the projects that the slot has had."""

ADJUDICATION_PROJECT = "adjudication-project"
"""The same of adjudicators' slots: they are no raters, so that nothing that looks for raters' work finds theirs."""

MADE_BY = {PROJECT: "mvpbench annotate push", ADJUDICATION_PROJECT: "mvpbench annotate adjudicate"}

ANNOTATOR = "annotator"
"""Kind of journal write; keys are `<annotator id>/<slot>`, results `Annotator` records, of those who are not human."""


class Project(NamedTuple):
    """A project that a slot has or had; `key` is its key in the journal."""

    key: str
    marker: str
    slot: Slot


def server_name(journal: Journal) -> str:
    """Return the study's name among those that share a server: random, made once; marks projects, hides user ids."""
    known = journal.find_write("server", "name") or journal.begin_write("server", "name", token_hex(8))
    journal.finish_write("server", "name", known.payload)
    return known.payload


def annotator_id(name: str, server: str, user_id: int, joined: datetime | None) -> str:
    """Return the id under which an account of `server` (`Slot.server`) appears in tables.

    `name` is the study's, `joined` when the account was made; None where that is not known (`annotation.accounts`).
    """
    if joined is None:
        return content_id("n", name, server, user_id)
    return content_id("n", name, server, user_id, joined.astimezone(UTC).isoformat(timespec="microseconds"))


def annotators(journal: Journal) -> dict[str, AnnotatorKind]:
    """Return the kind of every annotator whose kind is on record; the others are human."""
    known = [Annotator.model_validate_json(one.result) for one in journal.writes(ANNOTATOR) if one.result]
    return {one.id: one.kind for one in known}


class Page(NamedTuple):
    """What makes a project on the server."""

    title: str
    config: str
    instruction: str
    """HTML."""


def open_project(studio: Studio, journal: Journal, slot: str, words: Words, *, anew: bool) -> Slot:
    """Return the rater slot's project, made if it has none yet. Raises what `made_project` raises."""
    task, texts = place_of(slot).task, words.texts
    page = Page(project_title(task, texts, slot), labelling_config(task, texts), instruction(task, texts))
    return made_project(studio, journal, slot, page, PROJECT, anew=anew)


def made_project(studio: Studio, journal: Journal, slot: str, page: Page, kind: str, *, anew: bool) -> Slot:
    """Return the slot's project of a kind, made if it has none yet.

    StudyError `project-gone` or `another-server` unless `anew`.
    """
    record = _latest(journal, slot, kind)
    if record and record.result:
        known = Slot.model_validate_json(record.result)
        if studio.has_project(known.project_id, record.payload):
            return known
        if not anew:
            raise _gone(studio, known, record.payload, kind)
        record = None
    # Killed after a creation, before its result was written down: the project may be there.
    found = studio.find_project(record.payload) if record else None
    if record is None:
        number = sum(_slot_of(one) == slot for one in journal.writes(kind)) + 1
        marker = f"[mvpbench {server_name(journal)} {slot}/{number}]"
        record = journal.begin_write(kind, f"{slot}/{number}", marker)
    mark = f"Made by mvpbench. Keep this mark: {record.payload}"
    project_id = found or studio.create_project(page.title, mark, page.config, page.instruction)
    studio.drop_twins(project_id)
    made = Slot(id=slot, project_id=project_id, project_title=page.title, server=studio.server_id())
    journal.finish_write(kind, record.key, made.model_dump_json())
    return made


def projects(journal: Journal, kind: str = PROJECT) -> list[Project]:
    """Return every project that any slot ever had, by slot, the earlier first."""
    made = [
        Project(record.key, record.payload, Slot.model_validate_json(record.result))
        for record in journal.writes(kind)
        if record.result
    ]
    return sorted(made, key=lambda one: (_by_number(one.slot.id), _number(one.key)))


def projects_there(studio: Studio, journal: Journal, kind: str = PROJECT) -> list[Project]:
    """Return every project that any slot ever had and that is on the server with its mark."""
    return _there(studio, projects(journal, kind))


def current_projects(studio: Studio, journal: Journal) -> list[Project]:
    """Return each slot's latest project, all found on the server.

    StudyError `not-pushed`, `project-gone` or `another-server`.
    """
    latest = list({one.slot.id: one for one in projects(journal)}.values())
    if not latest:
        raise StudyError(
            "not-pushed",
            "no task of this study was sent to raters yet",
            way_out="run `mvpbench annotate push` first",
        )
    there = _there(studio, latest)
    for one in latest:
        if one not in there:
            raise _gone(studio, one.slot, one.marker, PROJECT)
    return latest


def _there(studio: Studio, made: Iterable[Project]) -> list[Project]:
    made = list(made)
    found = studio.numbered(one.slot.project_id for one in made)
    return [one for one in made if (known := found.get(one.slot.project_id)) and one.marker in known.description]


def _latest(journal: Journal, slot: str, kind: str) -> WriteRecord | None:
    mine = [one for one in journal.writes(kind) if _slot_of(one) == slot]
    return max(mine, key=lambda one: _number(one.key), default=None)


def _slot_of(record: WriteRecord) -> str:
    return record.key.rpartition("/")[0]


def _number(key: str) -> int:
    return int(key.rpartition("/")[2])


def _by_number(slot: str) -> tuple[str, int]:
    name, number = re.fullmatch(r"(.*?)-?(\d*)", slot).groups()  # type: ignore[union-attr]
    return name, int(number or 0)


def _another_server(studio: Studio, slot: Slot, kind: str) -> StudyError | None:
    """Return the error of looking for a slot's project on a server that never had it; None where it is the right one.

    Numbers begin anew on each: what stands there under the project's number is somebody else's.
    """
    here = studio.server_id()
    if here == slot.server:
        return None
    return StudyError(
        "another-server",
        f"the project of slot {slot.id} was made on another label studio server than this one",
        where=studio.url,
        found=f"the server {here}",
        expected=f"the server {slot.server}, where the tasks were sent",
        way_out="name that server in `annotate.url` of study.yaml, or leave it out for the one of `mvpbench annotate"
        " serve` (whose data are in label-studio/data; put them back if they were replaced); if that server is lost for"
        f" good, `{MADE_BY[kind]} --anew` makes projects on this one and sends the tasks again: answers pulled before"
        " stay, others are lost",
    )


def _gone(studio: Studio, slot: Slot, marker: str, kind: str) -> StudyError:
    return _another_server(studio, slot, kind) or StudyError(
        "project-gone",
        f"the label studio project of slot {slot.id} is not there any more",
        where=f"{studio.url}/projects/{slot.project_id}",
        found="no project with this number, or one without our mark",
        expected=f"a description that holds {marker}",
        way_out="restore the mark or the server's backup (study/label-studio/data); if that cannot be,"
        f" `{MADE_BY[kind]} --anew` makes a new project and sends its tasks again: answers pulled before stay,"
        " others are lost",
    )
