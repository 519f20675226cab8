"""PairingTable: what share of people was paired with a counterpart, and who the paired are."""

from pydantic import Field

from schemas.questions import Recipe
from schemas.record import Record


class Share(Record):
    """A share of people, with its 95 % interval after Wilson (1927)."""

    part: int = Field(ge=0)
    whole: int = Field(ge=0)
    value: float | None
    low: float | None
    high: float | None
    undefined: str | None = None


class MeanScore(Record):
    """The mean over people of their scores on one dimension, unweighted."""

    people: int = Field(ge=0)
    raw: float | None
    """0-100."""
    standardised: float | None
    """In SDs of the survey's sample, whose mean is 0."""
    undefined: str | None = None


class ScoresBeside(Record):
    """One dimension: the paired beside all."""

    dimension: str
    side: str | None
    """Paired and all are those on this side of the target (`care:high`); None for whoever was measured."""
    paired: MeanScore
    all: MeanScore


class CategoryBeside(Record):
    """One value of a demographic: its share among the paired beside its share among all."""

    value: str
    paired: float
    all: float
    difference: float
    """Paired minus all."""
    standardised: float
    """The difference over the square root of the mean of both variances p (1 - p); Austin 2009,
    doi:10.1080/03610910902859574."""


class DemographicBeside(Record):
    """One demographic: the paired beside all."""

    name: str
    paired: int = Field(ge=0)
    """Paired people of whom it is known."""
    all: int = Field(ge=0)
    """Measured people of whom it is known."""
    standardised: float | None
    """The largest standardised difference of a value, without its sign."""
    largest: tuple[CategoryBeside, ...]
    """The three values whose shares differ most, of those that enough people have."""
    undefined: str | None = None


class Reuse(Record):
    """How often the paired people are used, over all targets of the study."""

    mean: float | None
    """Partners a person."""
    most: int | None
    """Partners that one person has."""
    shared_places: float | None
    """Share of the places in these pairs (two a pair) taken by people with more than one partner."""
    undefined: str | None = None


class PairingFigures(Record):
    """The people of a row, who of them stands somewhere, and who of these was paired."""

    people: int = Field(ge=0)
    """With a profile."""
    measured: int = Field(ge=0)
    """Scored on the target's dimensions; over all targets, on any."""
    first: Share | None
    """Of the measured: the high side; of a trade-off, the first dimension put ahead. None over all targets."""
    second: Share | None
    """Of the measured: the low side; of a trade-off, the second dimension put ahead."""
    none: Share | None
    """Of the measured: not sure enough of a side."""
    with_side: int = Field(ge=0)
    opposite: int = Field(ge=0)
    """Of those with a side: who stands opposite to somebody of their country, language and split."""
    paired_in_country: int = Field(ge=0)
    paired_in_region: int = Field(ge=0)
    """People paired within their region alone."""
    paired: Share
    """Of those with a side, wherever their counterparts are."""
    reuse: Reuse
    scores: tuple[ScoresBeside, ...]
    """Of a target: each of its dimensions, over both sides and by side; over all targets: every dimension."""
    demographics: tuple[DemographicBeside, ...]
    """By name."""


class PairingRow(Record):
    """One country and target, or a total over either."""

    country: str | None
    """ISO 3166-1 alpha-2; None over all countries."""
    recipe: Recipe | None
    """None over all targets."""
    dimensions: tuple[str, ...]
    """Empty over all targets."""
    figures: PairingFigures | None
    """None where these are too few people."""
    undefined: str | None = None


class PairingTable(Record):
    """Who was paired, by country and target."""

    rows: tuple[PairingRow, ...]
    """By country, the targets of each in their order."""
    targets: tuple[PairingRow, ...]
    """Each target over all people, those of unknown country and of hidden countries among them."""
    countries: tuple[PairingRow, ...]
    """Each country over all targets."""
    whole: PairingRow
    """Everybody, over all targets."""
    without_country: int = Field(ge=0)
    """People whose country is unknown: in no country's row."""
