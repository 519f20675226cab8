"""Progress: how far raters are, what may be told of their agreement, and who and what needs attention."""

from typing import Literal

from pydantic import Field

from schemas.agreement import Estimate
from schemas.annotation import AnnotatorKind, Fit, SampleProgress, TaskKind
from schemas.quality import Pay
from schemas.record import Record
from schemas.reliability import Coefficient


class Tally(Record):
    """Tasks, and how many of them are answered."""

    assigned: int = Field(ge=0)
    answered: int = Field(ge=0)
    """With at least one valid answer that counts; two answers to one task are one."""


class Pace(Record):
    """When answers to rated tasks came, and when the last one will if work goes on as in the last days."""

    last_answer: str | None
    """ISO 8601, UTC; None before the first."""
    per_day: float | None = Field(ge=0)
    """Answers a day over the last days; None where there is nothing to go by."""
    end: str | None
    """Date in UTC on which the last answer would come; None where it cannot be said."""
    unsaid: str | None
    """Why `end` is None."""


class SlotProgress(Record):
    """One rater's place."""

    slot: str
    task: TaskKind
    rated: Tally
    checks: Tally
    """Tasks that look at the rater."""
    pace: Pace
    rater: str | None
    """As the study's list calls them; None where slots are given out by hand, or where nobody fits."""
    rater_country: str | None
    fit: Fit | None
    """None where the study has no list: by hand."""
    annotators: tuple[str, ...]
    """Ids of those who answered in it, sorted: one, if all is well."""


class TaskProgress(Record):
    """One of the two tasks in one country and language."""

    task: TaskKind
    rated: Tally
    units: int
    """Instances in the person task, questions in the item task."""
    whole: int
    """Of these with an answer from every slot that they were given to."""


class GroupProgress(Record):
    """One country and language."""

    country: str | None
    name: str
    """English name of the country."""
    language: str
    addressed_in: str | None
    """Language of the interface's own words where it is another than the texts'; else None."""
    tasks: tuple[TaskProgress, ...]
    checks: Tally
    slots: tuple[SlotProgress, ...]
    pace: Pace


class CountryAgreement(Record):
    """Agreement in one country."""

    country: str
    name: str
    alpha: Estimate
    percent_agreement: Coefficient
    with_expected: Estimate
    """Share of the expected answer among votes that name one of the two, as in `agree`."""
    units: int
    raters: int


class AgreementGate(Record):
    """Agreement against what a release asks for."""

    outcome: Literal["passed", "failed", "not_measured"]
    found: str
    expected: str


class AgreementSoFar(Record):
    """Agreement of the person task; every number is null, with the reason, before the declared sample is in."""

    alpha: Estimate
    percent_agreement: Coefficient
    with_expected: Estimate
    by_country: tuple[CountryAgreement, ...] = ()
    """Empty before the sample is in."""
    gate: AgreementGate


class RaterFlag(Record):
    """Something to talk about with a rater; it deletes nothing and lowers no weight."""

    code: str
    """A `QualityFlag`, or of accounts `several-slots`, `slot-shared`."""
    found: str
    """In words, with counts."""
    share: Estimate | None
    """What the words count, with the exact (Clopper-Pearson) 95 % interval; None where it is no share."""


class RaterProgress(Record):
    """What one account did. Its id is a hash: slot and list say who it is."""

    annotator: str
    kind: AnnotatorKind
    slots: tuple[str, ...]
    """Where they answered: one, if all is well."""
    name: str | None
    """As the study's list calls who was given the first of the slots."""
    rated: int
    checks: int
    median_s: tuple[float | None, ...]
    """Seconds a task, of each of the slots."""
    pay: tuple[Pay, ...]
    """Hours and the least to be paid, of each of the slots: several may be in several currencies."""
    flags: tuple[RaterFlag, ...]


class AdjudicatorProgress(Record):
    """What one adjudicator did. It is apart from raters' work, by people who are no raters of the same questions."""

    annotator: str
    slots: tuple[str, ...]
    """Where they decided."""
    decided: int
    """Questions, each counted in each country; those that do not count are not among them."""
    pay: tuple[Pay, ...]
    """Hours and the least to be paid, of each of the slots."""


class AdjudicationProgress(Record):
    """Questions in doubt, and what became of them."""

    due: int
    """Waiting to be put to an adjudicator: every slot of their country has answered, or is waited for no more."""
    asked: int
    decided: int
    """Of those asked, by at least one adjudicator."""
    adjudicators: tuple[AdjudicatorProgress, ...]
    """By slot and account."""


class ItemFinding(Record):
    """A question, an instance or a check that somebody should look at."""

    code: Literal["given-up", "defects"]
    subject: str
    """Id of the instance in the person task, of the question in the item task; of the task itself in a check."""
    country: str | None
    language: str
    raters: int
    """Who skipped it, or who marked a defect."""
    found: str
    is_open: bool
    """Given up: whether it has no answer still and was not waived, so that the sample cannot come in."""
    text: str | None
    """Of the question."""


class LeftOut(Record):
    """Answers that do not count, for one reason."""

    reason: str
    count: int
    meaning: str
    examples: tuple[str, ...]
    """The first few, as the table of what was dropped has them."""


class Comment(Record):
    """What a rater wrote: foreign text."""

    slot: str
    task: TaskKind
    subject: str
    """Id of the instance or question."""
    annotator: str
    said_at: str
    text: str


class Progress(Record):
    """What `annotate status` found."""

    study: str
    at: str
    """When it looked; ISO 8601, UTC."""
    pulled: bool
    """Whether anything was pulled yet."""
    counted: tuple[AnnotatorKind, ...]
    """Kinds of annotator whose answers are counted: where any person answered, people alone."""
    not_counted: int
    """Answers by others."""
    sample: SampleProgress
    pace: Pace
    """Over all slots."""
    groups: tuple[GroupProgress, ...]
    """By the country's name, and language."""
    agreement: AgreementSoFar
    raters: tuple[RaterProgress, ...]
    """Those with flags first, most flags first; then by slot."""
    adjudication: AdjudicationProgress
    given_up: int
    """Rated tasks that their raters skipped, that have no answer and were not waived."""
    items: tuple[ItemFinding, ...]
    """What stands open first, then most raters first."""
    left_out: tuple[LeftOut, ...]
    deleted: int
    """Answers deleted on the server after they were pulled, and still counted."""
    comments: tuple[Comment, ...]
    """The latest first."""
