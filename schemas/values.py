"""ValueFramework, ValueDimension, ValueProfile: what a person holds important, with how sure we are of it."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.codebook import Missing, Scale
from schemas.record import Record


class Level(StrEnum):
    """Which side of a dimension a person is on."""

    HIGH = "high"
    LOW = "low"
    NONE = "none"
    """Not sure enough to say."""


class Split(StrEnum):
    """What a respondent's instances may be used for."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class Domain(StrEnum):
    """Whether a country's people may be trained on; out-of-domain countries are for evaluation alone."""

    IN = "in"
    OUT = "out"


class ValueDimension(Record):
    """One thing a person can hold more or less important."""

    name: str = Field(pattern=r"^[a-z][a-z_]*$")
    title: str
    definition: str
    high: str
    """In plain words, what someone for whom it matters much holds; completes "this person ..."."""
    low: str
    """In plain words, what someone for whom it matters little holds; completes "this person ..."."""
    reliability: float | None = Field(default=None, gt=0, lt=1)
    reliability_source: str = ""


class Scoring(Record):
    """How answers become scores, and which answers are not to be used."""

    centring: Literal["dimensions", "items"] = "dimensions"
    """Of what the mean is that is taken from a person's scores: of the dimensions measured, or of all items answered
    (Schwartz's MRAT)."""
    min_answered: float = Field(default=1.0, gt=0, le=1)
    """Share of a dimension's items that must be answered for a score."""
    max_missing: int | None = Field(default=None, ge=0)
    """Items of the framework that may be unanswered; a person with more is dropped (`too-many-missing`)."""
    max_same: int | None = Field(default=None, ge=1)
    """Items that may have the same answer; a person with more is dropped (`straight-lining`)."""
    source: str = ""


class InstrumentItem(Record):
    """One question of a published questionnaire."""

    dimension: str
    reverse: bool = False
    """True where a larger number means less of the dimension."""
    text: str = ""
    """Where its licence lets us print it."""


class Instrument(Record):
    """A published questionnaire: its questions in their order."""

    scale: Scale
    items: tuple[InstrumentItem, ...]


class ValueFramework(Record):
    """A published set of value dimensions, in a declared order."""

    framework: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    version: str
    source: str
    """Citation with DOI."""
    domain: str
    """What the values are about; completes "what matters to this person ..."."""
    dimensions: tuple[ValueDimension, ...]
    scoring: Scoring = Scoring()
    instrument: Instrument | None = None

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [dimension.name for dimension in self.dimensions]
        if len(set(names)) != len(names):
            raise ValueError("dimensions: a name occurs twice")
        keyed = {item.dimension for item in self.instrument.items} if self.instrument else set()
        if unknown := sorted(keyed - set(names)):
            raise ValueError("instrument: no dimension " + ", ".join(unknown))
        return self

    def dimension(self, name: str) -> ValueDimension:
        """Return the dimension called `name`; KeyError if the framework has none."""
        for dimension in self.dimensions:
            if dimension.name == name:
                return dimension
        raise KeyError(name)

    def order(self, name: str) -> int:
        """Return the position of the dimension in the framework's declared order."""
        return [dimension.name for dimension in self.dimensions].index(name)


class DimensionScore(Record):
    """One person's score on one dimension, in three forms, each with its standard error."""

    dimension: str
    raw: float = Field(ge=0, le=100)
    centred: float
    """Raw minus the person's own mean, over the dimensions measured or over all items answered as the framework's
    `scoring.centring` says; in raw points."""
    standardised: float
    """(raw - sample mean) / sample SD over all respondents of the survey."""
    standard_error: float = Field(ge=0)
    """Of raw, in raw points: SD * sqrt(1 - reliability), or from the items."""
    standard_error_centred: float = Field(ge=0)
    """Of centred, in raw points: the person's mean carries error too."""
    standard_error_standardised: float = Field(ge=0)
    """Of standardised, in SDs."""
    level: Level
    """By the study's `profile.levels`: the strict rule of `sides`, or thresholds on raw."""
    error_probability: float | None = Field(default=None, ge=0, le=1)
    """That the true side is not `level`; None where the level is none."""
    items: tuple[str, ...]
    """The columns behind the score: those that the person answered."""


class ValueProfile(Record):
    """A respondent's scores. A dimension that could not be scored is in `missing`, not in `scores`."""

    respondent_id: str
    survey: str
    framework: str
    split: Split
    """Hash of purpose and respondent id: fixed for ever."""
    domain: Domain
    country: str | None
    scores: tuple[DimensionScore, ...]
    missing: dict[str, Missing] = {}
    scoring_version: int

    def score(self, dimension: str) -> DimensionScore | None:
        """Return the score on `dimension`, or None where it was not measured."""
        for score in self.scores:
            if score.dimension == dimension:
                return score
        return None
