"""Annotator, Slot, Assignment, Annotation, Label: what people say of the instances."""

from enum import StrEnum

from pydantic import Field

from schemas.record import Record


class AnnotatorKind(StrEnum):
    """What rated: only `human` counts as annotation in a research release."""

    HUMAN = "human"
    SIMULATED = "simulated"
    MODEL = "model"


class Annotator(Record):
    """Whoever rates, without name or address."""

    id: str
    """`n-` + hash of study, server and user id; no name or address."""
    kind: AnnotatorKind
    slot: str


class Slot(Record):
    """One rater's place: a Label Studio project of its own, so that work is blind by construction."""

    id: str
    """e.g. `person-1`."""
    project_id: int
    project_title: str
    server: str
    """What tells its server from every other: user and project ids begin anew on each."""


class Assignment(Record):
    """An instance given to a slot. The uid is deterministic: a task can be looked for before it is sent again."""

    uid: str
    """`t-` + hash of instance, slot and `shown_sha256`: a rating cannot attach to a text that changed."""
    instance_id: str
    slot: str
    answer_order: tuple[str, str]
    """Answer ids shown as A and B."""
    shown_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Of every text that the rater sees: question, answers in their order, profile."""


class Vote(StrEnum):
    """What a rater said beside naming an answer."""

    BOTH = "both"
    NEITHER = "neither"
    CANNOT_TELL = "cannot_tell"


PREFERENCE_CODES = ("A", "B", *(vote.value for vote in Vote))
"""What a rater may say of an instance, as stored; A and B stand for the assignment's answer order."""

SURENESS_CODES = ("sure", "fairly_sure", "guessing")


class Annotation(Record):
    """What one rater said of one instance, in one slot."""

    id: str
    """`v-` + hash of task uid and annotator."""
    instance_id: str
    uid: str
    slot: str
    annotator: str
    annotator_kind: AnnotatorKind
    vote: str
    """An answer id, or `both`, `neither`, `cannot_tell`."""
    sureness: str | None = None
    comment: str | None = None
    lead_time_s: float | None = Field(default=None, ge=0)
    created_at: str
    """ISO 8601, UTC."""
    updated_at: str
    source_id: int
    """Id on the server."""


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
    """Answer id, `both`, `neither`, `cannot_tell` -> count."""
    tie: bool
    """Whether the status is cannot_tell because votes were even."""
    kinds: tuple[AnnotatorKind, ...]
    """The kinds of annotator behind it, sorted."""
