"""Gate, Violation, Manifest and the rows of a release: a version that others can cite, load and check."""

from enum import StrEnum

from pydantic import Field

from schemas.agreement import AgreementReport
from schemas.annotation import AnnotatorKind, ItemDefect, TaskKind
from schemas.codebook import Missing
from schemas.labels import ItemStatus, LabelStatus, Ruling
from schemas.questions import Recipe, Scope
from schemas.record import Record
from schemas.released import DefectCount, RulingCount, VoteCount, VoteShare
from schemas.results import AuditResult
from schemas.values import DimensionScore, Domain, Split, ValueDimension


class GateOutcome(StrEnum):
    """What became of a gate."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_MEASURED = "not_measured"
    """What the gate looks at is missing or too small to say; the gate is not passed."""


class Gate(Record):
    """One condition a release must meet."""

    name: str
    outcome: GateOutcome
    found: str
    expected: str
    demo_only: bool = False
    """Where it is not passed the release becomes a demo instead of being stopped."""


class Violation(Record):
    """One thing found wrong by a check: where, and what."""

    code: str
    where: str
    found: str
    expected: str


class ReleaseKind(StrEnum):
    """A demo release has made-up people, simulated raters or the template writer, and says so."""

    RESEARCH = "research"
    DEMO = "demo"


class GateReport(Record):
    """What gates.json holds: every gate, and the kind of release that follows."""

    kind: ReleaseKind
    reasons_demo: tuple[str, ...]
    gates: tuple[Gate, ...]


class FileEntry(Record):
    """One file of a release; `path` is relative to it."""

    path: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int


class Manifest(Record):
    """Written last: its presence is the seal. Lists every other file of the release."""

    manifest: int = 1
    name: str
    version: str
    kind: ReleaseKind
    reasons_demo: tuple[str, ...] = ()
    canary: str
    """A GUID to look for in training data."""
    created_at: str
    mvpbench: str
    """Version of the tool."""
    lineage: dict[str, str]
    """Table that went in -> content_sha256 of its rows."""
    counts: dict[str, int]
    gates: tuple[Gate, ...]
    files: tuple[FileEntry, ...]
    """Ordered by path."""
    self_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Of manifest.json itself with 64 zeros in this place."""


class Fact(Record):
    """A named value. Released rows have lists of them, as loaders of data sets do not know maps."""

    name: str
    value: str


class ReleasedInstance(Record):
    """A row of the config `instances`: a question put to a person, joined with its texts and what is known of both."""

    id: str
    question: str
    choices: tuple[str, str]
    """Both answers. The order is a hash of the pair (of the id where there is none) and so the same for counterparts:
    over complete pairs the expected answer stands first in exactly one half."""
    label: int = Field(ge=0, le=1)
    """Place of the expected answer in `choices`."""
    expected_answer: str
    other_answer: str
    expected: str
    """Id of the expected answer; from the survey, never from votes."""
    other: str
    expected_side: str
    other_side: str
    error_probability: float = Field(ge=0, le=1)
    """That the survey put the person on the wrong side."""
    label_status: LabelStatus
    ruling: Ruling | None = None
    """What adjudicators decided about the question for the country; None where nobody did, or they differ. A pair whose
    question is to be repaired or dropped is not in the primary figure, whatever its status."""
    recipe: Recipe
    dimensions: tuple[str, ...]
    topic: str
    language: str
    split: Split
    domain: Domain
    scope: Scope
    """Only `country` enters the primary figure."""
    respondent_id: str
    country: str | None
    region: str | None
    """None where not known, or where the licence keeps it back."""
    demographics: tuple[Fact, ...]
    """What is known, ordered by name; empty where the licence keeps it back."""
    question_id: str
    pair_id: str | None
    counterpart: str | None
    written_for: str
    """Respondent whose turn it was when the question was written: what an author-recognition baseline recovers."""
    writer: str
    writer_model: str | None
    canary: str


class ReleasedRating(Record):
    """A row of the config `ratings`: one vote, without name, slot, time or words of the rater.

    The ids of rating and rater are of one version of one release: they cannot be joined with those of another, except
    by who holds the study's journal. Within the version a rater's votes are one rater's, and a row whose subject, vote
    and lead time are rare can be found again in another version by these: ids are pseudonyms, not anonymity.

    Fields with a default are not in releases of earlier versions of the tool.
    """

    id: str
    """`v-` + hash of the release's name and version and the rating."""
    task: TaskKind = TaskKind.PERSON
    instance_id: str | None
    """None in the item task, which is about a question."""
    question_id: str | None = None
    country: str | None = None
    """Of the instance; in the item task that of the slot, which a rater from elsewhere may have filled."""
    annotator: str
    """`w-` + hash of the release's name and version and the annotator."""
    annotator_kind: AnnotatorKind
    asked_side: str | None = None
    """Item task alone, e.g. `care:high`."""
    vote: str
    """An answer id, or `both`, `neither`, `cannot_tell`: what fits the person, or in the item task what expresses the
    side asked for."""
    sureness: str | None
    """Person task alone."""
    defects: tuple[ItemDefect, ...] = ()
    """Item task alone: what the rater found wrong."""
    lead_time_s: float | None


