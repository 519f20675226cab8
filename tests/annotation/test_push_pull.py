"""From instances to annotations on a real server: each task once, each answer read as it was meant."""

from collections import Counter
from pathlib import Path

import pytest

from annotation.collect import GONE
from annotation.projects import ANNOTATOR, annotator_id, current_projects
from annotation.pull import STAGE, export_files, pull
from annotation.push import push
from annotation.server.life import Running
from annotation.simulated import SimulatedAnnotator, result_of, simulate
from annotation.studio import Studio, connected
from mvpbench.store.journal import Journal
from mvpbench.store.stage import why_stale
from mvpbench.store.study import Study, open_study
from mvpbench.store.tables import read_dropped, read_info, read_table
from schemas.annotation import Annotation, AnnotatorKind, Assignment
from schemas.errors import ServiceError, StudyError
from schemas.questions import Instance
from schemas.values import Level, ValueProfile
from tests.annotation.lossy import lossy
from tests.annotation.made import STUDY_YAML, made_study
from tests.annotation.pushed import PAIRS, quiet, rater, uids_assigned, uids_on_server
from tests.fresh import write_fresh

pytestmark = pytest.mark.server


def test_pushed_twice_every_task_is_there_once(study: Study, studio: Studio) -> None:
    first = push(study, studio, say=quiet)
    assert first.counts == {"tasks": 3 * PAIRS, "tasks sent now": 3 * PAIRS}
    assert uids_on_server(study, studio) == uids_assigned(study)
    second = push(study, studio, say=quiet)
    assert second.counts == {"tasks": 3 * PAIRS, "tasks sent now": 0}
    assert second.result == first.result
    assert uids_on_server(study, studio) == uids_assigned(study)


def test_a_larger_sample_is_added_to_what_is_there(tmp_path: Path, studio: Studio) -> None:
    study = made_study(tmp_path, PAIRS)
    (tmp_path / "study.yaml").write_text(STUDY_YAML.format(pairs=2, slots=3, items=0), encoding="utf-8")
    assert push(open_study(tmp_path), studio, say=quiet).counts == {"tasks": 6, "tasks sent now": 6}
    assert push(study, studio, say=quiet).counts == {"tasks": 3 * PAIRS, "tasks sent now": 3 * PAIRS - 6}
    assert uids_on_server(study, studio) == uids_assigned(study)
    (tmp_path / "study.yaml").write_text(STUDY_YAML.format(pairs=2, slots=4, items=0), encoding="utf-8")
    with pytest.raises(StudyError) as raised:
        push(open_study(tmp_path), studio, say=quiet)
    assert str(raised.value) == (
        "the number of raters cannot change once tasks were sent (study.yaml: annotate.slots): found 4, expected 3, as"
        " at the first push: else raters would see both members of a pair. set it back to 3"
    )


def test_a_project_deleted_by_hand_is_one_clear_error_and_can_be_made_anew(study: Study, studio: Studio) -> None:
    pushed = push(study, studio, say=quiet).result
    lost = pushed.slots[1]
    studio.delete_project(lost.project_id)
    for command in (lambda: pull(study, studio, say=quiet), lambda: push(study, studio, say=quiet)):
        with pytest.raises(StudyError) as raised:
            command()
        assert raised.value.report.code == "project-gone"
        assert str(raised.value).startswith(
            "the label studio project of slot KE-en-person-2 is not there any more"
            f" ({studio.url}/projects/{lost.project_id}): found no project with this number, or one without our mark"
        )
    again = push(study, studio, say=quiet, anew=True)
    assert again.counts == {"tasks": 3 * PAIRS, "tasks sent now": PAIRS}
    assert uids_on_server(study, studio) == uids_assigned(study)
    assert pull(study, studio, say=quiet).result.answered == 0


def test_answers_pulled_from_a_project_that_is_gone_since_still_count(study: Study, studio: Studio) -> None:
    lost = push(study, studio, say=quiet).result.slots[0]
    session = rater(studio, f"{study.root.parent.name}-early")
    found = session.next_task(lost.project_id)
    assert found is not None
    session.annotate(found[0], result_of("A", "sure"), 2.0)
    pull(study, studio, say=quiet)
    before = read_table(study.tables, "annotations", Annotation)
    raw = (study.root / "label-studio" / "exports" / "KE-en-person-1-1.jsonl").read_bytes()
    studio.delete_project(lost.project_id)
    again = push(study, studio, say=quiet, anew=True).result.slots[0]
    pull(study, studio, say=quiet)
    assert [one.uid for one in before] == [found[1]]
    assert read_table(study.tables, "annotations", Annotation) == before
    # The rater goes on in the new project, which does not ask again what was answered in the old one.
    while (task := session.next_task(again.project_id)) is not None:
        assert task[1] != found[1]
        session.annotate(task[0], result_of("B", "sure"), 2.0)
    assert pull(study, studio, say=quiet).dropped == {}
    assert len(read_table(study.tables, "annotations", Annotation)) == PAIRS
    assert (study.root / "label-studio" / "exports" / "KE-en-person-1-1.jsonl").read_bytes() == raw


