"""`status`: every table of a study in the order of the flow, which are stale and why."""

from typing import Any

from builder.build import INSTANCES_STAGE, MATCHES_STAGE, QUESTIONS_STAGE
from builder.profile import STAGE as PROFILES_STAGE
from builder.run import stage_files
from builder.survey import RESPONDENTS_STAGE, SURVEYS_STAGE
from mvpbench.store.journal import Journal
from mvpbench.store.stage import Stage, why_stale
from mvpbench.store.study import Study
from mvpbench.store.tables import read_info, read_table
from schemas.results import Outcome, StatusResult, TableStatus
from schemas.survey import Survey

PIPELINE = (SURVEYS_STAGE, RESPONDENTS_STAGE, PROFILES_STAGE, MATCHES_STAGE, QUESTIONS_STAGE, INSTANCES_STAGE)


def study_status(study: Study) -> Outcome[StatusResult]:
    """Return the state of every table and what the journal says was spent."""
    tables = tuple(_table(study, stage) for stage in PIPELINE)
    with Journal(study.journal) as journal:
        spent = journal.spent()
    synthetic = read_table(study.tables, "surveys", Survey)[0].synthetic if tables[0].rows else None
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
        next_step=waiting.makes_with if waiting else None,
    )


def _table(study: Study, stage: Stage[Any]) -> TableStatus:
    info = read_info(study.tables, stage.table)
    return TableStatus(
        table=stage.table,
        rows=None if info is None else info.rows,
        stale=() if info is None else why_stale(study, stage, stage_files(study, stage.table)),
        makes_with=stage.makes_with,
    )


def _line(table: TableStatus) -> str:
    if table.rows is None:
        return f"{table.table:<12} not made yet: {table.makes_with}"
    return f"{table.table:<12} {table.rows:>8,} rows, {'stale: ' + '; '.join(table.stale) if table.stale else 'fresh'}"
