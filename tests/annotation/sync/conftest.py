"""A slot on which journal, log and server agree; a project in memory."""

import pytest

from annotation.pull import pull
from annotation.push import push
from annotation.simulated import result_of
from annotation.studio import Studio
from annotation.sync.reconcile import reconcile
from mvpbench.store.study import Study
from schemas.annotation import Slot
from tests.annotation.pushed import quiet, rater
from tests.annotation.sync.held import Held


@pytest.fixture
def slot(study: Study, faked: Studio) -> Slot:
    """The first slot of a study that was pushed, answered once and pulled: journal, log and server agree."""
    work = push(study, faked, say=quiet).result.slots[0]
    found = next(faked.tasks(work.project_id))
    rater(faked, "one").annotate(found["id"], result_of("A", "sure"), 2.0)
    pull(study, faked, say=quiet)
    assert reconcile(study, faked, say=quiet).result.findings == ()
    return Slot(id=work.slot, project_id=work.project_id, project_title="", server="")


@pytest.fixture
def held() -> Held:
    """Thirty tasks, made in as many minutes."""
    made = Held()
    for number in range(30):
        made.add(f"t-{number}")
    return made
