"""One error tree, drawn by who must act. Foreign errors are translated into it at the adapters.

    MvpbenchError
    +-- UserError            exit 2   wrong use or bad input: the person at the keyboard can mend it
    |   +-- ConfigError               study.yaml, codebook, country pack, command options
    |   +-- InputError                survey, ratings or model files and what stands in them
    |   +-- StudyError                no study here, a newer format, a table that is missing or stale
    |   +-- ServiceError              a server that is dead, refuses the key, or is not what it should be
    +-- CheckFailed          exit 1   a gate, audit or verification said no; nothing is wrong with the call
    +-- Stopped              exit 75  interrupted, locked or paused: the same command goes on later
    +-- Defect               exit 70  ours: an invariant of mvpbench does not hold

A message names the subject, where (file, row, column), what was found, what was expected, and the way out.
"""

from typing import ClassVar

from schemas.record import Record


class ErrorReport(Record):
    """What `--json` prints under `error`; `code` is stable and documented, the other fields are prose."""

    code: str
    subject: str
    where: str | None = None
    found: str | None = None
    expected: str | None = None
    way_out: str | None = None

    def sentence(self) -> str:
        """Return the one message shown to a person: subject, where, found, expected, way out."""
        head = f"{self.subject} ({self.where})" if self.where else self.subject
        parts = [head]
        if self.found:
            parts.append(f"found {self.found}")
        if self.expected:
            parts.append(f"expected {self.expected}")
        text = ": ".join([parts[0], ", ".join(parts[1:])]) if len(parts) > 1 else head
        return f"{text}. {self.way_out}" if self.way_out else text


class MvpbenchError(Exception):
    """Root of the tree. Raise a leaf, with keyword arguments; `code` is kebab-case and never reused."""

    exit_code: ClassVar[int] = 70

    def __init__(
        self,
        code: str,
        subject: str,
        *,
        where: str | None = None,
        found: str | None = None,
        expected: str | None = None,
        way_out: str | None = None,
    ) -> None:
        self.report = ErrorReport(
            code=code, subject=subject, where=where, found=found, expected=expected, way_out=way_out
        )
        super().__init__(self.report.sentence())


class UserError(MvpbenchError):
    """Wrong use or bad input."""

    exit_code = 2


class ConfigError(UserError):
    """A configuration file or option that does not fit its schema."""


class InputError(UserError):
    """A data file, or something in it, that cannot be read as what it should be."""


class StudyError(UserError):
    """A folder that is no study, has another format, or lacks what the command needs."""


class ServiceError(UserError):
    """A server that cannot be reached, refuses us, or answers as something else."""


class CheckFailed(MvpbenchError):  # noqa: N818 - the tree says what happened, not that it is an error
    """A gate, an audit or a verification failed."""

    exit_code = 1


class Stopped(MvpbenchError):  # noqa: N818
    """Work stopped before its end in a state from which the same command continues."""

    exit_code = 75


class Defect(MvpbenchError):  # noqa: N818
    """An invariant of ours does not hold: a bug to report."""
