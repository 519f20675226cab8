"""A slot on which journal, log and server agree."""

import pytest

from annotation.pull import pull
from annotation.push import push
from annotation.simulated import result_of
from annotation.studio import Studio
from annotation.sync.reconcile import reconcile
from mvpbench.store.study import Study
from schemas.annotation import Slot
from tests.annotation.pushed import quiet, rater


@pytest.fixture
def slot(study: Study, faked: Studio) -> Slot:
    """The first slot of a study that was pushed, answered once and pulled: journal, log and server agree."""
    work = push(study, faked, say=quiet).result.slots[0]
    found = next(faked.tasks(work.project_id))
    rater(faked, "one").annotate(found["id"], result_of("A", "sure"), 2.0)
    pull(study, faked, say=quiet)
    assert reconcile(study, faked, say=quiet).result.findings == ()
    return Slot(id=work.slot, project_id=work.project_id, project_title="", server="")
