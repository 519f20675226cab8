"""`python -m tests.annotation.zygote SCALE`: runs push and pull in processes of their own that can be killed at once.

It has everything imported and forks for each order, so that a run costs no start. Of each line on stdin (`push` or
`pull`, study, url, token) it says `pid N`, then `exit N`. Pauses are SCALE times as long as in earnest.
"""

import os
import sys
import time
from pathlib import Path

import label_studio_sdk.client  # noqa: F401 - imported once for all

from annotation.pull import pull
from annotation.push import push
from annotation.studio import connected
from mvpbench.store.study import open_study
from schemas.errors import MvpbenchError
from tests.annotation.pushed import quiet


def run(what: str, root: str, url: str, token: str) -> int:
    """Return the exit status of a push or a pull."""
    study, scale = open_study(Path(root)), float(sys.argv[1])
    try:
        with connected(url, token) as studio:
            if what == "push":
                push(study, studio, say=quiet, pause=lambda seconds: time.sleep(seconds * scale))
            else:
                pull(study, studio, say=quiet)
    except MvpbenchError as error:
        print(error, file=sys.stderr, flush=True)  # noqa: T201
        return error.exit_code
    return 0


def main() -> None:
    """Take orders until stdin ends."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 70
            try:
                code = run(*line.split())
            finally:
                os._exit(code)
        print(f"pid {child}", flush=True)  # noqa: T201
        print(f"exit {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
