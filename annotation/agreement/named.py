"""`RatingsFile`: a file of ratings and which of its columns mean what; `Row`: one rating as it stands there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from schemas.errors import InputError


@dataclass(frozen=True)
class RatingsFile:
    """A file of ratings, and the names of its columns; of an export, of its data fields and the control."""

    path: Path
    unit: str
    rater: str
    value: str
    by: tuple[tuple[str, ...], ...] = ()
    """Columns to break agreement down by; several in one entry are crossed."""
    cluster: str | None = None
    rater_group: str | None = None

    @property
    def required(self) -> dict[str, str]:
        """Role -> column, of those that every row must fill."""
        roles = {"unit": self.unit, "rater": self.rater}
        return roles if self.cluster is None else {**roles, "cluster": self.cluster}

    @property
    def grouping(self) -> tuple[str, ...]:
        """The columns that groups are read from, each once."""
        names = [name for names in self.by for name in names]
        return tuple(dict.fromkeys([*names, *([self.rater_group] if self.rater_group is not None else [])]))

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Role and column, of all that are used."""
        by = [("by", name) for names in self.by for name in names]
        group = [("rater-group", self.rater_group)] if self.rater_group is not None else []
        return [*self.required.items(), ("value", self.value), *by, *group]

    def check_columns(self, there: Sequence[str]) -> None:
        """Raise InputError `column-missing` for the first column that is not `there`."""
        for role, column in self.columns:
            if column not in there:
                raise InputError(
                    "column-missing",
                    f"no column {column!r}",
                    where=str(self.path),
                    found=", ".join(there),
                    expected=f"the column named with --{role}",
                    way_out=f"name one of them with --{role}",
                )


class Row(NamedTuple):
    """One rating: where it stands, in words, and its cells by column, stripped; empty where there is none."""

    place: str
    cells: Mapping[str, str]


def missing(path: Path, expected: str) -> InputError:
    """Return the error for a file that is not there."""
    return InputError("file-missing", "ratings", where=str(path), found="no file", expected=expected)


def unreadable(path: Path, found: str, expected: str) -> InputError:
    """Return the error for a file that is not what its name says."""
    return InputError("file-unreadable", "ratings", where=str(path), found=found, expected=expected)
