"""From the survey's answers over every paid call to the row that others can load."""

from pathlib import Path

import pandas as pd
import pytest

from mvpbench.store.fingerprint import file_sha256
from mvpbench.store.journal import Journal, call_id
from mvpbench.store.tables import read_table, write_table
from release.build import build_release
from release.candidate import add_validation
from release.seal import seal_release
from release.trace import trace
from schemas.annotation import AnnotatorKind
from schemas.chat import ChatFailure, ChatReply, ChatRequest, Message, Usage
from schemas.errors import InputError
from schemas.questions import Instance, Question
from tests.release.made import CLOCK, Made, made_result, made_study, silent, write_ratings

pytestmark = pytest.mark.slow


def test_the_last_steps_are_the_sealed_releases_that_hold_the_instance(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    write_ratings(study, Made(), AnnotatorKind.SIMULATED)
    for version in ("1.0.0", "1.0.1"):
        build_release(study, version, silent, CLOCK)
        add_validation(study, version, [made_result()], {})
        seal_release(study, version, silent, CLOCK)
    build_release(study, "1.0.2", silent, CLOCK)
    instance = next(row for row in read_table(study.tables, "instances", Instance) if row.pair_id)
    steps = trace(study, instance.id).result.steps
    assert [step.what for step in steps][-3:] == ["label", "released row", "released row"]
    for step, version in zip(steps[-2:], ("1.0.0", "1.0.1"), strict=True):
        assert step.facts["release"] == f"made-up-values {version}"
        folder = study.releases / version
        assert step.facts["manifest sha256"] == file_sha256(folder / "manifest.json")
        assert instance.id in set(pd.read_parquet(folder / step.facts["file"])["id"])


def test_a_question_by_a_model_comes_with_all_attempts_at_its_call(tmp_path: Path) -> None:
    study = made_study(tmp_path, Made(research=True))
    request = ChatRequest(model="made-up-model", messages=(Message(role="user", content="write"),))
    with Journal(study.journal) as journal:
        lost = journal.begin_attempt(request)
        journal.finish_attempt(lost, failure=ChatFailure("server", "http 500", retry=True))
        usage = Usage(prompt_tokens=120, completion_tokens=1340)
        reply = ChatReply(text="{}", finish_reason="stop", usage=usage, model="made-up-model", raw="{}")
        journal.finish_attempt(journal.begin_attempt(request), reply=reply, usd=0.0125)
    questions = read_table(study.tables, "questions", Question)
    stamped = [
        row.model_copy(update={"stamp": row.stamp.model_copy(update={"call_id": call_id(request)})})
        for row in questions
    ]
    write_table(study.tables, "questions", Question, stamped)
    steps = trace(study, questions[0].id).result.steps
    (place,) = (place for place, step in enumerate(steps) if step.what == "model call")
    assert steps[place + 1].what == "question"
    assert steps[place].id == call_id(request)
    assert steps[place].facts == {
        "model": "made-up-model",
        "attempts": "2, 1 of them failed",
        "prompt tokens": "120",
        "completion tokens": "1,340",
        "usd": "0.0125",
    }


def test_a_damaged_release_is_named_and_no_traceback(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    folder = study.releases / "1.0.0"
    build_release(study, "1.0.0", silent, CLOCK)
    (study.releases / "1.0.0.candidate").rename(folder)
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="take the release again") as raised:
        trace(study, read_table(study.tables, "instances", Instance)[0].id)
    assert raised.value.report.code == "release-unreadable"


def test_an_id_that_is_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ids stand in tables") as raised:
        trace(made_study(tmp_path), "i-none")
    assert raised.value.report.code == "id-unknown"
