"""Survey, Respondent, Demographics: what a survey file says, in one shape for every format."""

from enum import StrEnum

from schemas.codebook import Missing, SurveyItem, Weights
from schemas.record import Record


class CountryOf(StrEnum):
    """What "country" means in a study."""

    RESIDENCE = "residence"
    """Where the person lives or was interviewed."""
    BIRTH = "birth"


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
    country_of: CountryOf = CountryOf.RESIDENCE
    """Which of a person's countries is the `country` of the respondents."""
    items: tuple[SurveyItem, ...]
    """Those of the questionnaire written out."""
    weights: Weights = Weights()


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
    """1-based line of the source file where it is text (the header is line 1), else its 1-based case."""
    country: str | None
    """ISO 3166-1 alpha-2, or None where the person did not say; which country is meant says `Survey.country_of`."""
    country_missing: Missing | None = None
    countries: dict[CountryOf, str] = {}
    """All that the survey knows: of residence, of birth."""
    region: str | None = None
    language: str
    demographics: Demographics
    answers: dict[str, float] = {}
    """Column -> answer."""
    answers_missing: dict[str, Missing] = {}
    free_text: dict[str, str] = {}
    weights: dict[str, float] = {}
    """Role (`design`, `post_stratification`, `population`) -> weight."""
    psu: str | None = None
    stratum: str | None = None
    synthetic: bool = False
