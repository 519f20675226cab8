"""Made-up tables put into a study as if its commands had made them now: every one of them counts as fresh."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from annotation.adjudication.decided import STAGE as RULINGS
from annotation.adjudication.decided import adjudication_files
from annotation.labels import ITEM_STAGE as ITEM_LABELS
from annotation.labels import STAGE as LABELS
from annotation.labels import label_files
from annotation.pull import ITEMS_STAGE as ITEMS
from annotation.pull import STAGE as ANNOTATIONS
from annotation.push import STAGE as ASSIGNMENTS
from builder.run import PIPELINE, stage_files
from builder.survey import built_in_codebooks
from mvpbench.store.journal import Journal
from mvpbench.store.stage import Outside, Produced, Stage, run_stage
from mvpbench.store.study import Study
from mvpbench.store.tables import has_table, read_dropped, read_table
from schemas.questions import Dropped

STAGES: tuple[Stage[Any], ...] = (*PIPELINE, ASSIGNMENTS, ANNOTATIONS, ITEMS, RULINGS, LABELS, ITEM_LABELS)


def _decisions(study: Study) -> Mapping[str, Outside]:
    with Journal(study.journal) as journal:
        return adjudication_files(study, journal)


RATED: Mapping[str, Callable[[Study], Mapping[str, Outside]]] = {
    ANNOTATIONS.table: lambda _: {},
    ITEMS.table: lambda _: {},
    RULINGS.table: _decisions,
    LABELS.table: label_files,
    ITEM_LABELS.table: label_files,
}
AFTER_LABELS = (ITEMS.table, RULINGS.table, ITEM_LABELS.table)
"""Empty, where there are labels and no such rows are given: a pull writes them all."""

SURVEY_FILES = {
    "codebook.yaml": built_in_codebooks()["d3code"].read_text(encoding="utf-8"),
    "none.csv": "rater_id\n",
}
"""For `init_study`: what a study whose tables are made up has in place of a survey; `survey.file` is none.csv."""


def write_fresh(
    study: Study, tables: Mapping[str, Sequence[Any]], dropped: Mapping[str, Sequence[Dropped]] | None = None
) -> None:
    """Put in the rows of `tables`; every other table of the builder that is there is written again as it was."""
    if LABELS.table in tables:
        tables = dict.fromkeys(AFTER_LABELS, ()) | dict(tables)
    for stage in STAGES:
        name = stage.table
        if name in tables:
            made = Produced(tables[name], (dropped or {}).get(name, ()))
        elif stage in PIPELINE and has_table(study.tables, name):
            made = Produced(read_table(study.tables, name, stage.record), read_dropped(study.tables, name))
        else:
            continue
        files = RATED[name](study) if name in RATED else stage_files(study, name)
        (study.tables / f"{name}.json").unlink(missing_ok=True)  # or a table that is fresh would be left alone
        run_stage(study, stage, files, lambda made=made: made)  # type: ignore[misc]
