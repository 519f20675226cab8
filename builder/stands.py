"""Every respondent's side on every target: the table from which counterparts are sought.

A *target* is what a question can be about: a recipe with its one or two dimensions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from builder.profiles.scoring import Scores
from builder.profiles.sides import Sides
from builder.recipes import PAIRINGS
from schemas.errors import InputError
from schemas.questions import Recipe
from schemas.values import ValueFramework, ValueProfile


@dataclass(frozen=True)
class Target:
    """What a question can be about."""

    recipe: Recipe
    dimensions: tuple[str, ...]

    def side(self, sign: int) -> str:
        """Return the side that `sign` (1 or -1) stands for: `care:low`, or in a trade-off the dimension put ahead."""
        return PAIRINGS[self.recipe].sides(self.dimensions)[0 if sign > 0 else 1]


@dataclass(frozen=True)
class Stands:
    """`sign` and `error` of shape (respondents, targets): 1, -1 or 0, and the error probability (NaN where 0)."""

    respondents: tuple[str, ...]
    targets: tuple[Target, ...]
    sign: NDArray[np.int8]
    error: NDArray[np.float64]


def stands(profiles: Sequence[ValueProfile], framework: ValueFramework, recipes: Sequence[Recipe]) -> Stands:
    """Return the stands of all `profiles` on the targets of `recipes`, in the framework's order of dimensions.

    Recipes without counterparts have no targets.

    Raises InputError `no-targets` where the recipes need more dimensions than were measured.
    """
    scores = scores_of(profiles, framework)
    targets: list[Target] = []
    columns: list[Sides] = []
    for recipe, pairing in PAIRINGS.items():
        if recipe in recipes:
            for dimensions, sides in pairing.targets(scores):
                targets.append(Target(recipe, dimensions))
                columns.append(sides)
    if not targets and set(recipes) & set(PAIRINGS):
        raise InputError(
            "no-targets",
            "recipes",
            found=f"{', '.join(recipes)} with {len(scores.dimensions)} measured dimension(s)",
            expected="two dimensions for `tradeoff`, one for `sides`",
            way_out="measure more dimensions, or set `generate.recipes` in study.yaml",
        )
    return Stands(
        respondents=tuple(profile.respondent_id for profile in profiles),
        targets=tuple(targets),
        sign=np.column_stack([np.zeros((len(profiles), 0), np.int8), *(column.sign for column in columns)]),
        error=np.column_stack([np.zeros((len(profiles), 0)), *(column.error for column in columns)]),
    )


def scores_of(profiles: Sequence[ValueProfile], framework: ValueFramework) -> Scores:
    """Return the score matrices again, from the profiles: the sample is all profiles, whatever their split."""
    measured = {score.dimension for profile in profiles for score in profile.scores}
    dimensions = tuple(dimension.name for dimension in framework.dimensions if dimension.name in measured)
    shape = (len(profiles), len(dimensions))
    forms = {
        name: np.full(shape, np.nan)
        for name in (
            "raw",
            "centred",
            "standardised",
            "standard_error",
            "standard_error_centred",
            "standard_error_standardised",
        )
    }
    place = {name: index for index, name in enumerate(dimensions)}
    for row, profile in enumerate(profiles):
        for score in profile.scores:
            for name, matrix in forms.items():
                matrix[row, place[score.dimension]] = getattr(score, name)
    return Scores(
        dimensions=dimensions,
        items=tuple(() for _ in dimensions),
        raw=forms["raw"],
        centred=forms["centred"],
        standardised=forms["standardised"],
        raw_error=forms["standard_error"],
        centred_error=forms["standard_error_centred"],
        standardised_error=forms["standard_error_standardised"],
    )
