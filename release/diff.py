"""What changed between two releases, row by row, and the part of the version that this raises."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from release.data import KEYS
from schemas.release import Bump, ConfigDiff, ReleaseDiff

NOT_COMPARED = frozenset({"canary"})
"""Columns that differ in every version by design."""

RENAMED = {"ratings": frozenset({"id", "annotator"})}
"""Config -> columns of ids that are another version's own: its rows are told apart by what else they say."""

Rows = Mapping[str, tuple[str, Mapping[str, Any]]]


def diff(older: Path, newer: Path, previous: str) -> ReleaseDiff:
    """Return what changed from the release in `older`, whose version is `previous`, to the one in `newer`.

    Rows are compared by key and content, never by file: the same rows written by another library are no change. A
    column that only one of the two has counts as an edit of every row. Ratings have no key that outlives a version: one
    that was edited counts as removed and added.
    """
    by_config = tuple(_compare(config, _rows(older, config), _rows(newer, config)) for config in KEYS)
    return ReleaseDiff(previous=previous, by_config=by_config, bump=_bump(by_config))


def _rows(release: Path, config: str) -> Rows:
    """Return key -> (split, columns); empty where the release has no such config."""
    rows: dict[str, tuple[str, Mapping[str, Any]]] = {}
    left_out = NOT_COMPARED | RENAMED.get(config, frozenset())
    alike: Counter[str] = Counter()
    for file in sorted((release / "data" / config).glob("*.parquet")):
        table = pq.read_table(file)
        compared = table.select([name for name in table.column_names if name not in left_out])
        for row in compared.to_pylist():
            key = repr(sorted(row.items())) if config in RENAMED else str(row[KEYS[config]])
            alike[key] += 1
            rows[f"{key} {alike[key]}"] = (file.stem, row)
    return rows


def _compare(config: str, older: Rows, newer: Rows) -> ConfigDiff:
    both = older.keys() & newer.keys()
    moved = {key for key in both if older[key][0] != newer[key][0]}
    return ConfigDiff(
        config=config,
        added=len(newer.keys() - older.keys()),
        removed=len(older.keys() - newer.keys()),
        edited=sum(older[key][1] != newer[key][1] for key in both - moved),
        moved=len(moved),
    )


def _bump(by_config: tuple[ConfigDiff, ...]) -> Bump:
    if any(one.edited or one.removed or one.moved for one in by_config):
        return Bump.MAJOR
    return Bump.MINOR if any(one.added for one in by_config) else Bump.PATCH
