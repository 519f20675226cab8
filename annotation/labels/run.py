"""The second half of `annotate pull`: labels brought up to the annotations."""

from collections.abc import Mapping

from annotation.labels.instance import make_labels
from annotation.labels.item import label_questions
from mvpbench.store.stage import Outside, Stage, run_stage
from mvpbench.store.study import Study, locked
from mvpbench.store.tables import has_table, read_table, require_info
from schemas.annotation import Annotation, ItemAnnotation
from schemas.labels import Adjudication, ItemLabel, Label
from schemas.questions import Instance, Question
from schemas.results import Nothing, Outcome

PULL = "mvpbench annotate pull"
ADJUDICATIONS = "adjudications"

STAGE = Stage(
    table="labels",
    record=Label,
    version=2,
    inputs=("questions", "instances", "annotations"),
    makes_with=PULL,
)
ITEM_STAGE = Stage(
    table="item_labels",
    record=ItemLabel,
    version=1,
    inputs=("questions", "instances", "item_annotations"),
    makes_with=PULL,
)


def run_labels(study: Study) -> Outcome[Nothing]:
    """Bring the tables `labels` and `item_labels` up to the annotations and adjudications that are there."""
    with locked(study, PULL):
        questions = read_table(study.tables, "questions", Question)
        instances = read_table(study.tables, "instances", Instance)
        answers = {one.id: (one.answers[0].id, one.answers[1].id) for one in questions}
        infos = (
            run_stage(
                study,
                STAGE,
                {},
                lambda: make_labels(instances, read_table(study.tables, "annotations", Annotation), answers),
            ),
            run_stage(
                study,
                ITEM_STAGE,
                item_label_files(study),
                lambda: label_questions(
                    questions,
                    instances,
                    read_table(study.tables, "item_annotations", ItemAnnotation),
                    _adjudications(study),
                ),
            ),
        )
    dropped: dict[str, int] = {}
    for info in infos:
        for reason, count in info.dropped.items():
            dropped[reason] = dropped.get(reason, 0) + count
    return Outcome(
        result=Nothing(),
        counts={name: count for info in infos for name, count in info.counts.items()},
        dropped=dropped,
        outputs=tuple(f"tables/{info.table}.parquet" for info in infos),
    )


def item_label_files(study: Study) -> Mapping[str, Outside]:
    """Return on what `item_labels` depends beside the tables that every annotated study has: adjudications, if any."""
    if not has_table(study.tables, ADJUDICATIONS):
        return {}
    return {f"table {ADJUDICATIONS}": require_info(study.tables, ADJUDICATIONS).content_sha256}


def _adjudications(study: Study) -> list[Adjudication]:
    return read_table(study.tables, ADJUDICATIONS, Adjudication) if has_table(study.tables, ADJUDICATIONS) else []
