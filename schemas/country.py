"""CountryPack: all that a country brings to the benchmark, kept as one readable YAML file with strings beside it."""

import re
from itertools import pairwise
from string import Formatter
from typing import Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from schemas.annotation import PREFERENCE_CODES, SURENESS_CODES, ItemDefect
from schemas.record import Record
from schemas.values import Domain

Direction = Literal["ltr", "rtl"]


class PackLanguage(Record):
    """A language in which questions are written and raters are addressed in the country."""

    tag: str = Field(pattern=r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$")
    """BCP 47 in its standard form, e.g. `sw`, `pt-BR`, `zh-Hant`."""
    name: str
    """What its speakers call it."""
    script: str = Field(pattern=r"^[A-Z][a-z]{3}$")
    """ISO 15924, e.g. `Latn`."""
    direction: Direction


class Community(Record):
    """How many people the country's part of the benchmark speaks of; its band sets the numbers required."""

    size: int | None = Field(default=None, ge=1)
    """Only its order of magnitude matters. None until it is looked up."""
    source: str = ""

    @field_validator("size", mode="before")
    @classmethod
    def _in_digits(cls, size: object) -> object:
        if isinstance(size, str) and not (size.isascii() and size.isdigit()):
            raise ValueError("a whole number in digits alone, such as 56000000, or null")
        return size


class PayFloor(Record):
    """The least that a rater is paid for an hour of work."""

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    """ISO 4217."""
    amount: float | None = Field(default=None, gt=0)
    """None until somebody has looked it up: no number is better than a wrong one."""
    as_of: str | None = Field(default=None, pattern=r"^\d{4}(-\d{2}){0,2}$")
    """When the amount held: `2026`, `2026-11` or `2026-11-01`."""
    source: str = ""
    rule: str = ""
    """How the floor is found, in words."""

    @field_validator("amount", mode="before")
    @classmethod
    def _in_digits(cls, amount: object) -> object:
        if isinstance(amount, str) and not re.fullmatch(r"[0-9]+(\.[0-9]+)?", amount):
            raise ValueError("a number in digits alone with a point, such as 1250.5, or null")
        return amount


class Recruitment(Record):
    """How raters are found, what they are paid, and who answers for it."""

    channels: tuple[str, ...] = ()
    pay: PayFloor
    contact: str = ""
    """A role or an address that raters may write to; goes into reports, so no private one."""
    ethics: str = ""
    """Approval of an ethics board with its number, or why none is needed."""


class PilotReading(Record):
    """Who of the country read the pilot's questions, and what they found."""

    read_by: tuple[str, ...] = ()
    """Names or roles, which go into reports. Empty: nobody has said that they were read; reports say so."""
    found: str = ""
    """What the readers found, and what was done about it."""


class ComprehensionItem(Record):
    """Shown to raters to check that they read: a person, a question and two answers, of which one plainly fits."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    person: str
    """What matters to the person, in plain words."""
    question: str
    answers: tuple[str, str]
    right: Literal["first", "second"]

    @model_validator(mode="after")
    def _two(self) -> Self:
        if self.answers[0].strip() == self.answers[1].strip():
            raise ValueError("comprehension: both answers are the same")
        return self


class Generalisation(Record):
    """What becomes of one demographic before it is kept: exactly one of `drop`, `bands`, `map`."""

    drop: bool = False
    """True: it is not kept at all."""
    bands: tuple[float, ...] = ()
    """Lower bounds, ascending, e.g. 18, 30, 50: a number becomes `under 18`, `18-29`, `30-49` or `50+`."""
    map: dict[str, str] = {}
    """Value -> coarser value."""
    other: str | None = None
    """With `map`: what values become that it does not name; None: they are not kept."""

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if [self.drop, bool(self.bands), bool(self.map)].count(True) != 1:
            raise ValueError("generalise: give one of `drop: true`, `bands` and `map`")
        if self.other is not None and not self.map:
            raise ValueError("generalise: `other` goes with `map`")
        if any(not one < other for one, other in pairwise(self.bands)):
            raise ValueError("generalise: bands must ascend")
        return self


class CountryPack(Record):
    """`country.yaml`."""

    pack: Literal[1]
    code: str = Field(pattern=r"^[A-Z]{2}$")
    """ISO 3166-1 alpha-2; the name of the pack's folder. YAML reads a bare NO as false: quote it."""
    names: dict[str, str]
    """BCP 47 tag -> the country's name in that language; English and each of the pack's own."""
    languages: tuple[PackLanguage, ...] = Field(min_length=1)
    """The one to be used first stands first."""
    domain: Domain = Domain.IN
    """`out`: the country's people are for evaluation alone. study.yaml says the same under profile.out_of_domain."""
    community: Community = Community()
    recruitment: Recruitment
    prompts: dict[str, str] = {}
    """Name of one of the writer's prompts (`system`, `sides`, `tradeoff`, `topic`, `repair`) -> the text in its place
    for this country: a Jinja template that is run in a sandbox and sees what the built-in one sees."""
    comprehension: dict[str, tuple[ComprehensionItem, ...]] = {}
    """BCP 47 tag -> items of this country, beside those that come with the language."""
    generalise: dict[str, Generalisation] = {}
    """Demographic -> what becomes of it."""
    pilot: PilotReading = PilotReading()
    card: str = ""
    """What users of a release should know of the country's part: plain paragraphs, parted by empty lines. Markup is
    shown as it stands."""
    sources: tuple[str, ...] = ()
    """Where the facts in this file are from."""

    @property
    def card_paragraphs(self) -> tuple[str, ...]:
        """The card's plain paragraphs."""
        return tuple(" ".join(part.split()) for part in re.split(r"\n\s*\n", self.card.strip()) if part.strip())

    @property
    def readers(self) -> tuple[str, ...]:
        """Who read the pilot's questions, as far as something is written."""
        return tuple(" ".join(reader.split()) for reader in self.pilot.read_by if reader.strip())

    @property
    def tags(self) -> tuple[str, ...]:
        """Tags of the languages, in order."""
        return tuple(language.tag for language in self.languages)


class ItemTexts(Record):
    """What raters read in the item task, beside what it shares with the person task."""

    project_title: str
    """Holds `{slot}`."""
    instruction: str
    ask_side: str
    """Stands over the side in plain words."""
    ask_defects: str
    defects: dict[str, str]

    @field_validator("project_title")
    @classmethod
    def _one_blank(cls, title: str) -> str:
        return _with_slot(title)

    @field_validator("defects")
    @classmethod
    def _of_the_codes(cls, labels: dict[str, str]) -> dict[str, str]:
        return _labelled(labels, tuple(one.value for one in ItemDefect))


class RaterTexts(Record):
    """`strings/<language>.yaml`: all that raters read beside the tasks' own texts, in one language."""

    language: str
    """BCP 47, the name of the file."""
    made_by: str
    """Who wrote or translated it and when, e.g. `machine draft, 2026-11`."""
    checked_by: tuple[str, ...] = ()
    """Speakers of the language who read it and found it right. Empty: nobody has; reports say so."""
    project_title: str
    """Holds `{slot}`."""
    instruction: str
    who: str
    question: str
    answer_a: str
    answer_b: str
    ask_preference: str
    ask_preference_required: str
    preference: dict[str, str]
    ask_sureness: str
    ask_sureness_required: str
    sureness: dict[str, str]
    comment: str
    comprehension: tuple[ComprehensionItem, ...] = ()

    item: ItemTexts

    @field_validator("project_title")
    @classmethod
    def _one_blank(cls, title: str) -> str:
        return _with_slot(title)

    @field_validator("preference", "sureness")
    @classmethod
    def _of_the_codes(cls, labels: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        return _labelled(labels, PREFERENCE_CODES if info.field_name == "preference" else SURENESS_CODES)


def _with_slot(title: str) -> str:
    blanks = [blank for _, *blank in Formatter().parse(title) if blank[0] is not None]
    if blanks != [["slot", "", None]]:
        raise ValueError("the blank {slot}, once, and no other")
    return title


def _labelled(labels: dict[str, str], codes: tuple[str, ...]) -> dict[str, str]:
    if set(labels) != set(codes) or len(set(labels.values())) != len(codes):
        problem = f"a different label for each of {', '.join(codes)}"
        raise ValueError(problem)
    return labels
