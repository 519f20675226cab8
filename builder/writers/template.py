"""The `template` writer: offline and deterministic, from the scenario bank."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from builder.recipes import PAIRINGS
from builder.writers.bank import Bank, Scenario
from builder.writers.estimate import total
from builder.writers.order import Draft, Order
from schemas.chat import ChatRequest
from schemas.identity import digest
from schemas.questions import Dropped, Question, Recipe, WriterStamp
from schemas.results import EstimateResult

LANGUAGE = "en"


class _About(NamedTuple):
    """What is looked for in the bank."""

    recipe: Recipe
    dimensions: tuple[str, ...]


class TemplateWriter:
    """Fills scenarios; everything asked for gets a text of its own until the variants run out, then texts are shared.

    The bank has no questions on many dimensions at once: each one for `paper` is on one that the person states.
    """

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    def hand(self, order: Order) -> str:
        """Return the bank's version: any other bank writes anew."""
        return f"template {self._bank.version}"

    def cost(self, orders: Sequence[Order]) -> str | None:
        """Return None: it costs nothing."""
        return None

    def estimate(self, orders: Sequence[Order]) -> EstimateResult:
        """Return that it takes nothing."""
        return total(())

    def next_calls(self, orders: Sequence[Order]) -> Sequence[ChatRequest]:
        """Return nothing: no model writes."""
        return ()

    def write(
        self, orders: Sequence[Order], say: Callable[[str], None], taken: Sequence[Question] = ()
    ) -> Iterator[Draft | Dropped]:
        """Yield a draft each; `no-scenario` where the bank has none, `language-unavailable` outside English."""
        say(f"filling scenarios for {sum(len(order.serves()) for order in orders):,} questions")
        used = self._used(taken)
        for order in orders:
            for place, serves in enumerate(order.serves()):
                yield self._fill(order, serves, _about(order, place), used)

    def _fill(self, order: Order, serves: str, about: _About, used: set[tuple[str, int]]) -> Draft | Dropped:
        if order.language.split("-")[0] != LANGUAGE:
            return _dropped(serves, "language-unavailable", f"the bank is in English, asked for {order.language}")
        scenarios = self._bank.of_split(about.recipe, about.dimensions, order.split)
        if not scenarios:
            return _dropped(serves, "no-scenario", f"{about.recipe} of {', '.join(about.dimensions)}")
        scenario, index = _choose(serves, scenarios, used)
        used.add((scenario.id, index))
        variant = scenario.variant(index)
        one, other = PAIRINGS[about.recipe].sides(about.dimensions)
        return Draft(
            serves=serves,
            topic=scenario.topic,
            text=variant.text,
            answers={one: variant.one, other: variant.other},
            stamp=WriterStamp(writer="template", version=self._bank.version, scenario=scenario.id),
        )

    def _used(self, taken: Sequence[Question]) -> set[tuple[str, int]]:
        """The variants that `taken` are, by scenario and place in it."""
        texts = {frozenset((question.text, *(answer.text for answer in question.answers))) for question in taken}
        named = {question.stamp.scenario for question in taken}
        scenarios = [scenario for every in self._bank.scenarios.values() for scenario in every if scenario.id in named]
        return {
            (scenario.id, index)
            for scenario in scenarios
            for index in range(scenario.count())
            if frozenset(scenario.variant(index)) in texts
        }


def _about(order: Order, place: int) -> _About:
    """What question `place` of an order is about: in `paper` one dimension after another, from one drawn by hash."""
    if order.recipe in PAIRINGS:
        return _About(order.recipe, order.dimensions)
    start = int(digest("paper dimension", order.id)[:12], 16)
    return _About(Recipe.SIDES, (order.dimensions[(start + place) % len(order.dimensions)],))


def _choose(serves: str, scenarios: Sequence[Scenario], used: set[tuple[str, int]]) -> tuple[Scenario, int]:
    """A scenario and variant by hash; on a variant that is taken, the next free one, over all scenarios."""
    start = int(digest("scenario", serves)[:12], 16)
    for step in range(len(scenarios)):
        scenario = scenarios[(start + step) % len(scenarios)]
        count = scenario.count()
        first = int(digest("variant", serves, scenario.id)[:12], 16) % count
        for shift in range(count):
            if (scenario.id, (first + shift) % count) not in used:
                return scenario, (first + shift) % count
    scenario = scenarios[start % len(scenarios)]
    return scenario, int(digest("variant", serves, scenario.id)[:12], 16) % scenario.count()


def _dropped(subject: str, reason: str, detail: str) -> Dropped:
    return Dropped(stage="generate", subject=subject, reason=reason, detail=detail)
