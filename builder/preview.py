"""Questions for the eye: a few from everywhere, in plain lines."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from builder.writers import Order
from schemas.identity import digest
from schemas.questions import Question, Recipe


def spread(orders: Sequence[Order], count: int) -> list[Order]:
    """Return orders for `count` questions, drawn by hash: one of each recipe in turn, while there are any."""
    chosen: list[Order] = []
    questions = 0
    for order in _in_turn(orders):
        if questions >= count:
            break
        chosen.append(order)
        questions += order.rules.questions
    return chosen


def in_words(question: Question) -> list[str]:
    """Return the question and its answers with their sides, as lines."""
    head = f"{question.recipe} {' / '.join(question.dimensions)} · {question.topic} · {question.split} · {question.id}"
    answers = [f"  [{answer.side}] {answer.text}" for answer in question.answers]
    return [head, f"  {question.text}", *answers, ""]


def _in_turn(orders: Sequence[Order]) -> Iterator[Order]:
    of_recipe: dict[Recipe, list[Order]] = defaultdict(list)
    for order in sorted(orders, key=lambda order: digest("preview", order.id)):
        of_recipe[order.recipe].append(order)
    for row in zip_longest(*(of_recipe[recipe] for recipe in Recipe)):
        yield from (order for order in row if order is not None)
