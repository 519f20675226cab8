"""Whether what was written is what was ordered."""

from builder.writers.fit import unfit
from builder.writers.order import Order
from builder.writers.written import WrittenQuestion
from tests.builder.writers.made import a_paper_order, an_order

GOOD = WrittenQuestion(
    topic="a move",
    question="My cousin asked me to help with a move on Saturday, and I am tired. What should I say?",
    answer_1="Say yes at once, and ask what is the heaviest thing to carry. You will both remember that you came.",
    answer_2="Say that you are busy, and offer an hour next month. You will both remember that you said it.",
)


def codes(order: Order, **changes: str) -> list[str]:
    return [problem.code for problem in unfit(order, GOOD.model_copy(update=changes), ("care", "loyalty"))]


def test_a_good_question_fits() -> None:
    assert codes(an_order()) == []
    assert codes(a_paper_order()) == []


def test_a_values_name_does_not_fit_unless_the_recipe_is_the_papers() -> None:
    named = GOOD.answer_1.replace("You will", "Loyalty counts. You will")
    assert "names-value" in codes(an_order(), answer_1=named)
    assert "names-value" not in codes(a_paper_order(), answer_1=named)


def test_the_papers_recipe_is_not_exempt_from_what_nobody_may_write() -> None:
    assert "same-answers" in codes(a_paper_order(), answer_2=GOOD.answer_1)
    assert "blank-text" in codes(a_paper_order(), question=" ")
