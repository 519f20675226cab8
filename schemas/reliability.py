"""WeightedMean, ScaleReliability, CountryCongruence: what the figures of a survey are worth."""

from typing import Literal

from pydantic import Field

from schemas.agreement import Estimate
from schemas.record import Record


class Coefficient(Record):
    """A number without an interval, or None with the reason it is undefined."""

    value: float | None
    undefined: str | None = None


class WeightedMean(Record):
    """A mean over people of a sample, with the error that the sample's design leaves."""

    mean: float | None
    standard_error: float | None = Field(default=None, ge=0)
    """In the unit of the mean."""
    n: int = Field(ge=0)
    """People with a value and a weight: those in the mean."""
    n_effective: float | None = Field(default=None, ge=0)
    """People of an equally weighted sample that would tell as much (Kish), for what the weights alone cost."""
    without_value: int = Field(ge=0)
    without_weight: int = Field(ge=0)
    """People with a value whose weight is missing or not above 0: left out of the mean."""
    psus: int = Field(default=0, ge=0)
    """Primary sampling units behind the error; people, where the file names none."""
    strata: int = Field(default=0, ge=0)
    lonely_strata: int = Field(default=0, ge=0)
    """Strata with one sampling unit, which cannot show how much units differ: held against the mean of all."""
    undefined: str | None = None
    """Why the mean or its error is None."""


class ScaleReliability(Record):
    """How well the items of one scale hang together among one group of people. Unweighted."""

    scale: str
    group: str | None
    """A country; None for all people together, whose alpha has the differences between countries in it too."""
    items: tuple[str, ...]
    n: int = Field(ge=0)
    """People who answered every item: those behind the numbers."""
    incomplete: int = Field(ge=0)
    alpha: Estimate
    """Cronbach's, of the answers as they are, with the 95 % interval of Feldt (1965)."""
    alpha_standardised: Coefficient
    """Of the correlations. Of two items it is the Spearman-Brown coefficient, the one to report (Eisinga 2013)."""
    omega: Coefficient
    """McDonald's omega total, from one factor fitted by maximum likelihood."""
    item_rest: tuple[float | None, ...]
    """Of each item, in order: correlation with the sum of the others; None where one of them does not vary."""
    against: tuple[str, ...]
    """Items that run against the others by more than chance: look at key and translation."""


class CountryCongruence(Record):
    """Whether the items of a scale hang together in a country as they do within countries altogether.

    It says nothing of intercepts: means of countries are not made comparable by it.
    """

    scale: str
    country: str
    n: int = Field(ge=0)
    """People who answered every item."""
    congruence: float | None = Field(default=None, ge=-1, le=1)
    """Tucker's, of the country's loadings with the pooled ones."""
    likeness: Literal["equal", "fair", "unlike"] | None = None
    """From .95, from .85, and below (Lorenzo-Seva and ten Berge 2006)."""
    against: tuple[str, ...]
    """As in `ScaleReliability`."""
    undefined: str | None = None
