"""ReconcileResult: where the journal, what was pulled, and the server do not say the same."""

from enum import StrEnum

from schemas.record import Record


class Difference(StrEnum):
    """What is not as it should be."""

    PROJECT_GONE = "project-gone"
    """A slot's latest project is not on the server, or has lost our mark."""
    PROJECT_ELSEWHERE = "project-elsewhere"
    """A slot's latest project was made on another server than the one that is asked."""
    PROJECT_UNKNOWN = "project-unknown"
    """It bears this study's mark, and the journal does not know it."""
    CONFIG_CHANGED = "config-changed"
    """Its labelling configuration is not what it was before tasks were sent."""
    BATCH_UNFINISHED = "batch-unfinished"
    """An import whose end no run has seen."""
    TASK_MISSING = "task-missing"
    """Of the sample, sent to the slot's latest project, and not there."""
    TASK_DOUBLED = "task-doubled"
    TASK_FOREIGN = "task-foreign"
    """Never sent by us."""
    TASK_CHANGED = "task-changed"
    """What raters see is not what was sent."""
    ANSWER_NOT_PULLED = "answer-not-pulled"
    """New or edited since the last pull, and among what the next one asks for."""
    ANSWER_OVERLOOKED = "answer-overlooked"
    """New or edited, and nothing that a pull asks for: in an earlier project, or stamped before what it brought."""
    ANSWER_EARLIER = "answer-earlier"
    """On the server in a version stamped before the one that was pulled, which counts."""
    ANSWER_GONE = "answer-gone"
    """Pulled, not on the server any more, and not let go by the study's owner."""
    ANSWER_OF_NOBODY = "answer-of-nobody"
    """Its account was deleted before it was pulled; it does not count."""
    ACCOUNT_GONE = "account-gone"
    """It answered, and the server knows it no more."""


class Finding(Record):
    """One difference."""

    difference: Difference
    project: str
    """`<slot>/<n>` as in the journal; the server's number where the journal does not know it."""
    subject: str
    """A task's uid, `annotation <id>`, `account <id or address>`, a journal key; else as `project`."""
    detail: str = ""
    state: str = ""
    """What is there now, as a hash or a moment: whoever accepts a difference does not accept the next one."""
    accepted: str | None = None
    """Why it may stay, as somebody wrote it down; such a difference is told, and no failure."""


class ProjectState(Record):
    """One project as it was found."""

    project: str
    project_id: int
    tasks: int | None
    """On the server; None where it is gone."""
    sent: int
    """According to the journal."""
    annotations: int | None
    """On the server, those of skipped tasks among them."""
    pulled: int
    """Annotations that are kept, those that are gone among them."""


class ReconcileResult(Record):
    """What the comparison of journal, pulled answers and server found."""

    projects: tuple[ProjectState, ...]
    findings: tuple[Finding, ...]
    """What differs now: with `--repair`, after it. The command fails where one is not `accepted`."""
    repaired: dict[str, int] = {}
    """Difference -> how many are there no more; empty without `--repair`."""
