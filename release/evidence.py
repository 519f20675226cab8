"""What the gates and the card look at: a candidate's own files, read back, never the study they came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from mvpbench.store.atomic import disk_errors
from release.candidate import validation_of
from release.data import KEYS, ReleaseRows, data_sha256, read_data
from schemas.errors import InputError
from schemas.evaluation import EvalResult
from schemas.release import ReleaseFacts
from schemas.study import ReleaseSection
from schemas.values import Split

FACTS = "facts.json"
DOCUMENTS = ("README.md", "LICENSE", "CITATION.cff", "CHANGELOG.md", "gates.json", FACTS)


@dataclass(frozen=True)
class Evidence:
    """What the gates look at."""

    facts: ReleaseFacts
    rows: ReleaseRows
    data_sha256: str
    results: Sequence[EvalResult]
    validated_sha256: str | None
    """The data that validation/ was made on; None where there is no validation."""
    unknown_files: Sequence[str]
    latest: str | None
    """The highest sealed version now."""
    section: ReleaseSection


def gather(candidate: Path, latest: str | None, section: ReleaseSection) -> Evidence:
    """Return what the files of `candidate` say.

    Raises:
        InputError: `release-unreadable`.
    """
    validation = validation_of(candidate)
    return Evidence(
        facts=read_facts(candidate),
        rows=read_data(candidate),
        data_sha256=data_sha256(candidate),
        results=validation[1] if validation else (),
        validated_sha256=validation[0].data_sha256 if validation else None,
        unknown_files=_unknown_files(candidate),
        latest=latest,
        section=section,
    )


def read_facts(release: Path) -> ReleaseFacts:
    """Return facts.json of a candidate or release. Raises InputError `release-unreadable`."""
    path = release / FACTS
    try:
        with disk_errors(path):
            return ReleaseFacts.model_validate_json(path.read_bytes() if path.is_file() else b"")
    except ValidationError as exc:
        way_out = "build the candidate again"
        raise InputError("release-unreadable", str(path), expected="the facts of a release", way_out=way_out) from exc


def other_tables(measured: Mapping[str, str], facts: ReleaseFacts) -> str | None:
    """Return in words what else a report measured than the release's tables; None where it was these."""
    if not measured:
        return "tables it does not name"
    others = sorted(name for name, sha256 in measured.items() if facts.tables.get(name) != sha256)
    return f"another version of {', '.join(others)}" if others else None


def _unknown_files(candidate: Path) -> list[str]:
    data = {f"data/{config}/{split}.parquet" for config in KEYS for split in Split}
    unknown = []
    for path in sorted(candidate.rglob("*")):
        name = path.relative_to(candidate).as_posix()
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            unknown.append(f"{name}, which is no plain file")
        elif path.is_file() and name not in data and name not in DOCUMENTS and not name.startswith("validation/"):
            unknown.append(name)
    return unknown
