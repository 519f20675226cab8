"""Annotator, Slot, Assignment, Annotation: what people are asked, and what they say."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from schemas.record import Record


class AnnotatorKind(StrEnum):
    """What rated: only `human` counts as annotation in a research release."""

    HUMAN = "human"
    SIMULATED = "simulated"
    MODEL = "model"


class TaskKind(StrEnum):
    """What a rater is asked. No rater does both of one question."""

    ITEM = "item"
    """No person is shown: which answer expresses which side, and is anything wrong with the question or an answer?"""
    PERSON = "person"
    """A profile in plain words is shown: which answer fits what matters to this person?"""


class Purpose(StrEnum):
    """Why a task is in a slot. Only `rated` tasks are the declared sample; the others look at the rater."""

    RATED = "rated"
    COMPREHENSION = "comprehension"
    """Person task: one answer plainly fits."""
    REPEAT = "repeat"
    """One of the rater's own tasks again, A and B swapped."""
    VIOLATION = "violation"
    """Item task: one answer belongs to another question, which plainly is a defect."""


class Annotator(Record):
    """Whoever rates, without name or address."""

    id: str
    """`n-` + hash of study, server, number of the account and when it was made; no name or address."""
    kind: AnnotatorKind
    slot: str


class Slot(Record):
    """One rater's place: a Label Studio project of its own, so that work is blind by construction."""

    id: str
    """`<country>-<language>-<task>-<number>`, e.g. `KE-sw-person-1`; `ZZ` where the survey knows no country."""
    project_id: int
    project_title: str
    server: str
    """What tells its server from every other: user and project ids begin anew on each."""


class Assignment(Record):
    """A task given to a slot. The uid is deterministic: a task can be looked for before it is sent again."""

    uid: str
    """`t-` + hash of what is asked of whom, slot and `shown_sha256`: a rating cannot attach to a text that changed."""
    slot: str
    task: TaskKind
    purpose: Purpose
    country: str | None
    """Of the slot."""
    language: str
    """Of the slot: that of the texts, BCP 47."""
    instance_id: str | None
    """None in the item task, which is about a question, and in a comprehension task, which is about neither."""
    question_id: str | None
    """None in a comprehension task. In a violation the question that is shown with a foreign answer."""
    answer_order: tuple[str, str]
    """Answer ids shown as A and B."""
    asked_side: str | None
    """Item task: the side whose answer is asked for, e.g. `care:high`."""
    right: str | None
    """Comprehension: the id of the answer that plainly fits. Violation: of the foreign one."""
    place: float = Field(ge=0, lt=1)
    """The slot's tasks stand in the order of it. A repeat comes well after its first showing."""
    shown_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Of every text that the rater sees."""

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        if (self.instance_id is None) != (self.task is TaskKind.ITEM or self.purpose is Purpose.COMPREHENSION):
            raise ValueError("assignment: instance_id is for person tasks on instances, and only for them")
        if (self.question_id is None) != (self.purpose is Purpose.COMPREHENSION):
            raise ValueError("assignment: question_id is missing in comprehension tasks, and only there")
        return self


class Fit(StrEnum):
    """How a rater fits the slot, best first: nobody from elsewhere is taken while somebody closer is free."""

    COUNTRY = "country"
    """Of the slot's country, and reads its language."""
    LANGUAGE = "language"
    """From elsewhere, and reads its language."""
    NONE = "none"
    """Nobody on the list reads it, or all who do have a slot."""


class Placement(Record):
    """Whom a slot was given to, from the study's list of raters. Once given it is not redrawn."""

    slot: str
    country: str | None
    language: str
    rater: str | None
    """As the list calls them; None where nobody fits."""
    rater_country: str | None
    fit: Fit


class Declaration(Record):
    """The sample as it was declared before its tasks were sent."""

    number: int
    """From 1; more than one where the sample was changed."""
    declared_at: str
    """ISO 8601, UTC."""
    pairs: int
    person_ratings: int
    """Of instances, over all slots; checks of raters not counted."""
    item_ratings: int
    slots: int
    deep_share: float
    deep_slots: int
    item_slots: int
    waived: tuple[str, ...] = ()
    """Uids of rated tasks for whose answers nobody waits any more, sorted; they stay among the ratings declared, and an
    answer that comes all the same counts."""
    reason: str = ""
    """Why they were waived, as whoever did it wrote."""


class SampleProgress(Record):
    """The declared sample, and whether it is in."""

    declarations: tuple[Declaration, ...]
    """The first one first; more than one where the sample was changed."""
    declared: int
    """Ratings of the latest declaration, of both tasks; 0 where nothing was declared."""
    answered: int
    waived: int
    """Ratings waived by the latest declaration that have no answer."""
    lacking: str | None
    """Why the sample is not in; None where it is: only then agreement may be held against a gate."""


class Vote(StrEnum):
    """What a rater said beside naming an answer."""

    BOTH = "both"
    NEITHER = "neither"
    CANNOT_TELL = "cannot_tell"


PREFERENCE_CODES = ("A", "B", *(vote.value for vote in Vote))
"""What a rater may say of an instance, as stored; A and B stand for the assignment's answer order."""

SURENESS_CODES = ("sure", "fairly_sure", "guessing")


class ItemDefect(StrEnum):
    """What a rater may find wrong with a question or its answers, as stored."""

    NOT_DEFENSIBLE = "not_defensible"
    """An answer that nobody could stand behind in good faith."""
    IMPLAUSIBLE = "implausible"
    """Would not come up, or not so, where the rater lives."""
    STEREOTYPE = "stereotype"
    LEAK = "leak"
    """The texts give away who or where a person is, or which side an answer is on."""
    OFF_TOPIC = "off_topic"
    """An answer does not answer the question."""
    BAD_LANGUAGE = "bad_language"
    """Wrong or foreign language, or barely readable."""


class Annotation(Record):
    """What one rater said of one instance, in one slot: the person task, declared sample."""

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


class ItemAnnotation(Record):
    """What one rater said of one question, in one slot: the item task, declared sample."""

    id: str
    """`v-` + hash of task uid and annotator."""
    question_id: str
    uid: str
    slot: str
    country: str | None
    annotator: str
    annotator_kind: AnnotatorKind
    asked_side: str
    """e.g. `care:high`."""
    vote: str
    """Id of the answer that expresses the side asked for, or `both`, `neither`, `cannot_tell`."""
    defects: tuple[ItemDefect, ...] = ()
    """In the order of `ItemDefect`."""
    comment: str | None = None
    lead_time_s: float | None = Field(default=None, ge=0)
    created_at: str
    """ISO 8601, UTC."""
    updated_at: str
    source_id: int
    """Id on the server."""


class CheckAnnotation(Record):
    """What one rater said of a task that looks at the rater. It is in no label and in no agreement."""

    id: str
    """`v-` + hash of task uid and annotator."""
    uid: str
    slot: str
    task: TaskKind
    purpose: Purpose
    annotator: str
    annotator_kind: AnnotatorKind
    vote: str
    """An answer id, or `both`, `neither`, `cannot_tell`."""
    defects: tuple[ItemDefect, ...] = ()
    passed: bool | None
    """Comprehension: named the answer that fits. Violation: found a defect of any kind. Repeat: said the same of the
    same answers; None where the first showing was not answered."""
    comment: str | None = None
    lead_time_s: float | None = Field(default=None, ge=0)
    created_at: str
    updated_at: str
    source_id: int
