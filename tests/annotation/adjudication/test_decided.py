"""What was fetched becomes decisions: one a task and adjudicator, none by a question's own rater."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from annotation.adjudication.decided import TASK
from annotation.adjudication.interface import adjudication_texts
from annotation.adjudication.task import adjudication_task
from annotation.labels import label_questions, run_labels
from annotation.projects import ADJUDICATION_PROJECT, PROJECT, annotator_id, server_name
from annotation.server.state import FOLDER
from annotation.sync.kept import Found, append, kept, let_go, line_of
from annotation.tasks.item import item_task
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study
from mvpbench.store.tables import read_dropped, read_table
from schemas.annotation import Assignment, ItemDefect, Slot
from schemas.labels import Adjudication, AdjudicationTask, ItemLabel, ItemStatus, Ruling, RulingReason
from schemas.questions import Instance, Question
from tests.annotation.adjudication.said import decision
from tests.annotation.earlier import by_numbers
from tests.annotation.made import made_study
from tests.annotation.votes import made_item_annotation, write_annotated

SERVER = "ls-made"
RATER, JUDGE, OTHER = 1, 2, 3
"""Accounts on the server."""
KEY, RATED = "KE-en-adjudication-1/1", "KE-en-item-1/1"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Two questions of which the first is flagged, its task asked, nothing decided."""
    study = made_study(tmp_path, pairs=2)
    question = read_table(study.tables, "questions", Question)[0]
    with Journal(study.journal) as journal:
        assigned, _ = item_task(question, "cares", "KE-en-item-1")
        rows = [
            made_item_annotation(question, n, defects=(ItemDefect.LEAK,)).model_copy(
                update={
                    "uid": assigned.uid,
                    "annotator": annotator_id(server_name(journal), SERVER, RATER + 10 * n, None),
                }
            )
            for n in (0, 1)
        ]
        write_annotated(study, items=rows, assigned=[assigned])
        label = label_questions([question], read_table(study.tables, "instances", Instance), rows).rows[0]
        task = adjudication_task(question, label, rows, "cares", adjudication_texts("en"))
        slot = Slot(id=task.slot, project_id=1, project_title="", server=SERVER)
        for kind, key, payload, result in (
            (TASK, task.uid, task.model_dump_json(), ""),
            (PROJECT, RATED, "[mark]", slot.model_copy(update={"id": "KE-en-item-1"}).model_dump_json()),
            (ADJUDICATION_PROJECT, KEY, "[mark]", slot.model_dump_json()),
        ):
            journal.begin_write(kind, key, payload)
            journal.finish_write(kind, key, result)
    return study


def asked(study: Study) -> AdjudicationTask:
    with Journal(study.journal) as journal:
        (write,) = journal.writes(TASK)
    return AdjudicationTask.model_validate_json(write.payload)


def answer(number: int, by: int | None, result: list[dict[str, object]], **more: object) -> dict[str, Any]:
    moment = f"2026-01-01T00:00:{number:02d}Z"
    said = {"id": number, "completed_by": by, "result": result, "created_at": moment, "updated_at": moment}
    return said | {"lead_time": 12.5, "was_cancelled": False} | more


def keep(
    study: Study, key: str, data: dict[str, str], answers: Sequence[dict[str, Any]], joined: Mapping[int, datetime] = {}
) -> None:
    """Have a project pulled that holds one task; `joined` of the accounts that the server knows."""
    moment, folder = "2026-03-01T09:00:00Z", study.root / FOLDER
    task = {"id": 1, "data": data, "annotations": list(answers), "created_at": moment, "updated_at": moment}
    append(folder, key, kept(folder, key), Found([line_of(task, "here")], [], moment, joined))


def fetched(study: Study, *answers: dict[str, Any], uid: str | None = None) -> tuple[list[Adjudication], list[str]]:
    """Return the table and the reasons of what was dropped, after a fetch of these answers."""
    keep(study, KEY, {"uid": uid or asked(study).uid}, answers)
    run_labels(study)
    dropped = [one.reason for one in read_dropped(study.tables, "adjudications")]
    return read_table(study.tables, "adjudications", Adjudication), dropped


def first_label(study: Study) -> ItemLabel:
    question = read_table(study.tables, "questions", Question)[0]
    rows = read_table(study.tables, "item_labels", ItemLabel)
    return next(one for one in rows if one.question_id == question.id)


