"""What commands return: the envelope of `--json` and the result of each command."""

from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import SerializeAsAny

from schemas.annotation import Fit
from schemas.errors import ErrorReport
from schemas.questions import Dropped
from schemas.record import Record

T = TypeVar("T", bound=Record)


class Outcome(Record, Generic[T]):
    """A command's result before the frame adds its name, success and seconds."""

    result: SerializeAsAny[T]
    counts: dict[str, int] = {}
    dropped: dict[str, int] = {}
    """Reason -> count."""
    outputs: tuple[str, ...] = ()
    """Paths written, relative to the study."""
    summary: tuple[str, ...] = ()
    """Lines for people; not part of the JSON."""
    next_step: str | None = None
    """The command to run now, for people."""
    document: str | None = None
    """Printed alone on stdout, so that it can be sent to a file; all else for people then goes to stderr."""


class Success(Record):
    """The one object that `--json` prints when a command has a result, whether that is a good one (`ok`) or not."""

    command: str
    ok: bool = True
    counts: dict[str, int]
    dropped: dict[str, int]
    outputs: tuple[str, ...]
    seconds: float
    result: dict[str, object]
    error: ErrorReport | None = None
    """What is wrong with the result; printed only where something is."""


class Failure(Record):
    """The one object that `--json` prints when a command does not end well."""

    command: str
    ok: bool = False
    error: ErrorReport


class EstimateResult(Record):
    """What writing is about to take; of calls that are in the journal nothing is counted."""

    calls: int
    """Those for replies that will not fit included."""
    prompt_tokens: int
    completion_tokens: int
    usd: float | None
    """None where no price is known."""
    basis: str
    """What the numbers rest on."""


class Nothing(Record):
    """The result of a command whose counts say everything."""


class InitResult(Record):
    """What `init` made."""

    study: str
    survey: str | None
    """None where it is still to be named in study.yaml."""
    codebook: str | None


class Check(Record):
    """One thing `doctor` looked at."""

    name: str
    ok: bool
    found: str
    way_out: str | None = None


class DoctorResult(Record):
    """What `doctor` found."""

    checks: tuple[Check, ...]


class TableStatus(Record):
    """One table of a study."""

    table: str
    rows: int | None
    """None where the table does not exist."""
    stale: tuple[str, ...]
    """Why it would be made again; empty when fresh."""
    makes_with: str


class StatusResult(Record):
    """What `status` found."""

    study: str
    synthetic: bool | None
    tables: tuple[TableStatus, ...]
    model_calls: int
    usd: float


class DroppedResult(Record):
    """What `status --dropped` found."""

    table: str
    rows: tuple[Dropped, ...]
    """In the order in which they were dropped."""


class MigrateResult(Record):
    """What `migrate` did; formats are those of study.yaml."""

    found: int
    now: int
    backup: str | None


class Step(Record):
    """One link of a trace: what it is, its id, and the facts that lead on."""

    what: str
    id: str
    facts: dict[str, str]


class TraceResult(Record):
    """What `trace` found."""

    id: str
    steps: tuple[Step, ...]
    """From the survey answers to the released row."""


class Baseline(Record):
    """How often something that must not know the answer finds it."""

    accuracy: float | None
    low: float | None
    high: float | None
    n: int
    undefined: str | None = None


class CheckOutcome(StrEnum):
    """What became of a check of the audit."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_MEASURED = "not_measured"
    """There is too little to say; a release needs more."""


AUDIT_REPORT = "audit.json"
"""Among a study's reports."""


class AuditCheck(Record):
    """One gate of the audit; `found` and `expected` in words."""

    name: str
    outcome: CheckOutcome
    found: str
    expected: str
    comparison: bool = False
    """Of a recipe that is there to be compared with: its outcome is told, and bars nothing."""


class AuditReader(Record):
    """The model that read questions blind, and how it went."""

    model: str
    version: str
    """Hash of the reader's prompts."""
    questions: int
    calls: int
    """Two a question, one an order of its answers."""
    unreadable: int
    failed: int
    flips: float | None
    """Share of the questions whose pick went with the order."""
    first_shown: float | None
    """Share of the picks that took the answer shown first."""


class AuditResult(Record):
    """What `audit` measured."""

    baselines: dict[str, Baseline]
    checks: tuple[AuditCheck, ...]
    tables: dict[str, str] = {}
    """Table -> content_sha256 of its rows when they were audited; a release asks whether they are its own."""
    version: int = 1
    """Of the checks: a release asks whether they are today's."""
    reader: AuditReader | None = None
    """None where no model was asked."""


class ServeResult(Record):
    """The study's own Label Studio."""

    running: bool
    pid: int | None
    url: str | None = None
    user: str | None = None
    credentials: str | None = None
    """The file with the owner's password, which only they may read."""


class SlotWork(Record):
    """One slot's project, and how its tasks stand."""

    slot: str
    project_id: int
    url: str
    """Where its rater works: one task after another."""
    tasks: int
    rated: int
    """Of these of the declared sample; the others look at the rater."""
    addressed_in: str
    """Language of the interface's own words, BCP 47; another than the slot's where there are none in that."""
    profiles_in: str
    """Language of profiles and sides in plain words, BCP 47; English where they are not translated."""
    rater: str | None = None
    """As the study's list calls them; None without a list, or where nobody on it fits."""
    fit: Fit | None = None
    """None without a list."""


class PushResult(Record):
    """What raters need to begin."""

    slots: tuple[SlotWork, ...]
    invite_link: str
    """Where raters sign up; whoever has it gets in."""


class PullResult(Record):
    """How far the raters are."""

    annotations: int
    """Valid ones of both tasks, and those of the tasks that look at raters."""
    tasks: int
    """Tasks sent, over all slots."""
    answered: int
    """Tasks with at least one valid annotation."""
    by_slot: dict[str, int]
    """Slot -> valid annotations."""


class AdjudicationWork(Record):
    """The place of an adjudicator."""

    slot: str
    project_id: int
    url: str
    tasks: int
    """Questions in their project, over all runs."""


class AdjudicateResult(Record):
    """How far adjudicators are."""

    slots: tuple[AdjudicationWork, ...]
    decided: int
    """Questions with at least one decision; a question asked for two countries is two."""


class SimulateResult(Record):
    """What simulated annotators did."""

    answered: dict[str, int]
    """Simulated annotator -> tasks answered in this run."""


class DemoStep(Record):
    """One step of the demo and how long it took in this run; 0 where an earlier run had done it."""

    name: str
    seconds: float


class DemoResult(Record):
    """The demo's study and the paths to open."""

    study: str
    steps: tuple[DemoStep, ...]
    open: tuple[str, ...]