class ReleasedLabel(Record):
    """A row of the config `labels`: what people said of an instance, and of its question in the instance's country.

    What is said of the question is the same in every row of that question and country; nobody rated a person and the
    question behind it both. Counts, shares and codes: no words of anybody. Fields with a default are not in releases of
    earlier versions of the tool.
    """

    instance_id: str
    status: LabelStatus
    votes: tuple[VoteCount, ...]
    """Ordered by vote."""
    soft: tuple[VoteShare, ...] = ()
    """Of both answer ids, `both`, `neither`, `cannot_tell`: (votes + 1/5) / (ratings + 1); ordered by vote, empty where
    nobody voted."""
    tie: bool
    kinds: tuple[AnnotatorKind, ...]
    question_id: str | None = None
    asked_side: str | None = None
    """The side that raters of the question were asked for, e.g. `care:high`."""
    item_status: ItemStatus = ItemStatus.UNREVIEWED
    """Whether they see it in the answer in which the writer put it."""
    item_votes: tuple[VoteCount, ...] = ()
    """Of `asked` (the writer's answer), `other`, `both`, `neither`, `cannot_tell`; ordered by vote."""
    item_soft: tuple[VoteShare, ...] = ()
    """Of these five, as `soft`."""
    item_tie: bool = False
    item_kinds: tuple[AnnotatorKind, ...] = ()
    dawid_skene: tuple[VoteShare, ...] = ()
    """Posterior over the votes that the country's raters used; ordered by vote, empty where there is none."""
    mace: tuple[VoteShare, ...] = ()
    """As `dawid_skene`."""
    unmodelled: str | None = None
    """Why there are no posteriors."""
    defects: tuple[DefectCount, ...] = ()
    """In the order of `ItemDefect`."""
    marking: int = 0
    """Raters who marked any defect."""
    flagged: tuple[ItemDefect, ...] = ()
    """Marked by at least two raters who are at least half."""
    ruling: Ruling | None = None
    """As in the config `instances`."""
    rulings: tuple[RulingCount, ...] = ()
    """What each adjudicator decided; also where they differ."""


class MissingScore(Record):
    """A dimension without a score, and why."""

    dimension: str
    reason: Missing


class ReleasedProfile(Record):
    """A row of the config `profiles`: the values of a person who has an instance in the release."""

    respondent_id: str
    survey: str
    framework: str
    split: Split
    domain: Domain
    country: str | None
    scores: tuple[DimensionScore, ...]
    missing: tuple[MissingScore, ...]
    scoring_version: int


class SurveyFacts(Record):
    """What a release says of the survey behind it."""

    name: str
    title: str
    version: str
    citation: str
    doi: str | None
    url: str | None
    licence: str
    """SPDX id."""
    source_sha256: str
    synthetic: bool
    redistribute_profiles: bool


class FrameworkFacts(Record):
    """What a release says of the values it measures."""

    title: str
    version: str
    source: str
    dimensions: tuple[ValueDimension, ...]


class ReleaseFacts(Record):
    """facts.json: what cannot be read off a release's rows. The card is computed from it and them alone."""

    facts: int = 1
    name: str
    version: str
    previous: str | None
    """The sealed version that the changelog compares with; None for the first."""
    canary: str
    licence: str
    """SPDX id of the release's own licence."""
    authors: tuple[str, ...]
    ground: str
    """On what ground special-category data are held."""
    survey: SurveyFacts
    framework: FrameworkFacts
    tables: dict[str, str]
    """Table that went in -> content_sha256 of its rows."""
    dropped: dict[str, dict[str, int]]
    """Table -> reason -> count of what did not reach it."""
    audit: AuditResult | None
    agreement: AgreementReport | None
    country_notes: dict[str, tuple[str, ...]] = {}
    """Country -> paragraphs that the study's own pack has for the card."""


class Bump(StrEnum):
    """The part of the version that a change raises (Croissant 1.1)."""

    PATCH = "patch"
    """The same rows, written again."""
    MINOR = "minor"
    """Rows or columns were added."""
    MAJOR = "major"
    """Rows were edited, removed or moved to another split."""


class ConfigDiff(Record):
    """What changed in one config, in rows; a row counts once: moved before edited."""

    config: str
    added: int
    removed: int
    edited: int
    moved: int
    """To another split."""
    columns: tuple[str, ...] = ()
    """That the older release does not have; what they hold is no edit of its rows."""


class ReleaseDiff(Record):
    """What changed since a sealed release."""

    previous: str
    by_config: tuple[ConfigDiff, ...]
    bump: Bump


class ReleaseBuilt(Record):
    """What `release build` made."""

    version: str
    data_sha256: str
    """Of data/ alone: what a validation is bound to."""
    kind: ReleaseKind
    """As it would be sealed now, whether or not it could be."""
    reasons_demo: tuple[str, ...]
    gates: tuple[Gate, ...]
    diff: ReleaseDiff | None
    """None for a first release."""
    validation_kept: bool
    """Whether an earlier candidate had the same data, so that its validation still counts."""


class ReleaseSealed(Record):
    """What `release seal` sealed."""

    version: str
    kind: ReleaseKind
    reasons_demo: tuple[str, ...]
    gates: tuple[Gate, ...]
    manifest_sha256: str
    files: int


class ReleaseVerified(Record):
    """What `release verify` found unchanged."""

    name: str
    version: str
    kind: ReleaseKind
    manifest_sha256: str
    files: int
    bytes: int
