"""The `template` writer: offline and deterministic, from the scenario bank."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache

from builder.recipes import PAIRINGS
from builder.writers.bank import Bank
from builder.writers.estimate import total
from builder.writers.order import Draft, Order
from builder.writers.stock import About, Stock, Taker
from schemas.chat import ChatRequest
from schemas.identity import digest
from schemas.questions import Dropped, Question, Recipe, WriterStamp
from schemas.results import EstimateResult

LANGUAGE = "en"


class TemplateWriter:
    """Fills scenarios; everything asked for gets a text of its own until the variants run out, then texts are shared.

    Nobody is asked for the same text twice, as long as the bank has others on the same dimensions. It has no questions
    on many dimensions at once: each one for `paper` is on one that the person states.
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
        stock = Stock(self._bank, taken)

        @cache  # one stamp for all questions of a scenario
        def stamp(scenario: str) -> WriterStamp:
            return WriterStamp(writer="template", version=self._bank.version, scenario=scenario)

        for order in orders:
            for place, serves in enumerate(order.serves()):
                yield _fill(order, serves, _about(order, place), stock, stamp)


def _fill(
    order: Order, serves: str, about: About, stock: Stock, stamp: Callable[[str], WriterStamp]
) -> Draft | Dropped:
    if order.language.split("-")[0] != LANGUAGE:
        return _dropped(serves, "language-unavailable", f"the bank is in English, asked for {order.language}")
    if not stock.scenarios(about):
        return _dropped(serves, "no-scenario", f"{about.recipe} of {', '.join(about.dimensions)}")
    scenario, variant = stock.take(serves, about, Taker(order.recipe, order.written_for))
    one, other = PAIRINGS[about.recipe].sides(about.dimensions)
    return Draft(
        serves=serves,
        topic=scenario.topic,
        text=variant.text,
        answers={one: variant.one, other: variant.other},
        stamp=stamp(scenario.id),
    )


def _about(order: Order, place: int) -> About:
    """What question `place` of an order is about: in `paper` one dimension after another, from one drawn by hash."""
    if order.recipe in PAIRINGS:
        return About(order.recipe, order.dimensions, order.split)
    start = int(digest("paper dimension", order.id)[:12], 16)
    return About(Recipe.SIDES, (order.dimensions[(start + place) % len(order.dimensions)],), order.split)


def _dropped(subject: str, reason: str, detail: str) -> Dropped:
    return Dropped(stage="generate", subject=subject, reason=reason, detail=detail)
