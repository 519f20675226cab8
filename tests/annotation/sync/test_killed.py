"""What a server that is killed leaves half done is pulled all the same."""

import pytest

from annotation.fake.server import FakeStudio
from annotation.pull import pull
from annotation.simulated import result_of
from annotation.studio import Studio
from annotation.sync.reconcile import reconcile
from mvpbench.store.study import Study
from schemas.annotation import Slot
from schemas.errors import ServiceError
from tests.annotation.pushed import quiet, rater
from tests.annotation.sync.meddled import tasks


@pytest.mark.parametrize("pulled_before", [False, True])
def test_an_answer_of_which_a_killed_server_noted_nothing_with_its_task(
    study: Study, fake: FakeStudio, faked: Studio, slot: Slot, pulled_before: bool
) -> None:
    """Neither the task's time of change nor its counter tells: on the real server they are written after the answer."""
    ids, session = tasks(faked, slot), rater(faked, "three")
    before = pull(study, faked, say=quiet).result.annotations if pulled_before else 1
    fake.held.dies = True
    with pytest.raises(ServiceError):
        session.annotate(ids[1], result_of("A", "sure"), 2.0)
    newest = faked.glance(slot.project_id).newest
    assert fake.held.task(ids[1])["updated_at"] <= newest
    assert fake.held.annotated([fake.held.task(ids[1])]) == 0
    for _ in range(2):
        assert pull(study, faked, say=quiet).result.annotations == before + 1
    assert reconcile(study, faked, say=quiet).result.findings == ()
