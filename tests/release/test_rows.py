"""What of people and raters goes into a release, and what does not."""

from pathlib import Path

import pandas as pd
import pytest

from release.build import build_release
from release.candidate import add_validation
from release.data import read_instances
from release.seal import seal_release
from release.versions import candidate_path
from schemas.annotation import AnnotatorKind
from schemas.release import Bump
from tests.release.made import CLOCK, Made, made_result, made_study, silent, write_ratings

pytestmark = pytest.mark.slow


def ratings(folder: Path) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(file) for file in sorted(folder.glob("data/ratings/*.parquet"))])


def test_ids_of_ratings_and_raters_do_not_lead_into_another_version(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    write_ratings(study, Made(), AnnotatorKind.SIMULATED)
    build_release(study, "1.0.0", silent, CLOCK)
    add_validation(study, "1.0.0", [made_result()], {})
    seal_release(study, "1.0.0", silent, CLOCK)
    built = build_release(study, "1.0.1", silent, CLOCK).result
    first, second = ratings(study.releases / "1.0.0"), ratings(candidate_path(study, "1.0.1"))
    for column in ("id", "annotator"):
        assert not set(first[column]) & set(second[column])
    # Within a version a rater stays one rater: eight paired instances, each rated by all three.
    assert sorted(second.groupby("annotator").size()) == [8, 8, 8]
    assert "slot" not in second.columns
    # The same ratings under other ids are no change.
    assert built.diff is not None
    assert built.diff.bump is Bump.PATCH


def test_a_licence_that_keeps_profiles_back_keeps_the_region_back_and_the_card_says_what_remains(
    tmp_path: Path,
) -> None:
    for redistribute in (True, False):
        study = made_study(tmp_path / str(redistribute), Made(redistribute=redistribute, region="Rift Valley"))
        build_release(study, "1.0.0", silent, CLOCK)
        candidate = candidate_path(study, "1.0.0")
        assert {row.region for row in read_instances(candidate)} == {"Rift Valley" if redistribute else None}
        card = (candidate / "README.md").read_text(encoding="utf-8")
        remains = card.partition("What is still derived from profiles:")[2].partition("\n")[0]
        assert bool(remains) is not redistribute
        assert all((name in remains) is not redistribute for name in ("`expected_side`", "`error_probability`"))
