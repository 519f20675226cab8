"""Label, ItemLabel, Adjudication: what the raters of an instance or a question say together, and who settled what."""

from enum import StrEnum
from string import Formatter
from typing import Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from schemas.annotation import AnnotatorKind, ItemDefect
from schemas.record import Record


class LabelStatus(StrEnum):
    """What people said of the expected answer."""

    CONFIRMED = "confirmed"
    CONTESTED = "contested"
    CANNOT_TELL = "cannot_tell"
    UNREVIEWED = "unreviewed"


class Label(Record):
    """What people said of one instance; it never replaces `Instance.expected`."""

    instance_id: str
    status: LabelStatus
    votes: dict[str, int]
    """Answer id, `both`, `neither`, `cannot_tell` -> count, of those that were said."""
    ratings: int
    """Votes counted."""
    soft: dict[str, float]
    """Both answer ids, `both`, `neither`, `cannot_tell` -> (votes + 1/5) / (ratings + 1); empty where nobody voted."""
    tie: bool
    """Whether the status is cannot_tell because votes were even."""
    kinds: tuple[AnnotatorKind, ...]
    """The kinds of annotator behind it, sorted."""


class Side(StrEnum):
    """What a vote of the item task says, the same in every question."""

    ASKED = "asked"
    """The answer that the writer put on the side asked for expresses it."""
    OTHER = "other"
    """The question's other answer does."""
    BOTH = "both"
    NEITHER = "neither"
    CANNOT_TELL = "cannot_tell"


class ItemStatus(StrEnum):
    """Whether raters see the sides where the writer put them."""

    CLEAR = "clear"
    REVERSED = "reversed"
    UNCLEAR = "unclear"
    UNREVIEWED = "unreviewed"


class Ruling(StrEnum):
    """What an adjudicator decides about a question."""

    KEEP = "keep"
    REPAIR = "repair"
    """Sound but for something that can be mended; until then it is not."""
    DROP = "drop"


RULED_OUT = frozenset({Ruling.REPAIR, Ruling.DROP})
"""Of questions that are not sound as they are: their pairs are published, and in no primary figure."""


class RulingReason(StrEnum):
    """Why, as stored: a defect, something about the sides, or nothing."""

    SOUND = "sound"
    """Nothing is wrong with the question."""
    SIDES_REVERSED = "sides_reversed"
    SIDES_UNCLEAR = "sides_unclear"
    NOT_DEFENSIBLE = ItemDefect.NOT_DEFENSIBLE.value
    IMPLAUSIBLE = ItemDefect.IMPLAUSIBLE.value
    STEREOTYPE = ItemDefect.STEREOTYPE.value
    LEAK = ItemDefect.LEAK.value
    OFF_TOPIC = ItemDefect.OFF_TOPIC.value
    BAD_LANGUAGE = ItemDefect.BAD_LANGUAGE.value


class ItemLabel(Record):
    """What the raters of one country said of one question in the item task; questions are never changed by it."""

    question_id: str
    country: str | None
    """A question that people of two countries are asked has a label in each."""
    asked_side: str
    """The side asked for, e.g. `care:high`."""
    status: ItemStatus
    """By more than half of the votes."""
    tie: bool
    """Whether it is unclear because votes were even."""
    votes: dict[Side, int]
    """Of those that were said."""
    ratings: int
    """Votes counted."""
    soft: dict[Side, float]
    """Every side -> (votes + 1/5) / (ratings + 1); empty where nobody voted."""
    dawid_skene: dict[Side, float] | None
    """Posterior over the sides that the country's raters used."""
    mace: dict[Side, float] | None
    """As `dawid_skene`."""
    unmodelled: str | None
    """Why there are no posteriors."""
    defects: dict[ItemDefect, int]
    """Defect -> raters who marked it, of those that were marked."""
    marking: int
    """Raters who marked any defect."""
    flagged: tuple[ItemDefect, ...]
    """Marked by at least two raters who are at least half, in the order of `ItemDefect`."""
    ruling: Ruling | None
    """What every adjudicator decided; None where nobody did, or they differ."""
    kinds: tuple[AnnotatorKind, ...]
    """The kinds of annotator behind the votes, sorted."""


class Doubt(StrEnum):
    """Why a question is put to an adjudicator."""

    FLAGGED = "flagged"
    """A defect that is flagged."""
    UNSETTLED = "unsettled"
    """Somebody marked a defect, and none is flagged."""
    REVERSED = "reversed"
    """Raters see the sides the other way round."""
    UNCLEAR = "unclear"
    """Raters do not see which answer is on which side."""


class AdjudicationTexts(Record):
    """`strings/<language>.yaml` of adjudication: what adjudicators read beside what raters read."""

    language: str
    """BCP 47, the name of the file."""
    project_title: str
    """Holds `{slot}`."""
    instruction: str
    side: str
    """Stands over the side asked for."""
    claim: str
    """Holds `{answer}`: which answer the writer put on that side."""
    said: str
    """Stands over what raters said."""
    raters: str
    """Holds `{count}`."""
    comments: str
    """Stands over the raters' comments."""
    no_comments: str
    ask_ruling: str
    rulings: dict[Ruling, str]
    ask_reason: str
    reasons: dict[RulingReason, str]
    required: str
    comment: str

    @field_validator("project_title", "claim", "raters")
    @classmethod
    def _one_blank(cls, text: str, info: ValidationInfo) -> str:
        blank = {"project_title": "slot", "claim": "answer", "raters": "count"}[str(info.field_name)]
        found = [blanks for _, *blanks in Formatter().parse(text) if blanks[0] is not None]
        if found != [[blank, "", None]]:
            problem = f"the blank {{{blank}}}, once, and no other"
            raise ValueError(problem)
        return text

    @model_validator(mode="after")
    def _every_code(self) -> Self:
        if set(self.rulings) != set(Ruling) or set(self.reasons) != set(RulingReason):
            raise ValueError("a label for every ruling and every reason, and no other")
        return self


class AdjudicationTask(Record):
    """A question put to an adjudicator, written down before it is sent. It is asked once a country."""

    uid: str
    """`j-` + hash of question, country and slot."""
    slot: str
    """`<country>-<language>-adjudication-<number>`."""
    country: str | None
    language: str
    """Of the question, BCP 47."""
    question_id: str
    doubts: tuple[Doubt, ...]
    """When it was asked; in the order of `Doubt`."""
    answer_order: tuple[str, str]
    """Answer ids shown as A and B."""
    shown: dict[str, str]
    """Name in the interface -> text that the adjudicator sees."""
    shown_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Adjudication(Record):
    """What one adjudicator decided about one question, for one country."""

    id: str
    """`d-` + hash of task uid and adjudicator."""
    question_id: str
    country: str | None
    uid: str
    slot: str
    doubts: tuple[Doubt, ...]
    shown_sha256: str
    annotator: str
    annotator_kind: AnnotatorKind
    ruling: Ruling
    reason: RulingReason
    comment: str | None = None
    lead_time_s: float | None = Field(default=None, ge=0)
    created_at: str
    """ISO 8601, UTC."""
    updated_at: str
    source_id: int
    """Id on the server."""
