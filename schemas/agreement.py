"""Estimate, Agreement, AgreementReport and their parts: how far raters agree, with whom, and how surely."""

from pydantic import Field

from schemas.annotation import SampleProgress
from schemas.record import Record


class Estimate(Record):
    """A number with its 95 % interval, or None with the reason it is undefined."""

    value: float | None
    low: float | None
    high: float | None
    undefined: str | None = None


class ExpectedVotes(Record):
    """How often people named the answer that the survey lets us expect, and what else they said."""

    of_answers: Estimate
    """Share of votes for the expected answer among those that name one of the two."""
    of_all: Estimate
    """The same among all votes."""
    expected: int
    other: int
    apart: dict[str, int]
    """`both`, `neither`, `cannot_tell` -> votes, which name no answer."""


class Agreement(Record):
    """Agreement over one set of ratings."""

    alpha: Estimate
    """Krippendorff's."""
    level: str
    """Level of measurement: nominal, ordinal, interval or ratio."""
    percent_agreement: float | None
    """Share of agreeing rater pairs within units, averaged over units with at least two ratings."""
    units: int
    """Units with at least one rating."""
    raters: int
    pairable: int
    """Ratings in units with at least two."""
    coefficients: dict[str, Estimate] = {}
    """Those that the level knows: `gwet_ac1` or `gwet_ac2`, `cohen_kappa`, `fleiss_kappa`; where values are ordered
    `cohen_kappa_linear` and `cohen_kappa_quadratic`; where differences mean something `icc_1`, `icc_a1`, `icc_c1` of
    one rater and `icc_1k`, `icc_ak`, `icc_ck` of the mean of all."""
    expected: ExpectedVotes | None = None
    """None for ratings of which nothing is expected."""


class AgreementCell(Agreement):
    """Agreement over one group; its key stands beside alpha."""

    key: dict[str, str]
    """e.g. {"country": "KE"}."""


class RaterGroup(Record):
    """One group of raters, among themselves and against all others."""

    key: dict[str, str]
    raters: int
    ratings: int
    within: Estimate
    """Cohesion: Krippendorff's alpha of the group's own ratings (IRR)."""
    across: Estimate
    """Cross-kappa of the group against the raters outside it, on the units that both rated (XRR)."""
    association: Estimate
    """Group association index: within / across. Above 1 the group agrees more with itself than with others."""


class RaterGroups(Record):
    """Whether raters of one group agree more with each other than with those of other groups."""

    name: str
    within: Estimate
    """1 - disagreement of pairs of one group / disagreement expected of any two ratings."""
    between: Estimate
    """The same of pairs of two groups. Alpha is the mean of the two, weighted by their pairs."""
    difference: Estimate
    """within - between."""
    ratio: Estimate
    """Disagreement of pairs of two groups / that of pairs of one."""
    pairs_within: int
    pairs_between: int
    without_group: int
    """Ratings of raters without a group: left out here."""
    groups: tuple[RaterGroup, ...]


class Need(Record):
    """How many it takes in all; two bounds where the data leave it open."""

    low: int | None
    high: int | None
    """None beside a `low`: perhaps no number is enough."""
    undefined: str | None = None
    """Why it cannot be told."""


class Needed(Record):
    """What an interval of alpha as narrow as wished would take."""

    width: float = Field(gt=0)
    """The wished distance from the lower to the upper end of the 95 % interval."""
    found: float | None
    """The distance now; None without an interval."""
    units: Need
    """Units with two ratings or more, rated as those now are."""
    raters: Need
    """Ratings a unit, on the units that there are now."""


class AgreementReport(Record):
    """Agreement overall, by group of units, and between groups of raters."""

    overall: Agreement
    by: tuple[AgreementCell, ...] = ()
    rater_groups: tuple[RaterGroups, ...] = ()
    needed: Needed | None = None
    sample: SampleProgress | None = None
    """Of a study: whether the declared sample is in. None for a ratings file."""