def test_a_decision_marks_the_label_and_changes_nothing_else(study: Study) -> None:
    run_labels(study)
    before = first_label(study)
    assert (before.status, before.flagged, before.ruling) == (ItemStatus.CLEAR, (ItemDefect.LEAK,), None)
    rows, dropped = fetched(study, answer(1, JUDGE, decision("drop", "leak", "names a town")))
    task = asked(study)
    assert dropped == []
    assert [(one.uid, one.question_id, one.country, one.doubts) for one in rows] == [
        (task.uid, task.question_id, "KE", task.doubts)
    ]
    assert (rows[0].ruling, rows[0].reason, rows[0].comment) == (Ruling.DROP, RulingReason.LEAK, "names a town")
    assert first_label(study) == before.model_copy(update={"ruling": Ruling.DROP})
    assert len(read_table(study.tables, "questions", Question)) == 2


def test_of_several_by_one_adjudicator_the_latest_counts_and_two_who_differ_rule_nothing(study: Study) -> None:
    keep_it, drop_it = decision("keep", "sound"), decision("drop", "leak")
    rows, dropped = fetched(study, answer(2, JUDGE, drop_it), answer(1, JUDGE, keep_it))
    assert ([one.ruling for one in rows], dropped) == ([Ruling.DROP], ["superseded"])
    rows, _ = fetched(study, answer(2, JUDGE, drop_it), answer(3, OTHER, keep_it))
    assert {one.ruling for one in rows} == {Ruling.DROP, Ruling.KEEP}
    assert first_label(study).ruling is None


def rated(study: Study, *answers: dict[str, Any], uid: str | None = None, text: str = "Another?") -> None:
    """Have answers of raters pulled; `uid` None is that of the assigned task."""
    (assigned,) = read_table(study.tables, "assignments", Assignment)
    keep(study, RATED, {"uid": uid or assigned.uid, "question": text}, answers)


def test_nobody_adjudicates_what_they_rated(study: Study) -> None:
    rated(study, answer(5, RATER, []))
    rows, dropped = fetched(study, answer(1, RATER, decision("keep", "sound")))
    assert (rows, dropped) == ([], ["own-question"])
    assert first_label(study).ruling is None


@pytest.mark.parametrize(("second", "dropped"), [(0, ["own-question"]), (20, [])])
def test_who_rated_before_accounts_were_told_apart_is_known_and_who_has_the_number_now_is_not_them(
    study: Study, second: int, dropped: list[str]
) -> None:
    rated(study, answer(5, RATER, []))
    by_numbers(study.root / FOLDER)
    made = {RATER: datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC)}
    keep(study, KEY, {"uid": asked(study).uid}, [answer(30, RATER, decision("keep", "sound"))], made)
    run_labels(study)
    assert [one.reason for one in read_dropped(study.tables, "adjudications")] == dropped


@pytest.mark.parametrize("counted", [{"was_cancelled": True}, {"result": [{"nonsense": 1}]}])
def test_nor_what_they_skipped_or_answered_without_being_counted(study: Study, counted: dict[str, object]) -> None:
    rated(study, answer(5, OTHER, []) | counted)
    rows, dropped = fetched(study, answer(1, OTHER, decision("keep", "sound")), answer(2, JUDGE, decision("keep", "x")))
    assert (rows, sorted(dropped)) == ([], ["own-question", "unknown-choice"])


def test_nor_what_they_met_in_a_task_that_has_left_the_sample(study: Study) -> None:
    decided = answer(1, OTHER, decision("keep", "sound"))
    rated(study, answer(5, OTHER, []), uid="t-superseded")
    assert fetched(study, decided)[1] == []
    rated(study, answer(5, OTHER, []), uid="t-superseded", text=asked(study).shown["question"])
    run_labels(study)  # a pull of raters alone brings the table up
    assert read_table(study.tables, "adjudications", Adjudication) == []


def test_a_decision_that_is_gone_counts_until_it_is_let_go(study: Study) -> None:
    rows, _ = fetched(study, answer(1, JUDGE, decision("drop", "leak")))
    assert fetched(study) == (rows, [])
    let_go(study.root / FOLDER, KEY)
    assert fetched(study) == ([], ["deleted-on-server"])
    assert first_label(study).ruling is None


@pytest.mark.parametrize(
    ("said", "uid", "reason"),
    [
        (answer(1, JUDGE, decision("keep", "sound")), "j-unknown", "unknown-task"),
        (answer(1, JUDGE, [], was_cancelled=True), None, "skipped"),
        (answer(1, None, decision("keep", "sound")), None, "no-annotator"),
        (answer(1, JUDGE, decision("burn", "sound")), None, "unknown-choice"),
        (answer(1, JUDGE, []), None, "no-answer"),
    ],
)
def test_what_is_no_decision_is_dropped_with_its_reason(
    study: Study, said: dict[str, Any], uid: str | None, reason: str
) -> None:
    assert fetched(study, said, uid=uid) == ([], [reason])
