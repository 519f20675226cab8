"""What was written stays written: questions by match and hand."""

import pytest

from builder.build import make_questions, to_write
from builder.writers.bank import Bank, Scenario
from builder.writers.template import TemplateWriter
from schemas.questions import Question, Recipe
from tests.builder.writers.made import an_order

SIX = Scenario(
    id="x-01",
    topic="x",
    question="Outside {who} can see {what} on the hills again. What would you do with the day?",
    slots={"who": ("a child", "two of us"), "what": ("rain", "snow", "fog")},
    one="Put on a coat, go out for an hour, and help whoever has to clear the road.",
    other="Put on a kettle, stay in for the day, and read what lies beside the bed.",
)
"""Six variants, whatever is ordered; the first of a file belongs to the split of the orders."""
ORDERS = [an_order(number) for number in range(6)]


def writer(version: str = "1") -> TemplateWriter:
    return TemplateWriter(Bank({(Recipe.SIDES, ("care",)): (SIX,)}, version))


def quiet(_line: str) -> None:
    pass


def texts(questions: list[Question]) -> dict[str, str]:
    return {pair: question.text for question in questions for pair in question.pairs}


@pytest.mark.slow
def test_what_is_recorded_stays_whoever_comes_and_goes() -> None:
    """Four orders, then the first two are gone and two others come: by themselves they would be drawn otherwise."""
    first, recorded = make_questions(ORDERS[:4], writer(), quiet, {})
    second, new = make_questions(ORDERS[2:], writer(), quiet, recorded)
    before, after = texts(list(first.rows)), texts(list(second.rows))
    drawn_afresh = texts(list(make_questions(ORDERS[2:], writer(), quiet, {})[0].rows))
    stayed = [order.id for order in ORDERS[2:4]]
    assert [after[match] for match in stayed] == [before[match] for match in stayed]
    assert [drawn_afresh[match] for match in stayed] != [before[match] for match in stayed]
    assert {match for match, _ in new} == {order.id for order in ORDERS[4:]}
    # The two that went hold their texts: should they come back, all six have a text of their own.
    assert len({*before.values(), *after.values()}) == 6


def test_only_what_is_not_recorded_is_written() -> None:
    _, recorded = make_questions(ORDERS[:4], writer(), quiet, {})
    assert to_write(ORDERS, writer(), recorded) == ORDERS[4:]
    assert to_write(ORDERS, writer("2"), recorded) == ORDERS
    assert make_questions(ORDERS[:4], writer(), quiet, recorded)[1] == {}


def test_pairs_that_share_a_text_are_recorded_each_for_itself() -> None:
    """Seven orders, six variants."""
    produced, new = make_questions([*ORDERS, an_order(6)], writer(), quiet, {})
    assert sorted(len(question.pairs) for question in produced.rows) == [1, 1, 1, 1, 1, 2]
    assert [(match, question.pairs) for (match, _), question in new.items()] == [
        (order.id, (order.id,)) for order in [*ORDERS, an_order(6)]
    ]


def test_nobody_is_asked_a_shared_text_twice() -> None:
    """Two people with two records each, six variants: each is asked all six, though every text is shared."""
    orders = [
        an_order(number).model_copy(
            update={
                "id": f"k-{number}",
                "recipe": Recipe.PAPER,
                "sides": ("care:high", "care:low"),
                "written_for": f"r-{number % 2}",
            }
        )
        for number in range(4)
    ]
    produced, new = make_questions(orders, writer(), quiet, {})
    assert [len(question.pairs) for question in produced.rows] == [2] * 6
    texts_of: dict[str, list[str]] = {"r-0": [], "r-1": []}
    for question in new.values():
        texts_of[question.written_for].append(question.text)
    assert {person: len(set(texts)) for person, texts in texts_of.items()} == {"r-0": 6, "r-1": 6}
    assert make_questions(orders[2:], writer(), quiet, dict(list(new.items())[:6]))[1] == dict(list(new.items())[6:])
