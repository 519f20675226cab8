"""The main claim on real people: 4,309 of D3CODE become pairs whose sides are those of their own answers."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import pytest

from builder.audit import run_audit
from builder.generate import run_generate
from builder.run import run_import, run_profile
from builder.start import start_study
from mvpbench.store.study import Study, open_study
from mvpbench.store.tables import read_table
from release.trace import trace
from schemas.questions import Instance, Match, Recipe, Scope
from schemas.results import CheckOutcome
from schemas.survey import Respondent
from tests.real import D3CODE, needs_d3code

pytestmark = [pytest.mark.slow, needs_d3code]


def quiet(_line: str) -> None:
    pass


def free(price: str | None) -> None:
    assert price is None


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """From `init` to `generate` with the settings that `init` writes; never written to but by the audit."""
    root = tmp_path_factory.mktemp("d3code") / "study"
    start_study(root, D3CODE, None, None)
    study = open_study(root)
    run_import(study)
    run_profile(study)
    run_generate(study, quiet, free)
    return study


@pytest.fixture(scope="module")
def instances(study: Study) -> list[Instance]:
    return read_table(study.tables, "instances", Instance)


def test_eight_thousand_instances_stand_in_complete_pairs_of_one_country(instances: list[Instance]) -> None:
    halves: dict[str, list[Instance]] = defaultdict(list)
    for one in instances:
        if one.scope is Scope.COUNTRY:
            halves[str(one.pair_id)].append(one)
    assert sum(map(len, halves.values())) >= 8000
    assert {one.recipe for pair in halves.values() for one in pair} == {Recipe.SIDES, Recipe.TRADEOFF}
    for first, second in halves.values():
        assert first.question_id == second.question_id
        assert first.expected != second.expected
        assert first.respondent_id != second.respondent_id
        assert (first.country, first.split) == (second.country, second.split)
        assert first.country is not None


def test_every_expected_side_is_that_of_the_persons_own_answers(study: Study, instances: list[Instance]) -> None:
    """From the survey's answers alone: one mean of six items a dimension, all on a scale of 1 to 5.

    `sides`: on the high side is who holds it higher than their own mean and than the sample's. `tradeoff`: ahead is the
    dimension that the person holds higher, also beside how high the sample holds each.
    """
    people = {one.id: one for one in read_table(study.tables, "respondents", Respondent)}
    names = sorted(next(iter(people.values())).answers)
    table = np.array([[one.answers.get(name, np.nan) for name in names] for one in people.values()])
    mean, spread = np.nanmean(table, axis=0), np.nanstd(table, axis=0, ddof=1)
    z_of: Mapping[str, Mapping[str, float]] = {
        person: dict(zip(names, row, strict=True)) for person, row in zip(people, (table - mean) / spread, strict=True)
    }
    for one in instances:
        answers, z = people[one.respondent_id].answers, z_of[one.respondent_id]
        if one.recipe is Recipe.SIDES:
            (name,) = one.dimensions
            sign = 1 if one.expected_side == f"{name}:high" else -1
            assert sign * (answers[name] - np.mean(list(answers.values()))) > 0
            assert sign * z[name] > 0
        else:
            ahead = one.expected_side.removesuffix(":high")
            (behind,) = set(one.dimensions) - {ahead}
            assert answers[ahead] > answers[behind]
            assert z[ahead] > z[behind]


def test_an_instance_is_traced_to_the_row_of_the_survey(study: Study, instances: list[Instance]) -> None:
    people = {one.id: one for one in read_table(study.tables, "respondents", Respondent)}
    pairs = {one.id: one for one in read_table(study.tables, "matches", Match)}
    for one in instances[:: len(instances) // 5]:
        steps = {step.what: step for step in trace(study, one.id).result.steps}
        person = people[one.respondent_id]
        answers = steps["survey answers"]
        assert (answers.id, answers.facts["row"]) == (person.id, str(person.row))
        assert {name: answers.facts[name] for name in person.answers} == {
            name: f"{value:g}" for name, value in person.answers.items()
        }
        assert steps["instance"].facts["expected"].startswith(f"{one.expected} [{one.expected_side}]")
        assert ("counterparts" in steps) is (one.pair_id in pairs)


def test_nothing_that_must_not_predict_the_answer_does(study: Study) -> None:
    result = run_audit(study, quiet, free).result
    assert {check.outcome for check in result.checks} == {CheckOutcome.PASSED}
    blind = result.baselines["majority_pairs"]
    assert (blind.accuracy, blind.low, blind.high) == (0.5, 0.5, 0.5)
