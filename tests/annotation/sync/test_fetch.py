"""A pull asks for what changed, finds what no listing of changes shows, and loses nothing that was pulled once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.studio import Studio
from annotation.sync.fetch import Ask, AskNow, Fetched, fetch
from annotation.sync.kept import Said, let_go, said, stored
from mvpbench.store.atomic import write_atomic
from schemas.errors import ServiceError, StudyError
from schemas.identity import content_id
from tests.annotation.sync.held import NOON, Held

KEY = "KE-en-person-1/1"


def pulled(held: Held, folder: Path, ask: Ask | AskNow = Ask.CHANGES) -> Fetched:
    return fetch(cast("Studio", held), folder, {KEY: 1}, print, ask=ask)[0]


def versions(folder: Path) -> dict[tuple[str, int, str], str]:
    return {one: choice for one, (choice, _) in shown(said(folder, KEY)).items()}


def choices(folder: Path) -> list[tuple[str, bool]]:
    return sorted(shown(said(folder, KEY)).values())


def shown(found: list[Said]) -> dict[tuple[str, int, str], tuple[str, bool]]:
    return {
        (one.uid, one.annotation.id, one.annotation.created_at.isoformat().replace("+00:00", "Z")): (
            one.annotation.result[0]["choice"],
            one.gone,
        )
        for one in found
    }


def log(folder: Path) -> Path:
    return folder / "exports" / "KE-en-person-1-1.jsonl"


def test_only_what_changed_is_listed_again(held: Held, tmp_path: Path) -> None:
    assert pulled(held, tmp_path) == Fetched(changed=30, gone=0, whole=True)
    held.now(60)
    held.answer(4)
    held.answer(5, skipped=True)
    assert pulled(held, tmp_path) == Fetched(changed=2, gone=0, whole=False)
    assert held.listed == [30, 12]  # ten were made in the ten minutes before the cursor
    assert [(one.uid, one.gone) for one in said(tmp_path, KEY)] == [("t-3", False), ("t-4", False)]


def test_a_pull_without_news_writes_nothing(held: Held, tmp_path: Path) -> None:
    held.answer(4)
    pulled(held, tmp_path)
    before = log(tmp_path).stat()
    assert pulled(held, tmp_path) == Fetched(changed=0, gone=0, whole=False)
    assert log(tmp_path).stat() == before
    assert stored(tmp_path, KEY) == {f"{KEY}, log": log(tmp_path)}


def test_an_edited_a_deleted_and_a_late_answer(held: Held, tmp_path: Path) -> None:
    for task in (1, 2):
        held.answer(task)
    pulled(held, tmp_path)
    held.edit(1, "B")
    held.unanswer(2)
    held.answer(30, "late")
    assert not pulled(held, tmp_path).whole
    assert sorted(shown(said(tmp_path, KEY)).values()) == [("A", True), ("B", False), ("late", False)]


@pytest.mark.parametrize("change", [lambda held: held.remove(2), lambda held: held.unanswer(2, moves=False)])
def test_what_no_listing_of_changes_shows_is_found_by_the_counts(
    held: Held, tmp_path: Path, change: Callable[[Held], None]
) -> None:
    held.answer(2)
    held.now(60)
    held.answer(9, "B")
    pulled(held, tmp_path)
    change(held)
    assert pulled(held, tmp_path).whole
    assert list(shown(said(tmp_path, KEY)).values()) == [("A", True), ("B", False)]
    assert not pulled(held, tmp_path).whole


def test_a_server_put_back_to_a_backup_hides_nothing_of_what_was_pulled(held: Held, tmp_path: Path) -> None:
    held.answer(1)
    backup = held.backup()
    held.answer(2, "lost with the server")
    held.edit(1, "B")
    pulled(held, tmp_path)
    held.restore(backup)
    assert pulled(held, tmp_path).whole
    assert list(shown(said(tmp_path, KEY)).values()) == [("B", False), ("lost with the server", True)]
    held.answer(2, "under the same number")
    pulled(held, tmp_path)
    assert [one.annotation.id for one in said(tmp_path, KEY)] == [1, 2, 2]


def test_raters_who_go_on_during_a_pull_do_not_make_it_list_everything(held: Held, tmp_path: Path) -> None:
    pulled(held, tmp_path)

    class Busy(Held):
        def tasks(self, _project: int, since: str = "") -> list[dict[str, Any]]:
            self.answer(9)
            found = super().tasks(_project, since)
            self.answer(8)
            return found

    held.__class__ = Busy
    assert pulled(held, tmp_path) == Fetched(changed=1, gone=0, whole=False)
    assert sorted(one.uid for one in said(tmp_path, KEY)) == ["t-8"]
    held.__class__ = Held
    pulled(held, tmp_path)
    assert sorted(one.uid for one in said(tmp_path, KEY)) == ["t-7", "t-8"]


class Short(Held):
    """Its exports leave out every other task while `short` says so."""

    short = 0

    def exported(self, project: int) -> list[dict[str, Any]]:
        """List all, or half of it."""
        self.short -= 1
        found = super().exported(project)
        return found[::2] if self.short >= 0 else found


def test_a_whole_listing_that_does_not_fit_the_counts_is_asked_for_once_more(held: Held, tmp_path: Path) -> None:
    held.__class__ = Short
    held.short = 1  # type: ignore[attr-defined]
    assert pulled(held, tmp_path) == Fetched(changed=30, gone=0, whole=True)
    before = log(tmp_path).read_bytes()
    held.short = 2  # type: ignore[attr-defined]
    with pytest.raises(ServiceError) as raised:
        fetch(cast("Studio", held), tmp_path, {KEY: 1}, print, ask=Ask.WHOLE)
    assert raised.value.report.code == "listing-incomplete"
    assert raised.value.report.found == "15 tasks with 0 answers listed, 30 with 0 counted"
    assert log(tmp_path).read_bytes() == before


def test_raters_who_go_on_while_all_is_listed_do_not_make_it_incomplete(held: Held, tmp_path: Path) -> None:
    class Busy(Held):
        def exported(self, project: int) -> list[dict[str, Any]]:
            self.answer(9)
            found = super().exported(project)
            self.answer(8)
            return found

    held.__class__ = Busy
    assert pulled(held, tmp_path) == Fetched(changed=30, gone=0, whole=True)
    assert len(held.listed) == 1


def test_no_address_of_a_rater_is_kept(held: Held, tmp_path: Path) -> None:
    held.answer(1)
    pulled(held, tmp_path)
    assert b"a@b" not in log(tmp_path).read_bytes()
    line = json.loads(log(tmp_path).read_bytes().splitlines()[0])
    assert line["task"]["annotations"][0]["completed_by"] == 7


def test_a_task_of_another_shape_is_refused_before_anything_is_written(held: Held, tmp_path: Path) -> None:
    held.answer(1)
    held._tasks[1]["annotations"][0]["updated_at"] = "yesterday"
    with pytest.raises(StudyError) as raised:
        pulled(held, tmp_path)
    assert raised.value.report.code == "export-misfit"
    assert (raised.value.report.found or "").startswith("task.annotations.0.updated_at: ")
    assert not log(tmp_path).exists()


def test_half_a_character_in_an_answer_does_not_end_the_pull(held: Held, tmp_path: Path) -> None:
    held.answer(1, "\ud83d")
    pulled(held, tmp_path)
    assert [one.annotation.result for one in said(tmp_path, KEY)] == [[{"choice": "?"}]]


def test_what_an_earlier_format_kept_counts_on(held: Held, tmp_path: Path) -> None:
    held.answer(1, "old")
    held.answer(2, "deleted before")
    write_atomic(tmp_path / "exports" / "KE-en-person-1-1" / "0123456789abcdef.json", json.dumps(held.tasks(1)))
    held.unanswer(2)
    write_atomic(tmp_path / "exports" / "KE-en-person-1-1.json", json.dumps(held.tasks(1)))
    assert sorted(shown(said(tmp_path, KEY)).values()) == [("deleted before", True), ("old", False)]
    held.edit(1, "new")
    held.answer(3, "newer")
    pulled(held, tmp_path)
    values = sorted(shown(said(tmp_path, KEY)).values())
    assert values == [("deleted before", True), ("new", False), ("newer", False)]


def test_what_was_let_go_counts_again_when_it_comes_back(held: Held, tmp_path: Path) -> None:
    held.answer(1)
    backup = held.backup()
    pulled(held, tmp_path)
    let_go(tmp_path, KEY)
    assert len(stored(tmp_path, KEY)) == 1  # nothing was gone
    held.unanswer(1)
    pulled(held, tmp_path)
    let_go(tmp_path, KEY)
    assert [one.let_go for one in said(tmp_path, KEY)] == [True]
    held.restore(backup)
    pulled(held, tmp_path)
    assert [(one.gone, one.let_go) for one in said(tmp_path, KEY)] == [(False, False)]


def clock_put_back(held: Held) -> None:
    """An edit that is stamped before the version that it replaces."""
    held.now(-120)
    held.edit(1, "now")


@pytest.mark.parametrize("seen", [False, True])
def test_what_the_server_says_now_counts_where_that_is_asked_for_whatever_its_stamps(
    held: Held, tmp_path: Path, seen: bool
) -> None:
    """Be it that a pull has seen the edit and kept the other version, or not."""
    for task in (1, 2):
        held.answer(task)
    pulled(held, tmp_path)
    clock_put_back(held)
    held.unanswer(2, moves=False)
    if seen:
        pulled(held, tmp_path, Ask.WHOLE)
    else:
        pulled(held, tmp_path)
    assert choices(tmp_path) == [("A", False), ("A", True)]
    now = pulled(held, tmp_path, AskNow())
    assert (now.changed, now.overruled, now.stand) == (1, 1, 0)
    assert choices(tmp_path) == [("A", True), ("now", False)]
    before = log(tmp_path).read_bytes()
    for ask in (*Ask, AskNow()):
        assert pulled(held, tmp_path, ask).changed == 0
    assert (log(tmp_path).read_bytes(), choices(tmp_path)) == (before, [("A", True), ("now", False)])
    held.edit(1, "later")  # by the same clock
    pulled(held, tmp_path, Ask.WHOLE)
    assert choices(tmp_path) == [("A", True), ("later", False)]


def test_what_the_server_says_now_overrules_no_answer_of_which_that_was_accepted(held: Held, tmp_path: Path) -> None:
    for task in (1, 1, 2):
        held.answer(task)
    pulled(held, tmp_path)
    clock_put_back(held)
    earlier = [one["updated_at"] for one in held._tasks[1]["annotations"]]
    was, now = "2026-03-01T12:31:00+00:00", earlier[0].replace("Z", "+00:00")
    accepted = AskNow({content_id("difference", "answer-earlier", KEY, "annotation 1", f"{now} {was}")})
    assert pulled(held, tmp_path, accepted)[3:] == (1, 1)
    assert choices(tmp_path) == [("A", False), ("A", False), ("now", False)]
    before = log(tmp_path).read_bytes()
    assert pulled(held, tmp_path, accepted)[3:] == (0, 1)
    assert log(tmp_path).read_bytes() == before
    held.now(-240)
    held.edit(1, "by a clock that was put back again")  # the difference is another
    assert pulled(held, tmp_path, accepted)[3:] == (2, 0)
    assert choices(tmp_path) == [("A", False), *[("by a clock that was put back again", False)] * 2]


def test_whose_answer_it_was_is_kept_when_the_account_is_deleted(held: Held, tmp_path: Path) -> None:
    held.answer(1)
    pulled(held, tmp_path)
    held._tasks[1]["annotations"][0]["completed_by"] = None  # as the server does; no moment moves
    assert pulled(held, tmp_path, Ask.WHOLE).changed == 1
    (one,) = said(tmp_path, KEY)
    assert (one.annotation.completed_by, one.annotation.joined) == (7, NOON)
    held._tasks[1]["annotations"][0]["completed_by"] = 8  # anyone may say that it is theirs
    held.edit(1, "B")
    pulled(held, tmp_path)
    (one,) = said(tmp_path, KEY)
    assert (one.annotation.completed_by, one.annotation.joined) == (8, None)


STEP = st.tuples(
    st.sampled_from(
        ["add", "answer", "edit", "unanswer", "remove", "vanish", "backup", "restore", "pull", "pull now", "wait"]
    ),
    st.integers(0, 5),
)


class History:
    """A held project beside what a perfect memory of every pull would say."""

    def __init__(self, folder: Path) -> None:
        self.held = Held()
        self.folder = folder
        self.ever: dict[tuple[str, int, str], str] = {}
        self._backup = self.held.backup()

    def step(self, what: str, which: int) -> None:
        """Do one thing to the project, or pull."""
        tasks = sorted(self.held._tasks)
        match what:
            case "add":
                self.held.add(f"t-{which}")
            case "wait":
                self.held.now(which * 4)
            case "backup":
                self._backup = self.held.backup()
            case "restore":
                self.held.restore(self._backup)
            case "pull":
                self.pull()
            case "pull now":
                self.pull(AskNow())
            case _ if tasks:
                self._touch(what, tasks[which % len(tasks)], which)

    def _touch(self, what: str, task: int, which: int) -> None:
        match what:
            case "answer":
                self.held.answer(task, f"c{which}", skipped=which == 5)
            case "edit":
                self.held.edit(task, f"e{which}")
            case "remove":
                self.held.remove(task)
            case _:  # the server does not count those that were skipped
                skipped = any(one["was_cancelled"] for one in self.held._tasks[task]["annotations"])
                self.held.unanswer(task, moves=skipped or what == "unanswer")

    def pull(self, ask: Ask | AskNow = Ask.CHANGES) -> None:
        """Pull, and compare with the memory."""
        pulled(self.held, self.folder, ask)
        now = self.held.answers()
        self.ever |= now
        found = shown(said(self.folder, KEY))
        assert found.keys() == self.ever.keys()
        assert {one for one, (_, gone) in found.items() if not gone} == now.keys()
        if ask == AskNow():
            assert {one: choice for one, (choice, gone) in found.items() if not gone} == now


@given(st.lists(STEP, max_size=25))
def test_whatever_happens_on_the_server_a_pull_knows_all_that_is_there_and_all_that_ever_was(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    history = History(tmp_path_factory.mktemp("study"))
    for step in steps:
        # Nothing tells a server that was put back and went on to the same counts: `reconcile` finds that.
        if step[0] == "restore":
            history.pull()
            history.step(*step)
            history.pull()
        else:
            history.step(*step)
    history.pull()


def test_a_damaged_list_of_what_was_let_go_is_named(held: Held, tmp_path: Path) -> None:
    held.answer(1)
    pulled(held, tmp_path)
    held.unanswer(1)
    pulled(held, tmp_path)
    let_go(tmp_path, KEY)
    path = tmp_path / "exports" / "KE-en-person-1-1.let-go.json"
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(StudyError) as raised:
        said(tmp_path, KEY)
    assert (raised.value.report.code, raised.value.report.where) == ("export-misfit", str(path))
