"""What we rely on of a Label Studio, asked of the real one and of the fake alike, the hazards first of all."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from annotation.fake.server import FakeStudio, fake_studio
from annotation.server.life import Running
from annotation.simulated import result_of
from annotation.studio import TASKS_A_PAGE, Studio, connected
from annotation.sync.kept import line_of
from annotation.tasks.interface import instruction, labelling_config
from annotation.web import Session
from builder.countries.strings import rater_texts
from schemas.annotation import TaskKind
from schemas.errors import ServiceError
from tests.annotation.lossy import Fault, lossy
from tests.annotation.pushed import exported, rater

WORDS = rater_texts("en")
CONFIG, TOLD = labelling_config(TaskKind.PERSON, WORDS), instruction(TaskKind.PERSON, WORDS)


class Target(NamedTuple):
    """A server to test."""

    url: str
    token: str


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeStudio]:
    with fake_studio() as running:
        yield running


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.server)])
def target(request: pytest.FixtureRequest) -> Target:
    if request.param == "real":
        running: Running = request.getfixturevalue("server")
        return Target(running.url, running.account.token)
    made: FakeStudio = request.getfixturevalue("fake")
    return Target(made.url, made.token)


@pytest.fixture
def studio(target: Target) -> Iterator[Studio]:
    with connected(target.url, target.token) as adapter:
        yield adapter


@pytest.fixture
def project(studio: Studio) -> Iterator[int]:
    made = studio.create_project("A made-up project", "[mvpbench contract]", CONFIG, TOLD)
    yield made
    if studio.project(made):
        studio.delete_project(made)


@pytest.fixture
def session(studio: Studio) -> Session:
    return rater(studio, f"contract-{uuid4().hex[:12]}")


def data(number: int) -> dict[str, str]:
    return {"uid": f"t-{number}", "question": "q", "answer_a": "a", "answer_b": "b", "profile": "p"}


def raw(target: Target, method: str, path: str, body: object = None) -> tuple[int, Any]:
    address = f"{target.url}{path}"
    request = urllib.request.Request(address, method=method, data=json.dumps(body).encode())  # noqa: S310
    request.add_header("Authorization", f"Token {target.token}")
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as reply:
            content = reply.read()
            return reply.status, json.loads(content) if content else None
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def listed(studio: Studio, project: int, since: str = "") -> dict[str, dict[str, Any]]:
    return {task["data"]["uid"]: task for task in studio.tasks(project, since)}


def ids(studio: Studio, project: int, *uids: str) -> list[int]:
    return [studio.present(project, [uid])[uid][0] for uid in uids]


def test_a_wrong_token_is_refused(target: Target) -> None:
    with pytest.raises(ServiceError) as raised, connected(target.url, "0" * 40):
        pass
    assert raised.value.report.code == "token-refused"


def test_a_project_is_found_by_its_mark_listed_and_gone_once_deleted(studio: Studio, project: int) -> None:
    found = studio.project(project)
    assert found is not None
    assert (found.id, found.title, found.description) == (project, "A made-up project", "[mvpbench contract]")
    assert found.config == CONFIG
    assert found in list(studio.projects())
    assert studio.find_project("[mvpbench contract]") == project
    assert studio.find_project("[mvpbench another]") is None
    assert (studio.has_project(project, "[mvpbench contract]"), studio.has_project(project, "[x]")) == (True, False)
    studio.delete_project(project)
    assert studio.project(project) is None
    assert not studio.has_project(project, "[mvpbench contract]")
    with pytest.raises(ServiceError) as raised:
        studio.glance(project)
    assert raised.value.report.code == "not-found"


def test_many_projects_are_found_by_their_numbers_at_once(studio: Studio, project: int) -> None:
    others = [studio.create_project(f"Project {number}", "", CONFIG, TOLD) for number in range(3)]
    found = studio.numbered([project, others[0], others[2], 10**6])
    assert {number: one.title for number, one in found.items()} == {
        project: "A made-up project",
        others[0]: "Project 0",
        others[2]: "Project 2",
    }
    assert found[project] == studio.project(project)
    assert studio.numbered([]) == {}
    for one in others:
        studio.delete_project(one)


def test_numbers_are_asked_for_page_by_page(studio: Studio, project: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotation.studio.PROJECTS_A_PAGE", 2)
    others = [studio.create_project(f"Project {number}", "", CONFIG, TOLD) for number in range(4)]
    assert sorted(studio.numbered([project, *others])) == sorted([project, *others])
    assert {project, *others} <= {one.id for one in studio.projects()}
    for one in others:
        studio.delete_project(one)


def test_anybody_may_change_a_project(studio: Studio, project: int, session: Session, target: Target) -> None:
    assert raw(target, "PATCH", f"/api/projects/{project}/", {"title": "changed by hand"})[0] == 200
    found = studio.project(project)
    assert found is not None
    assert found.title == "changed by hand"
    assert session.whoami() in studio.users()


def test_twins_of_a_project_are_deleted_where_they_are_empty_and_alike(studio: Studio) -> None:
    mark = f"[mvpbench twins {uuid4().hex}]"
    kept, twin, full = (studio.create_project("A made-up twin", mark, CONFIG, "") for _ in range(3))
    other = studio.create_project("A made-up twin", f"{mark} of another", CONFIG, "")
    studio.import_tasks(full, [data(1)])
    studio.drop_twins(kept)
    there = {one.id for one in studio.projects("made-up TWIN")}
    assert there & {kept, twin, full, other} == {kept, full, other}
    for one in (kept, full, other):
        studio.delete_project(one)


def test_a_title_that_is_too_short_is_refused(studio: Studio) -> None:
    with pytest.raises(ServiceError) as raised:
        studio.create_project("x", "", CONFIG, "")
    assert raised.value.report.code == "server-refused"


def test_a_batch_is_imported_whole_or_not_at_all_and_copies_are_not_found_out(studio: Studio, project: int) -> None:
    with pytest.raises(ServiceError) as raised:
        studio.import_tasks(project, [data(1), {"uid": "t-2"}])
    assert raised.value.report.code == "server-refused"
    assert studio.glance(project).tasks == 0
    for _ in range(2):
        studio.import_tasks(project, [data(1), data(2)])
    present = studio.present(project, ["t-1", "t-2", "t-3"])
    assert {uid: len(copies) for uid, copies in present.items()} == {"t-1": 2, "t-2": 2}
    assert sorted(task for copies in present.values() for task in copies) == [
        task["id"] for task in studio.tasks(project)
    ]
    assert studio.present(project, []) == {}


def test_tasks_come_back_as_they_were_sent_however_many(studio: Studio, project: int) -> None:
    sent = [data(number) for number in range(TASKS_A_PAGE + 1)]
    studio.import_tasks(project, sent)
    assert studio.glance(project).tasks == len(sent)
    assert [task["data"] for task in studio.tasks(project)] == sent
    assert [task.data for task in exported(studio, project)] == sent
    assert len(studio.present(project, [one["uid"] for one in sent])) == len(sent)


def test_a_server_that_gives_fewer_a_page_than_asked_for_hides_nothing(fake: FakeStudio) -> None:
    """Of the fake alone: a real one is told by its environment (`TASK_API_PAGE_SIZE_MAX`)."""
    sent = [data(number) for number in range(20)]
    with connected(fake.url, fake.token) as studio:
        project = studio.create_project("A made-up project", "[mvpbench contract]", CONFIG, TOLD)
        studio.import_tasks(project, sent)
        fake.page_cap = 7
        try:
            assert [task["data"] for task in studio.tasks(project)] == sent
            assert len(studio.present(project, [one["uid"] for one in sent])) == len(sent)
            assert studio.glance(project).tasks == len(sent)
        finally:
            fake.page_cap = 0
            studio.delete_project(project)


def test_a_task_that_changes_between_count_and_page_pushes_no_other_out(fake: FakeStudio) -> None:
    with connected(fake.url, fake.token) as studio:
        project = studio.create_project("A made-up project", "[mvpbench contract]", CONFIG, TOLD)
        studio.import_tasks(project, [data(number) for number in range(5)])
        first, _, third, *_, last = ids(studio, project, *(f"t-{number}" for number in range(5)))
        since = studio.glance(project).newest
        for task in (third, last):
            fake.held.edit_task(task, {})
        fake.held.meanwhile = lambda: fake.held.edit_task(first, {})
        assert [task["id"] for task in studio.tasks(project, since)] == [first, third, last]
        assert fake.held.meanwhile is None
        studio.delete_project(project)


def test_counts_asked_of_the_tasks_do_not_lag(studio: Studio, project: int, session: Session) -> None:
    assert studio.glance(project)[:3] == (0, 0, "")
    studio.import_tasks(project, [data(1), data(2)])
    assert studio.glance(project)[:2] == (2, 0)
    first, second = ids(studio, project, "t-1", "t-2")
    session.annotate(first, result_of("A", "sure"), 1.0)
    studio._client.annotations.create(second, result=[], was_cancelled=True)
    glance = studio.glance(project)
    assert glance[:2] == (2, 1)
    assert (studio.tasks_in(project), studio.answers_in([project, 10**6])) == (2, {project: 1})
    assert glance.at is not None
    assert abs(glance.at - datetime.fromisoformat(glance.newest)) < timedelta(minutes=1)  # one clock stamps and answers
    assert glance.newest == max(task["updated_at"] for task in studio.tasks(project))
    studio.delete_task(first)
    studio.delete_task(first)
    assert studio.glance(project)[:2] == (1, 0)


def test_a_task_is_listed_as_changed_when_an_answer_on_it_was_made_edited_or_deleted(
    studio: Studio, project: int, session: Session, target: Target
) -> None:
    studio.import_tasks(project, [data(1), data(2)])
    first, _ = ids(studio, project, "t-1", "t-2")
    assert listed(studio, project, studio.glance(project).newest) == {}
    answer = 0
    for change in ("make", "edit", "delete", "edit the task"):
        before = studio.glance(project).newest
        match change:
            case "make":
                answer = session.annotate(first, result_of("A", "sure"), 1.0)
            case "edit":
                assert raw(target, "PATCH", f"/api/annotations/{answer}/", {"result": []})[0] == 200
            case "delete":
                assert raw(target, "DELETE", f"/api/annotations/{answer}/")[0] == 204
            case _:
                assert raw(target, "PATCH", f"/api/tasks/{first}/", {"data": data(1) | {"question": "x"}})[0] == 200
        assert list(listed(studio, project, before)) == ["t-1"], change
    assert listed(studio, project)["t-1"]["data"]["question"] == "x"


def test_a_listing_holds_the_answers_of_all_accounts_as_an_export_does(
    studio: Studio, project: int, session: Session
) -> None:
    studio.import_tasks(project, [data(1)])
    (task,) = ids(studio, project, "t-1")
    session.annotate(task, result_of("A", "sure"), 2.5)
    other = rater(studio, f"contract-{uuid4().hex[:12]}")
    other.annotate(task, result_of("B", "sure"), 3.5)
    same = ("id", "completed_by", "result", "was_cancelled", "lead_time", "created_at", "updated_at")
    by_list = listed(studio, project)["t-1"]["annotations"]
    (by_export,) = studio.exported(project)
    assert sorted([one[name] for name in same] for one in by_list) == sorted(
        [one[name] for name in same] for one in by_export["annotations"]
    )
    assert {one["completed_by"] for one in by_list} == {session.whoami(), other.whoami()}
    assert line_of(listed(studio, project)["t-1"], "") == line_of(studio.exported(project)[0], "")


def test_annotations_are_not_checked_and_one_unique_id_is_taken_once(
    studio: Studio, project: int, target: Target
) -> None:
    studio.import_tasks(project, [data(1)])
    (task,) = ids(studio, project, "t-1")
    said = {"result": [{"nonsense": 1}], "lead_time": -1, "unique_id": str(uuid4())}
    assert raw(target, "POST", f"/api/tasks/{task}/annotations/", said)[0] == 201
    assert raw(target, "POST", f"/api/tasks/{task}/annotations/", said)[0] == 409
    assert listed(studio, project)["t-1"]["annotations"][0]["result"] == [{"nonsense": 1}]


def test_the_queue_keeps_to_the_overlap_and_a_submission_does_not(
    studio: Studio, project: int, session: Session
) -> None:
    studio.import_tasks(project, [data(1), data(2)])
    seen = []
    while (task := session.next_task(project)) is not None:
        seen.append(task)
        session.annotate(task[0], result_of("A", "sure"), 1.0)
    assert sorted(uid for _, uid in seen) == ["t-1", "t-2"]
    other = rater(studio, f"contract-{uuid4().hex[:12]}")
    assert other.next_task(project) is None
    for one in (session, other):
        one.annotate(seen[0][0], result_of("B", "sure"), 1.0)
    assert len(listed(studio, project)[seen[0][1]]["annotations"]) == 3


def test_drafts_of_others_are_in_exports_alone(studio: Studio, project: int, session: Session) -> None:
    studio.import_tasks(project, [data(1), data(2), data(3)])
    first, second, third = ids(studio, project, "t-1", "t-2", "t-3")
    session._ask(f"/api/tasks/{first}/drafts", {"result": result_of("A", "sure"), "lead_time": 1.0})
    session.annotate(second, result_of("A", "sure"), 1.0)
    assert listed(studio, project)["t-1"]["drafts"] == []
    assert studio.touched(project, [first, second, third]) == {first, second}


def test_raters_sign_up_with_the_invitation_alone_and_log_in_later(studio: Studio) -> None:
    name, password = f"contract-{uuid4().hex[:12]}@people.invalid", "a long password of ours"
    with pytest.raises(ServiceError):
        Session(studio.url).sign_up(f"{studio.url}/user/signup/?token=guessed", name, password)
    first = Session(studio.url)
    assert not first.log_in(name, password)
    first.sign_up(studio.invite_link(), name, password)
    again = Session(studio.url)
    assert again.log_in(name, password)
    assert again.whoami() == first.whoami()
    assert studio.users()[first.whoami()] == name
    assert name in studio.accounts()
    assert not Session(studio.url).log_in(name, "another password")


def test_accounts_are_told_with_when_they_were_made_which_no_two_share(studio: Studio) -> None:
    before = studio.joined()
    made = [rater(studio, f"contract-{uuid4().hex[:12]}").whoami() for _ in range(2)]
    after = studio.joined()
    assert after.keys() == before.keys() | set(made)
    assert studio.owner_id() in before
    assert len({after[one] for one in made}) == 2
    assert {one: after[one] for one in before} == before


def test_what_an_account_answered_is_nobodys_once_it_is_deleted_and_no_stamp_moves(
    studio: Studio, project: int, session: Session, target: Target
) -> None:
    studio.import_tasks(project, [data(1)])
    session.annotate(*ids(studio, project, "t-1"), result_of("A", "sure"), 1.0)
    before, user = listed(studio, project)["t-1"], session.whoami()
    assert raw(target, "DELETE", f"/api/users/{user}/")[0] == 204
    after = listed(studio, project)["t-1"]
    assert user not in studio.joined()
    assert [one["completed_by"] for one in (*before["annotations"], *after["annotations"])] == [user, None]
    for one, other in zip((before, *before["annotations"]), (after, *after["annotations"]), strict=True):
        assert one["updated_at"] == other["updated_at"]


def test_a_task_whose_answer_is_nobodys_is_served_again_when_that_is_deleted(
    studio: Studio, project: int, session: Session, target: Target
) -> None:
    studio.import_tasks(project, [data(1)])
    (task,) = ids(studio, project, "t-1")
    answered = session.annotate(task, result_of("A", "sure"), 1.0)
    assert raw(target, "DELETE", f"/api/users/{session.whoami()}/")[0] == 204
    other = rater(studio, f"contract-{uuid4().hex[:12]}")
    assert other.next_task(project) is None
    assert raw(target, "DELETE", f"/api/annotations/{answered}/")[0] == 204
    assert other.next_task(project) == (task, "t-1")


def test_a_form_without_its_cross_site_token_is_refused(target: Target) -> None:
    address = f"{target.url}/user/login/"
    request = urllib.request.Request(address, data=b"email=a&password=b")  # noqa: S310
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request)
    with raised.value as error:
        assert error.code == 403


@pytest.mark.parametrize("fault", ["reply lost", "reply 500", "lost while at work"])
def test_an_import_lands_although_its_reply_is_lost(target: Target, fault: Fault) -> None:
    with lossy(target.url, "/import", [fault]) as url, connected(url, target.token) as studio:
        project = studio.create_project("A made-up project", "[mvpbench contract]", CONFIG, "")
        with pytest.raises(ServiceError):
            studio.import_tasks(project, [data(1)])
    with connected(target.url, target.token) as studio:
        assert list(studio.present(project, ["t-1"])) == ["t-1"]
        studio.delete_project(project)


def test_a_server_is_told_from_another(studio: Studio) -> None:
    assert studio.server_id() == studio.server_id()
    with fake_studio() as other, connected(other.url, other.token) as second:
        other.held.made = "2026-04-01T00:00:00.000000Z"
        assert studio.server_id() != second.server_id()
