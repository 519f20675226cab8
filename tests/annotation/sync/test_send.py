"""When a push asks and when it trusts the journal, how it goes on or ends; the server is a list of uids in memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

import pytest

from annotation.projects import PROJECT
from annotation.studio import OnServer, Studio
from annotation.sync.send import (
    BATCH,
    CONFIG,
    DOUBT,
    TASKS,
    TRIES,
    WAITS_S,
    doubt,
    each_once,
    landed_uids,
    send,
    sent_config,
    sent_data,
)
from mvpbench.store.journal import Journal
from schemas.annotation import Slot
from schemas.errors import ServiceError

SLOT = Slot(id="KE-en-person-1", project_id=7, project_title="made-up", server="ls-1")
KILLED = "killed"


class Held:
    """A project's tasks; an import lands if `lands` says so, and is answered with an error of `code` if one is set.

    With the code `KILLED` it is we who end.
    """

    def __init__(self, code: str = "", *, lands: bool = True) -> None:
        self.uids: list[str] = []
        self.imports = 0
        self.asked = 0
        self.code = code
        self.lands = lands

    def import_tasks(self, _project: int, tasks: Sequence[Mapping[str, str]]) -> None:
        """Take the tasks or leave them."""
        self.imports += 1
        if self.lands:
            self.uids += [task["uid"] for task in tasks]
        if self.code == KILLED:
            raise KeyboardInterrupt
        if self.code:
            raise ServiceError(self.code, "made-up")

    def present(self, _project: int, uids: Iterable[str]) -> dict[str, list[int]]:
        """Say which are there."""
        wanted = set(uids)
        self.asked += 1
        return {uid: [number] for number, uid in enumerate(self.uids) if uid in wanted}

    def tasks_in(self, _project: int) -> int:
        """Say how many are there."""
        return len(self.uids)

    def project(self, _project: int) -> OnServer:
        """Say how it is set up."""
        return OnServer(7, "made-up", "", "<View/>")


class Doubled:
    """Three copies of one task; whenever one is deleted a rater begins another, at most as many times as `busy`."""

    def __init__(self, busy: int) -> None:
        self.copies, self.begun = [1, 2, 3], set[int]()
        self._busy = busy

    def present(self, _project: int, _uids: Iterable[str]) -> dict[str, list[int]]:
        """Say which are there."""
        return {"t-0": list(self.copies)}

    def touched(self, _project: int, tasks: Sequence[int]) -> set[int]:
        """Say which were begun."""
        return self.begun & set(tasks)

    def delete_task(self, task: int) -> None:
        """Delete a copy; a rater begins the last one."""
        self.copies.remove(task)
        if self._busy:
            self._busy -= 1
            self.begun.add(self.copies[-1])


@pytest.mark.parametrize(("busy", "left"), [(0, [1]), (1, [1, 3])])
def test_a_copy_that_was_begun_while_others_were_deleted_stays(busy: int, left: list[int]) -> None:
    doubled, told = Doubled(busy), list[str]()
    assert each_once(cast("Studio", doubled), SLOT, ["t-0"], told.append) == {"t-0"}
    assert doubled.copies == left
    gone = 3 - len(left)
    assert told == [f"KE-en-person-1: t-0 was there 3 times, {gone} copies that nobody has begun deleted"]


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


def test_what_the_journal_vouches_for_is_not_asked_for_again(journal: Journal) -> None:
    held = Held()
    assert send(cast("Studio", held), journal, SLOT, tasks(3), print) == 3
    assert send(cast("Studio", held), journal, SLOT, tasks(5), print) == 2
    assert (held.asked, held.imports) == (0, 2)
    assert held.uids == [f"t-{number}" for number in range(5)]


def test_what_was_deleted_by_hand_is_sent_again(journal: Journal) -> None:
    held = Held()
    send(cast("Studio", held), journal, SLOT, tasks(3), print)
    held.uids.remove("t-1")
    assert send(cast("Studio", held), journal, SLOT, tasks(3), print) == 1
    assert sorted(held.uids) == ["t-0", "t-1", "t-2"]


def doubted(journal: Journal) -> Held:
    """A server on which t-1 is missing beside a task of somebody's: the count is what the journal says."""
    held = Held()
    send(cast("Studio", held), journal, SLOT, tasks(3), print)
    held.uids[1] = "t-somebody's"
    doubt(journal, SLOT, ["t-1"])
    doubt(journal, SLOT, ["t-1"])
    return held


