"""The reference's recipe after the survey or the study changed: what no longer holds is asked anew."""

from pathlib import Path

import pytest

from builder.generate import run_generate
from builder.run import run_import, run_profile
from mvpbench.store.study import Study, open_study
from mvpbench.store.tables import read_table
from schemas.questions import Instance, Question
from schemas.values import ValueProfile
from tests.builder.test_generate import profiled
from tests.builder.test_run import answers, free, quiet

pytestmark = pytest.mark.slow


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = profiled(tmp_path / "paper", "[paper]")
    run_generate(made, quiet, free)
    return made


def asked_again(study: Study) -> None:
    """Import, profile, generate; then every instance must fit the profile of today."""
    run_import(study)
    run_profile(study)
    run_generate(study, quiet, free)
    profiles = {one.respondent_id: one for one in read_table(study.tables, "profiles", ValueProfile)}
    questions = {one.id: one for one in read_table(study.tables, "questions", Question)}
    instances = read_table(study.tables, "instances", Instance)
    assert instances
    for one in instances:
        profile = profiles[one.respondent_id]
        assert one.split is profile.split is questions[one.question_id].split
        raw = {score.dimension: score.raw for score in profile.scores}
        levels = study.config.profile.levels
        for part in one.expected_side.split("+"):
            name, _, level = part.partition(":")
            assert raw[name] >= levels.high if level == "high" else raw[name] <= levels.low


def test_answers_that_were_mended(study: Study) -> None:
    """Every second person now says of each value what the next one said."""
    header, *rows = answers(range(60)).splitlines()
    cells = [row.split(",") for row in rows]
    moved = [[*row[:6], *cells[(place + 1) % 60][6:]] if place % 2 else row for place, row in enumerate(cells)]
    (study.root / "answers.csv").write_text("\n".join([header, *(",".join(row) for row in moved)]) + "\n")
    asked_again(study)


@pytest.mark.parametrize(
    "changed", ["levels: {high: 70, low: 40}", "levels: {high: 90, low: 10}", "splits: {train: 0.2, test: 0.8}"]
)
def test_other_thresholds_or_shares(study: Study, changed: str) -> None:
    text = study.config_file.read_text()
    study.config_file.write_text(f"{text}profile: {{{changed}}}\n")
    asked_again(open_study(study.root))
