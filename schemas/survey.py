"""Survey, Codebook, SurveyItem, Respondent, Demographics: what a survey file says, in one shape for every format."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.record import Record


class Missing(StrEnum):
    """Why a value is not there; the kinds are never merged."""

    REFUSED = "refused"
    """"Prefer not to say" and its like: an answer."""
    DONT_KNOW = "dont_know"
    NOT_APPLICABLE = "not_applicable"
    NOT_ASKED = "not_asked"
    BLANK = "blank"
    """The cell is empty and the file does not say why."""


class Scale(Record):
    """A closed response scale, e.g. 1-5 or 0-100; scores are mapped linearly from [low, high] to [0, 100]."""

    low: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high:
            raise ValueError("scale: low must be below high")
        return self


class SurveyItem(Record):
    """One measured column. `dimension` names the value dimension it measures, if any."""

    column: str
    text: str = ""
    """The question as put to the respondent, or what the score summarises."""
    dimension: str
    scale: Scale
    reverse: bool = False
    """True where a larger number means less of the dimension."""
    reliability: float | None = Field(default=None, gt=0, lt=1)
    """Of this column as a measure of its dimension; needed where a dimension has one column."""
    reliability_source: str = ""
    """A citation, or `declared` with the reason."""


class CountryColumn(Record):
    """Where the country stands: a column with names or ISO codes, or one constant for the whole file."""

    column: str | None = None
    constant: str | None = None
    names: dict[str, str] = {}
    """The file's own names that are not ISO 3166 names, mapped to alpha-2 codes."""

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.column is None) == (self.constant is None):
            raise ValueError("country: give either `column` or `constant`")
        return self


class DemographicColumn(Record):
    """One demographic, copied as text; `column` may be a dotted path in JSON lines."""

    name: str
    column: str


class FreeText(Record):
    """A column of the respondent's own words and where consent and licence let it go."""

    name: str
    column: str
    to_api: bool = False
    to_raters: bool = False


class Codebook(Record):
    """One YAML file that says how a survey file is read and what may be done with it."""

    codebook: Literal[1]
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    version: str
    format: Literal["table", "prism"] = "table"
    framework: str
    """The value framework its items measure, e.g. `mfq2`, `prism`."""
    citation: str
    doi: str | None = None
    url: str | None = None
    licence: str
    """SPDX id of the licence of the survey answers, e.g. `CC-BY-4.0`."""
    language: str = "en"
    """BCP 47 tag of the language in which questions are written for these people."""
    synthetic: bool = False
    """True for made-up people: tables, console and every release say so. A file whose column `synthetic` says true
    cannot be imported without it."""
    redistribute_profiles: bool = True
    """Whether the licence lets derived profiles be published."""
    id: str
    country: CountryColumn
    region: str | None = None
    """Column with a region in which counterparts may be sought when the country offers none."""
    demographics: tuple[DemographicColumn, ...] = ()
    free_text: tuple[FreeText, ...] = ()
    items: tuple[SurveyItem, ...]
    missing: dict[str, Missing] = {}
    """Cell texts that stand for a missing value, in any column."""
    max_bad_share: float = Field(default=0.05, ge=0, le=1)
    """Share of rows that may be set aside before the import is refused."""


class Survey(Record):
    """The facts of an imported survey that travel to every later table and to the card."""

    id: str
    """`s-` + hash of the codebook's name and version."""
    name: str
    title: str
    version: str
    framework: str
    citation: str
    doi: str | None
    url: str | None
    licence: str
    language: str
    synthetic: bool
    redistribute_profiles: bool
    source_file: str
    """File name without folders."""
    source_sha256: str
    items: tuple[SurveyItem, ...]


class Demographics(Record):
    """What is known of a person beside values. Absent means unknown; the reason is in `missing`."""

    known: dict[str, str] = {}
    missing: dict[str, Missing] = {}


class Respondent(Record):
    """One person of the survey. `answers` are in the file's own units, before any scoring."""

    id: str
    """`r-` + hash of survey name and source id."""
    source_id: str
    survey: str
    row: int
    """1-based data row in the source file (the header is not counted)."""
    country: str | None
    """ISO 3166-1 alpha-2, or None where the person did not say."""
    country_missing: Missing | None = None
    region: str | None = None
    language: str
    demographics: Demographics
    answers: dict[str, float] = {}
    """Column -> answer."""
    answers_missing: dict[str, Missing] = {}
    free_text: dict[str, str] = {}
    synthetic: bool = False
