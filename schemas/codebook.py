"""Codebook: one YAML file that says how a survey file is read, what its columns mean and what may be done with them."""

from enum import StrEnum
from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from schemas.record import Record


class Missing(StrEnum):
    """Why a value is not there; the kinds are never merged."""

    REFUSED = "refused"
    """"Prefer not to say" and its like: an answer."""
    DONT_KNOW = "dont_know"
    NOT_APPLICABLE = "not_applicable"
    NOT_ASKED = "not_asked"
    UNSPECIFIED = "unspecified"
    """The file declares the code missing and nothing says why."""
    BLANK = "blank"
    """The cell is empty and the file does not say why."""


MissingCodes = dict[str, Missing]
"""Cell text -> kind. A number is written as the file has it, without a fraction of zero: `-1`, `99`; the extended
missing values of Stata as `.a` to `.z`."""


class Scale(Record):
    """A closed response scale, e.g. 1-5 or 0-100; scores are mapped linearly from [low, high] to [0, 100]."""

    low: float
    high: float
    labels: dict[str, str] = {}
    """Answer -> its words, as the respondent saw them."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high:
            raise ValueError("scale: low must be below high")
        return self


class SurveyItem(Record):
    """One answered column. `dimension` names the value dimension it measures; without one it is kept, not scored."""

    column: str
    text: str = ""
    """The question as put to the respondent, or what the score summarises."""
    dimension: str | None = None
    scale: Scale
    reverse: bool = False
    """True where a larger number means less of the dimension."""
    missing: MissingCodes = {}
    """Of this column, beside the codebook's."""
    reliability: float | None = Field(default=None, gt=0, lt=1)
    """Of this column as a measure of its dimension; needed where a dimension has one column."""
    reliability_source: str = ""
    """A citation, or `declared` with the reason."""

    @field_validator("dimension")
    @classmethod
    def _filled(cls, dimension: str | None) -> str | None:
        if dimension == "TODO":  # as a draft leaves it
            raise ValueError("the dimension that the item measures; or take the item out")
        return dimension


class InstrumentColumns(Record):
    """The columns of a published questionnaire in its own order: keys come from the framework, so none can slip."""

    columns: tuple[str, ...] = Field(min_length=1)
    scale: Scale | None = None
    """Where the file does not use the questionnaire's own numbers."""
    turned: bool = False
    """True where the file numbers all answers the other way round than the questionnaire does."""
    turned_columns: tuple[str, ...] = ()
    """Those of the columns that alone are numbered the other way round."""


class CountryColumn(Record):
    """Where the country stands: a column with names or ISO codes, or one constant for the whole file."""

    column: str | None = None
    constant: str | None = None
    names: dict[str, str] = {}
    """The file's own names that are not ISO 3166 names, mapped to alpha-2 codes."""
    missing: MissingCodes = {}
    region: str | None = None
    """Column of the region that this country lies in; goes before the codebook's `region`."""

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.column is None) == (self.constant is None):
            raise ValueError("country: give either `column` or `constant`")
        return self


class LanguageColumn(Record):
    """A column with the language in which questions are to be written for a person."""

    column: str
    names: dict[str, str] = {}
    """The file's own codes, mapped to BCP 47 tags."""


class DemographicColumn(Record):
    """One demographic; `column` may be a dotted path in JSON lines."""

    name: str
    column: str
    labels: dict[str, str] = {}
    """Code in the file -> words; a code without words is kept as it is."""
    missing: MissingCodes = {}
    low: float | None = None
    """With `high`: the cell is a number in these bounds, e.g. an age of 14 to 110; a row outside is set aside."""
    high: float | None = None
    bands: tuple[float, ...] = ()
    """Lower bounds of bands, ascending, e.g. 18, 30, 50: only the band is kept (`30-49`), never the number. A country
    pack may make them coarser."""

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        if (self.low is None) != (self.high is None):
            raise ValueError("demographics: give both `low` and `high`, or neither")
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise ValueError("demographics: low must be below high")
        if any(not one < other for one, other in pairwise(self.bands)):
            raise ValueError("demographics: bands must ascend")
        return self


class FreeText(Record):
    """A column of the respondent's own words and where consent and licence let it go."""

    name: str
    column: str
    to_api: bool = False
    to_raters: bool = False
    records: bool = False
    """Whether each line of it is a record of its own, as a conversation is: the recipe `paper` asks about every one."""


class Consent(Record):
    """A column that says whether the person agreed; rows of those who did not are set aside (`no-consent`)."""

    column: str
    agreed: tuple[str, ...] = Field(min_length=1)
    """Cells that mean yes."""


WeightRole = Literal["design", "post_stratification", "population"]