def test_what_was_found_missing_is_sent_although_the_count_is_right(journal: Journal) -> None:
    held = doubted(journal)
    assert send(cast("Studio", held), journal, SLOT, tasks(3), print) == 1
    assert sorted(held.uids) == ["t-0", "t-1", "t-2", "t-somebody's"]
    held.uids.remove("t-somebody's")
    asked = held.asked
    assert send(cast("Studio", held), journal, SLOT, tasks(3), print) == 0
    assert held.asked == asked  # the doubt is over
    assert [one.result for one in journal.writes(DOUBT)] == [""]


@pytest.mark.parametrize("lands", [False, True])
def test_a_doubt_outlives_a_kill_until_all_was_sent(journal: Journal, *, lands: bool) -> None:
    held = doubted(journal)
    held.code, held.lands = KILLED, lands
    with pytest.raises(KeyboardInterrupt):
        send(cast("Studio", held), journal, SLOT, tasks(3), print)
    assert [one.result for one in journal.writes(DOUBT)] == [None]
    held.code, held.lands = "", True
    send(cast("Studio", held), journal, SLOT, tasks(3), print, lambda _: None)
    assert sorted(held.uids) == ["t-0", "t-1", "t-2", "t-somebody's"]
    assert [one.result for one in journal.writes(DOUBT)] == [""]


@pytest.mark.parametrize("server", ["ls-1", "ls-2"])
def test_a_project_of_the_same_number_on_another_server_is_another_project(journal: Journal, server: str) -> None:
    """Two projects of two servers that hold equally many tasks: what one got says nothing of the other."""
    one, other = Held(), Held()
    send(cast("Studio", one), journal, SLOT, tasks(3), print)
    other.uids = ["x-0", "x-1", "x-2"]
    sent = send(cast("Studio", other), journal, SLOT.model_copy(update={"server": server}), tasks(3), print)
    assert sent == (0 if server == "ls-1" else 3)


def made(journal: Journal, key: str) -> Slot:
    """Have a project made that the server gives the number 7."""
    slot = SLOT.model_copy(update={"id": key.rpartition("/")[0]})
    journal.begin_write(PROJECT, key, f"[{key}]")
    journal.finish_write(PROJECT, key, slot.model_dump_json())
    return slot


@pytest.mark.parametrize("again", ["KE-en-person-2/1", "KE-en-person-1/2"])
def test_a_number_that_a_server_put_back_gives_out_again_is_another_project(journal: Journal, again: str) -> None:
    """Both hold equally many tasks: what one got says nothing of the other."""
    one, other = Held(), Held()
    first = made(journal, "KE-en-person-1/1")
    send(cast("Studio", one), journal, first, tasks(3), print)
    other.uids = ["x-0", "x-1", "x-2"]
    assert send(cast("Studio", other), journal, made(journal, again), tasks(3), print) == 3


def test_batches_keyed_by_the_number_are_those_of_the_first_project_that_had_it(journal: Journal) -> None:
    held = Held()
    first = made(journal, "KE-en-person-1/1")
    journal.begin_write(TASKS, "ls-1/7/1", '{"t-0": "0123456789abcdef"}')
    journal.finish_write(TASKS, "ls-1/7/1", '["t-0"]')
    journal.begin_write(CONFIG, "ls-1/7/", "as it was")
    journal.finish_write(CONFIG, "ls-1/7/", "as it was")
    held.uids = ["t-0"]
    assert (landed_uids(journal, first), sent_config(journal, first)) == ({"t-0"}, "as it was")
    assert send(cast("Studio", held), journal, first, tasks(3), print) == 2
    assert held.asked == 0
    second = made(journal, "KE-en-person-2/1")
    assert (landed_uids(journal, second), sent_data(journal, second), sent_config(journal, second)) == (set(), {}, None)
    assert landed_uids(journal, first) == {"t-0", "t-1", "t-2"}


def test_a_study_pushed_when_batches_had_no_server_in_their_key_asks_once_and_doubles_nothing(journal: Journal) -> None:
    held = Held()
    held.uids = ["t-0", "t-1"]
    journal.begin_write(TASKS, "7/1", '["t-0", "t-1"]')
    assert send(cast("Studio", held), journal, SLOT, tasks(3), print, lambda _: None) == 1
    asked = held.asked
    assert send(cast("Studio", held), journal, SLOT, tasks(3), print) == 0
    assert (held.asked, sorted(held.uids)) == (asked, ["t-0", "t-1", "t-2"])
    assert all(one.result for one in journal.writes(TASKS))
