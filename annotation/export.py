"""What a Label Studio server tells of tasks and annotations, as far as we read it."""

from typing import Any

from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError

from schemas.errors import StudyError

LOOK_AT_PROJECT = "look at the project; was it changed by hand, or the server upgraded?"


class ExportedAnnotation(BaseModel):
    """What we read of one annotation in an export; the rest is the server's own."""

    id: int
    completed_by: int | None
    result: list[dict[str, Any]]
    was_cancelled: bool = False
    lead_time: float | None = None
    created_at: AwareDatetime
    updated_at: AwareDatetime
    shown: str | None = Field(default=None, exclude=True)
    """Hash of what the task showed when this was first pulled; the server knows it not, and anyone may edit tasks."""
    joined: AwareDatetime | None = Field(default=None, exclude=True)
    """When the account `completed_by` was made, as the server told when this was first pulled; None where it did not
    know the account any more, or was not asked (`annotation.accounts`)."""
    by_number: bool = Field(default=False, exclude=True)
    """Whether that was not asked, so that of its account the number alone is known."""


class ExportedTask(BaseModel):
    """One task of an export with its annotations."""

    id: int
    data: dict[str, Any]
    annotations: list[ExportedAnnotation]
    drafts: list[Any] = []
    """What raters began and have not sent, of all of them: elsewhere the server shows an account its own alone."""


def read_export(content: bytes, where: str, way_out: str = LOOK_AT_PROJECT) -> list[ExportedTask]:
    """Return the tasks of an export. StudyError `export-misfit` at `where` if it is none."""
    try:
        return TypeAdapter(list[ExportedTask]).validate_json(content)
    except ValidationError as exc:
        first = exc.errors()[0]
        raise StudyError(
            "export-misfit",
            "the export of the label studio project is not what its tasks were",
            where=f"{where}: {'.'.join(map(str, first['loc']))}",
            found=first["msg"],
            expected="a list of tasks with data and annotations, as label studio 1.23 writes it",
            way_out=way_out,
        ) from exc
