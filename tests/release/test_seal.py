"""Sealing: once, whole, and only what passes; a kill leaves a candidate or a release."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mvpbench.store.study import Study
from release.build import build_release
from release.candidate import add_validation
from release.seal import seal_release
from release.verify import verify_release, violations
from release.versions import candidate_path, release_path
from schemas.errors import CheckFailed, ConfigError, InputError, StudyError
from schemas.release import Manifest, ReleaseKind
from schemas.results import CheckOutcome
from tests.release.made import CLOCK, Made, made_result, made_study, silent, write_audit

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
KILLED_AT = """
import os, signal, sys
from pathlib import Path
from mvpbench.store.study import open_study
from release.seal import seal_release

left = int(sys.argv[2])

def say(line):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

seal_release(open_study(Path(sys.argv[1])), "1.0.0", say)
"""
STEPS = 5


def validated(root: Path, made: Made | None = None) -> Study:
    study = made_study(root, made)
    build_release(study, "1.0.0", silent, CLOCK)
    add_validation(study, "1.0.0", [made_result()], {"report.html": b"<p>made up", "curves/loss.csv": b"1,2\n"})
    return study


def sealed(root: Path, made: Made | None = None) -> Path:
    study = validated(root, made)
    seal_release(study, "1.0.0", silent, CLOCK)
    return release_path(study, "1.0.0")


def test_a_demo_is_sealed_and_says_so_everywhere(tmp_path: Path) -> None:
    study = validated(tmp_path)
    outcome = seal_release(study, "1.0.0", silent, CLOCK)
    release = release_path(study, "1.0.0")
    manifest = Manifest.model_validate_json((release / "manifest.json").read_bytes())
    assert outcome.result.kind is manifest.kind is ReleaseKind.DEMO
    assert manifest.reasons_demo == outcome.result.reasons_demo
    assert "people: synthetic people" in manifest.reasons_demo
    assert manifest.created_at == "2026-03-01T09:30:00+00:00"
    assert manifest.counts["instances"] == 9
    assert set(manifest.lineage) == {"surveys", "respondents", "profiles", "matches", "questions", "instances"}
    card = (release / "README.md").read_text(encoding="utf-8")
    title = card.index("# made-up-values 1.0.0")
    assert title < card.index("This is a demo release") < card.index("A benchmark of personal values")
    assert not candidate_path(study, "1.0.0").exists()


def test_a_research_release_has_no_reason_to_be_a_demo(tmp_path: Path) -> None:
    release = sealed(tmp_path, Made(research=True))
    manifest = Manifest.model_validate_json((release / "manifest.json").read_bytes())
    assert manifest.kind is ReleaseKind.RESEARCH
    assert "demo release" not in (release / "README.md").read_text(encoding="utf-8")


def test_the_manifest_lists_every_other_file_in_order(tmp_path: Path) -> None:
    release = sealed(tmp_path)
    manifest = Manifest.model_validate_json((release / "manifest.json").read_bytes())
    names = [entry.path for entry in manifest.files]
    assert names == sorted(names)
    there = {path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file()}
    assert there == {*names, "manifest.json"}
    assert {"validation/report.html", "validation/curves/loss.csv", "gates.json", "facts.json"} < there


def test_a_sealed_release_is_read_only(tmp_path: Path) -> None:
    release = sealed(tmp_path)
    for path in [release, *release.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o555 if path.is_dir() else 0o444)


def test_every_gate_that_stops_is_named_and_the_candidate_stays(tmp_path: Path) -> None:
    study = made_study(tmp_path, Made(licence="proprietary"))
    write_audit(study, CheckOutcome.FAILED)
    build_release(study, "1.0.0", silent, CLOCK)
    with pytest.raises(CheckFailed) as caught:
        seal_release(study, "1.0.0", silent, CLOCK)
    assert caught.value.exit_code == 1
    assert caught.value.report.code == "gates-failed"
    assert caught.value.report.where == "audit, licence, validation"
    assert "audit failed: high_side: 0.520" in str(caught.value)
    assert "validation not measured: no validation" in str(caught.value)
    assert [path.name for path in study.releases.iterdir()] == ["1.0.0.candidate"]
    assert not (candidate_path(study, "1.0.0") / "manifest.json").exists()


def test_sealing_twice_is_one_message(tmp_path: Path) -> None:
    study = validated(tmp_path)
    seal_release(study, "1.0.0", silent, CLOCK)
    with pytest.raises(StudyError) as caught:
        seal_release(study, "1.0.0", silent, CLOCK)
    assert caught.value.report.code == "already-sealed"
    assert verify_release(release_path(study, "1.0.0")).result.version == "1.0.0"


def test_without_a_candidate_there_is_nothing_to_seal_or_validate(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    with pytest.raises(StudyError, match=r"run `mvpbench release build 1\.0\.0`"):
        seal_release(study, "1.0.0", silent, CLOCK)
    with pytest.raises(StudyError) as caught:
        add_validation(study, "1.0.0", [made_result()], {})
    assert caught.value.report.code == "no-candidate"
    with pytest.raises(ConfigError):
        seal_release(study, "../1.0.0", silent, CLOCK)


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_a_kill_leaves_a_candidate_that_can_be_sealed_or_a_release(tmp_path: Path, step: int) -> None:
    study = validated(tmp_path)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_AT, str(tmp_path), str(step)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    names = [path.name for path in study.releases.iterdir()]
    if step < STEPS:
        assert names == ["1.0.0.candidate"]
        with pytest.raises(InputError):
            violations(release_path(study, "1.0.0"))
        seal_release(study, "1.0.0", silent, CLOCK)
    else:
        assert names == ["1.0.0"]
    assert violations(release_path(study, "1.0.0")) == []


def test_a_candidate_frozen_by_a_killed_seal_can_be_built_and_validated_again(tmp_path: Path) -> None:
    study = validated(tmp_path)

    def stop(line: str) -> None:
        if line.startswith("renaming"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seal_release(study, "1.0.0", stop, CLOCK)
    assert (candidate_path(study, "1.0.0") / "manifest.json").is_file()
    assert build_release(study, "1.0.0", silent, CLOCK).result.validation_kept
    assert not (candidate_path(study, "1.0.0") / "manifest.json").exists()
    add_validation(study, "1.0.0", [made_result(0.8)], {})
    assert seal_release(study, "1.0.0", silent, CLOCK).result.version == "1.0.0"
