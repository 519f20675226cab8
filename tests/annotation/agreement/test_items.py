"""Agreement of raters in the item task: on sides, and on each defect."""

from pathlib import Path

import pytest

from annotation.agreement import agree_items
from mvpbench.store.tables import read_table, write_table
from schemas.agreement import AgreementCell
from schemas.annotation import ItemAnnotation, ItemDefect
from schemas.errors import ConfigError
from schemas.questions import Question
from tests.annotation.made import made_study
from tests.annotation.votes import made_item_annotation


def test_sides_and_defects_are_measured_apart(tmp_path: Path) -> None:
    study = made_study(tmp_path, pairs=4)
    questions = read_table(study.tables, "questions", Question)
    # Both see the defect in one question; in another one of them does.
    marked = {(0, 1), (0, 2), (1, 1)}
    rows = [
        made_item_annotation(question, slot, "other" if number == 0 else "asked").model_copy(
            update={"defects": (ItemDefect.LEAK,) if (number, slot) in marked else ()}
        )
        for number, question in enumerate(questions)
        for slot in (1, 2)
    ]
    write_table(study.tables, "item_annotations", ItemAnnotation, rows)
    report = agree_items(study).result
    assert (report.overall.units, report.overall.raters, report.overall.alpha.value) == (4, 2, 1.0)
    cells = {tuple(one.key.items()): one for one in report.by}
    assert cells[("country", "KE"),].units == 4
    leak: AgreementCell = cells[("defect", "leak"),]
    # Coincidences of 8 ratings, 3 marked and 5 not: observed disagreement 2, expected 2 * 3 * 5 / 7, so
    # alpha = 1 - 2 * 7 / 30 = 8 / 15; three of four units agree.
    assert leak.alpha.value == pytest.approx(8 / 15)
    assert leak.percent_agreement == 0.75
    assert cells[("defect", "stereotype"),].alpha.undefined is not None


def test_a_grouping_that_is_none_is_one_clear_error(tmp_path: Path) -> None:
    study = made_study(tmp_path, pairs=1)
    write_table(study.tables, "item_annotations", ItemAnnotation, [])
    with pytest.raises(ConfigError, match="expected country, dimension, language, recipe"):
        agree_items(study, by=[("slot",)])


def test_an_answer_on_a_side_that_the_question_has_not_is_told(tmp_path: Path) -> None:
    study = made_study(tmp_path, pairs=1)
    (question,) = read_table(study.tables, "questions", Question)
    strange = made_item_annotation(question, 1).model_copy(update={"asked_side": "purity:high"})
    write_table(study.tables, "item_annotations", ItemAnnotation, [strange])
    found = agree_items(study)
    assert found.dropped == {"of no question": 1}
    assert found.summary[0] == "no sample was declared: hold no gate against these numbers"
    assert found.result.sample is not None
