"""The questions that ship are sound: every check of what the template writer makes of its banks passes."""

from itertools import count

import numpy as np
import pytest

from builder.audit.run import audit
from builder.questions import collect
from builder.recipes import PAIRINGS
from builder.writers.bank import FOLDER, Bank, load_bank
from builder.writers.order import Order
from builder.writers.template import TemplateWriter
from schemas.identity import content_id, uniform
from schemas.questions import Recipe
from schemas.results import CheckOutcome
from schemas.values import Split
from tests.builder.audit.made import make_pair, make_person

pytestmark = pytest.mark.slow

QUESTIONS = 60
"""Of a dimension; a third of it of a pair of dimensions."""


def people(match: str) -> list[str]:
    return [content_id("r", match, place) for place in range(2)]


def orders(bank: Bank) -> list[Order]:
    number = count()
    found = []
    for recipe, dimensions in bank.scenarios:
        for _ in range(QUESTIONS if recipe is Recipe.SIDES else QUESTIONS // 3):
            match = content_id("m", next(number))
            draw = uniform("split", match)
            found.append(
                Order(
                    id=match,
                    recipe=recipe,
                    dimensions=dimensions,
                    sides=PAIRINGS[recipe].sides(dimensions),
                    language="en",
                    split=Split.TRAIN if draw < 0.6 else Split.TEST if draw < 0.9 else Split.VALIDATION,
                    concern=None,
                    written_for=people(match)[uniform("turn", match) < 0.5],
                )
            )
    return found


@pytest.mark.parametrize("framework", sorted(path.name for path in FOLDER.iterdir() if path.is_dir()))
def test_every_check_passes(framework: str) -> None:
    bank, rng = load_bank(framework), np.random.default_rng(1)
    asked = {order.id: order for order in orders(bank)}
    drafts = TemplateWriter(bank).write(list(asked.values()), lambda _line: None)
    questions = collect(drafts, asked)[0]
    instances = [
        instance
        for question in questions
        for match in question.pairs
        for instance in make_pair(question, match, people(match), asked[match].sides)
    ]
    respondents = [make_person(person, rng) for match in asked for person in people(match)]
    result = audit(questions, instances, respondents)
    assert [check for check in result.checks if check.outcome is not CheckOutcome.PASSED] == []
