"""Whether people confirm, contest or cannot tell the expected answer of each instance, in the person task."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from annotation.labels.votes import kinds, soft_label
from mvpbench.store.stage import Produced
from schemas.annotation import Annotation, Vote
from schemas.labels import Label, LabelStatus
from schemas.questions import Dropped, Instance

Answers = Mapping[str, tuple[str, str]]
"""Question -> ids of its answers."""


def make_labels(instances: Sequence[Instance], annotations: Sequence[Annotation], answers: Answers) -> Produced[Label]:
    """Return one label an instance, and the annotations that belong to none (`unknown-instance`)."""
    rows = label_instances(instances, annotations, answers)
    known = {one.id for one in instances}
    dropped = [
        Dropped(stage="labels", subject=one.id, reason="unknown-instance", detail=one.instance_id)
        for one in annotations
        if one.instance_id not in known
    ]
    statuses = Counter(row.status for row in rows)
    counts = {f"labels {status}": statuses[status] for status in LabelStatus}
    return Produced(rows=rows, dropped=dropped, counts=counts)


def label_instances(instances: Sequence[Instance], annotations: Sequence[Annotation], answers: Answers) -> list[Label]:
    """Return one label an instance, in the order given.

    `annotations` are those that count, by `annotation.declare`: every one of them does, whatever is known of its rater.
    """
    said: dict[str, list[Annotation]] = defaultdict(list)
    for annotation in annotations:
        said[annotation.instance_id].append(annotation)
    return [_label(one, said[one.id], answers[one.question_id]) for one in instances]


def _label(instance: Instance, said: Sequence[Annotation], answers: tuple[str, str]) -> Label:
    """Confirmed or contested by more than half of the votes, of which `both` and `cannot_tell` are for neither."""
    votes = Counter(one.vote for one in said)
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
        ratings=total,
        soft=soft_label(votes, (*answers, *(vote.value for vote in Vote))),
        tie=tie,
        kinds=kinds(said),
    )
