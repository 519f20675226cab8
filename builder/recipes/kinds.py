"""What a recipe says of itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from builder.profiles.scoring import Scores
from builder.profiles.sides import Sides
from schemas.questions import Recipe


@dataclass(frozen=True)
class Rules:
    """How a recipe's questions are asked for and read."""

    recipe: Recipe
    system: str
    """Name of the prompt that says what is wanted of every question."""
    user: str
    """Name of the prompt about one order."""
    parts: tuple[str, ...] = ()
    """Names of the prompts that `user` includes."""
    questions: int = 1
    """Written in one call."""
    told_side: bool = False
    """Whether the writer is told on which side the person stands."""
    exempt: frozenset[str] = frozenset()
    """Codes of checks that its questions are not held to."""


def purposes(id: str, questions: int) -> tuple[str, ...]:  # noqa: A002 - an id
    """Return what each question of an order is for: its id, or with several questions that and each one's number."""
    return (id,) if questions == 1 else tuple(f"{id}/{number}" for number in range(1, questions + 1))


@dataclass(frozen=True)
class Pairing:
    """A recipe whose questions are put to two people on opposite sides."""

    rules: Rules
    sides: Callable[[tuple[str, ...]], tuple[str, str]]
    """Dimensions -> the two sides, the high one or that of the first dimension first."""
    targets: Callable[[Scores], Iterator[tuple[tuple[str, ...], Sides]]]
    """What can be asked about, in the framework's order, with everybody's side on it."""
