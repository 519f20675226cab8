"""A release of the D3CODE study: built, sealed, verified, each command a process of its own."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.material import COMMAND, copied, d3code_study
from benchmarks.measure import Figure, Spent, timed_process
from mvpbench.store.study import Study
from release.candidate import add_validation
from release.versions import release_path
from schemas.evaluation import Ablation, EvalResult, Headline, Stage
from schemas.release import Manifest

RUNS = 3
VERSION = "0.1.0"


def figures() -> Iterator[Figure]:
    """Yield medians of seconds and the most memory; nothing where the D3CODE file is not there.

    The release has no ratings, and one made-up result in the place of its validation: neither weighs beside the rows.
    """
    made = d3code_study()
    if made is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        studies = [copied(made.root, Path(folder) / str(number)) for number in range(RUNS)]
        every = [_released(study) for study in studies]
        sealed = release_path(studies[0], VERSION)
        manifest = Manifest.model_validate_json((sealed / "manifest.json").read_bytes())
    yield Figure("release", "d3code: instances released", manifest.counts["instances"], "instances", "8,000 or more")
    yield Figure("release", "d3code: size", sum(one.bytes for one in manifest.files) / 1e6, "MB")
    for step in every[0]:
        seconds = median(spent[step].wall for spent in every)
        yield Figure("release", f"d3code: release {step}, median of {RUNS}", seconds, "s")
    most = max(spent.megabytes for one in every for spent in one.values())
    yield Figure("release", "d3code: most memory of a command", most, "MB")


def _released(study: Study) -> dict[str, Spent]:
    at = ["--study", str(study.root)]
    spent = {"build": timed_process([COMMAND, "release", "build", VERSION, *at])}
    add_validation(study, VERSION, [_result()], {})
    spent["seal"] = timed_process([COMMAND, "release", "seal", VERSION, *at])
    spent["verify"] = timed_process([COMMAND, "release", "verify", str(release_path(study, VERSION))])
    return spent


def _result() -> EvalResult:
    """Return a made-up result: the gate asks for one."""
    return EvalResult(
        model="made-up",
        stage=Stage.BASE,
        headline=Headline.USE,
        ablation=Ablation.FULL,
        metric="pair_accuracy",
        value=0.5,
        instances=2,
        respondents=2,
        components=1,
    )
