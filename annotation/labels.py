"""The table `labels`: whether people confirm, contest or cannot tell the expected answer of each instance."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from mvpbench.store.stage import Produced, Stage, run_stage
from mvpbench.store.study import Study, locked
from mvpbench.store.tables import read_table
from schemas.annotation import Annotation, AnnotatorKind, Label, LabelStatus, Vote
from schemas.questions import Dropped, Instance
from schemas.results import Nothing, Outcome

LABELS_VERSION = 1

STAGE = Stage(
    table="labels",
    record=Label,
    version=LABELS_VERSION,
    inputs=("instances", "annotations"),
    makes_with="mvpbench annotate pull",
)


def run_labels(study: Study) -> Outcome[Nothing]:
    """Bring the table `labels` up to the annotations; the second half of `annotate pull`."""
    with locked(study, "mvpbench annotate pull"):
        info = run_stage(
            study,
            STAGE,
            {},
            lambda: make_labels(
                read_table(study.tables, "instances", Instance), read_table(study.tables, "annotations", Annotation)
            ),
        )
    return Outcome(
        result=Nothing(), counts=info.counts, dropped=info.dropped, outputs=(f"tables/{info.table}.parquet",)
    )


def make_labels(instances: Sequence[Instance], annotations: Sequence[Annotation]) -> Produced[Label]:
    """Return one label an instance, and the annotations that belong to none (`unknown-instance`)."""
    rows = label_instances(instances, annotations)
    known = {one.id for one in instances}
    dropped = [
        Dropped(stage="labels", subject=one.id, reason="unknown-instance", detail=one.instance_id)
        for one in annotations
        if one.instance_id not in known
    ]
    statuses = Counter(row.status for row in rows)
    counts = {f"labels {status}": statuses[status] for status in LabelStatus}
    return Produced(rows=rows, dropped=dropped, counts=counts)


def label_instances(instances: Sequence[Instance], annotations: Sequence[Annotation]) -> list[Label]:
    """Return one label an instance, in the order given.

    Where a person voted, votes that are not by people do not count.
    """
    said: dict[str, list[Annotation]] = defaultdict(list)
    for annotation in annotations:
        said[annotation.instance_id].append(annotation)
    return [_label(instance, said[instance.id]) for instance in instances]


def _label(instance: Instance, annotations: Sequence[Annotation]) -> Label:
    """Confirmed or contested by more than half of the votes, of which `both` and `cannot_tell` are for neither."""
    human = [one for one in annotations if one.annotator_kind is AnnotatorKind.HUMAN]
    counted = human or annotations
    votes = Counter(one.vote for one in counted)
    total = votes.total()
    confirming = votes[instance.expected]
    contesting = total - confirming - votes[Vote.BOTH.value] - votes[Vote.CANNOT_TELL.value]
    tie = False
    if total == 0:
        status = LabelStatus.UNREVIEWED
    elif 2 * confirming > total:
        status = LabelStatus.CONFIRMED
    elif 2 * contesting > total:
        status = LabelStatus.CONTESTED
    else:
        status = LabelStatus.CANNOT_TELL
        tie = total in {2 * confirming, 2 * contesting} or confirming == contesting > 0
    return Label(
        instance_id=instance.id,
        status=status,
        votes=dict(sorted(votes.items())),
        tie=tie,
        kinds=tuple(sorted({one.annotator_kind for one in counted})),
    )
