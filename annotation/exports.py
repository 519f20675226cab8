"""What was ever pulled of one project: its newest export, and every earlier one that holds something this one lacks.

Any rater may delete or edit any answer on the server, and the server keeps no record of who did. So what was pulled
once stays: an export is replaced only by one that holds all of its annotations as they were; else it is kept beside,
under the hash of its bytes. Of an annotation that changed, the latest version counts; one that is gone counts still,
until the study's owner lets it go.

In `<label-studio>/exports/`, `<slot>-<n>.json` is the newest, `<slot>-<n>/` holds the earlier ones, and
`<slot>-<n>.let-go.json` names the annotations that were let go.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from annotation.studio import ExportedAnnotation, ExportedTask, read_export
from mvpbench.store.atomic import remove_leftovers, write_atomic
from schemas.errors import StudyError

Identity = tuple[str, int, str]
"""Task uid, annotation id and time of creation: a server restored from a backup gives ids out again."""
Annotations = dict[Identity, ExportedAnnotation]
LET_GO = TypeAdapter(list[Identity])
MOVE_AWAY = "move the file away and run `mvpbench annotate pull` again: what is on the server comes anew"


@dataclass(frozen=True)
class Said:
    """One annotation in its latest version."""

    uid: str
    annotation: ExportedAnnotation
    gone: bool = False
    """Whether the newest export lacks it."""
    let_go: bool = False
    """Whether it is gone and the study's owner agreed."""


def stored(folder: Path, key: str) -> dict[str, Path]:
    """Return name -> file of what is kept of project `key` (`<slot>/<n>`); empty where nothing was pulled."""
    names = {key: _newest(folder, key), f"{key}, let go": _let_go(folder, key)}
    there = {name: path for name, path in names.items() if path.is_file()}
    return there | {f"{key}, earlier {path.stem}": path for path in _earlier(folder, key)}


def keep(folder: Path, key: str, content: bytes, where: str) -> None:
    """Make `content` the newest export, found to be one before anything is written; for the holder of the lock.

    Killed at any byte, nothing is lost; the same content again changes nothing. Raises StudyError `export-misfit` at
    `where`, or of the newest file that is there.
    """
    path = _newest(folder, key)
    for place in (path.parent, path.with_suffix("")):
        remove_leftovers(place)
    before = path.read_bytes() if path.exists() else None
    if content == before:
        return
    new = _by_identity(read_export(content, where))
    if before is not None:
        old = _by_identity(read_export(before, str(path), MOVE_AWAY))
        if any(new.get(one) != annotation for one, annotation in old.items()):
            write_atomic(path.with_suffix("") / f"{sha256(before).hexdigest()[:16]}.json", before)
    write_atomic(path, content)


def said(folder: Path, key: str) -> list[Said]:
    """Return every annotation that was ever pulled of the project, sorted by task and id.

    Where the newest export is missing (moved away as damaged), all of them are gone. Raises StudyError `export-misfit`.
    """
    newest = _newest(folder, key)
    now = _read(newest) if newest.exists() else {}
    latest = dict(now)
    for path in _earlier(folder, key):
        for one, annotation in _read(path).items():
            if one not in latest or latest[one].updated_at < annotation.updated_at:
                latest[one] = annotation
    agreed = _agreed(_let_go(folder, key))
    return [
        Said(one[0], latest[one], gone=one not in now, let_go=one not in now and one in agreed)
        for one in sorted(latest)
    ]


def let_go(folder: Path, key: str) -> None:
    """Note that what is gone from the project now counts no more, unless it comes back."""
    gone = [_identity(one.uid, one.annotation) for one in said(folder, key) if one.gone]
    if gone:
        write_atomic(_let_go(folder, key), LET_GO.dump_json(gone))


def _agreed(path: Path) -> set[Identity]:
    if not path.exists():
        return set()
    try:
        return set(LET_GO.validate_json(path.read_bytes()))
    except ValidationError as exc:
        raise StudyError(
            "export-misfit",
            "the list of answers that were let go cannot be read",
            where=str(path),
            found=exc.errors()[0]["msg"],
            expected="what `mvpbench annotate pull --accept-deletions` writes",
            way_out="move the file away, and run that again if the deletions shall count",
        ) from exc


def _read(path: Path) -> Annotations:
    return _by_identity(read_export(path.read_bytes(), str(path), MOVE_AWAY))


def _by_identity(tasks: Iterable[ExportedTask]) -> Annotations:
    return {_identity(str(task.data.get("uid")), one): one for task in tasks for one in task.annotations}


def _identity(uid: str, one: ExportedAnnotation) -> Identity:
    return uid, one.id, one.created_at.isoformat()


def _newest(folder: Path, key: str) -> Path:
    """A slot's n-th project: the server's own number begins anew on another server."""
    return folder / "exports" / f"{key.replace('/', '-')}.json"


def _earlier(folder: Path, key: str) -> list[Path]:
    return sorted(_newest(folder, key).with_suffix("").glob("*.json"))


def _let_go(folder: Path, key: str) -> Path:
    return _newest(folder, key).with_suffix(".let-go.json")
