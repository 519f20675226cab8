"""Orders for the tests of writers."""

from builder.frameworks import load_framework
from builder.recipes import PAIRINGS
from builder.writers.order import Order
from schemas.questions import Recipe
from schemas.study import WriterSection
from schemas.values import Split

MFQ2 = load_framework("mfq2")
KEY_ENV = "MVPBENCH_TEST_KEY"


def an_order(number: int = 0, *, tradeoff: bool = False, concern: str | None = None, language: str = "en") -> Order:
    recipe = Recipe.TRADEOFF if tradeoff else Recipe.SIDES
    dimensions = ("care", "loyalty") if tradeoff else ("care",)
    return Order(
        id=f"m-{number:016x}",
        recipe=recipe,
        dimensions=dimensions,
        sides=PAIRINGS[recipe].sides(dimensions),
        language=language,
        split=Split.TRAIN,
        concern=concern,
        written_for="r-0123456789abcdef",
    )


def a_paper_order(number: int = 0, concern: str | None = None) -> Order:
    return Order(
        id=f"k-{number:016x}",
        recipe=Recipe.PAPER,
        dimensions=("care", "loyalty"),
        sides=("care:high+loyalty:low", "care:low+loyalty:high"),
        language="en",
        split=Split.TRAIN,
        concern=concern,
        written_for="r-0123456789abcdef",
    )


def orders(count: int) -> list[Order]:
    return [an_order(number, tradeoff=number % 2 == 1) for number in range(count)]


def a_section(url: str = "http://127.0.0.1:1/v1", **changes: object) -> WriterSection:
    section = {"kind": "openai", "model": "tiny", "base_url": url, "key_env": KEY_ENV, **changes}
    return WriterSection.model_validate(section)
