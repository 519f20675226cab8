"""The template writer's scenarios and the local server's phrases have no problem."""

import random

import pytest

from builder.checks import Checked, problems
from builder.frameworks import load_framework
from builder.writers.bank import Scenario, load_bank
from mvpbench.chat.replies import Phrasebook
from tests.soak import SOAK

VARIANTS = 24 if SOAK else 6


def every_scenario() -> list[tuple[str, tuple[str, ...], Scenario]]:
    return [
        (framework, dimensions, scenario)
        for framework in ("prism", "mfq2")
        for (_, dimensions), scenarios in load_bank(framework).scenarios.items()
        for scenario in scenarios
    ]


def found(variants: int) -> dict[str, tuple[str, ...]]:
    wrong = {}
    for framework, dimensions, scenario in every_scenario():
        titles = tuple(load_framework(framework).dimension(name).title.lower() for name in dimensions)
        places = range(scenario.count())
        for place in random.Random(scenario.id).sample(places, min(variants, len(places))):
            text, one, other = scenario.variant(place)
            checked = Checked(language="en", topic=scenario.topic, question=text, answers=(one, other), taboo=titles)
            if said := problems(checked):
                wrong[f"{scenario.id} {place}"] = tuple(problem.code for problem in said)
    return wrong


@pytest.mark.slow
def test_the_variants_of_every_scenario_pass() -> None:
    assert found(VARIANTS) == {}


def test_what_the_local_server_writes_passes() -> None:
    book = Phrasebook()
    for about in map(str, range(200)):
        answers = (book.text(about, "answer_1"), book.text(about, "answer_2"))
        checked = Checked(
            language="en", topic=book.text(about, "topic"), question=book.text(about, "question"), answers=answers
        )
        assert {problem.code for problem in problems(checked)} <= {"unequal-length"}
