"""`status`: every table of a study in the order of the flow, which are stale and why, and what was dropped."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from annotation.adjudication.decided import STAGE as ADJUDICATIONS_STAGE
from annotation.adjudication.decided import adjudication_files
from annotation.labels import ITEM_STAGE as ITEM_LABELS_STAGE
from annotation.labels import STAGE as LABELS_STAGE
from annotation.labels import label_files
from annotation.pull import STAGES as PULLED
from annotation.pull import export_files
from annotation.push import STAGE as ASSIGNMENTS_STAGE
from annotation.quality import STAGE as QUALITY_STAGE
from annotation.quality import quality_files
from annotation.sample.read import plain_files
from builder.build import INSTANCES_STAGE, MATCHES_STAGE, QUESTIONS_STAGE
from builder.profiles.profile import STAGE as PROFILES_STAGE
from builder.run import stage_files
from builder.survey import RESPONDENTS_STAGE, SURVEYS_STAGE
from mvpbench.store.journal import Journal
from mvpbench.store.stage import Outside, Stage, why_stale
from mvpbench.store.study import Study
from mvpbench.store.tables import read_dropped, read_info, read_table
from schemas.errors import ConfigError, StudyError, UserError
from schemas.questions import Dropped
from schemas.results import AUDIT_REPORT, DroppedResult, Outcome, StatusResult, TableStatus
from schemas.survey import Survey

PIPELINE: tuple[Stage[Any], ...] = (
    *(SURVEYS_STAGE, RESPONDENTS_STAGE, PROFILES_STAGE, MATCHES_STAGE, QUESTIONS_STAGE, INSTANCES_STAGE),
    *(ASSIGNMENTS_STAGE, *PULLED, ADJUDICATIONS_STAGE, LABELS_STAGE, ITEM_LABELS_STAGE, QUALITY_STAGE),
)


def study_status(study: Study) -> Outcome[StatusResult]:
    """Return the state of every table and what the journal says was spent. Nothing is written.

    A table that cannot be read, or whose files from outside cannot, is stale for that reason.

    Raises:
        InputError, StudyError: as `view_journal`.
    """
    with Journal(study.journal, view=True) as journal:
        spent = journal.spent()
        tables = tuple(_table(study, journal, stage) for stage in PIPELINE)
    synthetic = _synthetic(study)
    waiting = next((table for table in tables if table.rows is None or table.stale), None)
    return Outcome(
        result=StatusResult(
            study=study.config.name, synthetic=synthetic, tables=tables, model_calls=spent.calls, usd=spent.usd
        ),
        counts={table.table: table.rows for table in tables if table.rows is not None},
        summary=(
            *(("SYNTHETIC people",) if synthetic else ()),
            *(_line(table) for table in tables),
            f"model calls {spent.calls:,}, {spent.usd:.2f} USD",
        ),
        next_step=_next_step(study, waiting),
    )


def _next_step(study: Study, waiting: TableStatus | None) -> str | None:
    """The command that makes what is missing; before anything is sent to raters, an audit."""
    if waiting is None:
        return None
    unaudited = waiting.table == ASSIGNMENTS_STAGE.table and not (study.reports / AUDIT_REPORT).is_file()
    return "mvpbench audit" if unaudited else waiting.makes_with


def dropped_rows(study: Study, table: str) -> Outcome[DroppedResult]:
    """Return what did not reach a table of the study, in the order in which it was dropped.

    Raises:
        ConfigError: `table-unknown`.
        StudyError: `table-missing` or `table-interrupted`.
    """
    known = [stage.table for stage in PIPELINE]
    if table not in known:
        expected = f"one of {', '.join(known)}"
        raise ConfigError("table-unknown", "--dropped", found=repr(table), expected=expected)
    rows = read_dropped(study.tables, table)
    return Outcome(
        result=DroppedResult(table=table, rows=tuple(rows)),
        dropped=dict(sorted(Counter(row.reason for row in rows).items())),
        summary=tuple(_in_a_line(row) for row in rows) or (f"nothing was dropped on the way to {table}",),
    )


def _in_a_line(row: Dropped) -> str:
    said = f"{row.reason:<24} {row.subject}"
    return said + (f" ({row.where})" if row.where else "") + (f": {row.detail}" if row.detail else "")


def _synthetic(study: Study) -> bool | None:
    """Whether its people are made up; None where no table can tell, which its line says."""
    try:
        surveys = read_table(study.tables, "surveys", Survey)
    except StudyError:
        return None
    return any(survey.synthetic for survey in surveys) if surveys else None


def _table(study: Study, journal: Journal, stage: Stage[Any]) -> TableStatus:
    info = read_info(study.tables, stage.table)
    return TableStatus(
        table=stage.table,
        rows=None if info is None else info.rows,
        stale=() if info is None else _why_stale(study, journal, stage),
        makes_with=stage.makes_with,
    )


def _why_stale(study: Study, journal: Journal, stage: Stage[Any]) -> tuple[str, ...]:
    try:
        return why_stale(study, stage, _files(study, journal, stage.table))
    except UserError as error:  # the codebook or the survey file is gone or cannot be read
        return (str(error),)


def _files(study: Study, journal: Journal, table: str) -> Mapping[str, Outside]:
    match table:
        case "annotations" | "item_annotations" | "check_annotations":
            return export_files(study, journal)
        case "assignments":
            return plain_files(study)
        case "adjudications":
            return adjudication_files(study, journal)
        case "labels" | "item_labels":
            return label_files(study)
        case "rater_quality":
            return quality_files(study)
        case _:
            return stage_files(study, table)


def _line(table: TableStatus) -> str:
    if table.rows is None:
        return f"{table.table:<17} not made yet: {table.makes_with}"
    return f"{table.table:<17} {table.rows:>8,} rows, {'stale: ' + '; '.join(table.stale) if table.stale else 'fresh'}"
