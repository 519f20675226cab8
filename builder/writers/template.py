"""The `template` writer: offline and deterministic, from the scenario bank."""

from collections.abc import Callable, Iterator, Sequence

from builder.writers.bank import Bank, Scenario, Variant
from builder.writers.order import Draft, Order
from schemas.identity import digest
from schemas.questions import Dropped, Question, WriterStamp

LANGUAGE = "en"


class TemplateWriter:
    """Fills scenarios; every match gets a text of its own until the bank's variants run out, then texts are shared."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    def hand(self, order: Order) -> str:
        """Return the bank's version: any other bank writes anew."""
        return f"template {self._bank.version}"

    def price(self, orders: Sequence[Order]) -> str | None:
        """Return None: it costs nothing."""
        return None

    def write(
        self, orders: Sequence[Order], say: Callable[[str], None], taken: Sequence[Question] = ()
    ) -> Iterator[Draft | Dropped]:
        """Yield a draft an order; `no-scenario` where the bank has none, `language-unavailable` outside English."""
        say(f"filling scenarios for {len(orders):,} questions")
        used = self._used(taken)
        for order in orders:
            scenarios = self._bank.of_split(order.recipe, order.dimensions, order.split)
            if order.language.split("-")[0] != LANGUAGE:
                yield _dropped(order, "language-unavailable", f"the bank is in English, asked for {order.language}")
            elif not scenarios:
                yield _dropped(order, "no-scenario", f"{order.recipe} of {', '.join(order.dimensions)}")
            else:
                scenario, index = _choose(order, scenarios, used)
                used.add((scenario.id, index))
                yield self._draft(order, scenario, scenario.variant(index))

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

    def _draft(self, order: Order, scenario: Scenario, variant: Variant) -> Draft:
        one, other = order.sides()
        return Draft(
            match_id=order.match_id,
            topic=scenario.topic,
            text=variant.text,
            answers={one: variant.one, other: variant.other},
            stamp=WriterStamp(writer="template", version=self._bank.version, scenario=scenario.id),
        )


def _choose(order: Order, scenarios: Sequence[Scenario], used: set[tuple[str, int]]) -> tuple[Scenario, int]:
    """A scenario and variant by hash; on a variant that is taken, the next free one, over all scenarios."""
    start = int(digest("scenario", order.match_id)[:12], 16)
    for step in range(len(scenarios)):
        scenario = scenarios[(start + step) % len(scenarios)]
        count = scenario.count()
        first = int(digest("variant", order.match_id, scenario.id)[:12], 16) % count
        for shift in range(count):
            if (scenario.id, (first + shift) % count) not in used:
                return scenario, (first + shift) % count
    scenario = scenarios[start % len(scenarios)]
    return scenario, int(digest("variant", order.match_id, scenario.id)[:12], 16) % scenario.count()


def _dropped(order: Order, reason: str, detail: str) -> Dropped:
    return Dropped(stage="generate", subject=order.match_id, reason=reason, detail=detail)
