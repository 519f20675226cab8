"""An older study brought to the format of today, after a backup; a newer one is refused."""

import re
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from mvpbench.store.atomic import disk_errors, sync_folder, write_atomic
from mvpbench.store.config_file import read_yaml
from mvpbench.store.journal_file import sqlite_errors
from mvpbench.store.lock import hold_lock
from mvpbench.store.study import CONFIG_FILE, holder, require_format
from schemas.errors import ConfigError, StudyError
from schemas.results import MigrateResult
from schemas.study import STUDY_FORMAT

Migration = Callable[[Path], None]
"""Upgrades everything in the study at the path by one format, but for the number in study.yaml. May be run again on
what it has half done: a kill can come at any byte."""

MIGRATIONS: Mapping[int, Migration] = {}
"""Format -> what leads from it to the next. Format 1 is the first and the latest."""

_FORMAT_LINE = re.compile(r"^format:[ \t]*\d+", flags=re.MULTILINE)


def migrate(root: Path, migrations: Mapping[int, Migration] = MIGRATIONS, target: int = STUDY_FORMAT) -> MigrateResult:
    """Bring the study in `root` to format `target`, one format after the other, and say what was done.

    Before the first step study.yaml, the journal and the sidecars of the tables are copied to `backups/format-<n>/`.
    The number in study.yaml is written last: after a kill the same command goes on.

    Raises:
        StudyError: `not-a-study`; `study-newer`; `migration-missing` where no way leads from its format.
        ConfigError: study.yaml has no format, or not at the start of a line.
        Stopped: `study-locked`.
    """
    found = _format(root, target)
    steps = [number for number in range(found, target) if number in migrations]
    if len(steps) != target - found:
        expected = f"format {min(migrations, default=target)} to {target}"
        raise StudyError("migration-missing", f"study {root}", found=f"format {found}", expected=expected)
    if not steps:
        return MigrateResult(found=found, now=found, backup=None)
    with hold_lock(root / "lock", holder("mvpbench migrate")):
        backup = _back_up(root, root / "backups" / f"format-{found}")
        for number in steps:
            migrations[number](root)
            _raise_format(root, number + 1)
    return MigrateResult(found=found, now=target, backup=str(backup))


def _format(root: Path, target: int) -> int:
    path = root / CONFIG_FILE
    if not path.is_file():
        raise StudyError("not-a-study", f"no study in {root}", found=f"no {CONFIG_FILE}")
    found = read_yaml(path).get("format")
    if not isinstance(found, int) or isinstance(found, bool):
        raise ConfigError("config-invalid", str(path), where="format", found=repr(found), expected="a number")
    if found > target:
        require_format("study", path, found, target)
    return found


def _back_up(root: Path, backup: Path) -> Path:
    if backup.exists():  # of a migration that was interrupted: what lies in `root` now is half upgraded
        return backup
    partial = backup.with_name(f".{backup.name}.partial")
    with disk_errors(backup):
        shutil.rmtree(partial, ignore_errors=True)
        for source in (root / CONFIG_FILE, *sorted((root / "tables").glob("*.json"))):
            write_atomic(partial / source.relative_to(root), source.read_bytes())
    if (root / "journal.db").is_file():
        # Not a copy of the file: what is in the write-ahead log belongs to it.
        with (
            sqlite_errors(root / "journal.db"),
            closing(sqlite3.connect(root / "journal.db")) as journal,
            closing(sqlite3.connect(partial / "journal.db")) as copy,
        ):
            journal.backup(copy)
    with disk_errors(backup):
        partial.rename(backup)
        sync_folder(backup.parent)
    return backup


def _raise_format(root: Path, number: int) -> None:
    path = root / CONFIG_FILE
    text = path.read_text(encoding="utf-8-sig")
    upgraded, count = _FORMAT_LINE.subn(f"format: {number}", text)
    if count != 1:
        expected = "`format: <number>` once, at the start of a line"
        raise ConfigError("config-invalid", str(path), where="format", found=f"{count} such lines", expected=expected)
    write_atomic(path, upgraded)
