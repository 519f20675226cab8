"""Labels: more than half confirm or contest, else nobody can tell; the survey's answer is never replaced."""

from pathlib import Path

import pytest

from annotation.labels import label_instances, make_labels, run_labels
from mvpbench.store.tables import read_table, write_table
from schemas.annotation import Annotation, AnnotatorKind, Label, LabelStatus
from schemas.questions import Instance
from tests.annotation.made import made_pair, made_question, made_study
from tests.annotation.votes import made_annotation

QUESTION = made_question(0)
INSTANCE = made_pair(QUESTION, 0)[0]
EXPECTED = INSTANCE.expected
OTHER = next(answer.id for answer in QUESTION.answers if answer.id != EXPECTED)


def _label(votes: list[str], instance: Instance = INSTANCE) -> Label:
    rows = [made_annotation(instance, slot, vote) for slot, vote in enumerate(votes)]
    return label_instances([instance], rows)[0]


@pytest.mark.parametrize(
    ("votes", "status", "tie"),
    [
        ([], LabelStatus.UNREVIEWED, False),
        ([EXPECTED], LabelStatus.CONFIRMED, False),
        ([EXPECTED, EXPECTED, OTHER], LabelStatus.CONFIRMED, False),
        ([OTHER, OTHER, EXPECTED], LabelStatus.CONTESTED, False),
        ([OTHER, "neither", EXPECTED], LabelStatus.CONTESTED, False),
        (["cannot_tell", "both", EXPECTED], LabelStatus.CANNOT_TELL, False),
        ([EXPECTED, OTHER], LabelStatus.CANNOT_TELL, True),
        ([EXPECTED, OTHER, "both"], LabelStatus.CANNOT_TELL, True),
        ([EXPECTED, "cannot_tell"], LabelStatus.CANNOT_TELL, True),
        (["cannot_tell", "cannot_tell"], LabelStatus.CANNOT_TELL, False),
    ],
)
def test_status_by_majority(votes: list[str], status: LabelStatus, tie: bool) -> None:
    found = _label(votes)
    assert (found.status, found.tie) == (status, tie)
    assert sum(found.votes.values()) == len(votes)


def test_where_people_voted_simulated_votes_do_not_count() -> None:
    rows = [made_annotation(INSTANCE, 1, EXPECTED)]
    rows += [made_annotation(INSTANCE, slot, OTHER, AnnotatorKind.SIMULATED) for slot in (2, 3)]
    found = label_instances([INSTANCE], rows)[0]
    assert (found.status, found.kinds) == (LabelStatus.CONFIRMED, (AnnotatorKind.HUMAN,))
    found = label_instances([INSTANCE], rows[1:])[0]
    assert (found.status, found.kinds) == (LabelStatus.CONTESTED, (AnnotatorKind.SIMULATED,))


def test_an_annotation_of_nothing_is_dropped_with_its_reason() -> None:
    made = make_labels([], [made_annotation(INSTANCE, 1, EXPECTED)])
    assert [drop.reason for drop in made.dropped] == ["unknown-instance"]


def test_the_table_has_one_label_an_instance(tmp_path: Path) -> None:
    study = made_study(tmp_path, pairs=2)
    instances = read_table(study.tables, "instances", Instance)
    write_table(study.tables, "annotations", Annotation, [made_annotation(instances[0], 1, instances[0].expected)])
    found = run_labels(study)
    labels = read_table(study.tables, "labels", Label)
    assert [label.instance_id for label in labels] == [one.id for one in instances]
    assert found.counts == {
        "labels confirmed": 1,
        "labels contested": 0,
        "labels cannot_tell": 0,
        "labels unreviewed": 3,
    }
