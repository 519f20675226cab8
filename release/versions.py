"""Versions of a release: semantic, in order, each in its folder."""

import re
from pathlib import Path
from typing import NamedTuple

from mvpbench.store.study import Study
from schemas.errors import ConfigError
from schemas.release import Bump

MANIFEST = "manifest.json"

# The core of semver.org's grammar: no leading zeros, no pre-release or build parts.
_SEMANTIC = re.compile(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")


class Version(NamedTuple):
    """Ordered as numbers: 1.10.0 is above 1.9.0."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    def raised(self, bump: Bump) -> "Version":
        """Return the lowest version above this one that says `bump`."""
        match bump:
            case Bump.MAJOR:
                return Version(self.major + 1, 0, 0)
            case Bump.MINOR:
                return Version(self.major, self.minor + 1, 0)
            case Bump.PATCH:
                return Version(self.major, self.minor, self.patch + 1)


def is_version(text: str) -> bool:
    """Return whether `text` is a version and so no path."""
    return _SEMANTIC.fullmatch(text) is not None


def parse_version(text: str) -> Version:
    """Return the version. Raises ConfigError `version-malformed`; a path cannot pass as one."""
    found = _SEMANTIC.fullmatch(text)
    if found is None:
        raise ConfigError(
            "version-malformed",
            "the version of a release",
            found=repr(text),
            expected="three numbers, such as 1.0.0",
            way_out="versions follow semver.org, without pre-release parts",
        )
    return Version(*(int(part) for part in found.groups()))


def release_path(study: Study, version: str) -> Path:
    """Return where a sealed version stands. Raises ConfigError `version-malformed`."""
    return study.releases / str(parse_version(version))


def candidate_path(study: Study, version: str) -> Path:
    """Return where the candidate of a version stands. Raises ConfigError `version-malformed`."""
    return study.releases / f"{parse_version(version)}.candidate"


def sealed_versions(study: Study) -> list[str]:
    """Return every sealed version, the lowest first."""
    versions = [
        Version(*(int(part) for part in found.groups()))
        for manifest in study.releases.glob(f"*/{MANIFEST}")
        if (found := _SEMANTIC.fullmatch(manifest.parent.name))
    ]
    return [str(version) for version in sorted(versions)]


def latest_sealed(study: Study) -> str | None:
    """Return the highest sealed version; None before the first."""
    return next(reversed(sealed_versions(study)), None)
