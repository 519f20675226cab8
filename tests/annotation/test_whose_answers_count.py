"""One rule over the study: where any person answered anything, only people's answers count, wherever one looks."""

from pathlib import Path
from typing import Any

import pytest

from annotation.agreement import agree_items, agree_study
from annotation.declare import study_kinds
from annotation.labels import run_labels
from annotation.quality.rater import Work, rater_quality
from annotation.status.run import look
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from schemas.annotation import Annotation, AnnotatorKind, CheckAnnotation, ItemAnnotation, Purpose
from schemas.labels import ItemLabel, Label
from schemas.questions import Instance, Question
from tests.annotation.made import made_study
from tests.annotation.status.made import answer, task
from tests.annotation.votes import made_annotation, made_item_annotation, write_annotated

HUMAN, SIMULATED = AnnotatorKind.HUMAN, AnnotatorKind.SIMULATED


def simulated(study: Study) -> dict[str, Any]:
    """Two simulated raters of every instance, and two of every question."""
    instances = read_table(study.tables, "instances", Instance)
    questions = read_table(study.tables, "questions", Question)
    return {
        "annotations": [made_annotation(one, n, one.expected, SIMULATED) for one in instances for n in (1, 2)],
        "items": [made_item_annotation(one, n, kind=SIMULATED) for one in questions for n in (1, 2)],
        "checks": [],
    }


def by_a_person(study: Study, table: str) -> Annotation | ItemAnnotation | CheckAnnotation:
    if table == "annotations":
        instance = read_table(study.tables, "instances", Instance)[0]
        return made_annotation(instance, 3, instance.expected)
    if table == "items":
        return made_item_annotation(read_table(study.tables, "questions", Question)[0], 3)
    check = answer(task("KE-en-person-3", 0, Purpose.COMPREHENSION))
    assert isinstance(check, CheckAnnotation)
    return check


def counts(study: Study) -> dict[str, int]:
    """Votes that count in everything that is told of a study."""
    run_labels(study)
    tables = {
        "annotations": read_table(study.tables, "annotations", Annotation),
        "items": read_table(study.tables, "item_annotations", ItemAnnotation),
        "checks": read_table(study.tables, "check_annotations", CheckAnnotation),
    }
    raters = rater_quality(Work(**tables, assigned={}, least_seconds=lambda _: None, floors={}))
    return {
        "labels": sum(one.ratings for one in read_table(study.tables, "labels", Label)),
        "item labels": sum(one.ratings for one in read_table(study.tables, "item_labels", ItemLabel)),
        "agreement": agree_study(study).counts["annotations"],
        "item agreement": agree_items(study).counts["annotations"],
        "shared with others": sum(one.shared for one in raters),
    }


def test_where_nobody_answered_all_simulated_answers_count(tmp_path: Path) -> None:
    study = made_study(tmp_path, pairs=2)
    write_annotated(study, **simulated(study))
    assert study_kinds(study) == {SIMULATED}
    found = counts(study)
    # Four instances and two questions, each by two.
    assert (found["labels"], found["agreement"]) == (8, 8)
    assert (found["item labels"], found["item agreement"]) == (4, 4)
    assert found["shared with others"] == 12
    assert agree_study(study).summary[1] == agree_items(study).summary[1]
    assert agree_study(study).summary[1].startswith("SIMULATED")


@pytest.mark.parametrize("table", ["annotations", "items", "checks"])
def test_one_answer_of_a_person_in_any_table_is_enough_that_no_other_counts(tmp_path: Path, table: str) -> None:
    study = made_study(tmp_path, pairs=2)
    rows = simulated(study)
    rows[table] = [*rows[table], by_a_person(study, table)]
    write_annotated(study, **rows)
    assert study_kinds(study) == {HUMAN}
    found = counts(study)
    assert found["labels"] == found["agreement"] == (table == "annotations")
    assert found["item labels"] == found["item agreement"] == (table == "items")
    assert found["shared with others"] == 0
    assert look(study).counted == (HUMAN,)
    assert look(study).not_counted == 12
    assert not any(line.startswith("SIMULATED") for line in agree_study(study).summary)


def test_labels_are_made_anew_when_the_first_person_answers_in_another_task(tmp_path: Path) -> None:
    study = made_study(tmp_path, pairs=2)
    rows = simulated(study)
    write_annotated(study, **rows)
    run_labels(study)
    write_annotated(study, **rows | {"items": [*rows["items"], by_a_person(study, "items")]})
    run_labels(study)
    assert {one.ratings for one in read_table(study.tables, "labels", Label)} == {0}
