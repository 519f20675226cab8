"""The second half of `annotate pull`: labels brought up to the annotations."""

from collections.abc import Mapping

from annotation.adjudication.decided import bring_adjudications
from annotation.declare import study_kinds
from annotation.labels.instance import make_labels
from annotation.labels.item import Before, label_questions, rulings_that_count
from mvpbench.store.journal import Journal
from mvpbench.store.stage import Outside, Produced, Stage, run_stage
from mvpbench.store.study import Study, locked
from mvpbench.store.tables import check_table, read_table
from schemas.annotation import Annotation, ItemAnnotation
from schemas.errors import StudyError
from schemas.labels import Adjudication, ItemLabel, Label
from schemas.questions import Instance, Question
from schemas.results import Nothing, Outcome

PULL = "mvpbench annotate pull"

STAGE = Stage(
    table="labels",
    record=Label,
    version=3,
    inputs=("questions", "instances", "annotations"),
    makes_with=PULL,
)
ITEM_STAGE = Stage(
    table="item_labels",
    record=ItemLabel,
    version=2,
    inputs=("questions", "instances", "item_annotations", "adjudications"),
    makes_with=PULL,
)


def run_labels(study: Study) -> Outcome[Nothing]:
    """Bring `adjudications`, `labels` and `item_labels` up to what was fetched."""
    with locked(study, PULL), Journal(study.journal) as journal:
        files = label_files(study)
        infos = (
            bring_adjudications(study, journal),
            run_stage(study, STAGE, files, lambda: _labels(study)),
            run_stage(study, ITEM_STAGE, files, lambda: _item_labels(study)),
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


def label_files(study: Study) -> Mapping[str, Outside]:
    """Return on what both tables depend beside others: whose answers count in the study."""
    return {"whose answers count": ", ".join(sorted(study_kinds(study)))}


def _labels(study: Study) -> Produced[Label]:
    answers = {
        one.id: (one.answers[0].id, one.answers[1].id) for one in read_table(study.tables, "questions", Question)
    }
    instances = read_table(study.tables, "instances", Instance)
    kinds = study_kinds(study)
    said = [one for one in read_table(study.tables, "annotations", Annotation) if one.annotator_kind in kinds]
    return make_labels(instances, said, answers)


def _item_labels(study: Study) -> Produced[ItemLabel]:
    kinds, rulings = study_kinds(study), read_table(study.tables, "adjudications", Adjudication)
    return label_questions(
        read_table(study.tables, "questions", Question),
        read_table(study.tables, "instances", Instance),
        [one for one in read_table(study.tables, "item_annotations", ItemAnnotation) if one.annotator_kind in kinds],
        rulings_that_count(rulings, kinds),
        _before(study),
    )


def _before(study: Study) -> Before:
    """The table as it is, so that countries without new votes are not modelled again; nothing where it is not whole."""
    try:
        info = check_table(study.tables, ITEM_STAGE.table)
        return Before(info.notes, read_table(study.tables, ITEM_STAGE.table, ItemLabel))
    except StudyError:
        return Before()
