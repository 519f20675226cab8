"""What a release is made from: the study's tables and reports, read once and found to belong together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from annotation.adjudication.decided import STAGE as RULINGS_STAGE
from annotation.adjudication.decided import adjudication_files
from annotation.agreement import agree_study
from annotation.declare import study_kinds
from annotation.labels import ITEM_STAGE as ITEM_LABELS_STAGE
from annotation.labels import STAGE as LABELS_STAGE
from annotation.labels import label_files, rulings_that_count
from annotation.pull import ITEMS_STAGE, export_files
from annotation.pull import STAGE as ANNOTATIONS_STAGE
from builder.run import require_fresh_until
from mvpbench.store.atomic import disk_errors
from mvpbench.store.journal import Journal
from mvpbench.store.stage import require_fresh
from mvpbench.store.study import Study
from mvpbench.store.tables import TableInfo, read_table, require_info
from schemas.agreement import AgreementReport
from schemas.annotation import Annotation, ItemAnnotation
from schemas.errors import InputError, StudyError
from schemas.labels import Adjudication, ItemLabel, Label
from schemas.questions import Instance, Question
from schemas.record import Record
from schemas.results import AUDIT_REPORT, AuditResult
from schemas.survey import Respondent, Survey
from schemas.values import ValueProfile

R = TypeVar("R", bound=Record)

BUILT = ("surveys", "respondents", "profiles", "matches", "questions", "instances")
RATED = ("annotations", "item_annotations", "adjudications", "labels", "item_labels")
"""Not there before the annotation; then all."""


@dataclass(frozen=True)
class Sources:
    """Everything that goes into a release."""

    survey: Survey
    respondents: Sequence[Respondent]
    profiles: Sequence[ValueProfile]
    questions: Sequence[Question]
    instances: Sequence[Instance]
    annotations: Sequence[Annotation]
    item_annotations: Sequence[ItemAnnotation]
    labels: Sequence[Label]
    item_labels: Sequence[ItemLabel]
    adjudications: Sequence[Adjudication]
    """Those that count."""
    tables: Mapping[str, TableInfo]
    """The sidecar of every table that is there."""
    audit: AuditResult | None
    agreement: AgreementReport | None


def read_sources(study: Study) -> Sources:
    """Return the study's tables, and how far its raters agree; annotations and the audit may be missing.

    Raises:
        StudyError: `table-missing` and its like for a table of the builder; `table-stale` where one is not what its
            command would make now: from the tables, codebook, study.yaml and files of today.
        ConfigError: the codebook cannot be read.
        InputError: `report-unreadable`.
    """
    require_fresh_until(study, "instances")
    tables = {name: require_info(study.tables, name) for name in BUILT}
    if _made(study, "annotations"):
        _require_rated(study)
        tables |= {name: require_info(study.tables, name) for name in RATED}
    rated = set(tables).intersection(RATED)
    rulings = read_table(study.tables, "adjudications", Adjudication) if rated else []
    return Sources(
        survey=read_table(study.tables, "surveys", Survey)[0],
        respondents=read_table(study.tables, "respondents", Respondent),
        profiles=read_table(study.tables, "profiles", ValueProfile),
        questions=read_table(study.tables, "questions", Question),
        instances=read_table(study.tables, "instances", Instance),
        annotations=read_table(study.tables, "annotations", Annotation) if rated else [],
        item_annotations=read_table(study.tables, "item_annotations", ItemAnnotation) if rated else [],
        labels=read_table(study.tables, "labels", Label) if rated else [],
        item_labels=read_table(study.tables, "item_labels", ItemLabel) if rated else [],
        adjudications=rulings_that_count(rulings, study_kinds(study)) if rated else [],
        tables=tables,
        audit=_report(study.reports / AUDIT_REPORT, AuditResult, "mvpbench audit"),
        agreement=agree_study(study).result if rated else None,
    )


def _require_rated(study: Study) -> None:
    with Journal(study.journal) as journal:
        exports, decisions = export_files(study, journal), adjudication_files(study, journal)
    require_fresh(study, ANNOTATIONS_STAGE, exports)
    require_fresh(study, ITEMS_STAGE, exports)
    require_fresh(study, RULINGS_STAGE, decisions)
    require_fresh(study, LABELS_STAGE, label_files(study))
    require_fresh(study, ITEM_LABELS_STAGE, label_files(study))


def _made(study: Study, name: str) -> bool:
    """Return whether the table was begun; one that was interrupted must not pass for one that is not there."""
    try:
        require_info(study.tables, name)
    except StudyError as error:
        return error.report.code != "table-missing"
    return True


def _report(path: Path, record: type[R], command: str) -> R | None:
    if not path.is_file():
        return None
    with disk_errors(path):
        text = path.read_bytes()
    try:
        return record.model_validate_json(text)
    except ValidationError as exc:
        raise InputError(
            "report-unreadable",
            str(path),
            found=f"{exc.error_count()} fields that do not fit, first {exc.errors()[0]['loc']}",
            expected=f"what `{command}` writes",
            way_out=f"run `{command}` again",
        ) from exc
