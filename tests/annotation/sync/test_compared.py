"""What is told as a difference is one that the command it names mends; what nobody needs is not told."""

from datetime import timedelta

import pytest

from annotation.accounts import note_annotator
from annotation.fake.server import FakeStudio
from annotation.projects import ADJUDICATION_PROJECT, annotator_id, server_name
from annotation.pull import pull
from annotation.push import push
from annotation.simulated import result_of
from annotation.studio import Studio
from annotation.sync.accepted import Acceptance
from annotation.sync.reconcile import reconcile
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from schemas.annotation import Annotator, AnnotatorKind, Assignment, Slot
from schemas.questions import Instance
from schemas.reconcile import Difference, Finding
from tests.annotation.pushed import quiet, rater, uids_assigned
from tests.annotation.sync.meddled import answer, foreign, kinds, raw, tasks, votes
from tests.fresh import write_fresh

pytestmark = pytest.mark.slow
SURE = result_of("A", "sure")


def found(study: Study, studio: Studio) -> tuple[Finding, ...]:
    return reconcile(study, studio, say=quiet).result.findings


def test_a_task_that_left_the_sample_is_missed_by_nobody(study: Study, faked: Studio, slot: Slot) -> None:
    everything = read_table(study.tables, "instances", Instance)
    fewer = [one for one in everything if one.pair_id != everything[0].pair_id]
    write_fresh(study, {"instances": fewer})
    assert push(study, faked, say=quiet).counts["tasks superseded"] > 0
    in_sample = {one.uid for one in read_table(study.tables, "assignments", Assignment)}
    left = [one for one in faked.tasks(slot.project_id) if one["data"]["uid"] not in in_sample]
    unanswered = [one["id"] for one in left if not one["annotations"]]
    assert unanswered
    for one in unanswered:
        faked.delete_task(one)
    assert found(study, faked) == ()
    write_fresh(study, {"instances": everything})  # the sample is as it was
    push(study, faked, say=quiet)
    assert found(study, faked) == ()


def test_a_missing_task_is_sent_although_a_foreign_one_makes_up_the_count(
    study: Study, faked: Studio, slot: Slot
) -> None:
    faked.delete_task(tasks(faked, slot)[1])
    foreign(faked, slot.project_id, [])
    told = reconcile(study, faked, say=quiet)
    assert (kinds(told.result.findings), told.next_step) == (["task-foreign", "task-missing"], "mvpbench annotate push")
    assert push(study, faked, say=quiet).counts["tasks sent now"] == 1
    assert push(study, faked, say=quiet).counts["tasks sent now"] == 0
    uids = sorted(one["data"]["uid"] for one in faked.tasks(slot.project_id))
    assert uids == sorted([*uids_assigned(study)[slot.id], "t-somebody's"])
    assert kinds(found(study, faked)) == ["task-foreign"]


def test_a_task_that_comes_back_before_the_push_is_not_sent_again(
    study: Study, fake: FakeStudio, faked: Studio, slot: Slot
) -> None:
    """With a foreign task then deleted, the counts are such that either word of the journal would be wrong."""
    backup = fake.held.backup()
    faked.delete_task(tasks(faked, slot)[1])
    foreign(faked, slot.project_id, [])
    assert "task-missing" in kinds(found(study, faked))
    fake.held.restore(backup)
    faked.delete_task(tasks(faked, slot)[2])
    assert push(study, faked, say=quiet).counts["tasks sent now"] == 1
    uids = sorted(one["data"]["uid"] for one in faked.tasks(slot.project_id))
    assert uids == uids_assigned(study)[slot.id]


@pytest.fixture
def earlier(study: Study, faked: Studio, slot: Slot) -> Slot:
    """The slot's project after it lost its mark, another took its place, and the mark was put back."""
    project = faked.project(slot.project_id)
    assert project is not None
    raw(faked, "PATCH", f"/api/projects/{slot.project_id}/", {"description": "ours now"})
    push(study, faked, say=quiet, anew=True)
    raw(faked, "PATCH", f"/api/projects/{slot.project_id}/", {"description": project.description})
    assert found(study, faked) == ()
    return slot


def test_what_an_earlier_project_lacks_the_latest_has(study: Study, faked: Studio, earlier: Slot) -> None:
    faked.delete_task(tasks(faked, earlier)[1])
    assert found(study, faked) == ()


def test_an_answer_in_an_earlier_project_is_brought_by_a_repair(study: Study, faked: Studio, earlier: Slot) -> None:
    rater(faked, "two").annotate(tasks(faked, earlier)[1], result_of("B", "sure"), 2.0)
    brought_by_repair(study, faked, 2)


def test_an_edit_stamped_before_what_was_pulled_last_is_brought_by_a_repair(
    study: Study, fake: FakeStudio, faked: Studio, slot: Slot
) -> None:
    """The clock is put back by two of the three hours that it went on, so the edit is later than what it edits."""
    fake.held._now += timedelta(hours=3)
    rater(faked, "two").annotate(tasks(faked, slot)[1], SURE, 2.0)
    pull(study, faked, say=quiet)
    fake.held._now -= timedelta(hours=2)
    raw(faked, "PATCH", f"/api/annotations/{answer(faked, slot.project_id)}/", {"result": result_of("B", "sure")})
    brought_by_repair(study, faked, 2)


def test_deletions_in_an_earlier_project_are_let_go_by_the_command_that_is_named(
    study: Study, faked: Studio, earlier: Slot
) -> None:
    raw(faked, "DELETE", f"/api/annotations/{answer(faked, earlier.project_id)}/")
    assert kinds(found(study, faked)) == ["answer-gone"]
    pull(study, faked, say=quiet, accept_deletions=True)
    assert (found(study, faked), votes(study)) == ((), {})


