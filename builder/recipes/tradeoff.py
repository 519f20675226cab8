"""`tradeoff`: two dimensions on which a person's scores differ, the high side of one against that of the other."""

from collections.abc import Iterator

from builder.profiles.scoring import Scores
from builder.profiles.sides import Sides, dimension_pairs, two_dimensions
from builder.recipes.kinds import Pairing, Rules
from schemas.questions import Recipe


def sides(dimensions: tuple[str, ...]) -> tuple[str, str]:
    """Return `care:high` and `loyalty:high`."""
    first, second = dimensions
    return f"{first}:high", f"{second}:high"


def targets(scores: Scores) -> Iterator[tuple[tuple[str, ...], Sides]]:
    """Yield every two dimensions."""
    for first, second in dimension_pairs(len(scores.dimensions)):
        yield (scores.dimensions[first], scores.dimensions[second]), two_dimensions(scores, first, second)


TRADEOFF = Pairing(
    rules=Rules(recipe=Recipe.TRADEOFF, system="system", user="tradeoff", parts=("topic",)),
    sides=sides,
    targets=targets,
)
