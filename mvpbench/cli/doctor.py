"""`doctor`: whether this installation can do its work."""

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from annotation.server.environment import cache_folder
from schemas.results import Check, DoctorResult, Outcome

FREE_GB = 3
PYTHONS = ((3, 11), (3, 14))


def examine(say: Callable[[str], None]) -> Outcome[DoctorResult]:
    """Return one check a requirement; every one that fails says the way out."""
    checks = (_python(), *_packages(say), check_cache(cache_folder()), _disk(Path()))
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


def _packages(say: Callable[[str], None]) -> tuple[Check, ...]:
    """One check for the core and one an extra: what the package says it needs against what is installed."""
    wanted: dict[str, list[Requirement]] = {"core": []}
    for line in importlib.metadata.requires("mvpbench") or []:
        requirement = Requirement(line)
        extra = line.split("extra ==")[1].strip(" '\"") if "extra ==" in line else "core"
        wanted.setdefault(extra, []).append(requirement)
    wanted.pop("dev", None)
    modules = importlib.metadata.packages_distributions()
    checks: list[Check] = []
    for name, requirements in wanted.items():
        say(f"trying the packages of {name}")
        checks.append(check_packages(name, requirements, modules))
    return tuple(checks)


def check_packages(name: str, requirements: Sequence[Requirement], modules: Mapping[str, Sequence[str]]) -> Check:
    """Return whether an extra, or the `core`, can be used.

    An extra of which something is missing is not installed, and that is no fault; a wrong version is one, and so is a
    whole extra that cannot be imported, which is tried in a process of its own.

    Args:
        name: `core`, or the extra.
        requirements: what it needs.
        modules: top-level module -> the packages that bring it.
    """
    found = {one.name: _version(one.name) for one in requirements}
    missing = [package for package, version in found.items() if version is None]
    wrong = [
        f"{one.name} {found[one.name]} is not {one.specifier}"
        for one in requirements
        if not one.specifier.contains(found[one.name] or "", prereleases=True) and one.name not in missing
    ]
    problem = "; ".join(wrong)
    if not missing and not wrong:
        problem = _cannot_import([_module_of(one.name, modules) for one in requirements])
    optional = name != "core"
    told = f"not installed (no {', '.join(missing)})" if optional else f"no {', '.join(missing)}"
    said = [*([told] if missing else []), *([problem] if problem else [])]
    return Check(
        name=f"packages ({name})",
        ok=not problem and (optional or not missing),
        found="; ".join(said) or f"all {len(requirements)} there",
        way_out=f"pip install 'mvpbench[{name}]'" if optional else "pip install mvpbench",
    )


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _module_of(package: str, modules: Mapping[str, Sequence[str]]) -> str:
    """The module to import: of the package's own name where it brings one, else the first that is not private."""
    name = canonicalize_name(package)
    brought = sorted(module for module, by in modules.items() if name in map(canonicalize_name, by))
    own = [module for module in brought if canonicalize_name(module) == name]
    public = [module for module in brought if not module.startswith("_")]
    return next(iter((*own, *public)), package)


def _cannot_import(modules: Sequence[str]) -> str:
    """Why not, in a line; empty where they can be. A library that crashes takes only its own process with it."""
    command = [sys.executable, "-c", "import sys, importlib\nfor m in sys.argv[1:]: importlib.import_module(m)"]
    done = subprocess.run([*command, *modules], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)  # noqa: S603
    if done.returncode == 0:
        return ""
    last = done.stderr.strip().splitlines()[-1:] or [f"an end with code {done.returncode}"]
    return f"cannot be imported: {last[0]}"


def check_cache(folder: Path) -> Check:
    """Return whether the cache `folder` can be used, or made where it is not there yet."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    usable = there.is_dir() and os.access(there, os.W_OK | os.X_OK)
    return Check(name="cache folder", ok=usable, found=str(folder), way_out="set MVPBENCH_CACHE to a writable folder")


def _disk(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free / 1e9
    return Check(
        name="disk", ok=free >= FREE_GB, found=f"{free:.0f} GB free", way_out=f"free {FREE_GB} GB for models and server"
    )
