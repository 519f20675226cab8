"""What a writer is told and what it gives back.

An order names the topic's source and the dimensions, never anyone's side: what the writer does not know it cannot
write into the wording.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from schemas.questions import Dropped, Question, Recipe, WriterStamp
from schemas.record import Record
from schemas.values import Split


class Order(Record):
    """One question to be written for one match."""

    match_id: str
    recipe: Recipe
    dimensions: tuple[str, ...]
    language: str
    """BCP 47."""
    split: Split
    concern: str | None
    """Words of the person whose turn it is, where consent and licence let them reach an API; sets the topic only."""
    written_for: str
    country: str | None = None
    """Both people's, where they have one: it chooses among prompts, where its pack brings its own. The writer is not
    told it."""

    def sides(self) -> tuple[str, str]:
        """Return the two sides the answers must express."""
        if self.recipe is Recipe.SIDES:
            return f"{self.dimensions[0]}:high", f"{self.dimensions[0]}:low"
        return f"{self.dimensions[0]}:high", f"{self.dimensions[1]}:high"


class Draft(Record):
    """A question as a writer gave it, before our checks."""

    match_id: str
    topic: str
    text: str
    answers: dict[str, str]
    """Side -> text; exactly the order's two sides."""
    stamp: WriterStamp


class Writer(Protocol):
    """Writes questions; deterministic for the same orders and, behind an API, the same journal."""

    def hand(self, order: Order) -> str:
        """Return what would write the order: kind and version, and what else a question must share to be kept."""
        ...

    def price(self, orders: Sequence[Order]) -> str | None:
        """Return what writing `orders` is about to cost, in words, or None where it costs nothing."""
        ...

    def write(
        self, orders: Sequence[Order], say: Callable[[str], None], taken: Sequence[Question] = ()
    ) -> Iterator[Draft | Dropped]:
        """Yield one draft or one reasoned drop an order, in the order given.

        `taken` are questions that were written for other matches: a writer with a stock does not give them again
        before it runs out.
        """
        ...
