"""The slot of a validation."""

from pathlib import Path

import pytest

from mvpbench.store.study import Study
from release.build import build_release
from release.candidate import add_validation, require_candidate, validation_of
from release.data import data_sha256, read_instances
from release.versions import candidate_path
from schemas.errors import Defect, InputError, StudyError
from tests.release.made import CLOCK, made_result, made_study, silent

pytestmark = pytest.mark.slow


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = made_study(tmp_path)
    build_release(study, "1.0.0", silent, CLOCK)
    return study


def test_results_come_back_bound_to_the_data(study: Study, tmp_path: Path) -> None:
    candidate = candidate_path(study, "1.0.0")
    report = tmp_path / "elsewhere.html"
    report.write_bytes(b"<p>")
    add_validation(study, "1.0.0", [made_result()], {"report.html": report, "curves/a.csv": b"1"})
    found = validation_of(candidate)
    assert found is not None
    assert found[0].data_sha256 == data_sha256(candidate)
    assert found[1] == [made_result()]
    assert (candidate / "validation/report.html").read_bytes() == b"<p>"
    assert (candidate / "validation/curves/a.csv").read_bytes() == b"1"


def test_a_new_validation_replaces_the_old_one_whole(study: Study) -> None:
    add_validation(study, "1.0.0", [made_result()], {"old.csv": b"1"})
    add_validation(study, "1.0.0", [made_result(0.6)], {"new.csv": b"1"})
    names = sorted(path.name for path in (candidate_path(study, "1.0.0") / "validation").iterdir())
    assert names == ["binding.json", "new.csv", "results.parquet"]
    assert [path.name for path in study.releases.iterdir()] == ["1.0.0.candidate"]


def test_results_on_rows_taken_before_keep_their_hash(study: Study) -> None:
    add_validation(study, "1.0.0", [made_result()], {}, made_on="0" * 64)
    found = validation_of(candidate_path(study, "1.0.0"))
    assert found is not None
    assert found[0].data_sha256 == "0" * 64


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "", "results.parquet", "binding.json"])
def test_a_file_that_would_lie_elsewhere_is_a_defect(study: Study, name: str) -> None:
    with pytest.raises(Defect):
        add_validation(study, "1.0.0", [made_result()], {name: b"x"})
    assert validation_of(candidate_path(study, "1.0.0")) is None
    assert [path.name for path in study.releases.iterdir()] == ["1.0.0.candidate"]


def test_a_folder_that_is_no_candidate(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as caught:
        require_candidate(tmp_path / "1.0.0.candidate")
    assert caught.value.report.code == "no-candidate"


def test_a_data_file_that_is_not_parquet_is_named(study: Study) -> None:
    candidate = candidate_path(study, "1.0.0")
    (candidate / "data/instances/test.parquet").write_bytes(b"no parquet")
    with pytest.raises(InputError, match=r"test\.parquet") as caught:
        read_instances(candidate)
    assert caught.value.report.code == "release-unreadable"
