"""The slots' projects on the server: made once each, found again by the journal, told from other studies' by a mark."""

import re
from secrets import token_hex

from annotation.interface import instruction, labelling_config, rater_texts
from annotation.studio import Studio
from mvpbench.store.journal import Journal, WriteRecord
from schemas.annotation import Annotator, AnnotatorKind, Slot
from schemas.errors import StudyError
from schemas.identity import content_id

PROJECT = "project"
"""Kind of journal write; keys are `<slot>/<n>`, n counting the projects that the slot has had."""

ANNOTATOR = "annotator"
"""Kind of journal write; keys are annotator ids, results `Annotator` records. Only those who are not human are here."""


def server_name(journal: Journal) -> str:
    """Return the study's own name for its server: random, made once; marks our projects and hides user ids."""
    known = journal.find_write("server", "name") or journal.begin_write("server", "name", token_hex(8))
    journal.finish_write("server", "name", known.payload)
    return known.payload


def annotator_id(journal: Journal, user_id: int) -> str:
    """Return the id under which an account of the server appears in tables."""
    return content_id("n", server_name(journal), user_id)


def annotators(journal: Journal) -> dict[str, AnnotatorKind]:
    """Return the kind of every annotator whose kind is on record; the others are human."""
    known = [Annotator.model_validate_json(one.result) for one in journal.writes(ANNOTATOR) if one.result]
    return {one.id: one.kind for one in known}


def open_project(studio: Studio, journal: Journal, slot: str, language: str, *, anew: bool) -> Slot:
    """Return the slot's project, made if it has none yet. StudyError `project-gone` unless `anew`."""
    record = _latest(journal, slot)
    if record and record.result:
        known = Slot.model_validate_json(record.result)
        if studio.has_project(known.project_id, record.payload):
            return known
        if not anew:
            raise _gone(studio, known, record.payload)
        record = None
    if record is None:
        number = sum(_slot_of(one) == slot for one in journal.writes(PROJECT)) + 1
        marker = f"[mvpbench {server_name(journal)} {slot}/{number}]"
        record = journal.begin_write(PROJECT, f"{slot}/{number}", marker)
    title = rater_texts(language).project_title.format(slot=slot)
    # Killed after the last creation, before its result was written down: the project is there.
    project_id = studio.find_project(record.payload) or studio.create_project(
        title, f"Made by mvpbench. Keep this mark: {record.payload}", labelling_config(language), instruction(language)
    )
    made = Slot(id=slot, project_id=project_id, project_title=title)
    journal.finish_write(PROJECT, record.key, made.model_dump_json())
    return made


def project_slots(studio: Studio, journal: Journal) -> list[Slot]:
    """Return the slots that have a project, all found on the server. StudyError `not-pushed` or `project-gone`."""
    slots = []
    for name in sorted({_slot_of(one) for one in journal.writes(PROJECT)}, key=_by_number):
        record = _latest(journal, name)
        if record and record.result:
            slot = Slot.model_validate_json(record.result)
            if not studio.has_project(slot.project_id, record.payload):
                raise _gone(studio, slot, record.payload)
            slots.append(slot)
    if not slots:
        raise StudyError(
            "not-pushed",
            "no task of this study was sent to raters yet",
            way_out="run `mvpbench annotate push` first",
        )
    return slots


def _latest(journal: Journal, slot: str) -> WriteRecord | None:
    mine = [one for one in journal.writes(PROJECT) if _slot_of(one) == slot]
    return max(mine, key=lambda one: int(one.key.rpartition("/")[2]), default=None)


def _slot_of(record: WriteRecord) -> str:
    return record.key.rpartition("/")[0]


def _by_number(slot: str) -> tuple[str, int]:
    name, number = re.fullmatch(r"(.*?)-?(\d*)", slot).groups()  # type: ignore[union-attr]
    return name, int(number or 0)


def _gone(studio: Studio, slot: Slot, marker: str) -> StudyError:
    return StudyError(
        "project-gone",
        f"the label studio project of slot {slot.id} is not there any more",
        where=f"{studio.url}/projects/{slot.project_id}",
        found="no project with this number, or one without our mark",
        expected=f"a description that holds {marker}",
        way_out="restore the mark or the server's backup (study/label-studio/data); if the answers in it may be lost,"
        " `mvpbench annotate push --anew` makes a new project and sends its tasks again",
    )
