"""Versions are ordered as numbers, and what changed decides how far one must rise."""

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvpbench.store.study import Study
from release.build import build_release
from release.candidate import add_validation
from release.data import ReleaseRows, read_data, write_data
from release.diff import diff
from release.documents import changelog
from release.seal import seal_release
from release.versions import Version, candidate_path, latest_sealed, parse_version
from schemas.annotation import AnnotatorKind
from schemas.errors import ConfigError, StudyError
from schemas.release import Bump, ConfigDiff
from schemas.values import Split
from tests.release.made import CLOCK, Made, made_result, made_study, silent, write_audit, write_built, write_ratings

pytestmark = pytest.mark.slow

parts = st.integers(0, 999_999_999)
versions = st.builds(Version, parts, parts, parts)


def release(study: Study, version: str) -> None:
    build_release(study, version, silent, CLOCK)
    add_validation(study, version, [made_result()], {})
    seal_release(study, version, silent, CLOCK)


@given(versions)
def test_a_version_is_read_as_it_is_written(version: Version) -> None:
    assert parse_version(str(version)) == version


@given(versions.filter(lambda version: max(version) < 999_999_999), st.sampled_from(Bump))
def test_every_bump_is_a_higher_version(version: Version, bump: Bump) -> None:
    assert version < version.raised(bump)


def test_bumps_are_ordered() -> None:
    # semver.org, 6 to 8: a higher part resets those below it.
    assert [str(Version(1, 9, 3).raised(bump)) for bump in Bump] == ["1.9.4", "1.10.0", "2.0.0"]
    assert Version(1, 9, 0) < Version(1, 10, 0)


@pytest.mark.parametrize(
    "text", ["", "1.0", "1.0.0.0", "v1.0.0", "01.0.0", "1.0.0-rc1", "1.0.0\n", "../1.0.0", "1.0.-1", "١.0.0", "latest"]
)
def test_what_is_no_version_is_refused(tmp_path: Path, text: str) -> None:
    study = made_study(tmp_path)
    with pytest.raises(ConfigError) as caught:
        build_release(study, text, silent, CLOCK)
    assert caught.value.report.code == "version-malformed"
    assert caught.value.report.found == repr(text)


def test_the_latest_sealed_version_is_the_highest_and_no_candidate(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    assert latest_sealed(study) is None
    release(study, "1.9.0")
    release(study, "1.10.0")
    build_release(study, "2.0.0", silent, CLOCK)
    assert latest_sealed(study) == "1.10.0"


def test_a_version_that_exists_is_refused(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    release(study, "1.0.0")
    with pytest.raises(StudyError) as caught:
        build_release(study, "1.0.0", silent, CLOCK)
    assert caught.value.report.code == "release-exists"
    assert "mvpbench release build 1.0.1" in str(caught.value)


def test_added_rows_need_a_minor_bump_and_the_changelog_counts_them(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    release(study, "1.0.0")
    write_built(study, Made(pairs=6))
    write_audit(study)
    with pytest.raises(ConfigError) as caught:
        build_release(study, "1.0.1", silent, CLOCK)
    # Two more pairs: four instances and four profiles.
    assert str(caught.value) == (
        "release 1.0.1: found 8 rows added since 1.0.0: a minor change, expected 1.1.0 or higher. "
        "run `mvpbench release build 1.1.0`"
    )
    assert not candidate_path(study, "1.0.1").exists()
    release(study, "1.1.0")
    text = (study.releases / "1.1.0" / "CHANGELOG.md").read_text(encoding="utf-8")
    assert text.index("## 1.1.0") < text.index("## 1.0.0")
    assert "Compared with 1.0.0, minor: rows or columns were added." in text
    assert "| instances | 4 | 0 | 0 | 0 |" in text


def test_removed_rows_need_a_major_bump(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    release(study, "1.0.0")
    write_built(study, Made(pairs=3))
    with pytest.raises(ConfigError, match=r"4 rows removed since 1\.0\.0: a major change, expected 2\.0\.0 or higher"):
        build_release(study, "1.9.0", silent, CLOCK)
    built = build_release(study, "2.0.0", silent, CLOCK).result
    assert built.diff is not None
    assert built.diff.bump is Bump.MAJOR


def test_labels_that_change_rows_need_a_major_bump(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    release(study, "1.0.0")
    write_ratings(study, Made(), AnnotatorKind.SIMULATED)
    diff = build_release(study, "2.0.0", silent, CLOCK).result.diff
    assert diff is not None
    by_config = {one.config: one for one in diff.by_config}
    # The status of the eight paired instances is no longer `unreviewed`.
    assert (by_config["instances"].edited, by_config["labels"].added, by_config["ratings"].added) == (8, 8, 24)


def test_the_same_rows_under_another_canary_are_a_patch(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    release(study, "1.0.0")
    built = build_release(study, "1.0.1", silent, CLOCK).result
    assert built.diff is not None
    assert built.diff.bump is Bump.PATCH


def test_a_version_below_the_latest_is_refused(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    release(study, "2.0.0")
    with pytest.raises(ConfigError, match=r"expected 2\.0\.1 or higher"):
        build_release(study, "1.5.0", silent, CLOCK)


def test_a_row_that_moved_to_another_split_and_changed_counts_once(tmp_path: Path) -> None:
    study = made_study(tmp_path / "study")
    build_release(study, "1.0.0", silent, CLOCK)
    older = candidate_path(study, "1.0.0")
    rows = read_data(older)
    moved = [
        row.model_copy(update={"split": Split.VALIDATION, "topic": "another"}) if row.pair_id == "m-0" else row
        for row in rows.instances
    ]
    write_data(tmp_path / "newer", ReleaseRows(moved, rows.labels, rows.ratings, rows.profiles))
    found = diff(older, tmp_path / "newer", "1.0.0")
    assert found.by_config[0] == ConfigDiff(config="instances", added=0, removed=0, edited=0, moved=2)
    assert found.bump is Bump.MAJOR
    assert "| instances | 0 | 0 | 0 | 2 |" in changelog("made-up", "2.0.0", found, "")


def test_the_same_rows_in_other_bytes_are_a_patch(tmp_path: Path) -> None:
    study = made_study(tmp_path / "study")
    build_release(study, "1.0.0", silent, CLOCK)
    older = candidate_path(study, "1.0.0")
    shutil.copytree(older, tmp_path / "newer")
    file = tmp_path / "newer" / "data" / "instances" / "test.parquet"
    pq.write_table(pq.read_table(file), file, compression="snappy")
    assert file.read_bytes() != (older / "data" / "instances" / "test.parquet").read_bytes()
    assert diff(older, tmp_path / "newer", "1.0.0").bump is Bump.PATCH
