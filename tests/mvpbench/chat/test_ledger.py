"""Records of calls that come together are one commit, and none is lost when the loop ends early."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mvpbench.chat.ledger import Ledger
from mvpbench.store.journal import AttemptState, Journal, call_id
from schemas.chat import ChatReply, Usage
from schemas.errors import Defect
from tests.mvpbench.chat.made import a_request, requests

REPLY = ChatReply(
    text="yes", finish_reason="stop", usage=Usage(prompt_tokens=1, completion_tokens=1), model="m", raw=""
)


class Counted(Journal):
    """A journal that counts its commits."""

    commits = 0

    @contextmanager
    def batch(self) -> Iterator[sqlite3.Connection]:
        """Count the outermost block."""
        with super().batch() as db:
            outermost = not getattr(self, "_inside", False)
            self._inside = True
            try:
                yield db
            finally:
                if outermost:
                    self._inside = False
                    self.commits += 1


def test_what_comes_together_is_one_commit(tmp_path: Path) -> None:
    async def begin_all(ledger: Ledger) -> list[int]:
        return await asyncio.gather(*(ledger.begin(request) for request in requests(40)))

    with Counted(tmp_path / "journal.db") as journal:
        attempts = asyncio.run(begin_all(Ledger(journal)))
        assert sorted(attempts) == list(range(1, 41))
        assert journal.commits == 1
        assert journal.spent().unfinished == 40


def test_the_end_of_a_call_and_the_beginning_of_the_next_are_one_commit_and_on_the_disk_after_it(
    tmp_path: Path,
) -> None:
    async def go_on(ledger: Ledger) -> ChatReply | None:
        ledger.finish(await ledger.begin(a_request(1)), reply=REPLY)
        await ledger.begin(a_request(2))
        with Journal(tmp_path / "journal.db", view=True) as other:
            return other.reply_to(a_request(1))

    with Counted(tmp_path / "journal.db") as journal:
        assert asyncio.run(go_on(Ledger(journal))) == REPLY
        assert journal.commits == 2


def test_a_reply_that_is_followed_by_nothing_is_written_in_the_next_turn_of_the_loop(tmp_path: Path) -> None:
    async def wait(ledger: Ledger) -> None:
        ledger.finish(await ledger.begin(a_request()), reply=REPLY)
        await asyncio.sleep(0)

    with Journal(tmp_path / "journal.db") as journal:
        asyncio.run(wait(Ledger(journal)))
        assert journal.reply_to(a_request()) == REPLY


def test_a_reply_in_whose_turn_the_loop_ends_is_written_at_the_flush(tmp_path: Path) -> None:
    async def stopped(ledger: Ledger) -> None:
        ledger.finish(await ledger.begin(a_request()), reply=REPLY)
        ledger.flush()
        assert journal.reply_to(a_request()) == REPLY

    with Journal(tmp_path / "journal.db") as journal:
        asyncio.run(stopped(Ledger(journal)))


def test_an_end_that_cannot_be_written_fails_what_is_begun_with_it_and_all_after_it(tmp_path: Path) -> None:
    async def broken(ledger: Ledger) -> list[object]:
        ledger.finish(77, reply=REPLY)
        return [
            *await asyncio.gather(ledger.begin(a_request(1)), return_exceptions=True),
            *await asyncio.gather(ledger.begin(a_request(2)), return_exceptions=True),
        ]

    with Journal(tmp_path / "journal.db") as journal:
        ledger = Ledger(journal)
        ended = asyncio.run(broken(ledger))
        assert [type(one) for one in ended] == [Defect, Defect]
        assert journal.spent().attempts == 0
        with pytest.raises(Defect):
            ledger.require_written()


def test_an_end_that_cannot_be_written_loses_no_other(tmp_path: Path) -> None:
    """The journal has no bytes for half of a surrogate pair; 77 was never begun."""
    bad = REPLY.model_copy(update={"raw": "\ud800"})

    async def end(ledger: Ledger) -> None:
        attempts = [await ledger.begin(request) for request in requests(3)]
        ledger.finish(attempts[0], reply=REPLY)
        ledger.finish(attempts[1], reply=bad)
        ledger.finish(77, reply=REPLY)
        ledger.finish(attempts[2], reply=REPLY)
        ledger.flush()

    with Journal(tmp_path / "journal.db") as journal:
        ledger = Ledger(journal)
        asyncio.run(end(ledger))
        assert [journal.reply_to(request) for request in requests(3)] == [REPLY, None, REPLY]
        with pytest.raises(UnicodeEncodeError):
            ledger.require_written()


def test_a_beginning_that_cannot_be_written_loses_no_end(tmp_path: Path) -> None:
    async def go_on(ledger: Ledger) -> None:
        ledger.finish(await ledger.begin(a_request(1)), reply=REPLY)
        with pytest.raises(UnicodeEncodeError):
            await ledger.begin(a_request(2).model_copy(update={"model": "\ud800"}))

    with Journal(tmp_path / "journal.db") as journal:
        asyncio.run(go_on(Ledger(journal)))
        assert journal.reply_to(a_request(1)) == REPLY
        assert journal.spent().attempts == 1


def test_what_was_begun_is_on_the_disk_when_the_wait_is_over(tmp_path: Path) -> None:
    async def begin(ledger: Ledger) -> AttemptState:
        await ledger.begin(a_request())
        with Journal(tmp_path / "journal.db", view=True) as other:
            return other.attempts(call_id(a_request()))[0].state

    with Journal(tmp_path / "journal.db") as journal:
        assert asyncio.run(begin(Ledger(journal))) is AttemptState.BEGUN


@pytest.mark.parametrize("count", [0, 1])
def test_a_flush_with_little_to_write_is_no_error(tmp_path: Path, count: int) -> None:
    async def some(ledger: Ledger) -> None:
        await asyncio.gather(*(ledger.begin(request) for request in requests(count)))
        ledger.flush()

    with Journal(tmp_path / "journal.db") as journal:
        asyncio.run(some(Ledger(journal)))
        assert journal.spent().attempts == count
