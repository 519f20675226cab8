"""What changed between two releases, row by row, and the part of the version that this raises."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from release.data import KEYS
from schemas.release import Bump, ConfigDiff, ReleaseDiff

NOT_COMPARED = frozenset({"canary"})
"""Columns that differ in every version by design."""

RENAMED = {"ratings": frozenset({"id", "annotator"})}
"""Config -> columns of ids that are another version's own: its rows are told apart by what else they say."""

Tables = Mapping[str, pa.Table]
"""Split -> rows."""
Rows = Mapping[str, tuple[str, Mapping[str, Any]]]


def diff(older: Path, newer: Path, previous: str) -> ReleaseDiff:
    """Return what changed from the release in `older`, whose version is `previous`, to the one in `newer`.

    Rows are compared by key and content, never by file: the same rows written by another library are no change. A
    column that only the newer has is told, and no edit of the rows, which can be had as they were (Croissant 1.1,
    "Version": new fields are a minor change); one that only the older has is an edit of every row. Ratings have no key
    that outlives a version: one that was edited counts as removed and added.
    """
    by_config = tuple(_compare(config, _tables(older, config), _tables(newer, config)) for config in KEYS)
    return ReleaseDiff(previous=previous, by_config=by_config, bump=_bump(by_config))


def _tables(release: Path, config: str) -> Tables:
    """Return split -> rows, without what is never compared; empty where the release has no such config."""
    left_out = NOT_COMPARED | RENAMED.get(config, frozenset())
    tables = {file.stem: pq.read_table(file) for file in sorted((release / "data" / config).glob("*.parquet"))}
    return {
        split: table.select([name for name in table.column_names if name not in left_out])
        for split, table in tables.items()
    }


def _compare(config: str, older: Tables, newer: Tables) -> ConfigDiff:
    before, after = _columns(older), _columns(newer)
    shared = [name for name in before if name in after] if before and after else before or after
    was, now = _rows(older, config, shared), _rows(newer, config, shared)
    both = was.keys() & now.keys()
    moved = {key for key in both if was[key][0] != now[key][0]}
    lost = bool(after) and not set(before) <= set(after)
    return ConfigDiff(
        config=config,
        added=len(now.keys() - was.keys()),
        removed=len(was.keys() - now.keys()),
        edited=sum(lost or was[key][1] != now[key][1] for key in both - moved),
        moved=len(moved),
        columns=tuple(name for name in after if name not in before) if before else (),
    )


def _columns(tables: Tables) -> list[str]:
    return list(dict.fromkeys(name for table in tables.values() for name in table.column_names))


def _rows(tables: Tables, config: str, columns: Sequence[str]) -> Rows:
    """Return key -> (split, columns)."""
    rows: dict[str, tuple[str, Mapping[str, Any]]] = {}
    alike: Counter[str] = Counter()
    for split, table in tables.items():
        for row in table.select([name for name in columns if name in table.column_names]).to_pylist():
            key = repr(sorted(row.items())) if config in RENAMED else str(row[KEYS[config]])
            alike[key] += 1
            rows[f"{key} {alike[key]}"] = (split, row)
    return rows


def _bump(by_config: tuple[ConfigDiff, ...]) -> Bump:
    if any(one.edited or one.removed or one.moved for one in by_config):
        return Bump.MAJOR
    return Bump.MINOR if any(one.added or one.columns for one in by_config) else Bump.PATCH
