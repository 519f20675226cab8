"""Who is asked: a server has one limit, whoever is asked there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.asking import Calls, Limits
from builder.writers.openai import OpenAIWriter
from mvpbench.chat.limit import Limit
from mvpbench.chat.server import Fault, local_server
from mvpbench.store.journal import Journal
from schemas.chat import ChatFailure, ChatRequest
from tests.builder.asking.test_rounds import Counting
from tests.builder.readers import made as readers
from tests.builder.writers import made as writers

URL = "http://127.0.0.1:1/v1"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.db") as opened:
        yield opened


def test_models_at_one_address_share_a_limit_and_others_have_their_own() -> None:
    writer = writers.a_section(URL, in_flight=3)
    judge = readers.a_section(base_url=f"{URL}/", in_flight=6)
    elsewhere = readers.a_section(base_url="http://127.0.0.1:2/v1")
    shared = Limits(writer, judge)
    assert shared.of(writer) is shared.of(judge)
    assert shared.of(writer).allowed == 6
    apart = Limits(writer, None, elsewhere)
    assert apart.of(writer) is not apart.of(elsewhere)
    assert apart.of(writer).allowed == 3


@pytest.mark.slow
def test_a_judge_begins_where_the_servers_complaint_left_the_writer(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight in flight, four after a 429, a little more after three good replies; two after the judge's own 429."""
    monkeypatch.setenv(writers.KEY_ENV, "none")
    limit = Limit(8)
    with local_server(faults={1: Fault.RATE_LIMITED_BARE}) as server:
        section = writers.a_section(server.url, in_flight=8)
        writer = OpenAIWriter(section, writers.MFQ2, journal, limit=limit, sleep=readers.no_sleep)
        list(writer.write(writers.orders(3), lambda _line: None))
    assert limit.allowed == 4
    complaints = iter([ChatFailure("rate-limited", "http 429", retry=True)])

    def rule(_request: ChatRequest) -> str:
        for complaint in complaints:
            raise complaint
        return "good"

    model = readers.Model(rule)
    calls = Calls(readers.a_section(), model.open, journal, lambda _line: None, readers.no_sleep, limit=limit)
    Counting().rounds(journal).complete(["a"], calls)
    assert limit.allowed == 2
