"""The environment of NeMo Data Designer, made once per machine in the user's cache, as that of Label Studio is.

`<cache>/nemo/<key>/` is made in a folder beside and renamed, so that it is there whole or not at all; `<key>` is a hash
of requirements.txt and the Python version.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from annotation.server.environment import cache_folder

CONSTRAINTS = Path(__file__).with_name("requirements.txt")
CALLS = Path(__file__).with_name("calls.py")
PACKAGE = "data-designer"


def pinned() -> str:
    """Return the package and version that is measured."""
    return next(line for line in CONSTRAINTS.read_text("utf-8").splitlines() if line.startswith(f"{PACKAGE}=="))


def nemo_python() -> Path:
    """Return the environment's Python; it is made first where it is not there (about two minutes, 0.7 GB).

    Raises CalledProcessError with pip's output where it cannot be made.
    """
    place = cache_folder() / "nemo" / _key()
    if not place.exists():
        making = place.with_name(f"{place.name}.making-{os.getpid()}")
        making.mkdir(parents=True)
        try:
            _run([sys.executable, "-m", "venv", str(making / "env")])
            pip = [str(making / "env" / "bin" / "python"), "-m", "pip", "install", "--progress-bar", "off"]
            _run([*pip, "-c", str(CONSTRAINTS), pinned()])
            making.rename(place)
        finally:
            shutil.rmtree(making, ignore_errors=True)
    return place / "env" / "bin" / "python"


def _key() -> str:
    parts = (CONSTRAINTS.read_text(encoding="utf-8"), platform.python_version(), sys.platform, platform.machine())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
