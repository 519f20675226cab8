"""`sides`: one dimension, its high side against its low side."""

from collections.abc import Iterator

from builder.profiles.scoring import Scores
from builder.profiles.sides import Sides, one_dimension
from builder.recipes.kinds import Pairing, Rules
from schemas.questions import Recipe


def sides(dimensions: tuple[str, ...]) -> tuple[str, str]:
    """Return `care:high` and `care:low`."""
    (name,) = dimensions
    return f"{name}:high", f"{name}:low"


def targets(scores: Scores) -> Iterator[tuple[tuple[str, ...], Sides]]:
    """Yield every dimension."""
    for index, name in enumerate(scores.dimensions):
        yield (name,), one_dimension(scores, index)


SIDES = Pairing(
    rules=Rules(recipe=Recipe.SIDES, system="system", user="sides", parts=("topic",)), sides=sides, targets=targets
)
