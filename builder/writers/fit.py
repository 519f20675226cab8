"""Whether written questions are what was ordered, by every check that looks at one question alone."""

from collections.abc import Sequence

from builder.checks import Checked, Problem, problems
from builder.writers.order import Order
from builder.writers.written import WrittenQuestion


def unfit(order: Order, written: WrittenQuestion, taboo: Sequence[str]) -> tuple[Problem, ...]:
    """Return what is wrong with a question that was written for `order`, but for what its recipe is exempt from."""
    found = problems(
        Checked(
            language=order.language,
            topic=written.topic,
            question=written.question,
            answers=(written.answer_1, written.answer_2),
            taboo=tuple(taboo),
            own_words=order.concern or "",
        )
    )
    return tuple(problem for problem in found if problem.code not in order.rules.exempt)
