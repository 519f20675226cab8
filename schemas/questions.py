"""Recipe, Question, Answer, Match, Instance, Dropped: what is asked, of whom, and what is expected."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from schemas.record import Record
from schemas.values import Domain, Split


class Recipe(StrEnum):
    """How a question is made."""

    SIDES = "sides"
    """One dimension: its high side against its low side."""
    TRADEOFF = "tradeoff"
    """Two dimensions on which scores differ: the high side of one against the high side of the other."""
    PAPER = "paper"
    """The reference, for comparison: three questions a record, one answer with all that the person states and one
    against it. Nobody has a counterpart."""


class Scope(StrEnum):
    """Where the counterpart was found. Only `country` enters the primary figure."""

    COUNTRY = "country"
    REGION = "region"
    NONE = "none"


class Answer(Record):
    """One of a question's two answers."""

    id: str
    """`a-` + hash of the text."""
    text: str
    side: str = Field(pattern=r"^[a-z][a-z_]*:(high|low)(\+[a-z][a-z_]*:(high|low))*$")
    """The side it expresses, e.g. `care:low`; in `tradeoff` always the high side of one dimension; in `paper` the sides
    of all the question's dimensions, joined by `+`."""


class WriterStamp(Record):
    """With what a question was written."""

    writer: str
    """`template` or `openai`."""
    version: str
    """Hash of the bank or of the prompt files."""
    model: str | None = None
    call_id: str | None = None
    """Journal id of the model call."""
    scenario: str | None = None


class Judged(Record):
    """What a second model found wrong with a question that was kept or dropped."""

    model: str
    version: str
    """Hash of the judge's prompts."""
    call_id: str
    """Journal id of the model call."""
    problems: tuple[str, ...]
    """Codes, in the judge's fixed order; empty where it found nothing."""


class Question(Record):
    """A question with two answers on two sides. Its id is the hash of the three texts and the language."""

    id: str
    recipe: Recipe
    dimensions: tuple[str, ...]
    """One name in `sides`, two in `tradeoff`, in `paper` one or more; in the framework's order."""
    language: str
    split: Split
    topic: str
    text: str
    answers: tuple[Answer, Answer]
    """Ordered by id, a hash: the position says nothing."""
    written_for: str
    """Id of the respondent whose turn it was when the question was written; the wording must suit both."""
    pairs: tuple[str, ...]
    """Ids of the matches it serves (in `paper` of the records): one, or more where a bank ran out of variants."""
    stamp: WriterStamp
    flags: tuple[str, ...] = ()
    """Codes of what was noticed and is no reason to drop it, e.g. `steering-words`: the words that set its topic try to
    instruct a model."""
    judged: Judged | None = None
    """None where no second model was asked."""

    @model_validator(mode="after")
    def _two_sides(self) -> Self:
        first, second = self.answers
        if first.id >= second.id:
            raise ValueError("answers: must be two different texts ordered by id")
        if first.side == second.side:
            raise ValueError("answers: both express the same side")
        return self

    def answer_on(self, side: str) -> Answer:
        """Return the answer that expresses `side`; KeyError if neither does."""
        for answer in self.answers:
            if answer.side == side:
                return answer
        raise KeyError(side)


class Stand(Record):
    """A respondent's side on a recipe's dimensions, given only where it is sure enough."""

    respondent_id: str
    side: str
    """`care:high`."""
    error_probability: float = Field(ge=0, le=1)


class Match(Record):
    """Two counterparts: same country (or region), language and split, opposite sides. Once recorded, not redrawn."""

    id: str
    recipe: Recipe
    dimensions: tuple[str, ...]
    country: str | None
    """None where the two come from different countries of one region."""
    language: str
    split: Split
    scope: Scope
    first: Stand
    second: Stand
    """first.respondent_id < second.respondent_id."""
    distance: float = Field(ge=0, le=1)
    """Share of the demographics known of both in which they differ; 1 where none is known of both."""
    reused: bool
    """Whether either person already stood in another couple."""


class Instance(Record):
    """A question put to a respondent, with the answer that the survey lets us expect."""

    id: str
    """`i-` + hash of question and respondent."""
    question_id: str
    respondent_id: str
    recipe: Recipe
    dimensions: tuple[str, ...]
    country: str | None
    language: str
    split: Split
    domain: Domain
    expected: str
    """Id of the expected answer."""
    expected_side: str
    error_probability: float = Field(ge=0, le=1)
    """That the survey put the person on the wrong side."""
    pair_id: str | None
    """Id of the match; two instances share it."""
    counterpart: str | None
    """Id of the other instance of the pair."""
    scope: Scope


class Dropped(Record):
    """Something that did not reach the next table, and why."""

    stage: str
    subject: str
    """Id, or the source id where none was given yet."""
    reason: str
    """Kebab-case code."""
    detail: str = ""
    where: str | None = None
    """File, row, column."""
