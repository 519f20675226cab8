"""`generate` with the recipe of the reference: nobody has a counterpart, and everybody is asked."""

from collections import Counter
from pathlib import Path

import pytest

from builder.generate import preview_questions, run_generate
from builder.run import run_import, run_profile
from builder.survey import built_in_codebooks
from mvpbench.store.study import Study, init_study
from mvpbench.store.tables import read_dropped, read_table
from schemas.errors import CheckFailed
from schemas.questions import Instance, Match, Question, Recipe, Scope
from schemas.survey import Respondent
from schemas.values import ValueProfile
from tests.builder.test_run import CONFIG, answers, free, quiet

pytestmark = pytest.mark.slow


@pytest.fixture
def paper(tmp_path: Path) -> Study:
    return profiled(tmp_path / "paper", "[paper]")


def profiled(root: Path, recipes: str) -> Study:
    codebook = built_in_codebooks()["d3code"].read_text(encoding="utf-8")
    config = CONFIG.replace("[sides]", recipes)
    study = init_study(root, config, {"codebook.yaml": codebook, "answers.csv": answers(range(60))})
    run_import(study)
    run_profile(study)
    return study


def test_everyone_who_states_anything_is_asked_three_questions_that_fit_the_scores(paper: Study) -> None:
    run_generate(paper, quiet, free)
    instances = read_table(paper.tables, "instances", Instance)
    profiles = {one.respondent_id: one for one in read_table(paper.tables, "profiles", ValueProfile)}
    people = read_table(paper.tables, "respondents", Respondent)
    out = {one.subject for one in read_dropped(paper.tables, "questions") if one.reason == "no-stated-level"}
    assert read_table(paper.tables, "matches", Match) == []
    assert {one.respondent_id for one in instances} == {one.id for one in people} - out
    assert set(Counter(one.respondent_id for one in instances).values()) == {3}
    for one in instances:
        raw = {score.dimension: score.raw for score in profiles[one.respondent_id].scores}
        for part in one.expected_side.split("+"):
            name, _, level = part.partition(":")
            assert raw[name] >= 80 if level == "high" else raw[name] <= 60
        assert (one.pair_id, one.counterpart, one.scope) == (None, None, Scope.NONE)
        assert 0 <= one.error_probability < 1


def test_beside_the_other_recipes_nobody_is_asked_the_same_question_twice(tmp_path: Path) -> None:
    study = profiled(tmp_path / "all", "[sides, tradeoff, paper]")
    run_generate(study, quiet, free)
    instances = read_table(study.tables, "instances", Instance)
    questions = read_table(study.tables, "questions", Question)
    assert {one.recipe for one in instances} == set(Recipe)
    assert len({(one.respondent_id, one.question_id) for one in instances}) == len(instances)
    assert len({(one.text, *(answer.text for answer in one.answers)) for one in questions}) == len(questions)
    assert all(one.pair_id is None for one in instances if one.recipe is Recipe.PAPER)


def test_a_second_run_writes_nothing_new_and_the_same_tables(paper: Study) -> None:
    run_generate(paper, quiet, free)
    before = [(paper.tables / f"{name}.parquet").read_bytes() for name in ("questions", "instances")]
    (paper.tables / "questions.json").unlink()
    run_generate(paper, quiet, free)
    assert [(paper.tables / f"{name}.parquet").read_bytes() for name in ("questions", "instances")] == before


def test_a_preview_shows_every_recipe_in_turn(tmp_path: Path) -> None:
    """One order each, five questions, and once more: after seven there are too few, and the last order brings ten."""
    study = profiled(tmp_path / "all", "[sides, tradeoff, paper]")
    shown = preview_questions(study, 8, quiet, free)
    heads = [line.split()[0] for line in shown.summary if " · " in line]
    assert Counter(heads) == {"sides": 2, "tradeoff": 2, "paper": 6}


def test_a_run_that_brings_no_question_objects(tmp_path: Path) -> None:
    """The bank is in English; the tables are written all the same, with who was dropped and why."""
    study = profiled(tmp_path / "sw", "[sides, paper]")
    codebook = study.root / "codebook.yaml"
    codebook.write_text(codebook.read_text(encoding="utf-8").replace("language: en", "language: sw"), encoding="utf-8")
    run_import(study)
    run_profile(study)
    with pytest.raises(CheckFailed) as caught:
        run_generate(study, quiet, free)
    assert caught.value.report.code == "no-questions"
    assert {one.reason for one in read_dropped(study.tables, "questions")} == {"language-unavailable"}
