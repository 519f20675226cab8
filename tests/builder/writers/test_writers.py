"""What every writer keeps to, run over all of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.questions import collect
from builder.writers import Draft, Writer, open_writer, writer_files
from builder.writers.choose import WRITERS
from mvpbench.chat.server import local_server
from mvpbench.store.journal import Journal
from schemas.study import WriterSection
from tests.builder.writers.made import KEY_ENV, MFQ2, a_section, an_order, orders

pytestmark = pytest.mark.slow


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
        assert draft.serves == order.id
        assert set(draft.answers) == set(order.sides)


def test_the_same_orders_bring_the_same_drafts_and_then_cost_nothing(writer: Writer) -> None:
    first = list(writer.write(orders(8), lambda _line: None))
    assert writer.cost(orders(8)) is None
    assert list(writer.write(orders(8), lambda _line: None)) == first


def test_no_orders_no_drafts(writer: Writer) -> None:
    assert writer.cost([]) is None
    assert list(writer.write([], lambda _line: None)) == []


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_the_files_that_decide_what_is_written_are_there(kind: str) -> None:
    section = a_section() if kind == "openai" else WriterSection(kind="template")
    files = writer_files(section, "mfq2")
    assert files
    assert all(path.is_file() for path in files.values())


def test_a_hand_is_the_same_for_the_same_writer_alone(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.db") as journal:
        hands = {
            (name, words): open_writer(section, MFQ2, journal).hand(an_order(concern=words))
            for name, section in {
                "template": WriterSection(kind="template"),
                "tiny": a_section(),
                "large": a_section(model="large"),
                "warm": a_section(temperature=1.0),
            }.items()
            for words in (None, "a garden")
        }
    assert hands["template", None] == hands["template", "a garden"]
    assert hands["tiny", None] == hands["warm", None]
    assert len({hands[key] for key in (("template", None), ("tiny", None), ("tiny", "a garden"), ("large", None))}) == 4


def test_the_bank_does_not_give_what_is_taken(tmp_path: Path) -> None:
    """By itself the order's hash would take the same variant again."""
    with Journal(tmp_path / "journal.db") as journal:
        writer = open_writer(WriterSection(kind="template"), MFQ2, journal)
        (first,) = collect(writer.write([an_order()], lambda _line: None), {an_order().id: an_order()}).questions
        (again,) = writer.write([an_order()], lambda _line: None)
        (other,) = writer.write([an_order()], lambda _line: None, [first])
    assert isinstance(again, Draft)
    assert isinstance(other, Draft)
    assert again.text == first.text
    assert (other.text, set(other.answers.values())) != (first.text, {answer.text for answer in first.answers})
