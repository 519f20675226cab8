"""Tables: rows of one record type in Parquet, beside them what was dropped and a sidecar that vouches for both.

The sidecar is written last and carries the sha256 of the two files. A process killed at any byte leaves the old table,
the new table, or files that do not match their sidecar: these are an interrupted table, which is made again and never
read. The order of rows is part of a table's content.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import version
from io import BufferedRandom
from pathlib import Path
from typing import Generic, Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from mvpbench.store.arrow import from_parquet, iter_parquet, write_parquet
from mvpbench.store.atomic import Content, disk_errors, write_in_order
from mvpbench.store.fingerprint import file_sha256, shape_sha256
from schemas.errors import Defect, StudyError
from schemas.questions import Dropped
from schemas.record import Record

R = TypeVar("R", bound=Record)

MADE_BY = {
    "surveys": "mvpbench survey import",
    "respondents": "mvpbench survey import",
    "profiles": "mvpbench profile",
    "matches": "mvpbench generate",
    "questions": "mvpbench generate",
    "instances": "mvpbench generate",
    "assignments": "mvpbench annotate push",
    "annotations": "mvpbench annotate pull",
    "item_annotations": "mvpbench annotate pull",
    "check_annotations": "mvpbench annotate pull",
    "adjudications": "mvpbench annotate pull",
    "labels": "mvpbench annotate pull",
    "item_labels": "mvpbench annotate pull",
    "rater_quality": "mvpbench annotate pull",
    "predictions": "mvpbench eval run",
    "results": "mvpbench eval run",
}
"""Table -> the command that makes it, for messages."""


class Provenance(Record):
    """How a table came to be."""

    fingerprint: dict[str, str] = Field(default_factory=dict)
    """Part -> hash; see `fingerprint.py`."""
    counts: dict[str, int] = Field(default_factory=dict)
    """What the stage counted, tokens among it."""
    notes: dict[str, str] = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)
    """Package -> version, of those that could matter."""
    seconds: float = 0.0


class TableInfo(Provenance):
    """The sidecar `<table>.json`."""

    sidecar: Literal[1] = 1
    table: str
    record: str
    shape_sha256: str
    rows: int
    content_sha256: str
    """Of the rows in their order; the same rows written by another pyarrow keep it."""
    parquet_sha256: str
    dropped_sha256: str | None
    """Of `<table>.dropped.parquet`; None where nothing was dropped and there is no such file."""
    dropped: dict[str, int]
    """Reason -> count."""
    mvpbench: str


def write_table(
    folder: Path,
    name: str,
    record: type[R],
    rows: Iterable[R],
    dropped: Sequence[Dropped] = (),
    provenance: Callable[[], Provenance] = Provenance,
) -> TableInfo:
    """Replace table `name` by `rows` and return its sidecar.

    `rows` may be a stream, of which a part is in memory; `dropped` is read, and `provenance` asked, when it has come to
    its end.

    Raises:
        StudyError: `disk-full`, `not-writable` or `disk-error`; the old table is still there, as it is where `rows`
            raises.
    """
    content = _Content(record)
    sums: dict[str, str] = {}
    told: list[TableInfo] = []

    def files() -> Iterator[tuple[Path, Content]]:
        yield _parquet_path(folder, name), lambda file: sums.update(rows=_write_rows(file, rows, record, content.add))
        if dropped:
            yield (
                _dropped_path(folder, name),
                lambda file: sums.update(dropped=_write_rows(file, dropped, Dropped, lambda _: None)),
            )
        made = provenance()
        info = TableInfo(
            table=name,
            record=record.__name__,
            shape_sha256=shape_sha256(record),
            rows=content.rows,
            content_sha256=content.sha256(),
            parquet_sha256=sums["rows"],
            dropped_sha256=sums.get("dropped"),
            dropped=dict(sorted(Counter(row.reason for row in dropped).items())),
            mvpbench=version("mvpbench"),
            fingerprint=made.fingerprint,
            counts=made.counts,
            notes=made.notes,
            versions=made.versions,
            seconds=made.seconds,
        )
        told.append(info)
        yield _sidecar_path(folder, name), info.model_dump_json(indent=2) + "\n"

    write_in_order(files())
    if not dropped:
        with disk_errors(folder):
            _dropped_path(folder, name).unlink(missing_ok=True)
    return told[0]


class _Content(Generic[R]):
    """Hash and number of rows that come in parts: the hash of them all as one JSON list."""

    def __init__(self, record: type[R]) -> None:
        self.rows = 0
        self._record = record
        self._list = TypeAdapter(list[record])  # type: ignore[valid-type]
        self._hash = hashlib.sha256(b"[")

    def add(self, rows: Sequence[R]) -> None:
        if any(type(row) is not self._record for row in rows):
            raise Defect("wrong-rows", "a table", expected=f"rows that are all {self._record.__name__}")
        if self.rows:
            self._hash.update(b",")
        self._hash.update(self._list.dump_json(list(rows))[1:-1])
        self.rows += len(rows)

    def sha256(self) -> str:
        whole = self._hash.copy()
        whole.update(b"]")
        return whole.hexdigest()


def _write_rows(file: BufferedRandom, rows: Iterable[R], record: type[R], seen: Callable[[Sequence[R]], None]) -> str:
    """Return the sha256 of the Parquet file written."""
    write_parquet(file, rows, record, seen)
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def read_table(folder: Path, name: str, record: type[R]) -> list[R]:
    """Return the rows of table `name` in their order.

    Raises:
        StudyError: `table-missing`, `table-interrupted`, or `table-outdated` where it holds another shape of `record`;
            each names the command that makes it.
    """
    info = _readable(folder, name, record)
    return from_parquet(_vouched(folder, name, _parquet_path(folder, name), info.parquet_sha256), record)


def stream_table(folder: Path, name: str, record: type[R]) -> Iterator[R]:
    """Yield the rows of table `name` in their order, a part of them in memory.

    Raises:
        StudyError: as `read_table`, before the first row.
    """
    info = _readable(folder, name, record)
    path = _parquet_path(folder, name)
    _vouch(folder, name, path, info.parquet_sha256)
    with disk_errors(path):
        yield from iter_parquet(path, record)


def _readable(folder: Path, name: str, record: type[Record]) -> TableInfo:
    info = require_info(folder, name)
    if info.record != record.__name__:
        raise Defect("wrong-record", f"table {name}", found=info.record, expected=record.__name__)
    if info.shape_sha256 != shape_sha256(record):
        made_it, now = f"the columns of mvpbench {info.mvpbench}", f"those of mvpbench {version('mvpbench')}"
        raise _unreadable("table-outdated", folder, name, made_it, now)
    return info


def read_dropped(folder: Path, name: str) -> list[Dropped]:
    """Return what did not reach table `name`, with reasons; empty where nothing was dropped.

    Raises:
        StudyError: `table-missing` or `table-interrupted`.
    """
    info = require_info(folder, name)
    if info.dropped_sha256 is None:
        return []
    return from_parquet(_vouched(folder, name, _dropped_path(folder, name), info.dropped_sha256), Dropped)


def has_table(folder: Path, name: str) -> bool:
    """Return whether the table was made; whether it is whole shows when it is read."""
    return _sidecar_path(folder, name).is_file()


def read_info(folder: Path, name: str) -> TableInfo | None:
    """Return the sidecar of table `name`, or None where the table was never written to its end."""
    try:
        return require_info(folder, name)
    except StudyError as error:
        if error.report.code in {"table-missing", "table-interrupted"}:
            return None
        raise


def require_info(folder: Path, name: str) -> TableInfo:
    """Return the sidecar of table `name`; whether the files match it is seen when they are read.

    Raises:
        StudyError: `table-missing`, or `table-interrupted` where there are rows and no sidecar that can be read.
    """
    path = _sidecar_path(folder, name)
    with disk_errors(path):
        if path.is_file():
            text = path.read_bytes()
        elif _parquet_path(folder, name).is_file():
            raise _interrupted(folder, name, f"rows without {path.name}")
        else:
            raise _unreadable("table-missing", folder, name, "nothing", _parquet_path(folder, name).name)
    try:
        return TableInfo.model_validate_json(text)
    except ValidationError as exc:
        raise _interrupted(folder, name, f"a {path.name} that cannot be read") from exc


def check_table(folder: Path, name: str) -> TableInfo:
    """Return the sidecar of table `name` after comparing its files with it.

    Raises:
        StudyError: `table-missing` or `table-interrupted`.
    """
    info = require_info(folder, name)
    _vouch(folder, name, _parquet_path(folder, name), info.parquet_sha256)
    if info.dropped_sha256 is not None:
        _vouch(folder, name, _dropped_path(folder, name), info.dropped_sha256)
    return info


def _vouch(folder: Path, name: str, path: Path, sha256: str) -> None:
    """As `_vouched`, without the bytes in memory."""
    with disk_errors(path):
        is_file = path.is_file()
    if not is_file or file_sha256(path) != sha256:
        raise _altered(folder, name, path)


def _vouched(folder: Path, name: str, path: Path, sha256: str) -> bytes:
    with disk_errors(path):
        data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise _altered(folder, name, path)
    return data


def _altered(folder: Path, name: str, path: Path) -> StudyError:
    return _interrupted(folder, name, f"a {path.name} that is not the one its sidecar vouches for")


def _interrupted(folder: Path, name: str, found: str) -> StudyError:
    return _unreadable("table-interrupted", folder, name, found, "a table written to its end")


def _unreadable(code: str, folder: Path, name: str, found: str, expected: str) -> StudyError:
    way_out = f"run `{MADE_BY[name]}`" if name in MADE_BY else "run the command that makes it"
    return StudyError(code, f"table {name}", where=str(folder), found=found, expected=expected, way_out=way_out)


def _parquet_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.parquet"


def _dropped_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.dropped.parquet"


def _sidecar_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.json"
