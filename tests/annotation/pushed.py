"""What tests on a real server ask of a pushed study."""

from annotation.export import ExportedTask
from annotation.projects import current_projects
from annotation.studio import Studio
from annotation.web import Session
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from schemas.annotation import Assignment

PAIRS = 6
"""Of the fixture `study`."""


def quiet(_: str) -> None:
    """Take progress and tell nobody."""


def no_pause(_: float) -> None:
    """Ask again at once."""


def exported(studio: Studio, project: int) -> list[ExportedTask]:
    """Return every task of the project with its annotations."""
    return [ExportedTask.model_validate(one) for one in studio.exported(project)]


def uids_on_server(study: Study, studio: Studio) -> dict[str, list[str]]:
    with Journal(study.journal) as journal:
        slots = [one.slot for one in current_projects(studio, journal)]
    return {slot.id: sorted(task.data["uid"] for task in exported(studio, slot.project_id)) for slot in slots}


def current_project(study: Study, studio: Studio, slot: str) -> int:
    with Journal(study.journal) as journal:
        return {one.slot.id: one.slot.project_id for one in current_projects(studio, journal)}[slot]


def uids_assigned(study: Study) -> dict[str, list[str]]:
    assigned = read_table(study.tables, "assignments", Assignment)
    return {
        slot: sorted(one.uid for one in assigned if one.slot == slot) for slot in sorted({a.slot for a in assigned})
    }


def rater(studio: Studio, name: str) -> Session:
    session = Session(studio.url)
    session.sign_up(studio.invite_link(), f"{name}@people.invalid", "a long password of ours")
    return session
