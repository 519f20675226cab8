"""The tables: one label an instance, one a question and country, made again only where something changed."""

from pathlib import Path

from annotation.labels import run_labels
from mvpbench.store.tables import read_info, read_table
from schemas.labels import Label
from schemas.questions import Instance
from tests.annotation.made import made_study
from tests.annotation.votes import made_annotation, write_annotated


def test_the_table_has_one_label_an_instance(tmp_path: Path) -> None:
    study = made_study(tmp_path, pairs=2)
    instances = read_table(study.tables, "instances", Instance)
    write_annotated(study, annotations=[made_annotation(instances[0], 1, instances[0].expected)])
    found = run_labels(study)
    labels = read_table(study.tables, "labels", Label)
    assert [label.instance_id for label in labels] == [one.id for one in instances]
    assert found.counts == {
        "adjudications": 0,
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


def test_run_again_it_makes_nothing_anew(tmp_path: Path) -> None:
    study = made_study(tmp_path, pairs=2)
    write_annotated(study)
    run_labels(study)
    made = [read_info(study.tables, name) for name in ("adjudications", "labels", "item_labels")]
    run_labels(study)
    assert [read_info(study.tables, name) for name in ("adjudications", "labels", "item_labels")] == made
