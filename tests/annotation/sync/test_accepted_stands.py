"""`pull --whole` tells what it takes in an earlier version, and leaves what the study accepted."""

from datetime import timedelta

import pytest

from annotation.fake.server import FakeStudio
from annotation.pull import OVERRULED, pull
from annotation.push import push
from annotation.simulated import result_of
from annotation.studio import Studio
from annotation.sync.reconcile import Acceptance, reconcile
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from schemas.annotation import Annotation
from schemas.reconcile import Difference
from tests.annotation.pushed import quiet, rater

TAKEN = "1 answer is now as the server has it, stamped earlier than what was pulled"
LEFT = "left as pulled although the server has an earlier version, as was accepted: 1 answer"


@pytest.mark.slow
@pytest.mark.parametrize("accepted", [False, True])
def test_an_answer_whose_earlier_version_was_accepted_is_not_overruled(
    study: Study, fake: FakeStudio, faked: Studio, accepted: bool
) -> None:
    project = push(study, faked, say=quiet).result.slots[0].project_id
    (first, *_) = faked.tasks(project)
    session = rater(faked, "one")
    session.annotate(first["id"], result_of("A", "sure"), 2.0)
    before = pulled(study, faked)[1]
    ((number,),) = [[one["id"] for one in task["annotations"]] for task in faked.tasks(project) if task["annotations"]]
    fake.held._now -= timedelta(hours=1)
    key = {"Authorization": f"Token {faked.token}"}
    edit = {"result": result_of("B", "sure")}
    assert faked._http.request("PATCH", f"{faked.url}/api/annotations/{number}/", json=edit, headers=key).is_success
    if accepted:
        reconcile(study, faked, say=quiet, accept=Acceptance([Difference.ANSWER_EARLIER], "a trial of the server's"))
    told, rows, taken = pulled(study, faked, whole=True)
    assert (rows == before) is accepted
    assert ([one for one in told if one in (TAKEN, LEFT)], taken) == ([LEFT], None) if accepted else ([TAKEN], 1)
    found = reconcile(study, faked, say=quiet).result.findings
    assert [one.accepted for one in found] == ["a trial of the server's"] * accepted


def pulled(study: Study, studio: Studio, *, whole: bool = False) -> tuple[list[str], list[Annotation], int | None]:
    told: list[str] = []
    counts = pull(study, studio, say=told.append, whole=whole).counts
    return told, read_table(study.tables, "annotations", Annotation), counts.get(OVERRULED)
