"""What differs between journal, pulled answers and server is found, one kind by one, and mended where no choice is."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from annotation.fake.server import FakeStudio
from annotation.pull import pull
from annotation.push import push
from annotation.simulated import result_of
from annotation.studio import Studio
from annotation.sync.accepted import Acceptance
from annotation.sync.reconcile import reconcile
from mvpbench.cli.annotate import _differs, app
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study
from schemas.annotation import Slot
from schemas.reconcile import Difference
from tests.annotation.pushed import quiet, rater, uids_on_server
from tests.annotation.sync.meddled import (
    Meddle,
    anonymous,
    answered,
    changed,
    doubled,
    edited,
    foreign,
    kinds,
    left,
    named,
    raw,
    reconfigured,
    tasks,
    twin,
    unanswered,
    unmarked,
    votes,
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("meddle", "found", "left"),
    [
        (lambda studio, project, _: studio.delete_project(project), ["project-gone"], ["project-gone"]),
        (unmarked, ["project-gone"], ["project-gone"]),
        (twin, ["project-unknown"], ["project-unknown"]),
        (reconfigured, ["config-changed"], ["config-changed"]),
        (lambda studio, _, ids: studio.delete_task(ids[1]), ["task-missing"], ["task-missing"]),
        (doubled, ["task-doubled"], []),
        (foreign, ["task-foreign"], ["task-foreign"]),
        (changed, ["task-changed"], ["task-changed"]),
        (answered, ["answer-not-pulled"], []),
        (edited, ["answer-not-pulled"], []),
        (unanswered, ["answer-gone"], ["answer-gone"]),
        (anonymous, ["account-gone", "answer-not-pulled"], ["account-gone"]),
        (left, ["account-gone"], ["account-gone"]),
    ],
)
def test_each_difference_is_found_and_mended_where_no_choice_is(
    study: Study, faked: Studio, slot: Slot, meddle: Meddle, found: list[str], left: list[str]
) -> None:
    meddle(faked, slot.project_id, tasks(faked, slot))
    assert kinds(reconcile(study, faked, say=quiet).result.findings) == found
    again = reconcile(study, faked, say=quiet, repair=True).result
    assert kinds(again.findings) == left
    assert sorted(again.repaired) == sorted(set(found) - set(left))
    assert kinds(reconcile(study, faked, say=quiet).result.findings) == left


@pytest.mark.slow
@pytest.mark.parametrize(
    "meddle", [twin, reconfigured, foreign, changed, unanswered, left], ids=lambda meddle: meddle.__name__
)
def test_what_may_stay_is_accepted_as_it_is_now_and_fails_no_more(
    study: Study, faked: Studio, slot: Slot, meddle: Meddle
) -> None:
    meddle(faked, slot.project_id, tasks(faked, slot))
    (one,) = reconcile(study, faked, say=quiet).result.findings
    told = reconcile(study, faked, say=quiet, accept=Acceptance([one.difference], "as  it\nwas meant"))
    assert [each.accepted for each in told.result.findings] == ["as it was meant"]
    again = reconcile(study, faked, say=quiet, repair=True)
    assert again.result.findings == told.result.findings
    assert (_differs(again.result), again.next_step) == (None, None)
    assert again.summary == (f"{one.difference}, 1 accepted: as it was meant",)
    foreign(faked, slot.project_id, [])
    assert _differs(reconcile(study, faked, say=quiet).result) is not None


def test_who_accepts_a_change_has_not_accepted_the_next_one(study: Study, faked: Studio, slot: Slot) -> None:
    reconfigured(faked, slot.project_id, [])
    accepted = reconcile(study, faked, say=quiet, accept=Acceptance([Difference.CONFIG_CHANGED], "shorter"))
    assert _differs(accepted.result) is None
    raw(faked, "PATCH", f"/api/projects/{slot.project_id}/", {"label_config": "<View/>"})
    assert _differs(reconcile(study, faked, say=quiet).result) is not None


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (["--accept", "answer-gone"], "reason-missing"),
        (["--why", "it is meant so"], "kind-missing"),
        (["--accept", "task-missing", "--why", "it is meant so"], "not-acceptable"),
    ],
)
def test_what_cannot_be_accepted_is_refused_before_the_server_is_asked(
    study: Study, said: list[str], code: str
) -> None:
    refused = CliRunner().invoke(app, ["reconcile", "--study", str(study.root), "--json", *said])
    assert (refused.exit_code, json.loads(refused.stdout)["error"]["code"]) == (2, code)


@pytest.mark.slow
def test_a_deletion_that_counts_fails_until_it_is_decided(
    study: Study, fake: FakeStudio, faked: Studio, slot: Slot, monkeypatch: pytest.MonkeyPatch
) -> None:
    named(study, fake, monkeypatch)
    unanswered(faked, slot.project_id, [])
    asked = ["reconcile", "--study", str(study.root)]
    for _ in range(2):
        told = CliRunner().invoke(app, asked)
        assert told.exit_code == 1
        assert "`mvpbench annotate pull --accept-deletions`" in told.stdout
        assert '`mvpbench annotate reconcile --accept answer-gone --why "..."`' in told.stdout
        assert max(len(line) for line in told.stdout.splitlines()) < 80
        CliRunner().invoke(app, ["pull", "--study", str(study.root)])
    decided = CliRunner().invoke(app, [*asked, "--accept", "answer-gone", "--why", "a test of the rater's"])
    assert decided.exit_code == CliRunner().invoke(app, asked).exit_code == 0
    assert "answer-gone, 1 accepted: a test of the rater's" in decided.stdout
    assert len(votes(study)) == 1


@pytest.mark.slow
def test_a_version_stamped_before_the_one_that_counts_is_told_until_it_is_decided(
    study: Study, fake: FakeStudio, faked: Studio, slot: Slot
) -> None:
    fake.held._now -= timedelta(hours=1)
    edited(faked, slot.project_id, [])
    (one,) = reconcile(study, faked, say=quiet).result.findings
    assert one.difference is Difference.ANSWER_EARLIER
    for work in (lambda: pull(study, faked, say=quiet), lambda: reconcile(study, faked, say=quiet, repair=True)):
        work()
        assert reconcile(study, faked, say=quiet).result.findings == (one,)
    before = votes(study)
    pull(study, faked, say=quiet, whole=True)
    assert (len(votes(study)), votes(study) != before) == (1, True)
    assert reconcile(study, faked, say=quiet).result.findings == ()


def test_a_batch_whose_end_nobody_saw_is_found_and_looked_for(study: Study, faked: Studio, slot: Slot) -> None:
    with Journal(study.journal) as journal:
        journal.begin_write("tasks", f"{faked.server_id()}/{slot.project_id}/9", '{"t-never": "0123456789abcdef"}')
    assert kinds(reconcile(study, faked, say=quiet).result.findings) == ["batch-unfinished"]
    assert reconcile(study, faked, say=quiet, repair=True, pause=lambda _: None).result.findings == ()


@pytest.mark.slow
def test_a_server_that_went_on_from_a_backup_to_the_same_counts_is_found_out(
    study: Study, fake: FakeStudio, faked: Studio, slot: Slot
) -> None:
    ids, session = tasks(faked, slot), rater(faked, "three")
    backup = fake.held.backup()
    session.annotate(ids[1], result_of("A", "sure"), 2.0)
    pull(study, faked, say=quiet)
    fake.held.restore(backup)
    session.annotate(ids[2], result_of("B", "sure"), 2.0)
    pull(study, faked, say=quiet)
    assert [(one.difference, one.subject) for one in reconcile(study, faked, say=quiet).result.findings] == [
        (Difference.ANSWER_GONE, "annotation 2")
    ]


@pytest.mark.slow
def test_what_is_missing_is_sent_by_the_next_push(study: Study, faked: Studio, slot: Slot) -> None:
    before = uids_on_server(study, faked)
    faked.delete_task(tasks(faked, slot)[1])
    doubled(faked, slot.project_id, tasks(faked, slot))  # the counts are as the journal says
    found = reconcile(study, faked, say=quiet, repair=True)
    assert kinds(found.result.findings) == ["task-missing"]
    assert found.next_step == "mvpbench annotate push"
    assert push(study, faked, say=quiet).counts["tasks sent now"] == 1
    assert uids_on_server(study, faked) == before
    assert reconcile(study, faked, say=quiet).result.findings == ()


def test_the_command_exits_1_where_something_differs(
    study: Study, fake: FakeStudio, faked: Studio, slot: Slot, monkeypatch: pytest.MonkeyPatch
) -> None:
    named(study, fake, monkeypatch)
    asked = ["reconcile", "--study", str(study.root), "--json"]
    same = CliRunner().invoke(app, asked)
    assert (same.exit_code, json.loads(same.stdout)["ok"]) == (0, True)
    faked.delete_task(tasks(faked, slot)[1])
    differs = CliRunner().invoke(app, asked)
    assert (differs.exit_code, json.loads(differs.stdout)["error"]["code"]) == (1, "reconcile-differs")
    assert json.loads(differs.stdout)["result"]["findings"][0]["difference"] == "task-missing"


@pytest.mark.slow
def test_an_edit_stamped_by_a_clock_that_was_put_back_is_found_by_a_whole_pull(
    study: Study, fake: FakeStudio, faked: Studio, slot: Slot, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.held._now += timedelta(hours=2)
    answered(faked, slot.project_id, tasks(faked, slot))
    pull(study, faked, say=quiet)
    before = votes(study)
    fake.held._now -= timedelta(hours=1)
    edited(faked, slot.project_id, [])  # the other answer is newer still
    pull(study, faked, say=quiet)
    assert votes(study) == before
    named(study, fake, monkeypatch)
    assert CliRunner().invoke(app, ["pull", "--whole", "--study", str(study.root)]).exit_code == 0
    assert len(before.items() - votes(study).items()) == 1


def test_nothing_is_written_by_looking(study: Study, faked: Studio, slot: Slot) -> None:
    foreign(faked, slot.project_id, [])
    files = {path: path.read_bytes() for path in _kept(study)}
    assert _differs(reconcile(study, faked, say=quiet).result) is not None
    assert {path: path.read_bytes() for path in _kept(study)} == files


def _kept(study: Study) -> list[Path]:
    return sorted((study.root / "label-studio").rglob("*.jsonl"))


@pytest.mark.slow
@pytest.mark.parametrize("locked", [1, 2])
def test_what_the_server_made_twice_of_one_request_is_there_once(
    study: Study, fake: FakeStudio, faked: Studio, locked: int
) -> None:
    """It repeats by itself what met a locked database: the creation of a project, then the import into it."""
    fake.locked = locked
    push(study, faked, say=quiet)
    assert fake.locked == 0
    assert reconcile(study, faked, say=quiet).result.findings == ()
    assert len(list(faked.projects())) == 3
