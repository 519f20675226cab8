"""A stage: a function from tables to a table, run only when what it depends on has changed."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Generic

from typing_extensions import TypeVar

from mvpbench.store.fingerprint import file_sha256, folder_sha256, section_sha256, shape_sha256
from mvpbench.store.study import Study
from mvpbench.store.tables import Provenance, TableInfo, check_table, require_info, write_table
from schemas.errors import InputError, StudyError
from schemas.identity import digest
from schemas.questions import Dropped
from schemas.record import Record

# With a default, a list of stages of several records is a list of `Stage`.
R = TypeVar("R", bound=Record, default=Any)

Outside = Path | str
"""What rows depend on beside tables and study.yaml: a file or folder, or a text such as a part of a file."""

_PACKAGES = (
    *("crowd-kit", "langcodes", "numpy", "pandas", "pyarrow", "pycountry", "pydantic", "pyreadstat"),
    *("scikit-learn", "scipy", "torch", "transformers"),
)


@dataclass(frozen=True)
class Stage(Generic[R]):
    """One table and everything it is made from."""

    table: str
    record: type[R]
    version: int
    """Raised by hand whenever the same inputs would give other rows."""
    inputs: tuple[str, ...] = ()
    """Tables."""
    sections: tuple[str, ...] = ()
    """Sections of study.yaml; dots lead into one, e.g. `generate.writer`."""
    makes_with: str = ""
    """The command, for messages: `mvpbench generate`."""


@dataclass(frozen=True)
class Produced(Generic[R]):
    """What a stage made; every subject that did not become a row is among `dropped`."""

    rows: Sequence[R]
    dropped: Sequence[Dropped] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Streamed(Generic[R]):
    """What a stage makes while it is written: `dropped` and `counts` are whole when `rows` has come to its end."""

    rows: Iterator[R]
    dropped: Sequence[Dropped]
    counts: Mapping[str, int]
    notes: Mapping[str, str] = field(default_factory=dict)


def run_stage(
    study: Study,
    stage: Stage[R],
    files: Mapping[str, Outside],
    produce: Callable[[], Produced[R] | Streamed[R]],
    clock: Callable[[], float] = time.perf_counter,
) -> TableInfo:
    """Return the sidecar of the stage's table, made now if it was missing, interrupted or stale.

    Args:
        study: whose lock the caller holds (`locked`).
        stage: what to make.
        files: name -> file, folder or text from outside the tables on which the rows depend.
        produce: makes the rows; not called where nothing changed. Nothing is written if it raises.
        clock: seconds, for the sidecar.

    Raises:
        StudyError: `table-missing` for an input, or the disk is full or not writable.
        InputError: `file-missing`.
    """
    # Taken before the work: a file that changes meanwhile makes the table stale at the next look.
    fingerprint = _fingerprint(study, stage, files)
    if not _differences(study, stage, fingerprint):
        return require_info(study.tables, stage.table)
    start = clock()
    made = produce()

    def provenance() -> Provenance:
        return Provenance(
            fingerprint=fingerprint,
            counts=dict(made.counts),
            notes=dict(made.notes),
            versions=dict(_versions()),
            seconds=clock() - start,
        )

    return write_table(study.tables, stage.table, stage.record, made.rows, made.dropped, provenance)


def why_stale(study: Study, stage: Stage[R], files: Mapping[str, Outside]) -> tuple[str, ...]:
    """Return, in words, why the stage would make its table anew; empty where the table stands."""
    try:
        fingerprint = _fingerprint(study, stage, files)
    except (StudyError, InputError) as error:
        return (str(error),)
    return _differences(study, stage, fingerprint)


def require_fresh(study: Study, stage: Stage[R], files: Mapping[str, Outside]) -> None:
    """Refuse to go on from a table that its stage would make anew.

    Raises:
        StudyError: `table-missing`, or `table-stale`, which says why and names the command to run.
    """
    require_info(study.tables, stage.table)
    why = why_stale(study, stage, files)
    if why:
        raise StudyError(
            "table-stale",
            f"table {stage.table}",
            found="; ".join(why),
            expected="a table made from what is there now",
            way_out=f"run `{stage.makes_with}`",
        )


def _fingerprint(study: Study, stage: Stage[R], files: Mapping[str, Outside]) -> dict[str, str]:
    parts = {"version": str(stage.version), f"record {stage.record.__name__}": shape_sha256(stage.record)}
    parts |= {f"table {name}": require_info(study.tables, name).content_sha256 for name in stage.inputs}
    parts |= {f"section {name} of study.yaml": section_sha256(study.config, name) for name in stage.sections}
    for name, source in files.items():
        if isinstance(source, str):
            parts[name] = digest("outside", source)
        else:
            parts[f"file {name}"] = folder_sha256(source) if source.is_dir() else file_sha256(source)
    return parts


def _differences(study: Study, stage: Stage[R], fingerprint: Mapping[str, str]) -> tuple[str, ...]:
    try:
        recorded = check_table(study.tables, stage.table).fingerprint
    except StudyError as error:
        return (_in_words(error, stage),)
    changed = [part for part in fingerprint if recorded.get(part) != fingerprint[part]]
    told = [f"{part} {'is new' if recorded and part not in recorded else 'changed'}" for part in changed]
    return (*told, *(f"{part} no longer counts" for part in recorded if part not in fingerprint))


def _in_words(error: StudyError, stage: Stage[R]) -> str:
    if error.report.code == "table-missing":
        return f"not made yet: run `{stage.makes_with}`"
    return f"not whole: {error.report.found}"


@cache
def _versions() -> Mapping[str, str]:
    """Asked once a process: reading what is installed takes longer than most tables."""
    found: dict[str, str] = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # an extra that is not installed
            continue
    return found