def test_answers_deleted_on_the_server_count_until_the_owner_lets_them_go(study: Study, studio: Studio) -> None:
    slot = push(study, studio, say=quiet).result.slots[0]
    session = rater(studio, f"{study.root.parent.name}-deleted")
    for choice in ("A", "B"):
        found = session.next_task(slot.project_id)
        assert found is not None
        session.annotate(found[0], result_of(choice, "sure"), 2.0)
    pull(study, studio, say=quiet)
    before = read_table(study.tables, "annotations", Annotation)
    assert len(before) == 2
    studio._client.annotations.delete(before[0].source_id)
    said: list[str] = []
    pulled = pull(study, studio, say=said.append)
    assert read_table(study.tables, "annotations", Annotation) == before
    assert (pulled.counts[GONE], pulled.dropped) == (1, {})
    assert any(line.endswith("and counted: 1 answer; --accept-deletions leaves them out") for line in said)
    info = read_info(study.tables, "annotations")
    assert pull(study, studio, say=quiet).counts == pulled.counts
    assert read_info(study.tables, "annotations") == info
    accepted = pull(study, studio, say=quiet, accept_deletions=True)
    assert accepted.dropped == {"deleted-on-server": 1}
    assert read_table(study.tables, "annotations", Annotation) == before[1:]
    assert pull(study, studio, say=quiet).dropped == accepted.dropped


def test_a_listing_that_is_none_changes_nothing_and_the_next_pull_goes_on(study: Study, server: Running) -> None:
    with connected(server.url, server.account.token) as studio:
        push(study, studio, say=quiet)
        pull(study, studio, say=quiet)
    files = {path: path.read_bytes() for path in (study.root / "label-studio" / "exports").rglob("*")}
    with lossy(server.url, "/tasks", ["oops"], "GET") as url, connected(url, server.account.token) as studio:
        with pytest.raises(ServiceError) as raised:
            pull(study, studio, say=quiet)
        assert (raised.value.report.code, raised.value.exit_code) == ("server-answer", 2)
        assert {path: path.read_bytes() for path in (study.root / "label-studio" / "exports").rglob("*")} == files
        assert pull(study, studio, say=quiet).result.tasks == 3 * PAIRS


def test_answers_on_a_profile_that_changed_are_superseded(study: Study, studio: Studio) -> None:
    slot = push(study, studio, say=quiet).result.slots[0]
    session = rater(studio, f"{study.root.parent.name}-text")
    found = session.next_task(slot.project_id)
    assert found is not None
    session.annotate(found[0], result_of("A", "sure"), 2.0)
    profiles = read_table(study.tables, "profiles", ValueProfile)
    turned = {Level.HIGH: Level.LOW, Level.LOW: Level.HIGH, Level.NONE: Level.NONE}
    changed = [
        one.model_copy(update={"scores": tuple(s.model_copy(update={"level": turned[s.level]}) for s in one.scores)})
        for one in profiles
    ]
    write_fresh(study, {"profiles": changed})
    again = push(study, studio, say=quiet)
    assert again.counts == {"tasks": 3 * PAIRS, "tasks sent now": 3 * PAIRS, "tasks superseded": 3 * PAIRS}
    pulled = pull(study, studio, say=quiet)
    assert (pulled.result.annotations, pulled.dropped) == (0, {"superseded": 1})


def test_assignments_whose_instance_is_gone_are_one_clear_error(study: Study, studio: Studio) -> None:
    push(study, studio, say=quiet)
    instances = read_table(study.tables, "instances", Instance)
    write_fresh(study, {"instances": [one for one in instances if one.pair_id != "m-0"]})
    for command in (lambda: pull(study, studio, say=quiet), lambda: simulate(study, studio, say=quiet)):
        with pytest.raises(StudyError, match="run `mvpbench annotate push`") as raised:
            command()
        assert raised.value.report.code == "tables-disagree"


def test_a_simulated_account_may_work_in_another_slot(study: Study, studio: Studio) -> None:
    push(study, studio, say=quiet)
    name = f"{study.root.parent.name}-moves"
    for slot in ("KE-en-person-1", "KE-en-person-2"):
        simulate(
            study,
            studio,
            say=quiet,
            annotators=[SimulatedAnnotator(name=name, slot=slot, reliability=1)],
            yes=True,  # other tests' people have accounts on this server
        )
    pull(study, studio, say=quiet)
    kinds = {one.annotator_kind for one in read_table(study.tables, "annotations", Annotation)}
    assert kinds == {AnnotatorKind.SIMULATED}
    with Journal(study.journal) as journal:
        assert len({one.key.partition("/")[0] for one in journal.writes(ANNOTATOR)}) == 1


