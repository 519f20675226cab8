"""The table of raters is made from what was pulled, and takes nothing out of any other."""

from pathlib import Path

from annotation.quality import STAGE, quality_files, run_quality
from annotation.tasks.person import person_task
from mvpbench.store.stage import why_stale
from mvpbench.store.tables import read_info, read_table
from schemas.annotation import Annotation
from schemas.quality import QualityFlag, RaterQuality
from schemas.questions import Instance, Question
from tests.annotation.made import made_study
from tests.annotation.votes import made_annotation, write_annotated


def test_flags_take_no_vote_away_and_nothing_is_made_twice(tmp_path: Path) -> None:
    study = made_study(tmp_path, pairs=6)
    questions = {one.id: one for one in read_table(study.tables, "questions", Question)}
    instances = read_table(study.tables, "instances", Instance)[::2]
    tasks = [person_task(one, questions[one.question_id], "cares", "KE-en-person-1")[0] for one in instances]
    rows = [
        made_annotation(one, 1, one.expected).model_copy(
            update={"uid": task.uid, "slot": task.slot, "lead_time_s": 0.1}
        )
        for one, task in zip(instances, tasks, strict=True)
    ]
    write_annotated(study, rows, assigned=tasks)
    found = run_quality(study)
    (row,) = read_table(study.tables, "rater_quality", RaterQuality)
    assert row.flags == (QualityFlag.TOO_FAST,)
    assert (row.rated, row.pay.undefined) == (6, "no country pack")
    assert found.counts == {"raters": 1, "raters flagged too_fast": 1}
    assert read_table(study.tables, "annotations", Annotation) == rows
    info = read_info(study.tables, "rater_quality")
    assert why_stale(study, STAGE, quality_files(study)) == ()
    run_quality(study)
    assert read_info(study.tables, "rater_quality") == info
