"""A push over a line that loses things, to a server that is slow or killed with us: each task is there once."""

import pytest

from annotation.pull import pull
from annotation.push import push
from annotation.server.life import Running
from annotation.simulated import result_of
from annotation.studio import Studio, connected
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study
from schemas.errors import ServiceError
from tests.annotation.lossy import Fault, lossy
from tests.annotation.pushed import PAIRS, exported, no_pause, quiet, rater, uids_assigned, uids_on_server

pytestmark = pytest.mark.server


@pytest.mark.parametrize("fault", ["request lost", "reply lost", "reply 500"])
def test_an_import_that_met_an_error_is_neither_lost_nor_doubled(study: Study, server: Running, fault: Fault) -> None:
    faults: list[Fault] = [fault, fault]
    with (
        lossy(server.url, "/import", faults) as url,
        connected(url, server.account.token) as studio,
    ):
        push(study, studio, say=quiet, pause=no_pause)
        assert not faults
        assert uids_on_server(study, studio) == uids_assigned(study)


@pytest.mark.parametrize("fault", ["lost while at work", "reply 502 while at work"])
def test_an_import_that_the_server_is_still_at_work_on_is_waited_for(
    study: Study, server: Running, fault: Fault
) -> None:
    faults: list[Fault] = [fault]
    with lossy(server.url, "/import", faults) as url, connected(url, server.account.token) as studio:
        done = push(study, studio, say=quiet)
        assert done.counts["tasks sent now"] == 3 * PAIRS
    assert not faults
    with connected(server.url, server.account.token) as studio:
        assert uids_on_server(study, studio) == uids_assigned(study)


def test_a_push_killed_while_the_server_is_at_work_waits_when_it_is_run_again(study: Study, server: Running) -> None:
    def cut(_: str) -> None:
        raise KeyboardInterrupt

    with lossy(server.url, "/import", ["lost while at work"]) as url:
        with connected(url, server.account.token) as studio, pytest.raises(KeyboardInterrupt):
            push(study, studio, say=cut)
        with connected(server.url, server.account.token) as studio:
            push(study, studio, say=quiet)
    with connected(server.url, server.account.token) as studio:
        assert uids_on_server(study, studio) == uids_assigned(study)


def test_a_batch_that_lands_after_it_was_sent_again_leaves_no_copies(study: Study, server: Running) -> None:
    """Nobody waits long enough here: the copies are found by the next push."""
    with (
        lossy(server.url, "/import", ["lost while at work"]) as url,
        connected(url, server.account.token) as studio,
    ):
        push(study, studio, say=quiet, pause=no_pause)
    with connected(server.url, server.account.token) as studio:
        doubled = {
            slot: sorted(uids * 2) if slot == "KE-en-person-1" else uids for slot, uids in uids_assigned(study).items()
        }
        assert uids_on_server(study, studio) == doubled
        assert push(study, studio, say=quiet).counts["tasks sent now"] == 0
        assert uids_on_server(study, studio) == uids_assigned(study)


def test_of_copies_those_with_an_answer_stay(study: Study, studio: Studio) -> None:
    slot = push(study, studio, say=quiet).result.slots[0]
    first, second, third, *_ = uids = uids_assigned(study)["KE-en-person-1"]
    tasks = {task.data["uid"]: task for task in exported(studio, slot.project_id)}
    for _ in range(2):
        studio.import_tasks(slot.project_id, [tasks[uid].data for uid in uids])
    copies = studio.present(slot.project_id, uids)
    assert {len(ids) for ids in copies.values()} == {3}
    session = rater(studio, f"{study.root.parent.name}-copies")
    answered = {copies[first][1], copies[second][0], copies[second][2]}
    for task in sorted(answered)[:2]:
        session.annotate(task, result_of("A", "sure"), 2.0)
    studio._client.annotations.create(max(answered), result=[], was_cancelled=True)  # skipped
    begun = copies[third][2]
    session._ask(f"/api/tasks/{begun}/drafts", {"result": result_of("A", "sure"), "lead_time": 1.0})
    said: list[str] = []
    push(study, studio, say=said.append)
    left = studio.present(slot.project_id, uids)
    assert {left[first][0], *left[second]} == answered
    assert left[third] == [begun]
    assert {uid: len(ids) for uid, ids in left.items()} == {uid: 2 if uid == second else 1 for uid in uids}
    assert f"KE-en-person-1: {second} was there 3 times, 1 copies that nobody has begun deleted" in said
    pulled = pull(study, studio, say=quiet)
    assert (pulled.result.by_slot["KE-en-person-1"], pulled.dropped) == (2, {"skipped": 1})


def test_a_push_whose_batches_do_not_land_ends(study: Study, server: Running) -> None:
    faults: list[Fault] = ["not done"] * 5
    with (
        lossy(server.url, "/import", faults) as url,
        connected(url, server.account.token) as studio,
        pytest.raises(ServiceError) as raised,
    ):
        push(study, studio, say=quiet)
    assert raised.value.report.code == "server-answer"
    assert raised.value.report.found == f"an import of {PAIRS} tasks that made 0"
    assert len(faults) == 2


@pytest.mark.parametrize(
    ("path", "fault"), [("/import", "reply lost"), ("/import", "request lost"), ("/projects/", "reply lost")]
)
def test_a_push_that_was_cut_off_goes_on(study: Study, server: Running, path: str, fault: Fault) -> None:
    said: list[str] = []

    def cut(line: str) -> None:
        said.append(line)
        raise KeyboardInterrupt

    with (
        lossy(server.url, path, [fault]) as url,
        connected(url, server.account.token) as between,
        pytest.raises((KeyboardInterrupt, ServiceError)),
    ):
        push(study, between, say=cut)
    with connected(server.url, server.account.token) as studio:
        push(study, studio, say=quiet, pause=no_pause)
        assert uids_on_server(study, studio) == uids_assigned(study)
        with Journal(study.journal) as journal:
            assert all(one.result is not None for kind in ("project", "tasks") for one in journal.writes(kind))
            marks = [one.payload for one in journal.writes("project")]
        assert len(marks) == 3
        descriptions = [one.description or "" for one in studio._client.projects.list()]
        assert all(sum(mark in text for text in descriptions) == 1 for mark in marks)
