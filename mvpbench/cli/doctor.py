"""`doctor`: whether this installation can do its work."""

import importlib.metadata
import os
import platform
import shutil
import sys
from pathlib import Path

from packaging.requirements import Requirement

from schemas.results import Check, DoctorResult, Outcome

FREE_GB = 3
PYTHONS = ((3, 11), (3, 14))


def examine() -> Outcome[DoctorResult]:
    """Return one check a requirement; every one that fails says the way out."""
    checks = (_python(), *_packages(), _cache(), _disk(Path()))
    lines = tuple(f"{'ok  ' if check.ok else 'FAIL'} {check.name}: {check.found}{_way(check)}" for check in checks)
    return Outcome(
        result=DoctorResult(checks=checks),
        counts={"checks": len(checks), "failed": sum(not check.ok for check in checks)},
        summary=lines,
    )


def _way(check: Check) -> str:
    return f" -> {check.way_out}" if check.way_out and not check.ok else ""


def _python() -> Check:
    fits = PYTHONS[0] <= sys.version_info[:2] < PYTHONS[1]
    return Check(
        name="python",
        ok=fits,
        found=f"{platform.python_version()} on {platform.system()}",
        way_out="use Python 3.11, 3.12 or 3.13",
    )


def _packages() -> tuple[Check, ...]:
    """One check for the core and one an extra: what the package says it needs against what is installed."""
    wanted: dict[str, list[Requirement]] = {"core": []}
    for line in importlib.metadata.requires("mvpbench") or []:
        requirement = Requirement(line)
        extra = line.split("extra ==")[1].strip(" '\"") if "extra ==" in line else "core"
        wanted.setdefault(extra, []).append(requirement)
    wanted.pop("dev", None)
    wanted.pop("ray", None)
    return tuple(_extra(name, requirements) for name, requirements in wanted.items())


def _extra(name: str, requirements: list[Requirement]) -> Check:
    problems: list[str] = []
    for requirement in requirements:
        try:
            found = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            problems.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            problems.append(f"{requirement.name} {found} is not {requirement.specifier}")
    return Check(
        name=f"packages ({name})",
        ok=not problems,
        found="; ".join(problems) or f"all {len(requirements)} there",
        way_out=f"pip install 'mvpbench[{name}]'" if name != "core" else "pip install mvpbench",
    )


def _cache() -> Check:
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    writable = os.access(folder if folder.is_dir() else folder.parent, os.W_OK)
    return Check(name="cache folder", ok=writable, found=str(folder), way_out="set XDG_CACHE_HOME to a writable folder")


def _disk(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free / 1e9
    return Check(
        name="disk", ok=free >= FREE_GB, found=f"{free:.0f} GB free", way_out=f"free {FREE_GB} GB for models and server"
    )
