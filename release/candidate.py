"""The slot of a validation in a candidate: models are asked the candidate's own rows, and results are bound to them."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from mvpbench.store.arrow import to_parquet
from mvpbench.store.atomic import disk_errors, write_atomic
from mvpbench.store.study import Study
from release.data import data_sha256, read_parquet
from release.folders import partial_folder, put_in_place
from release.versions import candidate_path
from schemas.errors import Defect, InputError, StudyError
from schemas.evaluation import EvalResult
from schemas.record import Record

FOLDER = "validation"
RESULTS = "results.parquet"
BINDING = "binding.json"


class Validation(Record):
    """validation/binding.json: on what the results beside it were measured."""

    data_sha256: str
    """As `release.data.data_sha256` gave it."""
    results: int


def require_candidate(path: Path) -> None:
    """Raise StudyError `no-candidate` unless there is a built release in folder `path`."""
    if not (path / "data").is_dir():
        raise StudyError(
            "no-candidate",
            f"no release candidate {path.name}",
            where=str(path.parent),
            found="nothing",
            expected="what `mvpbench release build` makes",
            way_out=f"run `mvpbench release build {path.name.removesuffix('.candidate')}`",
        )


def add_validation(
    study: Study,
    version: str,
    results: Sequence[EvalResult],
    files: Mapping[str, bytes | Path],
    made_on: str | None = None,
) -> None:
    """Replace the candidate's validation/ by `results` and `files` (relative name -> content or where it lies).

    `made_on` is the `data_sha256` of the rows that the models were asked, where the caller took it before; else the
    candidate's now. The caller holds the study's lock. A kill leaves the old folder, the new one or none.

    Raises:
        StudyError: `no-candidate`.
        Defect: `validation-file` for a name that leads out of the folder or is one of ours.
    """
    candidate = candidate_path(study, version)
    require_candidate(candidate)
    binding = Validation(data_sha256=made_on or data_sha256(candidate), results=len(results))
    fresh = partial_folder(candidate)
    try:
        for name, content in files.items():
            write_atomic(fresh / _inside(name), content if isinstance(content, bytes) else _content(content))
        write_atomic(fresh / RESULTS, to_parquet(results, EvalResult))
        write_atomic(fresh / BINDING, binding.model_dump_json(indent=2) + "\n")
        put_in_place(fresh, candidate / FOLDER)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def validation_of(candidate: Path) -> tuple[Validation, list[EvalResult]] | None:
    """Return what validation/ holds and on what it was made; None where there is none.

    Raises:
        InputError: `release-unreadable`.
    """
    binding = candidate / FOLDER / BINDING
    if not binding.is_file():
        return None
    try:
        found = Validation.model_validate_json(binding.read_bytes())
    except ValidationError as exc:
        raise InputError("release-unreadable", str(binding), way_out="run `mvpbench validate` again") from exc
    return found, read_parquet(candidate / FOLDER / RESULTS, EvalResult)


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or name in {RESULTS, BINDING, "", "."}:
        expected = "a relative name of its own"
        raise Defect("validation-file", "a file of a validation", found=repr(name), expected=expected)
    return path


def _content(path: Path) -> bytes:
    with disk_errors(path):
        return path.read_bytes()
