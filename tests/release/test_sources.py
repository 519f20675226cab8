"""A release is made of what the study's commands would make now, and of nothing that was allowed or true before."""

from pathlib import Path

import pytest

from mvpbench.store.study import Study, open_study
from mvpbench.store.tables import read_table
from release.build import build_release
from schemas.annotation import Annotation, Assignment, Purpose, TaskKind
from schemas.errors import StudyError
from tests.fresh import write_fresh
from tests.release.made import CLOCK, Made, made_study, silent

pytestmark = pytest.mark.slow


def edited(study: Study, file: str, old: str, new: str) -> Study:
    """Edit a file of the study, as its owner would, and run no command."""
    path = study.root / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return open_study(study.root)


@pytest.mark.parametrize(
    ("file", "old", "new", "table", "why"),
    [
        (
            "codebook.yaml",
            "codebook: 1",
            "codebook: 1\nredistribute_profiles: no",
            "surveys",
            "file codebook changed",
        ),
        ("codebook.yaml", "licence: CC-BY-4.0", "licence: CC-BY-ND-4.0", "surveys", "file codebook changed"),
        ("none.csv", "rater_id", "rater_id,age", "surveys", "file none.csv changed"),
        ("study.yaml", "name: made-up\n", "name: made-up\nprofile: {out_of_domain: [KE]}\n", "profiles", "section"),
        ("study.yaml", "name: made-up\n", "name: made-up\ngenerate: {max_uses: 1}\n", "matches", "section generate"),
    ],
    ids=["redistribute_profiles", "licence", "survey", "out_of_domain", "generate"],
)
def test_what_the_study_no_longer_says_is_not_released(
    tmp_path: Path, file: str, old: str, new: str, table: str, why: str
) -> None:
    study = edited(made_study(tmp_path), file, old, new)
    with pytest.raises(StudyError) as caught:
        build_release(study, "1.0.0", silent, CLOCK)
    report = caught.value.report
    assert (report.code, report.subject) == ("table-stale", f"table {table}")
    assert str(report.found).startswith(why)
    assert not list(study.releases.iterdir())


def test_labels_of_other_annotations_are_not_released(tmp_path: Path) -> None:
    study = made_study(tmp_path, Made(research=True))
    write_fresh(study, {"annotations": read_table(study.tables, "annotations", Annotation)[:-1]})
    with pytest.raises(StudyError, match="table labels") as caught:
        build_release(study, "1.0.0", silent, CLOCK)
    assert caught.value.report.found == "table annotations changed"


def test_annotations_from_before_another_sample_was_pushed_are_not_released(tmp_path: Path) -> None:
    study = made_study(tmp_path, Made(research=True))
    rating = read_table(study.tables, "annotations", Annotation)[0]
    sent = Assignment(
        uid=rating.uid,
        slot=rating.slot,
        task=TaskKind.PERSON,
        purpose=Purpose.RATED,
        country="KE",
        language="en",
        instance_id=rating.instance_id,
        question_id="q-1",
        answer_order=("a-1", "a-2"),
        asked_side=None,
        right=None,
        place=0.5,
        shown_sha256="0" * 64,
    )
    write_fresh(study, {"assignments": [sent]})
    with pytest.raises(StudyError, match="table annotations") as caught:
        build_release(study, "1.0.0", silent, CLOCK)
    assert (caught.value.report.found, caught.value.report.way_out) == (
        "table assignments changed",
        "run `mvpbench annotate pull`",
    )
