"""`browse` writes what a study has generated, with what its journal says it cost, and touches nothing."""

import hashlib
from pathlib import Path

import pytest

from builder.browse import browse
from builder.generate import run_generate
from mvpbench.store.journal import Journal, call_id
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table, write_table
from schemas.chat import ChatFailure, ChatReply, ChatRequest, Message, Usage
from schemas.errors import ConfigError, StudyError
from schemas.questions import Judged, Question
from schemas.survey import Survey
from tests.builder.browse.test_page import Tags, data_of
from tests.builder.test_run import a_study, free, profiled, quiet, reconfigured

pytestmark = pytest.mark.slow

REQUEST = ChatRequest(model="m", messages=(Message(role="user", content="write"),))
JUDGING = ChatRequest(model="j", messages=(Message(role="user", content="judge"),))


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = a_study(tmp_path / "study")
    profiled(made, range(60))
    return made


def _reply(tokens: tuple[int, int]) -> ChatReply:
    usage = Usage(prompt_tokens=tokens[0], completion_tokens=tokens[1])
    return ChatReply(text="x", finish_reason="stop", usage=usage, model="m", raw="{}")


def _contents(study: Study) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in study.root.rglob("*") if path.is_file()
    }


def test_the_page_is_of_what_was_generated(study: Study, tmp_path: Path) -> None:
    run_generate(study, quiet, free)
    before = _contents(study)
    done = browse(study, tmp_path / "page.html")
    assert _contents(study) == before
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    questions = read_table(study.tables, "questions", Question)
    assert [one["id"] for one in data_of(text)["questions"]] == [one.id for one in questions]
    assert done.counts["questions"] == len(questions) > 10
    assert done.outputs == (str(tmp_path / "page.html"),)
    assert done.dropped.keys() <= {"country-unknown", "no-counterpart", "no-stand"}
    assert "Personal data." in Tags(text).text
    assert any("personal data" in line for line in done.summary)
    assert "Something else would be generated now" not in text


def test_the_cost_is_of_all_attempts(study: Study, tmp_path: Path) -> None:
    """Writing failed once at .01 and came at .02, judging cost .005: .035 in all, 10 + 20 + 4 tokens in."""
    run_generate(study, quiet, free)
    with Journal(study.journal) as journal:
        failed = ChatFailure("refused", "no", retry=True)
        journal.finish_attempt(journal.begin_attempt(REQUEST), failure=failed, usd=0.01)
        journal.finish_attempt(journal.begin_attempt(REQUEST), reply=_reply((30, 7)), usd=0.02)
        journal.finish_attempt(journal.begin_attempt(JUDGING), reply=_reply((4, 1)), usd=0.005)
    first, *others = read_table(study.tables, "questions", Question)
    judged = Judged(model="j", version="0", call_id=call_id(JUDGING), problems=())
    stamp = first.stamp.model_copy(update={"call_id": call_id(REQUEST)})
    paid = first.model_copy(update={"stamp": stamp, "judged": judged})
    write_table(study.tables, "questions", Question, [paid, *others])
    done = browse(study, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    cost = data_of(text)["questions"][0]["cost"]
    assert cost == {"usd": 0.035, "tokens": [34, 8], "questions": 1}
    assert "these questions 0.0350 USD" in Tags(text).text
    assert any("0.04 USD" in line or "0.03 USD" in line for line in done.summary)
    assert "Something else would be generated now" in text


def test_a_study_that_changed_is_shown_as_it_was_and_says_so(study: Study, tmp_path: Path) -> None:
    run_generate(study, quiet, free)
    changed = reconfigured(study, "max_per_couple: 2", "max_per_couple: 1")
    done = browse(changed, tmp_path / "page.html")
    assert any("section generate of study.yaml changed" in line for line in done.summary)
    assert "Something else would be generated now" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_made_up_people_are_told_loudly(study: Study, tmp_path: Path) -> None:
    run_generate(study, quiet, free)
    survey = read_table(study.tables, "surveys", Survey)[0].model_copy(update={"synthetic": True})
    write_table(study.tables, "surveys", Survey, [survey])
    assert browse(study, tmp_path / "page.html").summary[0].startswith("SYNTHETIC")
    assert "SYNTHETIC These people are made up" in Tags((tmp_path / "page.html").read_text(encoding="utf-8")).text


def test_nothing_is_written_where_nothing_was_generated(study: Study, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="mvpbench generate"):
        browse(study, tmp_path / "page.html")
    with pytest.raises(ConfigError, match=r"ends in \.html"):
        browse(study, study.config_file)
    assert not (tmp_path / "page.html").exists()
    assert not study.journal.exists()
