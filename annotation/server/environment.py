"""The server's own Python environment and an initialised data folder, made once per machine in the user's cache.

Label Studio holds Django, openai and pyarrow at versions ours cannot live with, and its first start spends most of a
minute on migrations. Both are paid once: `<cache>/label-studio/<key>/` holds `env/` and `template/`, and `<key>` is a
hash of server-constraints.txt and the Python version, so that clones share it and a new pin makes a new one.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import ServiceError

Say = Callable[[str], None]

CONSTRAINTS = Path(__file__).parent.parent / "server-constraints.txt"
LAUNCH = Path(__file__).parent / "launch.py"
LOG_TAIL_LINES = 5
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
INHERITED = frozenset(
    {"PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"}
    | {"SSL_CERT_FILE", "SSL_CERT_DIR", *PROXIES, *map(str.upper, PROXIES)}
)
"""What the server gets of our environment, beside LC_*. Not the keys that lie there: they are not for foreign code."""
SQLITE = "sqlite"
POSTGRESQL = ("default", "postgresql")
POSTGRE = ("POSTGRE_NAME", "POSTGRE_USER", "POSTGRE_PASSWORD", "POSTGRE_HOST", "POSTGRE_PORT")


@dataclass(frozen=True)
class ServerHome:
    """Where the server's Python and its initialised, user-less data folder lie."""

    python: Path
    template: Path


def cache_folder() -> Path:
    """Return MVPBENCH_CACHE if set, else `mvpbench` under XDG_CACHE_HOME or ~/.cache; it may not exist yet."""
    if chosen := os.environ.get("MVPBENCH_CACHE"):
        return Path(chosen).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "mvpbench"


def server_home(say: Say, cache: Path | None = None) -> ServerHome:
    """Return the environment and the template, made first where they are not there (about three minutes, 1 GB).

    Made in a folder beside and renamed, so that it is there whole or not at all; under a file lock, so that a second
    process waits instead of making its own. ServiceError `server-environment` with the log's last lines where it fails.
    """
    root = (cache or cache_folder()) / "label-studio"
    key = _key()
    place = root / key
    if _runs(place):
        return _home(place)
    root.mkdir(parents=True, exist_ok=True)
    with _locked(root / f"{key}.lock", say):
        if not _runs(place):
            for leftover in [place, *root.glob(f"{key}.making-*")]:
                shutil.rmtree(leftover, ignore_errors=True)
            making = root / f"{key}.making-{os.getpid()}"
            making.mkdir()
            _make(making, say)
            making.rename(place)
    return _home(place)


def server_variables(data: Path) -> dict[str, str]:
    """Return the variables for a server on the data folder `data` that calls nobody and lets nobody in by itself."""
    inherited = {name: value for name, value in os.environ.items() if name in INHERITED or name.startswith("LC_")}
    return inherited | {
        "LABEL_STUDIO_BASE_DATA_DIR": str(data),
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
        "COLLECT_ANALYTICS": "0",
        "LATEST_VERSION_CHECK": "0",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        "PYTHONUNBUFFERED": "1",
    }


def database_variables(folder: Path) -> dict[str, str]:
    """Return the variables that name the database, where the environment names one as Label Studio's own manual does.

    That is `DJANGO_DB=default` and `POSTGRE_NAME`, `_USER`, `_PASSWORD`, `_HOST`, `_PORT`; without `DJANGO_DB` it is
    SQLite in the study's `folder`. What a study began with is written down there, without user and password: another
    database would look like one in which everything was deleted. ServiceError `server-database` for another one, and
    for one that is neither.
    """
    kind = os.environ.get("DJANGO_DB", SQLITE)
    if kind not in (SQLITE, *POSTGRESQL):
        raise _another_database(kind, f"`{SQLITE}`, or `{POSTGRESQL[0]}` for PostgreSQL", "mend or unset DJANGO_DB")
    given = {name: os.environ[name] for name in POSTGRE if name in os.environ} if kind != SQLITE else {}
    shown = kind
    if kind != SQLITE:
        shown = "postgresql {}:{}/{}".format(*(given.get(f"POSTGRE_{name}", "") for name in ("HOST", "PORT", "NAME")))
    noted = folder / "database"
    known = noted.read_text(encoding="utf-8") if noted.exists() else SQLITE if (folder / "data").exists() else shown
    if known != shown:
        way_out = "set the variables as they were; to move a study, see Label Studio's manual and remove the file"
        raise _another_database(shown, f"{known}, as {noted} says", way_out)
    noted.write_text(shown, encoding="utf-8")
    return {"DJANGO_DB": kind, **given}


