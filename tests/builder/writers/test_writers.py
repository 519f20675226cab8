"""What every writer keeps to, run over all of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.writers import Draft, Writer, open_writer, writer_files
from builder.writers.choose import WRITERS
from mvpbench.chat.server import local_server
from mvpbench.store.journal import Journal
from schemas.study import WriterSection
from tests.builder.writers.made import KEY_ENV, MFQ2, a_section, orders


@pytest.fixture(params=sorted(WRITERS))
def writer(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Writer]:
    monkeypatch.setenv(KEY_ENV, "any")
    with local_server() as server, Journal(tmp_path / "journal.db") as journal:
        section = a_section(server.url) if request.param == "openai" else WriterSection(kind=request.param)
        yield open_writer(section, MFQ2, journal)


def test_one_draft_an_order_in_the_order_given_on_the_orders_sides(writer: Writer) -> None:
    asked = orders(20)
    drafts = list(writer.write(asked, lambda _line: None))
    assert all(isinstance(draft, Draft) for draft in drafts)
    for order, draft in zip(asked, drafts, strict=True):
        assert isinstance(draft, Draft)
        assert draft.match_id == order.match_id
        assert set(draft.answers) == set(order.sides())


def test_the_same_orders_bring_the_same_drafts_and_then_cost_nothing(writer: Writer) -> None:
    first = list(writer.write(orders(8), lambda _line: None))
    assert writer.price(orders(8)) is None
    assert list(writer.write(orders(8), lambda _line: None)) == first


def test_no_orders_no_drafts(writer: Writer) -> None:
    assert writer.price([]) is None
    assert list(writer.write([], lambda _line: None)) == []


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_the_files_that_decide_what_is_written_are_there(kind: str) -> None:
    section = a_section() if kind == "openai" else WriterSection(kind="template")
    files = writer_files(section, "mfq2")
    assert files
    assert all(path.is_file() for path in files.values())
