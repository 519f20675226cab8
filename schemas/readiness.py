"""What the commands of `mvpbench country` return: packs, checks, a country's numbers in a study, pilots."""

from enum import StrEnum

from pydantic import Field

from schemas.record import Record
from schemas.release import Violation
from schemas.values import Domain, Split


class Severity(StrEnum):
    """What a violation does: an error stops a country, a warning stands in its report."""

    ERROR = "error"
    WARNING = "warning"


class Rule(Record):
    """The words of one rule of `country check`; its code is its name."""

    severity: Severity
    before_recruiting: bool = False
    """Whether it is an error once people are to be recruited and paid."""
    needs: str = "the pack"
    """What it looks at: `the pack`, `respondents`, `profiles`, `the pilot`."""
    expects: str
    why: str
    way_out: str


class CountryViolation(Violation):
    """One thing that a rule found."""

    severity: Severity
    way_out: str


class Band(Record):
    """The numbers required of communities from `starts` people on."""

    name: str
    starts: int = Field(ge=0)
    respondents: int
    pairs: int
    pilot_questions: int
    raters: int


class SideCount(Record):
    """People of one split who surely stand on either side of one dimension."""

    dimension: str
    split: Split
    high: int
    low: int


class CountryNumbers(Record):
    """What a study has of a country so far; None where its table is not made yet or stale."""

    survey: str
    """Title."""
    licence: str
    """SPDX id of the survey's licence."""
    redistribute_profiles: bool
    citation: str
    synthetic: bool
    respondents: int
    languages: dict[str, int]
    """Language in which questions are written for them -> people, most first."""
    known: dict[str, int]
    """Demographic of the codebook -> people of whom it is known."""
    rare: dict[str, tuple[str, ...]]
    """Demographic -> values that fewer than `rare_below` people of the country share, as imported: the study's own pack
    has made them coarser."""
    rare_below: int
    profiles: int | None = None
    sides: tuple[SideCount, ...] = ()
    """By dimension in the framework's order, then train, validation, test."""
    pairable: int | None = None
    """People with a profile who find somebody of their language and split on the other side of something."""
    pairs: int | None = None
    """At most so many pairs that the study's writer can write: over questions, the smaller side of each language and
    split, nobody in more of them than generate.max_uses times generate.max_per_couple."""
    unwritten: int = 0
    """So many pairs more for which it cannot: it does not write in their language, or about the framework."""
    profile_words: dict[str, tuple[str, ...]] | None = None
    """Language of the pack in which profiles can be read -> `made_by` of those of its words that no speaker checked.
    None: not looked at."""
    writer_knows: bool = True
    """Whether the study's writer can write about the framework."""


class PilotResult(Record):
    """What `country pilot` had written."""

    code: str
    asked: int
    """How many questions were wanted."""
    questions: int
    by_recipe: dict[str, int]
    dropped: dict[str, int]
    """Reason -> orders without a question."""
    writer: str
    """Kind, and the model where there is one."""
    languages: tuple[str, ...]
    overridden: tuple[str, ...] = ()
    """Prompts that the pack replaced."""


class CountryCheck(Record):
    """What `country check` found of one country."""

    code: str
    name: str
    built_in: bool
    folder: str
    band: Band | None
    """None until the community's size is known."""
    ready: bool
    """No error."""
    violations: tuple[CountryViolation, ...]
    """Errors first."""
    not_measured: tuple[str, ...]
    """What could not be looked at, and what to run."""
    numbers: CountryNumbers | None = None
    pilot_step: str | None = None
    """What brings the pilot on: a command, or what to set. None where nothing does, or nothing is needed."""


class CheckResult(Record):
    """What `country check` found."""

    countries: tuple[CountryCheck, ...]


class CountryListed(Record):
    """One pack of `country list`."""

    code: str
    name: str
    built_in: bool
    languages: tuple[str, ...]
    domain: Domain
    respondents: int | None = None
    """In the study; None without one."""


class CountryList(Record):
    """What `country list` found."""

    countries: tuple[CountryListed, ...]
    without_pack: tuple[str, ...] = ()
    """Codes of countries that people of the study are from and that have no pack."""


class DraftResult(Record):
    """What `country init` wrote."""

    code: str
    name: str
    languages: tuple[str, ...]
    copied: bool
    """Whether a built-in pack was copied, rather than a draft begun."""


class ExplainResult(Record):
    """What `country check --explain` says."""

    rules: dict[str, Rule]
    """Code -> words."""


class ReportResult(Record):
    """What `country report` wrote."""

    code: str
    ready: bool
    errors: int
    warnings: int
