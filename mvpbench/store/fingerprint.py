"""What a table was made from, as hashes: equal parts mean that making it again would give the same rows.

A fingerprint has one part for the stage's hand-raised version, the shape of its record, each input table (its rows, not
its file), each section of study.yaml that the stage reads, and each file from outside (its bytes). It leaves out:

- package versions: an update would make every table stale; each table's sidecar records them instead;
- paths, names and times of files: a study that is moved or copied is the same study;
- the settings in `LEFT_OUT`, which decide how fast, at what price or with whose key, and never what.
"""

import hashlib
import json
from pathlib import Path

from pydantic import BaseModel

from mvpbench.store.arrow import arrow_schema
from mvpbench.store.atomic import disk_errors
from schemas.errors import Defect, InputError
from schemas.identity import digest
from schemas.record import Record
from schemas.study import StudyConfig

LEFT_OUT = frozenset(
    {
        "generate.writer.in_flight",
        "generate.writer.key_env",
        "generate.writer.price_per_million_prompt_tokens",
        "generate.writer.price_per_million_completion_tokens",
        "annotate.key_env",
        "eval.threads",
    }
)


def canonical_json(record: BaseModel) -> str:
    """Return the record with every field, keys sorted, no spaces, text unescaped: equal records, equal text."""
    return _canonical(record.model_dump(mode="json"))


def file_sha256(path: Path) -> str:
    """Return the sha256 (64 hex digits) of the file's bytes.

    Raises:
        InputError: `file-missing`.
        StudyError: the file cannot be read.
    """
    with disk_errors(path):
        try:
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as exc:
            raise InputError("file-missing", f"no file {path}", way_out="check the path in study.yaml") from exc


def folder_sha256(path: Path, pattern: str = "**/*") -> str:
    """Return the sha256 over relative names and contents of the files that match, whatever the order on disk.

    Raises:
        InputError: `file-missing` if there is no such folder or nothing in it matches.
    """
    files = sorted((file.relative_to(path).as_posix(), file) for file in path.glob(pattern) if file.is_file())
    if not files:
        raise InputError("file-missing", f"no files in {path}", found="nothing", expected=f"files named {pattern}")
    return digest("folder", [[name, file_sha256(file)] for name, file in files])


def section_sha256(config: StudyConfig, section: str) -> str:
    """Return the hash of a section of study.yaml (dots lead into it, e.g. `generate.writer`) less what is left out.

    Raises:
        Defect: `not-a-section`.
    """
    value: object = config
    for name in section.split("."):
        if name not in getattr(type(value), "model_fields", {}):
            raise Defect("not-a-section", "a stage that reads what study.yaml does not have", found=section)
        value = getattr(value, name)
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return digest("section", section, _canonical(_reduced(plain, section)))


def shape_sha256(record: type[Record]) -> str:
    """Return the hash of the record's name and columns: a table of another shape cannot be read as it."""
    columns = [[column.name, str(column.type), column.nullable] for column in arrow_schema(record)]
    return digest("shape", record.__name__, columns)


def _canonical(plain: object) -> str:
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _reduced(plain: object, where: str) -> object:
    if not isinstance(plain, dict):
        return plain
    kept = {name: value for name, value in plain.items() if f"{where}.{name}" not in LEFT_OUT}
    return {name: _reduced(value, f"{where}.{name}") for name, value in kept.items()}
