"""Files and folders that refuse us, as modes alone cannot do to root."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def with_mode(path: Path, mode: int) -> Iterator[None]:
    """`path` has `mode` for the while; root, whom modes do not bind, becomes nobody."""
    before, user = path.stat().st_mode, os.geteuid()
    path.chmod(mode)
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
        path.chmod(before)
