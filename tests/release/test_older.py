"""A release that an earlier version of the tool sealed: still verified, read, and compared with.

`fixtures/release-1` was sealed before labels had shares and findings of questions; it is of the made-up study.
"""

import shutil
from pathlib import Path

import pytest

from release.build import build_release
from release.data import read_data
from release.diff import diff
from release.documents import changelog
from release.verify import verify_release
from release.versions import candidate_path
from schemas.annotation import AnnotatorKind, TaskKind
from schemas.errors import ConfigError
from schemas.labels import ItemStatus
from schemas.release import Bump, ConfigDiff
from tests.release.findings import write_findings
from tests.release.made import CLOCK, Made, made_study, silent, write_ratings

pytestmark = pytest.mark.slow

OLDER = Path(__file__).parent / "fixtures" / "release-1"
LABELS = (
    *("soft", "question_id", "asked_side", "item_status", "item_votes", "item_soft", "item_tie", "item_kinds"),
    *("dawid_skene", "mace", "unmodelled", "defects", "marking", "flagged", "ruling", "rulings"),
)
RATINGS = ("task", "question_id", "country", "asked_side", "defects")


def test_it_verifies() -> None:
    # 16 files beside the manifest.
    assert verify_release(OLDER).result.files == 16


def test_its_rows_are_read_with_nothing_in_the_new_columns() -> None:
    rows = read_data(OLDER)
    assert (len(rows.instances), len(rows.labels), len(rows.ratings)) == (9, 8, 24)
    assert {(row.soft, row.item_status, row.rulings) for row in rows.labels} == {((), ItemStatus.UNREVIEWED, ())}
    assert {row.task for row in rows.ratings} == {TaskKind.PERSON}
    assert {row.ruling for row in rows.instances} == {None}


def test_the_same_rows_with_more_columns_are_a_minor_change_and_the_changelog_names_them(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    write_ratings(study, Made(), AnnotatorKind.SIMULATED)
    shutil.copytree(OLDER, study.releases / "1.0.0")
    # 1 column of instances, 16 of labels, 5 of ratings.
    with pytest.raises(ConfigError, match=r"found 22 columns added since 1\.0\.0: a minor change, expected 1\.1\.0"):
        build_release(study, "1.0.1", silent, CLOCK)
    built = build_release(study, "1.1.0", silent, CLOCK).result
    assert built.diff is not None
    assert built.diff.bump is Bump.MINOR
    same = {"added": 0, "removed": 0, "edited": 0, "moved": 0}
    assert built.diff.by_config == (
        ConfigDiff(config="instances", columns=("ruling",), **same),
        ConfigDiff(config="labels", columns=LABELS, **same),
        ConfigDiff(config="ratings", columns=RATINGS, **same),
        ConfigDiff(config="profiles", **same),
    )
    text = changelog("made-up", "1.1.0", built.diff, "")
    assert "Compared with 1.0.0, minor: rows or columns were added." in text
    assert "- instances: ruling\n" in text


def test_findings_of_questions_are_added_rows_and_columns_beside_it(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    write_findings(study, Made(), AnnotatorKind.SIMULATED)
    shutil.copytree(OLDER, study.releases / "1.0.0")
    built = build_release(study, "1.1.0", silent, CLOCK).result
    assert built.diff is not None
    by_config = {one.config: one for one in built.diff.by_config}
    # Five votes on questions; the person whom nobody rated has a label now, for the sake of the question.
    assert (by_config["ratings"].added, by_config["ratings"].removed) == (5, 0)
    assert (by_config["labels"].added, by_config["labels"].edited) == (1, 0)


def test_a_column_that_is_gone_is_an_edit_of_every_row(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    write_ratings(study, Made(), AnnotatorKind.SIMULATED)
    build_release(study, "1.0.0", silent, CLOCK)
    found = diff(candidate_path(study, "1.0.0"), OLDER, "1.0.0")
    by_config = {one.config: one for one in found.by_config}
    assert (by_config["instances"].edited, by_config["labels"].edited, by_config["profiles"].edited) == (9, 8, 0)
    assert found.bump is Bump.MAJOR