def test_an_earlier_version_in_an_earlier_project_is_taken_by_the_command_that_is_named(
    study: Study, fake: FakeStudio, faked: Studio, earlier: Slot
) -> None:
    before = votes(study)
    fake.held._now -= timedelta(hours=1)
    raw(faked, "PATCH", f"/api/annotations/{answer(faked, earlier.project_id)}/", {"result": result_of("B", "sure")})
    assert kinds(found(study, faked)) == ["answer-earlier"]
    pull(study, faked, say=quiet, whole=True)
    assert (found(study, faked), len(before.items() - votes(study).items())) == ((), 1)


def brought_by_repair(study: Study, studio: Studio, answers: int) -> None:
    """Look, do each time what is said to do next, and end with as many answers, not those of before."""
    before = votes(study)
    pull(study, studio, say=quiet)
    told = reconcile(study, studio, say=quiet)
    assert kinds(told.result.findings) == ["answer-overlooked"]
    assert told.next_step == "mvpbench annotate reconcile --repair"
    mended = reconcile(study, studio, say=quiet, repair=True)
    assert (mended.result.findings, mended.next_step) == ((), "mvpbench annotate pull")
    pull(study, studio, say=quiet)
    assert (len(votes(study)), votes(study) != before) == (answers, True)
    assert reconcile(study, studio, say=quiet).next_step is None


def test_answers_of_an_account_that_left_before_the_pull_do_not_count_and_are_accepted_one_by_one(
    study: Study, faked: Studio
) -> None:
    work = push(study, faked, say=quiet).result.slots[0]
    ids = [one["id"] for one in faked.tasks(work.project_id)]
    accepted = Acceptance([Difference.ANSWER_OF_NOBODY], "a test account")
    for number, name in enumerate(["one", "two"]):
        session = rater(faked, name)
        session.annotate(ids[number], SURE, 2.0)
        raw(faked, "DELETE", f"/api/users/{session.whoami()}/")
        assert pull(study, faked, say=quiet).dropped == {"no-annotator": number + 1}
        told = reconcile(study, faked, say=quiet).result.findings
        assert [(one.difference, one.accepted) for one in told] == [
            *[(Difference.ANSWER_OF_NOBODY, "a test account")] * number,
            (Difference.ANSWER_OF_NOBODY, None),
        ]
        reconcile(study, faked, say=quiet, accept=accepted)
    raw(faked, "DELETE", f"/api/annotations/{answer(faked, work.project_id)}/")
    pull(study, faked, say=quiet)
    assert len(found(study, faked)) == 1  # nothing that counted is gone


def test_who_accepts_an_account_that_nobody_knows_has_not_accepted_its_later_answers(
    study: Study, faked: Studio, slot: Slot
) -> None:
    """Numbers are given out again: without the moment at which it was made, it may be another's."""
    session, gone = rater(faked, "two"), Difference.ACCOUNT_GONE
    for number in (1, 2):
        answered = session.annotate(tasks(faked, slot)[number], SURE, 2.0)
        raw(faked, "PATCH", f"/api/annotations/{answered}/", {"completed_by": 99})
        pull(study, faked, say=quiet)
        (one,) = found(study, faked)
        assert (one.subject, one.detail, one.accepted) == ("account 99", f"{number} answers", None)
        reconcile(study, faked, say=quiet, accept=Acceptance([gone], "it was merged with another"))


def test_a_simulated_account_that_is_gone_is_told_once(study: Study, faked: Studio, slot: Slot) -> None:
    session, address = rater(faked, "sim-x"), "sim-x@people.invalid"
    with Journal(study.journal) as journal:  # on record by its number, as those before moments were asked for
        name = annotator_id(server_name(journal), faked.server_id(), session.whoami(), None)
        note_annotator(journal, Annotator(id=name, kind=AnnotatorKind.SIMULATED, slot=slot.id), address)
    session.annotate(tasks(faked, slot)[1], SURE, 2.0)
    pull(study, faked, say=quiet)
    assert found(study, faked) == ()
    raw(faked, "DELETE", f"/api/users/{session.whoami()}/")
    told = [(one.difference, one.project, one.subject) for one in found(study, faked)]
    assert told == [(Difference.ACCOUNT_GONE, slot.id, f"account {address}")]


def test_a_project_on_another_server_is_told_beside_what_else_differs(study: Study, faked: Studio, slot: Slot) -> None:
    made = Slot(id="KE-en-adjudication-1", project_id=slot.project_id, project_title="", server="ls-lost")
    with Journal(study.journal) as journal:
        journal.begin_write(ADJUDICATION_PROJECT, "KE-en-adjudication-1/1", "[a mark]")
        journal.finish_write(ADJUDICATION_PROJECT, "KE-en-adjudication-1/1", made.model_dump_json())
    foreign(faked, slot.project_id, [])
    told = reconcile(study, faked, say=quiet)
    assert kinds(told.result.findings) == ["project-elsewhere", "task-foreign"]
    (elsewhere,) = [one for one in told.result.findings if one.difference is Difference.PROJECT_ELSEWHERE]
    assert elsewhere.detail == f"number {slot.project_id} on the server ls-lost; this one is {faked.server_id()}"
    assert "`mvpbench annotate adjudicate --anew`" in "\n".join(told.summary)
    assert not any(line.startswith("KE-en-adjudication-1/1: ") for line in told.summary)  # the number is another's here
