"""SurveyOverview: what a survey file holds, before a study is made of it."""

from typing import Literal

from pydantic import Field

from schemas.codebook import Missing, SurveyItem
from schemas.record import Record
from schemas.reliability import Coefficient, CountryCongruence, ScaleReliability, WeightedMean
from schemas.survey import Survey
from schemas.values import Split

HIDDEN_BELOW = 10
"""People: figures of fewer are not told, of a country or of a part of one."""
FLAGGED_BELOW = 30
"""People: figures of fewer are told with a mark."""


class Histogram(Record):
    """How many people have which raw score; bars lie side by side and hold everybody."""

    start: float
    """Lower end of the first bar, in raw points; below 0 where bars are centred on the scores a scale can give."""
    width: float = Field(gt=0)
    counts: tuple[int, ...]


class Distribution(Record):
    """Raw scores (0-100) of people as they were asked: unweighted."""

    n: int = Field(ge=0)
    sd: float | None = Field(default=None, ge=0)
    """With n - 1 below the line."""
    quartiles: tuple[float, float, float] | None = None
    """Lower quartile, median, upper quartile; linear between ranks."""
    histogram: Histogram | None = None
    undefined: str | None = None


class Opposed(Record):
    """Who stands where on one target by the rule `sure`, and how many pairs could come of it."""

    first: int = Field(ge=0)
    """People on the high side; of a trade-off, those who put the first dimension ahead."""
    second: int = Field(ge=0)
    """People on the low side; of a trade-off, those who put the second dimension ahead."""
    neither: int = Field(ge=0)
    """Measured, and not sure enough of a side."""
    pairs: dict[Split, int]
    """Most pairs of people of one country, language and split, nobody in two of them: the smaller side, summed up."""

    @property
    def total(self) -> int:
        """Pairs over all splits."""
        return sum(self.pairs.values())


class ScaleFigures(Record):
    """One dimension among all people, or those of a country, whose answers the framework's rules take."""

    mean: WeightedMean
    """Of raw scores (0-100), with the weights for one country or for all of them."""
    distribution: Distribution
    reliability: ScaleReliability
    missing: dict[Missing, int]
    """Answers that are not there, of all people imported."""
    answers: int = Field(ge=0)
    """Answers that are there, of all people imported."""
    sides: Opposed | None
    """None where `ScaleOverview.unscored` says why."""


class CountryScale(ScaleFigures):
    """One dimension in one country."""

    country: str
    congruence: CountryCongruence
    """Whether its items hang together there as elsewhere."""


class ItemOverview(Record):
    """One column of answers, of all people imported."""

    item: SurveyItem
    answers: int = Field(ge=0)
    missing: dict[Missing, int]
    unanswered_in: tuple[str, ...]
    """Countries with no answer at all, of those that are told."""
    item_rest: float | None
    """Correlation with the sum of the scale's other items, turned round where reverse-keyed."""


class ScaleOverview(Record):
    """One value dimension."""

    dimension: str
    title: str
    definition: str
    items: tuple[ItemOverview, ...]
    unscored: str | None
    """Why `mvpbench profile` would stop at it; None where it would not."""
    reliability: Coefficient
    """The one from which the scores' errors follow."""
    reliability_source: str
    whole: ScaleFigures
    countries: tuple[CountryScale, ...]
    """By alpha-2 code; without those of too few people."""
    warning: str | None
    """Why the means in `countries` may not be compared; None with fewer than two of them."""


class CountryOverview(Record):
    """One country's people."""

    country: str
    """ISO 3166-1 alpha-2."""
    name: str
    people: int = Field(ge=HIDDEN_BELOW)
    flagged: bool
    """Fewer than `FLAGGED_BELOW` people."""
    n_effective: float | None = Field(ge=0)
    """Kish, with the weights for one country; None where nobody has one."""
    without_weight: int = Field(ge=0)
    languages: dict[str, int]
    """BCP 47 tag of the language questions are written in -> people."""
    pairable: int = Field(ge=0)
    """People who stand opposite to somebody of their country, language and split on some target, each looked at by
    itself: where one side is rare, fewer find a counterpart of their own."""
    pairs: dict[Split, int]
    """Most pairs over all targets, with the limits on how often a person is used that a study has by default."""


class DemographicOverview(Record):
    """One demographic, of all people imported."""

    name: str
    known: int = Field(ge=0)
    missing: dict[Missing, int]
    values: dict[str, int]
    """Value -> people, most first; only those of enough people."""
    other_values: int = Field(ge=0)
    """Distinct values that are not told."""


class TradeoffOverview(Record):
    """One pair of dimensions of which a question could put one against the other."""

    dimensions: tuple[str, str]
    opposed: Opposed
    countries: dict[str, int]
    """Country -> most pairs, where there are any; without those of too few people."""


class Finding(Record):
    """One sentence of the summary."""

    kind: Literal["good", "mind", "stop"]
    """`stop`: in the way; `mind`: it works, and is to be known; `good`: nothing stands in the way."""
    about: Literal["use", "where", "way"]
    """Whether the survey can be used, in which countries, what else to know."""
    text: str


class SurveyOverview(Record):
    """What a survey file holds, under one codebook."""

    survey: Survey
    framework: str
    """Its title."""
    rows: int = Field(ge=0)
    people: int = Field(ge=0)
    """Imported; rows less those in `set_aside`."""
    set_aside: dict[str, int]
    """Reason -> rows that are no respondent, all of them, of a file that is refused too."""
    set_aside_first: dict[str, tuple[str, ...]]
    """Reason -> the first rows: where each is, its column and what was found."""
    refused: str | None
    """Why `survey import` would refuse the file, though its rows were read."""
    unusable: dict[str, int]
    """Reason -> people imported whom `profile` would drop: `too-many-missing`, `straight-lining`, `no-scores`."""
    without_country: int = Field(ge=0)
    countries: tuple[CountryOverview, ...]
    """Most people first."""
    hidden: tuple[str, ...]
    """Codes of countries with fewer than `HIDDEN_BELOW` people: in no figure by country, and in those over all."""
    n_effective: float | None = Field(ge=0)
    """Over all countries, with the weights for that."""
    unpaired: dict[str, int]
    """Reason -> people with a profile and no possible counterpart: `country-unknown`, `no-stand`, `no-counterpart`."""
    pairable: int = Field(ge=0)
    pairs: dict[Split, int]
    """As in `CountryOverview`, over all."""
    splits: dict[Split, float]
    """Shares by which people were put into splits."""
    demographics: tuple[DemographicOverview, ...]
    scales: tuple[ScaleOverview, ...]
    """In the framework's order; those of which no column is in the codebook are in `unmeasured`."""
    unmeasured: tuple[str, ...]
    unscored_items: tuple[ItemOverview, ...]
    """Columns that measure no dimension."""
    tradeoffs: tuple[TradeoffOverview, ...]
    findings: tuple[Finding, ...]
    """The summary, what is in the way first."""
    made_with: dict[str, str]


class OverviewResult(Record):
    """What `survey describe --html` measured, and where the page is."""

    page: str
    overview: SurveyOverview
