"""How a push goes on, or ends, when its batches meet errors; the server is a set of uids in memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

import pytest

from annotation.push import BATCH, TASKS, TRIES, WAITS_S, send
from annotation.studio import Studio
from mvpbench.store.journal import Journal
from schemas.annotation import Slot
from schemas.errors import ServiceError

SLOT = Slot(id="KE-en-person-1", project_id=7, project_title="made-up", server="ls-1")


class Held:
    """A project's tasks; every import is answered with an error of `code`, and lands if `lands` says so."""

    def __init__(self, code: str, *, lands: bool) -> None:
        self.uids: list[str] = []
        self.imports = 0
        self._code = code
        self._lands = lands

    def import_tasks(self, _project: int, tasks: Sequence[Mapping[str, str]]) -> None:
        """Take the tasks or leave them."""
        self.imports += 1
        if self._lands:
            self.uids += [task["uid"] for task in tasks]
        raise ServiceError(self._code, "made-up")

    def present(self, _project: int, uids: Iterable[str]) -> dict[str, list[int]]:
        """Say which are there."""
        wanted = set(uids)
        return {uid: [number] for number, uid in enumerate(self.uids) if uid in wanted}


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.db") as opened:
        yield opened


def tasks(count: int) -> list[dict[str, str]]:
    return [{"uid": f"t-{number}"} for number in range(count)]


def test_batches_that_land_are_progress_whatever_the_server_says(journal: Journal) -> None:
    held = Held("server-refused", lands=True)
    count = BATCH * (TRIES + 1)
    assert send(cast("Studio", held), journal, SLOT, tasks(count), print) == count
    assert sorted(held.uids) == sorted(task["uid"] for task in tasks(count))


@pytest.mark.parametrize(
    ("code", "waits"), [("server-refused", ()), ("server-answer", ()), ("server-unreachable", WAITS_S)]
)
def test_batches_that_do_not_land_end_it_after_a_few(journal: Journal, code: str, waits: tuple[float, ...]) -> None:
    """The server is waited for only where it may still be at work."""
    held, pauses = Held(code, lands=False), list[float]()
    with pytest.raises(ServiceError) as raised:
        send(cast("Studio", held), journal, SLOT, tasks(3), print, pauses.append)
    assert raised.value.report.code == code
    assert held.imports == TRIES
    assert pauses == [*waits] * TRIES
    assert [one.result for one in journal.writes(TASKS)] == ["[]"] * TRIES
