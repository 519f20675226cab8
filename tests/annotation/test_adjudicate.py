"""Adjudication on a real server and a fake: asked once, decided by another, unknown to who looks for raters' work."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from annotation.adjudicate import WAITING, adjudicate
from annotation.adjudication.decided import STAGE, adjudication_files
from annotation.labels import run_labels
from annotation.projects import current_projects
from annotation.pull import pull
from annotation.push import push
from annotation.simulated import item_result_of
from annotation.studio import Studio
from annotation.sync.reconcile import reconcile
from mvpbench.store.journal import Journal
from mvpbench.store.stage import why_stale
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from schemas.annotation import Assignment, TaskKind
from schemas.errors import StudyError
from schemas.labels import Adjudication, ItemLabel, Ruling
from schemas.results import AdjudicationWork
from tests.annotation.adjudication.said import decision
from tests.annotation.made import made_study
from tests.annotation.pushed import PAIRS, current_project, no_pause, quiet, rater
from tests.annotation.sync.meddled import kinds


@pytest.fixture
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A study with one slot of the item task."""
    return made_study(tmp_path_factory.mktemp("adjudicated") / "study", PAIRS, items=1)


@pytest.mark.server
def test_a_question_in_doubt_is_asked_once_and_decided_by_another(study: Study, studio: Studio) -> None:
    pushed = push(study, studio, say=quiet)
    name = study.root.parent.name
    session = rater(studio, f"{name}-rater")
    project = current_project(study, studio, "KE-en-item-1")
    found = session.next_task(project)
    assert found is not None
    session.annotate(found[0], item_result_of("A", ["leak"]), 2.0)
    pull(study, studio, say=quiet)
    run_labels(study)

    asked = adjudicate(study, studio, say=quiet, pause=no_pause)
    assert (asked.counts["questions asked"], asked.counts["questions sent now"]) == (1, 1)
    again = adjudicate(study, studio, say=quiet, pause=no_pause)
    assert (again.result, again.counts["questions sent now"]) == (asked.result, 0)

    # The rater's own decision does not count; another's does.
    slot = asked.result.slots[0]
    task = session.next_task(slot.project_id)
    assert task is not None
    session.annotate(task[0], decision("keep", "sound"), 2.0)
    told = adjudicate(study, studio, say=quiet, pause=no_pause)
    assert (told.dropped, told.result.decided) == ({"own-question": 1}, 0)
    rater(studio, f"{name}-judge").annotate(task[0], decision("drop", "leak", "<b>names</b> a town"), 3.0)
    told = adjudicate(study, studio, say=quiet, pause=no_pause)
    assert (told.result.decided, told.next_step) == (1, None)
    (row,) = read_table(study.tables, "adjudications", Adjudication)
    assert (row.ruling, row.comment) == (Ruling.DROP, "<b>names</b> a town")
    labels = read_table(study.tables, "item_labels", ItemLabel)
    assert {one.question_id: one.ruling for one in labels if one.ruling} == {row.question_id: Ruling.DROP}

    # Raters' work goes on as if nothing were there.
    assert push(study, studio, say=quiet).counts == pushed.counts | {"tasks sent now": 0}
    with Journal(study.journal) as journal:
        assert slot.slot not in {one.slot.id for one in current_projects(studio, journal)}
    assert pull(study, studio, say=quiet).dropped == {}


@pytest.mark.server
def test_a_project_deleted_by_hand_is_one_clear_error_and_can_be_made_anew(study: Study, studio: Studio) -> None:
    push(study, studio, say=quiet)
    session = rater(studio, f"{study.root.parent.name}-rater")
    assigned = read_table(study.tables, "assignments", Assignment)
    project = current_project(study, studio, "KE-en-item-1")
    for _ in [one for one in assigned if one.task is TaskKind.ITEM]:
        found = session.next_task(project)
        assert found is not None
        session.annotate(found[0], item_result_of("neither"), 2.0)
    pull(study, studio, say=quiet)
    run_labels(study)
    slot = adjudicate(study, studio, say=quiet, pause=no_pause).result.slots[0]
    assert slot.tasks == PAIRS
    studio.delete_project(slot.project_id)
    with pytest.raises(StudyError, match="`mvpbench annotate adjudicate --anew`") as raised:
        adjudicate(study, studio, say=quiet, pause=no_pause)
    assert raised.value.report.code == "project-gone"
    again = adjudicate(study, studio, say=quiet, pause=no_pause, anew=True)
    assert again.counts["questions sent now"] == PAIRS
    assert adjudicate(study, studio, say=quiet, pause=no_pause).counts["questions sent now"] == 0


@pytest.fixture
def two_slots(tmp_path: Path) -> Study:
    """A study with two slots of the item task."""
    return made_study(tmp_path / "study", 1, items=2)


def rate(study: Study, studio: Studio, number: int, defects: Sequence[str] = ()) -> None:
    """Have the rater of one slot of the item task answer everything, and pull."""
    session = rater(studio, f"rater-{number}")
    project = current_project(study, studio, f"KE-en-item-{number}")
    while (found := session.next_task(project)) is not None:
        session.annotate(found[0], item_result_of("A", defects), 2.0)
    pull(study, studio, say=quiet)


