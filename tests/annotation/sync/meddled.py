"""What people do to a server behind our back, and what is asked of a study then."""

from collections.abc import Callable, Iterable

import pytest

from annotation.fake.server import FakeStudio
from annotation.simulated import result_of
from annotation.studio import Studio
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from schemas.annotation import Annotation, Slot
from schemas.reconcile import Finding
from tests.annotation.pushed import rater

Meddle = Callable[[Studio, int, list[int]], object]
"""(studio, project, ids of its tasks, of which the first is answered) -> nothing that matters."""


def tasks(studio: Studio, slot: Slot) -> list[int]:
    return [one["id"] for one in studio.tasks(slot.project_id)]


def raw(studio: Studio, method: str, path: str, body: object = None) -> None:
    reply = studio._http.request(
        method, f"{studio.url}{path}", json=body, headers={"Authorization": f"Token {studio.token}"}
    )
    assert reply.is_success


def changed(studio: Studio, _project: int, ids: list[int]) -> None:
    data = next(one["data"] for one in studio.tasks(_project) if one["id"] == ids[0])
    raw(studio, "PATCH", f"/api/tasks/{ids[0]}/", {"data": data | {"question": "what somebody made of it"}})


def doubled(studio: Studio, project: int, ids: list[int]) -> None:
    studio.import_tasks(project, [one["data"] for one in studio.tasks(project) if one["id"] == ids[1]])


def foreign(studio: Studio, project: int, _ids: list[int]) -> None:
    data = next(studio.tasks(project))["data"]
    studio.import_tasks(project, [data | {"uid": "t-somebody's"}])


def reconfigured(studio: Studio, project: int, _ids: list[int]) -> None:
    raw(studio, "PATCH", f"/api/projects/{project}/", {"label_config": "<View><Choices/></View>"})


def unmarked(studio: Studio, project: int, _ids: list[int]) -> None:
    raw(studio, "PATCH", f"/api/projects/{project}/", {"description": "ours now"})


def twin(studio: Studio, project: int, _ids: list[int]) -> None:
    found = studio.project(project)
    assert found is not None
    studio.create_project("A copy", found.description, found.config, "")


def answered(studio: Studio, _project: int, ids: list[int]) -> None:
    rater(studio, "two").annotate(ids[1], result_of("B", "sure"), 2.0)


def edited(studio: Studio, project: int, _ids: list[int]) -> None:
    raw(studio, "PATCH", f"/api/annotations/{answer(studio, project)}/", {"result": result_of("B", "sure")})


def unanswered(studio: Studio, project: int, _ids: list[int]) -> None:
    raw(studio, "DELETE", f"/api/annotations/{answer(studio, project)}/")


def anonymous(studio: Studio, project: int, _ids: list[int]) -> None:
    raw(studio, "PATCH", f"/api/annotations/{answer(studio, project)}/", {"completed_by": 99})


def left(studio: Studio, project: int, _ids: list[int]) -> None:
    who = next(one["completed_by"] for task in studio.tasks(project) for one in task["annotations"])
    raw(studio, "DELETE", f"/api/users/{who}/")


def answer(studio: Studio, project: int) -> int:
    return next(one["id"] for task in studio.tasks(project) for one in task["annotations"])


def kinds(findings: Iterable[Finding]) -> list[str]:
    return sorted(one.difference.value for one in findings)


def votes(study: Study) -> dict[str, str]:
    return {one.uid: one.vote for one in read_table(study.tables, "annotations", Annotation)}


def named(study: Study, fake: FakeStudio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the study's commands find the fake server."""
    text = (study.root / "study.yaml").read_text(encoding="utf-8")
    text = text.replace("annotate: {", f"annotate: {{url: '{fake.url}', ")
    (study.root / "study.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", fake.token)