class Weights(Record):
    """Columns of survey weights, kept apart; what is multiplied for which figure is said, never guessed."""

    design: str | None = None
    """Inverse probability of selection."""
    post_stratification: str | None = None
    """Fits the sample to known marginals; in some surveys it has the design weight in it."""
    population: str | None = None
    """Makes countries count by their size, or all alike."""
    within_country: tuple[WeightRole, ...] | None = None
    """Multiplied for figures of one country; None for `design` and `post_stratification`, those that are there."""
    across_countries: tuple[WeightRole, ...] | None = None
    """Multiplied for figures over countries; None for those within a country and `population`."""

    def columns(self) -> dict[WeightRole, str]:
        """Return role -> column, of those that are there."""
        given: dict[WeightRole, str | None] = {
            "design": self.design,
            "post_stratification": self.post_stratification,
            "population": self.population,
        }
        return {role: column for role, column in given.items() if column is not None}

    def within(self) -> tuple[WeightRole, ...]:
        """Return the roles whose product weighs people of one country."""
        if self.within_country is not None:
            return self.within_country
        return tuple(role for role in self.columns() if role != "population")

    def across(self) -> tuple[WeightRole, ...]:
        """Return the roles whose product weighs people over countries."""
        if self.across_countries is not None:
            return self.across_countries
        return (*self.within(), *(role for role in self.columns() if role == "population"))

    @model_validator(mode="after")
    def _known(self) -> Self:
        named = {*(self.within_country or ()), *(self.across_countries or ())}
        absent = sorted(named - set(self.columns()))
        if absent:
            raise ValueError("weights: no column for " + ", ".join(absent))
        return self


class Reading(Record):
    """How a text file is read, JSON lines among them; SPSS, Stata and Parquet files say it themselves."""

    encoding: str = "utf-8"
    """A name that Python knows, e.g. `windows-1252`. A byte-order mark of UTF-8, UTF-16 or UTF-32 goes before it."""
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    """None: of these the one with which the header has most columns."""
    decimal: Literal[".", ","] = "."


class Codebook(Record):
    """One YAML file that says how a survey file is read and what may be done with it."""

    codebook: Literal[1]
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    version: str
    format: Literal["table", "prism", "ess", "wvs7"] = "table"
    framework: str
    """The value framework its items measure, e.g. `mfq2`, `pvq21`: a built-in one, or a file
    `frameworks/<name>.yaml` in the study."""
    citation: str
    doi: str | None = None
    url: str | None = None
    licence: str
    """SPDX id of the licence of the survey answers, e.g. `CC-BY-4.0`."""
    language: str = "en"
    """BCP 47 tag of the language in which questions are written for these people."""
    language_column: LanguageColumn | None = None
    """Where people of one file have several languages; goes before `language`."""
    synthetic: bool = False
    """True for made-up people: tables, console and every release say so. A file whose column `synthetic` says true
    cannot be imported without it."""
    redistribute_profiles: bool = True
    """Whether the licence lets derived profiles be published."""
    consent: Consent | None = None
    reading: Reading = Reading()
    id: str | tuple[str, ...]
    """The column, or the columns that together tell people apart."""
    country: CountryColumn
    """Where the person lives or was interviewed."""
    birth_country: CountryColumn | None = None
    """Where the person was born; a study says which of the two "country" means (`survey.country`)."""
    region: str | None = None
    """Column with a region in which counterparts may be sought when the country offers none."""
    demographics: tuple[DemographicColumn, ...] = ()
    free_text: tuple[FreeText, ...] = ()
    items: tuple[SurveyItem, ...] = ()
    instrument: InstrumentColumns | None = None
    """Instead of `items`, or beside those that are not of the questionnaire."""
    missing: MissingCodes = {}
    """Cells that stand for a missing value, in any column."""
    item_missing: MissingCodes = {}
    """Of `items` and `instrument` alone: 77 may be a refusal among answers and an age beside them."""
    weights: Weights = Weights()
    psu: str | None = None
    """Column of the primary sampling unit."""
    stratum: str | None = None
    optional: tuple[str, ...] = ()
    """Columns named above that a file may lack, as some editions of a survey do; a misspelt name stays an error."""
    max_bad_share: float = Field(default=0.05, ge=0, le=1)
    """Share of rows that may be set aside before the import is refused."""

    @model_validator(mode="after")
    def _measures(self) -> Self:
        if not self.items and self.instrument is None:
            raise ValueError("give `items`, or the columns of the framework's questionnaire under `instrument`")
        doubled = sorted({name for name in self.demographic_names if self.demographic_names.count(name) > 1})
        if doubled:
            raise ValueError("demographics: named twice: " + ", ".join(doubled))
        return self

    @property
    def demographic_names(self) -> tuple[str, ...]:
        """Names of the demographics, in order."""
        return tuple(one.name for one in self.demographics)

    @property
    def id_columns(self) -> tuple[str, ...]:
        """The columns that together tell people apart."""
        return (self.id,) if isinstance(self.id, str) else self.id
