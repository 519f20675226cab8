"""`annotate status --pull` of a study on a real server, and a task that its rater gives up for good."""

import json
from pathlib import Path

import pytest

from annotation.push import push
from annotation.server.life import Running
from annotation.simulated import result_of
from annotation.studio import Studio
from schemas.results import PushResult
from tests.annotation.made import STUDY_YAML, made_study
from tests.annotation.pushed import quiet, rater
from tests.mvpbench.cli.conftest import run_command

pytestmark = pytest.mark.server

PAIRS = 2


def test_pulled_first_it_tells_what_raters_just_said_and_waived_the_rest_is_not_waited_for(
    tmp_path: Path, server: Running, studio: Studio
) -> None:
    template = STUDY_YAML.replace("annotate: {{", f"annotate: {{{{url: '{server.url}', ")
    study = made_study(tmp_path / "study", PAIRS, template=template)
    pushed = push(study, studio, say=quiet).result
    given_up = _work(studio, study.root.parent.name, pushed)

    def run(*arguments: str) -> dict[str, object]:
        command = ("annotate", *arguments, "--study", study.root, "--json")
        done = run_command(*command, LABEL_STUDIO_API_KEY=server.account.token)
        printed: dict[str, object] = json.loads(done.stdout)
        assert (done.returncode, printed["ok"]) == (0, True)
        return printed

    assert _sample(run("status")) == (0, 0, "the declared sample is not in (0 of 6 ratings)")
    seen = run("status", "--pull")
    assert _sample(seen) == (5, 0, "the declared sample is not in (5 of 6 ratings)")
    result = seen["result"]
    assert isinstance(result, dict)
    assert [(one["slots"], one["rated"], one["pay"][0]["untimed"]) for one in result["raters"]] == [
        (["KE-en-person-1"], 2, 0),
        (["KE-en-person-2"], 2, 0),
        (["KE-en-person-3"], 1, 0),
    ]
    assert [(one["code"], one["found"], one["is_open"]) for one in result["items"]] == [
        ("given-up", f"open in {given_up}", True)
    ]
    waived = run("push", "--waive", "the rater does not want to judge it")
    assert waived["counts"] == {"tasks": 6, "tasks sent now": 0, "ratings waived": 1}
    assert _sample(run("status")) == (5, 1, None)


def _work(studio: Studio, name: str, pushed: PushResult) -> str:
    """Three raters answer all their tasks but one, which the last of them skips; return that one's slot."""
    for place, slot in enumerate(pushed.slots):
        session = rater(studio, f"{name}-{place}")
        skipped = session.next_task(slot.project_id) if place == len(pushed.slots) - 1 else None
        if skipped:
            session._ask(f"/api/tasks/{skipped[0]}/annotations/?was_cancelled=1", {"result": [], "lead_time": 1.0})
        for _ in range(PAIRS - bool(skipped)):
            found = session.next_task(slot.project_id)
            assert found is not None
            session.annotate(found[0], result_of("A", "sure"), 20.0)
    return pushed.slots[-1].slot


def _sample(printed: dict[str, object]) -> tuple[object, object, object]:
    result = printed["result"]
    assert isinstance(result, dict)
    sample = result["sample"]
    return sample["answered"], sample["waived"], sample["lacking"]
