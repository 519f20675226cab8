"""A push that was stopped, a sample that grew, a project made anew: nobody gets what would unblind them, or twice."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from annotation.fake.server import fake_studio
from annotation.pull import pull
from annotation.push import STAGE, assignment_files, push
from annotation.simulated import result_of
from annotation.studio import Studio, connected
from mvpbench.store.journal import Journal
from mvpbench.store.stage import why_stale
from mvpbench.store.study import Study, open_study
from mvpbench.store.tables import read_table
from schemas.annotation import Annotation, Assignment
from schemas.questions import Instance
from tests.annotation.made import made_study
from tests.annotation.pushed import quiet, rater, uids_assigned, uids_on_server

DEEP = """\
format: 1
name: made-up
survey: {{file: none.csv}}
annotate: {{pairs: {pairs}, slots: 3, deep_share: {share}, deep_slots: 6, item_slots: 1, repeats: 0.1, violations: 0}}
"""


@pytest.fixture
def studio() -> Iterator[Studio]:
    with fake_studio() as server, connected(server.url, server.token) as adapter:
        yield adapter


def configured(study: Study, pairs: int, share: float) -> Study:
    (study.root / "study.yaml").write_text(DEEP.format(pairs=pairs, share=share), encoding="utf-8")
    return open_study(study.root)


def members_met(study: Study, studio: Studio) -> Counter[tuple[str, str | None]]:
    """How many members of each pair each person slot has on the server, of all that was ever sent there."""
    assigned = {one.uid: one for one in read_table(study.tables, "assignments", Assignment)}
    pair_of = {one.id: one.pair_id for one in read_table(study.tables, "instances", Instance)}
    met: dict[tuple[str, str | None], set[str | None]] = {}
    for slot, uids in uids_on_server(study, studio).items():
        for uid in uids:
            one = assigned[uid]  # KeyError: sent, and no more in the sample
            if one.instance_id is not None:
                met.setdefault((slot, pair_of[one.instance_id]), set()).add(one.instance_id)
    return Counter({key: len(found) for key, found in met.items()})


@pytest.mark.slow
@pytest.mark.parametrize("stopped", range(1, 8))
def test_a_push_stopped_in_any_slot_goes_on_to_the_same_sample(tmp_path: Path, studio: Studio, stopped: int) -> None:
    study = configured(made_study(tmp_path, 12), 12, 0.5)
    told: list[str] = []

    def cut(line: str) -> None:
        told.append(line)
        if len(told) == stopped:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        push(study, studio, say=cut)
    push(study, studio, say=quiet)
    assert uids_on_server(study, studio) == uids_assigned(study)
    met = members_met(study, studio)
    assert set(met.values()) == {1}
    raters = Counter(pair for _, pair in met)
    assert Counter(raters.values()) == {3: 6, 6: 6}
    with Journal(study.journal) as journal:
        assert why_stale(study, STAGE, assignment_files(study, journal)) == ()


def test_a_sample_that_grows_and_turns_shallow_moves_nobody(tmp_path: Path, studio: Studio) -> None:
    study = made_study(tmp_path, 30)
    push(configured(study, 8, 0.5), studio, say=quiet)
    before = uids_on_server(study, studio)
    push(configured(study, 25, 0), studio, say=quiet)
    after = uids_on_server(study, studio)
    assert all(set(uids) <= set(after[slot]) for slot, uids in before.items())
    assert set(members_met(study, studio).values()) == {1}


def test_a_project_made_anew_does_not_ask_again_what_was_answered(tmp_path: Path, studio: Studio) -> None:
    study = made_study(tmp_path, 6)
    lost = push(study, studio, say=quiet).result.slots[0]
    session = rater(studio, "early")
    for _ in range(4):
        found = session.next_task(lost.project_id)
        assert found is not None
        session.annotate(found[0], result_of("A", "sure"), 2.0)
    pull(study, studio, say=quiet)
    studio.delete_project(lost.project_id)
    again = push(study, studio, say=quiet, anew=True)
    assert again.counts["tasks sent now"] == 2
    assert push(study, studio, say=quiet).counts["tasks sent now"] == 0
    session = rater(studio, "another account of the same person")
    while (found := session.next_task(again.result.slots[0].project_id)) is not None:
        session.annotate(found[0], result_of("B", "sure"), 2.0)
    assert pull(study, studio, say=quiet).dropped == {}
    rows = read_table(study.tables, "annotations", Annotation)
    assert (len(rows), len({one.uid for one in rows})) == (6, 6)


def test_a_question_that_was_edited_on_the_server_is_not_answered(tmp_path: Path, studio: Studio) -> None:
    study = made_study(tmp_path, 3)
    slot = push(study, studio, say=quiet).result.slots[0]
    session = rater(studio, "somebody")
    found = session.next_task(slot.project_id)
    assert found is not None
    studio._client.tasks.update(str(found[0]), data={"uid": found[1], "question": "Another question?"})
    session.annotate(found[0], result_of("A", "sure"), 2.0)
    pulled = pull(study, studio, say=quiet)
    assert (pulled.result.annotations, pulled.dropped) == (0, {"text-changed": 1})
