"""Recipes: how a question is made, a file each.

In `sides` and `tradeoff` a question is put to two counterparts on its two sides, and the writer is told neither's. In
`paper`, the reference's, it is written for one person, whose side the writer is told.
"""

from collections.abc import Mapping

from builder.recipes.kinds import Pairing, Rules
from builder.recipes.paper import PAPER
from builder.recipes.sides import SIDES
from builder.recipes.tradeoff import TRADEOFF
from schemas.questions import Recipe

PAIRINGS: Mapping[Recipe, Pairing] = {Recipe.SIDES: SIDES, Recipe.TRADEOFF: TRADEOFF}
"""The recipes that need counterparts, in the order of their targets."""

RULES: Mapping[Recipe, Rules] = {
    Recipe.SIDES: SIDES.rules,
    Recipe.TRADEOFF: TRADEOFF.rules,
    Recipe.PAPER: PAPER,
}

__all__ = ["PAIRINGS", "RULES", "Pairing", "Rules"]