def table_is_fresh(study: Study) -> bool:
    """Whether a release could be built from the decisions as they are."""
    with Journal(study.journal) as journal:
        return not why_stale(study, STAGE, adjudication_files(study, journal))


def test_a_question_is_asked_when_every_slot_of_its_country_has_answered(two_slots: Study, faked: Studio) -> None:
    push(two_slots, faked, say=quiet)
    rate(two_slots, faked, 1, ["leak"])
    early = adjudicate(two_slots, faked, say=quiet, pause=no_pause)
    assert (early.counts["questions asked"], early.counts[WAITING]) == (0, 1)
    assert early.summary == ("1 question in doubt: raters who have not answered yet are waited for",)
    rate(two_slots, faked, 2, ["leak"])
    asked = adjudicate(two_slots, faked, say=quiet, pause=no_pause)
    assert (asked.counts["questions asked"], WAITING in asked.counts) == (1, False)
    assert table_is_fresh(two_slots)
    (task,) = faked.tasks(asked.result.slots[0].project_id)
    assert task["data"]["said"].endswith(": 2")  # both raters' mark


@pytest.mark.slow
def test_nobody_waits_for_answers_that_were_waived(two_slots: Study, faked: Studio) -> None:
    push(two_slots, faked, say=quiet)
    rate(two_slots, faked, 1, ["leak"])
    assert pull(two_slots, faked, say=quiet).next_step == "mvpbench annotate pull, when raters have gone on"
    push(two_slots, faked, say=quiet, waive="the second rater has left")
    assert pull(two_slots, faked, say=quiet).next_step == "mvpbench agree"
    assert adjudicate(two_slots, faked, say=quiet, pause=no_pause).counts["questions asked"] == 1


@pytest.fixture
def decided(two_slots: Study, faked: Studio) -> AdjudicationWork:
    """A question that was asked, decided, and the decision pulled."""
    push(two_slots, faked, say=quiet)
    for number in (1, 2):
        rate(two_slots, faked, number, ["leak"])
    (slot,) = adjudicate(two_slots, faked, say=quiet, pause=no_pause).result.slots
    (task,) = faked.tasks(slot.project_id)
    rater(faked, "judge").annotate(task["id"], decision("drop", "leak"), 2.0)
    pull(two_slots, faked, say=quiet)
    run_labels(two_slots)
    assert len(read_table(two_slots.tables, "adjudications", Adjudication)) == 1
    return slot


@pytest.mark.slow
def test_a_decision_deleted_on_the_server_counts_until_deletions_are_accepted(
    two_slots: Study, faked: Studio, decided: AdjudicationWork
) -> None:
    (task,) = faked.tasks(decided.project_id)
    faked._client.annotations.delete(task["annotations"][0]["id"])
    for accepted, left in ((False, 1), (True, 0)):
        pull(two_slots, faked, say=quiet, accept_deletions=accepted)
        run_labels(two_slots)
        assert len(read_table(two_slots.tables, "adjudications", Adjudication)) == left


@pytest.mark.slow
def test_a_project_made_anew_gets_only_what_is_undecided(tmp_path: Path, faked: Studio) -> None:
    study = made_study(tmp_path / "study", 2, items=1)
    push(study, faked, say=quiet)
    rate(study, faked, 1, ["leak"])
    (slot,) = adjudicate(study, faked, say=quiet, pause=no_pause).result.slots
    first, second = faked.tasks(slot.project_id)
    rater(faked, "judge").annotate(first["id"], decision("drop", "leak"), 2.0)
    adjudicate(study, faked, say=quiet, pause=no_pause)
    faked.delete_project(slot.project_id)
    told = adjudicate(study, faked, say=quiet, pause=no_pause, anew=True)
    (again,) = told.result.slots
    assert (again.tasks, told.counts["questions sent now"], told.result.decided) == (1, 1, 1)
    (task,) = faked.tasks(again.project_id)
    assert task["data"]["uid"] == second["data"]["uid"]
    rater(faked, "another-judge").annotate(task["id"], decision("keep", "sound"), 2.0)
    told = adjudicate(study, faked, say=quiet, pause=no_pause)
    assert (told.counts["questions sent now"], told.result.decided, told.next_step) == (0, 2, None)
    faked.delete_project(again.project_id)
    assert adjudicate(study, faked, say=quiet, pause=no_pause, anew=True).summary == ()
    pull(study, faked, say=quiet)
    assert kinds(reconcile(study, faked, say=quiet).result.findings) == []


@pytest.mark.slow
def test_adjudicators_projects_are_reconciled_too(two_slots: Study, faked: Studio, decided: AdjudicationWork) -> None:
    same = reconcile(two_slots, faked, say=quiet).result
    assert same.findings == ()
    (state,) = [one for one in same.projects if one.project_id == decided.project_id]
    assert (state.tasks, state.sent, state.annotations, state.pulled) == (1, 1, 1, 1)
    (task,) = faked.tasks(decided.project_id)
    faked.delete_task(task["id"])
    found = reconcile(two_slots, faked, say=quiet)
    assert sorted(one.difference.value for one in found.result.findings) == ["answer-gone", "task-missing"]
    assert found.next_step == "mvpbench annotate adjudicate"
    assert adjudicate(two_slots, faked, say=quiet, pause=no_pause).counts["questions sent now"] == 1
