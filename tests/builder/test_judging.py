"""The judge's pass: what is held up by a verdict that does not come, and for how long."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.asking import Calls
from builder.judging import NOT_JUDGED, judge_pass
from builder.readers.judge import Verdict
from mvpbench.store.journal import Journal
from mvpbench.store.stage import Produced
from schemas.chat import ChatFailure, ChatRequest
from schemas.errors import Stopped
from schemas.questions import Question
from tests.builder.readers.made import KEY, KEY_ENV, Model, a_question, a_section, no_sleep

FINE = json.dumps(dict.fromkeys(Verdict.model_fields, False))


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journal]:
    monkeypatch.setenv(KEY_ENV, KEY)
    with Journal(tmp_path / "journal.db") as opened:
        yield opened


def rule(request: ChatRequest) -> str:
    if "case 1?" in request.messages[1].content:
        raise ChatFailure("timeout", "no whole reply in 120 s", retry=True)
    return FINE


def test_a_verdict_that_never_comes_is_waited_for_in_two_runs_and_then_flagged(journal: Journal) -> None:
    made = Produced[Question](rows=[a_question(number) for number in range(3)])
    model = Model(rule)
    calls = Calls(a_section(), model.open, journal, lambda _line: None, no_sleep)
    for _ in range(2):
        with pytest.raises(Stopped, match="1 of 3 left") as caught:
            judge_pass(made, calls, lambda _price: None)
        assert caught.value.report.code == "calls-left"
    judged = judge_pass(made, calls, lambda _price: None)
    assert [one.flags for one in judged.rows] == [(), (NOT_JUDGED,), ()]
    assert [one.judged is None for one in judged.rows] == [False, True, False]
    assert len(model.requests) == 2 + 15
    assert judge_pass(made, calls, lambda price: None if price is None else pytest.fail(price)) == judged
    assert len(model.requests) == 2 + 15