def test_annotator_ids_depend_on_the_server_that_says_who_it_is(study: Study, studio: Studio) -> None:
    push(study, studio, say=quiet)
    with Journal(study.journal) as journal:
        servers = {one.slot.server for one in current_projects(studio, journal)}
    assert servers == {studio.server_id()}
    assert annotator_id("study", studio.server_id(), 2, None) != annotator_id("study", "ls-another", 2, None)


def test_pull_before_push_says_so(study: Study, studio: Studio) -> None:
    with pytest.raises(StudyError, match="mvpbench annotate push"):
        pull(study, studio, say=quiet)


def test_simulated_annotators_leave_the_tasks_of_people_alone_unless_told(study: Study, studio: Studio) -> None:
    push(study, studio, say=quiet)
    rater(studio, f"{study.root.parent.name}-somebody")
    with pytest.raises(StudyError) as raised:
        simulate(study, studio, say=quiet)
    assert raised.value.report.code == "people-take-part"
    assert (raised.value.report.found or "").endswith("accounts of people")
    assert "--yes" in (raised.value.report.way_out or "")
    with Journal(study.journal) as journal:
        assert journal.writes(ANNOTATOR) == []


def test_simulated_annotators_answer_everything_and_are_known_as_simulated(study: Study, studio: Studio) -> None:
    push(study, studio, say=quiet)
    sure = [
        SimulatedAnnotator(name=f"{study.root.parent.name}-{n}", slot=f"KE-en-person-{n}", reliability=1)
        for n in (1, 2, 3)
    ]

    told: list[str] = []

    def cut(line: str) -> None:
        told.append(line)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(study, studio, say=cut, annotators=sure, yes=True)
    assert pull(study, studio, say=quiet).result.by_slot == {
        "KE-en-person-1": PAIRS,
        "KE-en-person-2": 0,
        "KE-en-person-3": 0,
    }
    rest = simulate(study, studio, say=quiet, annotators=sure, yes=True)
    assert list(rest.result.answered.values()) == [0, PAIRS, PAIRS]

    pulled = pull(study, studio, say=quiet)
    assert pulled.result.model_dump() == {
        "annotations": 3 * PAIRS,
        "tasks": 3 * PAIRS,
        "answered": 3 * PAIRS,
        "by_slot": {"KE-en-person-1": PAIRS, "KE-en-person-2": PAIRS, "KE-en-person-3": PAIRS},
    }
    expected = {one.id: one.expected for one in read_table(study.tables, "instances", Instance)}
    rows = read_table(study.tables, "annotations", Annotation)
    assert all(one.vote == expected[one.instance_id] for one in rows)
    assert {one.annotator_kind for one in rows} == {AnnotatorKind.SIMULATED}
    assert len({one.annotator for one in rows}) == 3
    before = read_info(study.tables, "annotations")
    with Journal(study.journal) as journal:
        assert why_stale(study, STAGE, export_files(study, journal)) == ()
    pull(study, studio, say=quiet)
    assert read_info(study.tables, "annotations") == before


def test_people_may_change_their_mind_and_what_does_not_fit_is_dropped(study: Study, studio: Studio) -> None:
    pushed = push(study, studio, say=quiet).result
    session = rater(studio, f"{study.root.parent.name}-mind")
    project = pushed.slots[0].project_id
    tasks = []
    for answer in ("A", "C", "both"):
        found = session.next_task(project)
        assert found is not None
        session.annotate(found[0], result_of(answer, "sure"), 3.5)
        tasks.append(found)
    session.annotate(tasks[0][0], result_of("B", "guessing"), 4.5)

    pulled = pull(study, studio, say=quiet)
    assert pulled.dropped == {"superseded": 1, "unknown-choice": 1}
    rows = {one.uid: one for one in read_table(study.tables, "annotations", Annotation)}
    order = {one.uid: one.answer_order for one in read_table(study.tables, "assignments", Assignment)}
    assert set(rows) == {tasks[0][1], tasks[2][1]}
    changed = rows[tasks[0][1]]
    assert (changed.vote, changed.sureness, changed.lead_time_s) == (order[changed.uid][1], "guessing", 4.5)
    assert rows[tasks[2][1]].vote == "both"
    assert {one.annotator_kind for one in rows.values()} == {AnnotatorKind.HUMAN}
    assert Counter(one.reason for one in read_dropped(study.tables, "annotations")) == pulled.dropped


def test_who_works_in_two_slots_is_counted_once_a_pair(study: Study, studio: Studio) -> None:
    pushed = push(study, studio, say=quiet).result
    session = rater(studio, f"{study.root.parent.name}-both")
    for slot in pushed.slots[:2]:
        while (found := session.next_task(slot.project_id)) is not None:
            session.annotate(found[0], result_of("A", "sure"), 1.0)
    pulled = pull(study, studio, say=quiet)
    assert pulled.result.by_slot == {"KE-en-person-1": PAIRS, "KE-en-person-2": 0, "KE-en-person-3": 0}
    assert pulled.dropped == {"not-blind": PAIRS}
