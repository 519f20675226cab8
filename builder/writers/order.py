"""What a writer is told and what it gives back.

In `sides` and `tradeoff` a writer learns the topic's source and the dimensions, never anyone's side: what it does not
know it cannot write into the wording.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from builder.recipes import RULES, Rules
from builder.recipes.kinds import purposes
from schemas.chat import ChatRequest
from schemas.questions import Dropped, Question, Recipe, WriterStamp
from schemas.record import Record
from schemas.results import EstimateResult
from schemas.values import Split


class Order(Record):
    """What is asked of a writer at once: one question for a match, in `paper` three for a record."""

    id: str
    """Of the match, or of the record."""
    recipe: Recipe
    dimensions: tuple[str, ...]
    sides: tuple[str, str]
    """That the two answers are to express; in `paper` the person's comes first."""
    language: str
    """BCP 47."""
    split: Split
    concern: str | None
    """Words of the person whose turn it is, where consent and licence let them reach an API; sets the topic only."""
    written_for: str
    country: str | None = None
    """Both people's, where they have one: it chooses among prompts, where its pack brings its own. The writer is not
    told it."""

    @property
    def rules(self) -> Rules:
        """Of its recipe."""
        return RULES[self.recipe]

    def serves(self) -> tuple[str, ...]:
        """Return what each question of the order is for: the match, or the record with the question's number."""
        return purposes(self.id, self.rules.questions)

    def about(self, sides: Sequence[str]) -> tuple[str, ...] | None:
        """Return the dimensions that answers on `sides` are about, in the order's order; None where they do not fit it.

        They fit where they are the order's two sides, or what these say of some of its dimensions.
        """
        named = {part.partition(":")[0] for side in sides for part in side.split("+")}
        kept = ["+".join(part for part in side.split("+") if part.partition(":")[0] in named) for side in self.sides]
        fit = len(sides) == len(kept) and set(sides) == set(kept) and all(kept)
        return tuple(name for name in self.dimensions if name in named) if fit else None


class Draft(Record):
    """A question as a writer gave it, before our checks."""

    serves: str
    """One of what its order serves."""
    topic: str
    text: str
    answers: dict[str, str]
    """Side -> text; the order's two sides, or what they say of some dimensions."""
    stamp: WriterStamp


class Writer(Protocol):
    """Writes questions; deterministic for the same orders and, behind an API, the same journal."""

    def hand(self, order: Order) -> str:
        """Return what would write the order: kind and version, and what else a question must share to be kept."""
        ...

    def cost(self, orders: Sequence[Order]) -> str | None:
        """Return what writing `orders` is about to cost, in words, or None where it costs nothing."""
        ...

    def estimate(self, orders: Sequence[Order]) -> EstimateResult:
        """Return what writing `orders` is about to take."""
        ...

    def next_calls(self, orders: Sequence[Order]) -> Sequence[ChatRequest]:
        """Return the model calls that are to be made next for `orders`; none where no model writes."""
        ...

    def write(
        self, orders: Sequence[Order], say: Callable[[str], None], taken: Sequence[Question] = ()
    ) -> Iterator[Draft | Dropped]:
        """Yield a draft or a reasoned drop for everything that the orders serve, in the order given.

        `taken` are questions that were written for others: a writer with a stock does not give them again before it
        runs out.
        """
        ...
