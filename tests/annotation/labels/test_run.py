"""The tables: one label an instance, one a question and country, made again only where something changed."""

from pathlib import Path

from annotation.labels import ITEM_STAGE, item_label_files, run_labels
from mvpbench.store.stage import why_stale
from mvpbench.store.tables import read_info, read_table, write_table
from schemas.annotation import Annotation, ItemAnnotation, ItemDefect
from schemas.labels import Adjudication, ItemLabel, ItemStatus, Label, Ruling
from schemas.questions import Instance, Question
from tests.annotation.made import made_study
from tests.annotation.votes import made_adjudication, made_annotation, made_item_annotation


def test_the_table_has_one_label_an_instance(tmp_path: Path) -> None:
    study = made_study(tmp_path, pairs=2)
    instances = read_table(study.tables, "instances", Instance)
    write_table(study.tables, "annotations", Annotation, [made_annotation(instances[0], 1, instances[0].expected)])
    write_table(study.tables, "item_annotations", ItemAnnotation, [])
    found = run_labels(study)
    labels = read_table(study.tables, "labels", Label)
    assert [label.instance_id for label in labels] == [one.id for one in instances]
    assert found.counts == {
        "labels confirmed": 1,
        "labels contested": 0,
        "labels cannot_tell": 0,
        "labels unreviewed": 3,
        "item labels clear": 0,
        "item labels reversed": 0,
        "item labels unclear": 0,
        "item labels unreviewed": 2,
        "item labels flagged": 0,
    }


def test_an_adjudication_marks_the_label_and_changes_nothing_else(tmp_path: Path) -> None:
    study = made_study(tmp_path, pairs=2)
    questions = read_table(study.tables, "questions", Question)
    bad = [made_item_annotation(questions[0], n, defects=(ItemDefect.LEAK,)) for n in (1, 2)]
    write_table(study.tables, "annotations", Annotation, [])
    write_table(study.tables, "item_annotations", ItemAnnotation, bad)
    run_labels(study)
    before = {one.question_id: one for one in read_table(study.tables, "item_labels", ItemLabel)}
    flagged = before[questions[0].id]
    assert (flagged.status, flagged.flagged, flagged.ruling) == (ItemStatus.CLEAR, (ItemDefect.LEAK,), None)
    write_table(study.tables, "adjudications", Adjudication, [made_adjudication(questions[0], 1, Ruling.DROP)])
    assert why_stale(study, ITEM_STAGE, item_label_files(study)) == ("table adjudications is new",)
    run_labels(study)
    after = {one.question_id: one for one in read_table(study.tables, "item_labels", ItemLabel)}
    assert after == before | {questions[0].id: flagged.model_copy(update={"ruling": Ruling.DROP})}
    assert len(read_table(study.tables, "questions", Question)) == 2
    info = read_info(study.tables, "item_labels")
    run_labels(study)
    assert read_info(study.tables, "item_labels") == info
