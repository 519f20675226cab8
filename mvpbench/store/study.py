"""A study: a folder with one configuration, opened, begun and locked."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mvpbench.store.atomic import disk_errors, remove_leftovers, write_in_order
from mvpbench.store.clock import Clock, stamp, utc_now
from mvpbench.store.config_file import parse_config, parse_yaml, read_yaml
from mvpbench.store.lock import LockHolder, hold_lock
from schemas.errors import StudyError
from schemas.study import STUDY_FORMAT, StudyConfig

CONFIG_FILE = "study.yaml"


@dataclass(frozen=True)
class Study:
    """Where everything of one study stands, and its configuration."""

    root: Path
    config: StudyConfig

    @property
    def config_file(self) -> Path:
        """study.yaml."""
        return self.root / CONFIG_FILE

    @property
    def tables(self) -> Path:
        """What can be recomputed."""
        return self.root / "tables"

    @property
    def journal(self) -> Path:
        """What cost money or touched the outside; may not exist yet."""
        return self.root / "journal.db"

    @property
    def releases(self) -> Path:
        """One folder a version."""
        return self.root / "releases"

    @property
    def reports(self) -> Path:
        """Text and pictures for people."""
        return self.root / "reports"

    @property
    def countries(self) -> Path:
        """This study's own country packs."""
        return self.root / "countries"

    def locate(self, name: str) -> Path:
        """Return a path named in study.yaml: relative ones start at the study."""
        return self.root / name


def open_study(root: Path) -> Study:
    """Return the study in folder `root`.

    Raises:
        StudyError: `not-a-study`, `study-newer` or `study-older`.
        ConfigError: study.yaml cannot be read or does not fit; names file, key, what was found and expected.
    """
    path = root / CONFIG_FILE
    if not path.is_file():
        way_out = "name the folder with --study, or begin one with `mvpbench init`"
        raise StudyError("not-a-study", f"no study in {root}", found=f"no {CONFIG_FILE}", way_out=way_out)
    data = read_yaml(path)
    require_format("study", path, data.get("format"), STUDY_FORMAT)
    return Study(root, parse_config(data, str(path), StudyConfig))


def init_study(root: Path, text: str, files: Mapping[str, str] | None = None) -> Study:
    """Begin a study in `root`, which is made if missing, with `text` as its study.yaml; what else lies there stays.

    `files` (name -> text) are written beside it. study.yaml is written last: before it there is no study.

    Raises:
        ConfigError: `text` is no valid study.yaml.
        StudyError: `study-exists`; `file-exists` where one of `files` is there with another content; or the folder
            cannot be written. Nothing is there then that was not before, but perhaps empty folders.
    """
    path = root / CONFIG_FILE
    if path.exists():
        way_out = f"choose another folder, or edit {path}"
        raise StudyError("study-exists", f"a study is already in {root}", found=CONFIG_FILE, way_out=way_out)
    beside = {root / name: content for name, content in (files or {}).items()}
    for file, content in beside.items():
        if file.exists() and file.read_bytes() != content.encode("utf-8"):
            way_out = "move it away, or choose another folder"
            raise StudyError("file-exists", str(file), found="a file of other content", way_out=way_out)
    study = Study(root, parse_config(parse_yaml(text, CONFIG_FILE), CONFIG_FILE, StudyConfig))
    for folder in (study.tables, study.releases, study.reports, study.countries):
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
    write_in_order({**beside, path: text})
    return study


@contextmanager
def locked(study: Study, command: str = "mvpbench", clock: Clock = utc_now) -> Iterator[None]:
    """Be the study's one writer while the block runs; `command` is what a second one is told of us.

    Raises:
        Stopped: `study-locked`, naming the pid of the other.
    """
    with hold_lock(study.root / "lock", holder(command, clock)):
        for folder in (study.root, study.tables, study.reports):
            remove_leftovers(folder)
        yield


def holder(command: str, clock: Clock = utc_now) -> LockHolder:
    """Return this process as the holder of a lock."""
    return LockHolder(pid=os.getpid(), command=command, started_at=stamp(clock))


def require_format(what: str, path: Path, found: object, current: int) -> None:
    """Refuse the format `found` of a study or journal unless it is `current`; what is no number is left to validation.

    Raises:
        StudyError: `<what>-newer` or `<what>-older`, which names `mvpbench migrate`.
    """
    if not isinstance(found, int) or isinstance(found, bool) or found == current:
        return
    code, way_out = (
        (f"{what}-newer", "update mvpbench")
        if found > current
        else (f"{what}-older", "run `mvpbench migrate`, which keeps a backup")
    )
    raise StudyError(code, str(path), found=f"format {found}", expected=f"format {current}", way_out=way_out)