def _another_database(found: str, expected: str, way_out: str) -> ServiceError:
    return ServiceError(
        "server-database",
        "the database of the study's label studio",
        where="environment: DJANGO_DB, POSTGRE_*",
        found=found,
        expected=expected,
        way_out=way_out,
    )


def _key() -> str:
    parts = (CONSTRAINTS.read_text(encoding="utf-8"), platform.python_version(), sys.platform, platform.machine())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _home(place: Path) -> ServerHome:
    return ServerHome(python=place / "env" / "bin" / "python", template=place / "template")


def _runs(place: Path) -> bool:
    """Whether `place` is there and its Python still starts: the one it was made from may have been removed."""
    python = _home(place).python
    if not python.exists():
        return False
    return subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode == 0  # noqa: S603


@contextmanager
def _locked(path: Path, say: Say) -> Iterator[None]:
    with path.open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another process is making the label studio environment: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(place: Path, say: Say) -> None:
    """Fill `place` with `env/` and `template/`.

    The scripts in env/bin keep the path from before the renaming and are never used: Python itself is.
    """
    pin = next(line for line in CONSTRAINTS.read_text("utf-8").splitlines() if line.startswith("label-studio=="))
    log, home = place / "making.log", _home(place)
    say(f"making the environment of {pin}, once on this machine: about three minutes and 1 GB under {place.parent}")
    _run([sys.executable, "-m", "venv", place / "env"], log, dict(os.environ))
    _install(home.python, pin, log, say)
    say("making the first database, once on this machine: about a minute")
    home.template.mkdir()
    _run([home.python, LAUNCH, "free", "version"], log, server_variables(home.template))
    # The secret key that the first start leaves here would sign the sessions of every study made from the template.
    (home.template / ".env").unlink(missing_ok=True)


def _install(python: Path, pin: str, log: Path, say: Say) -> None:
    command = [str(python), "-m", "pip", "install", "--progress-bar", "off", "-c", str(CONSTRAINTS), pin]
    found = 0
    with (
        log.open("a", encoding="utf-8") as lines,
        subprocess.Popen(  # noqa: S603 - our own environment's pip
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as pip,
    ):
        for line in pip.stdout or ():
            lines.write(line)
            found += line.startswith("Collecting ")
            if line.startswith("Collecting ") and found % 25 == 0:
                say(f"{found} packages fetched")
            elif line.startswith("Installing collected packages"):
                say(f"installing {found} packages")
    if pip.returncode:
        raise _failed(log, "pip install")


def _run(command: list[str | Path], log: Path, variables: dict[str, str]) -> None:
    with log.open("a", encoding="utf-8") as lines:
        done = subprocess.run(  # noqa: S603 - our own environment's Python
            command, check=False, env=variables, stdin=subprocess.DEVNULL, stdout=lines, stderr=subprocess.STDOUT
        )
    if done.returncode:
        raise _failed(log, str(command[-1]))


def _failed(log: Path, step: str) -> ServiceError:
    lines = log.read_text("utf-8", errors="replace").splitlines()
    tail = " | ".join([line for line in lines if line.startswith("ERROR")][:LOG_TAIL_LINES] or lines[-LOG_TAIL_LINES:])
    return ServiceError(
        "server-environment",
        "the environment of the label studio server could not be made",
        where=step,
        found=tail or "no output",
        way_out=f"the whole log is {log}; mend the cause (network, package index, disk) and run the command again",
    )
