"""The data of a release: `data/<config>/<split>.parquet`, written and read as records."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from mvpbench.store.arrow import from_parquet, to_parquet
from mvpbench.store.atomic import disk_errors, write_atomic
from mvpbench.store.fingerprint import folder_sha256
from schemas.errors import InputError
from schemas.record import Record
from schemas.release import ReleasedInstance, ReleasedLabel, ReleasedProfile, ReleasedRating
from schemas.values import Split

R = TypeVar("R", bound=Record)
T = TypeVar("T")

KEYS = {"instances": "id", "labels": "instance_id", "ratings": "id", "profiles": "respondent_id"}
"""Config -> the column that names a row, in the order in which the card lists them."""


@dataclass(frozen=True)
class ReleaseRows:
    """Every row of a release, each list ordered by key."""

    instances: Sequence[ReleasedInstance]
    labels: Sequence[ReleasedLabel]
    ratings: Sequence[ReleasedRating]
    profiles: Sequence[ReleasedProfile]


def write_data(release: Path, rows: ReleaseRows) -> None:
    """Write the rows under `release`/data; a config or split without rows has no file.

    Equal rows give equal bytes under one version of pyarrow. Labels and ratings stand in the split of their instance,
    ratings of the item task in that of their question.
    """
    split_of: dict[str | None, Split] = {row.question_id: row.split for row in rows.instances}
    split_of |= {row.id: row.split for row in rows.instances}
    _write(release, "instances", rows.instances, lambda row: row.split)
    _write(release, "labels", rows.labels, lambda row: split_of[row.instance_id])
    _write(release, "ratings", rows.ratings, lambda row: split_of[row.instance_id or row.question_id])
    _write(release, "profiles", rows.profiles, lambda row: row.split)


def read_data(release: Path) -> ReleaseRows:
    """Return the rows of a candidate or release.

    Raises:
        InputError: `release-unreadable` for a data file that does not hold the rows of its config.
    """
    return ReleaseRows(
        instances=read_instances(release),
        labels=_read(release, "labels", ReleasedLabel),
        ratings=_read(release, "ratings", ReleasedRating),
        profiles=_read(release, "profiles", ReleasedProfile),
    )


def read_instances(release: Path) -> list[ReleasedInstance]:
    """Return the rows of the config `instances`, split by split. Raises as `read_data`."""
    return _read(release, "instances", ReleasedInstance)


def places(release: Path, ids: Collection[str]) -> dict[str, str]:
    """Return instance id -> path in the release, of those of `ids` that it holds. Raises as `read_data`.

    Reads no other column, so that releases of older shapes can be asked too.
    """
    found: dict[str, str] = {}
    for name in data_files(release).get("instances", {}).values():
        rows = _parsed(release / name, "a column id", _ids)
        found |= {key: name for key in rows if key in ids}
    return found


def data_sha256(release: Path) -> str:
    """Return the hash of every file under data/: what a validation is bound to."""
    return folder_sha256(release / "data")


def data_files(release: Path) -> dict[str, dict[str, str]]:
    """Return config -> split -> path in the release, of the files that are there."""
    found: dict[str, dict[str, str]] = {}
    for config in KEYS:
        paths = {split.value: f"data/{config}/{split}.parquet" for split in Split}
        there = {split: path for split, path in paths.items() if (release / path).is_file()}
        if there:
            found[config] = there
    return found


def read_parquet(path: Path, record: type[R]) -> list[R]:
    """Return the rows of one Parquet file.

    Raises:
        InputError: `release-unreadable`.
    """
    return _parsed(path, f"the columns of {record.__name__}", lambda data: from_parquet(data, record))


def _parsed(path: Path, columns: str, read: Callable[[bytes], list[T]]) -> list[T]:
    with disk_errors(path):
        data = path.read_bytes()
    try:
        return read(data)
    except (pa.ArrowException, ValueError, KeyError) as exc:
        raise InputError(
            "release-unreadable",
            str(path),
            found=f"bytes (sha256 {hashlib.sha256(data).hexdigest()[:12]}) that are no such rows",
            expected=f"Parquet with {columns}",
            way_out="build the candidate again",
        ) from exc


def _ids(data: bytes) -> list[str]:
    ids: list[str] = pq.read_table(pa.BufferReader(data), columns=["id"]).column("id").to_pylist()
    return ids


def _write(release: Path, config: str, rows: Sequence[R], split_of: Callable[[R], Split]) -> None:
    for split, part in _by_split(rows, split_of).items():
        write_atomic(release / "data" / config / f"{split}.parquet", to_parquet(part, type(part[0])))


def _by_split(rows: Sequence[R], split_of: Callable[[R], Split]) -> Mapping[Split, Sequence[R]]:
    parts = {split: [row for row in rows if split_of(row) is split] for split in Split}
    return {split: part for split, part in parts.items() if part}


def _read(release: Path, config: str, record: type[R]) -> list[R]:
    paths = [release / path for path in data_files(release).get(config, {}).values()]
    return [row for path in paths for row in read_parquet(path, record)]
