"""Processes made to be killed: `python -m tests.mvpbench.store.killed steps FOLDER DROPS` and `... for-ever FOLDER`.

`steps` writes a new table over an old one in FOLDER/<n>, once for each n, and dies by SIGKILL before the n-th time that
the writing touches a file, until there is no n-th time. `for-ever` writes a table, a call and a write to the outside
under one number after the other, and prints each once it is on the disk.
"""

import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

from mvpbench.store.journal import Journal
from mvpbench.store.tables import write_table
from schemas.labels import Label
from tests.mvpbench.store.made import a_drop, a_match, a_reply, a_request, labels

OLD_DROPS = 1
_TOUCHES = frozenset({"open", "os.rename", "os.remove", "os.mkdir"})


def die_before(touch: int, folder: Path) -> Callable[[str, tuple[object, ...]], None]:
    """Return an audit hook that kills this process when it is about to touch a file of `folder` for that time."""
    seen = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if event in _TOUCHES and str(arguments[0]).startswith(str(folder)):
            seen += 1
            if seen == touch:
                os.kill(os.getpid(), signal.SIGKILL)

    return hook


def die_at_every_step(root: Path, new_drops: int) -> None:
    """Die at each step once; print how many there were, the last of which is the one that lives."""
    for step in count(1):
        folder = root / str(step)
        write_table(folder, "labels", Label, labels(1), [a_drop()] * OLD_DROPS)
        child = os.fork()
        if child == 0:
            sys.addaudithook(die_before(step, folder))
            write_table(folder, "labels", Label, labels(2), [a_drop()] * new_drops)
            os._exit(0)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
            sys.stdout.write(f"{step}\n")
            return


def write_for_ever(root: Path) -> None:
    """Do one thing of each kind under each number, in the order of the lines below, until killed."""
    with Journal(root / "journal.db") as journal:
        for number in count(1):
            attempt = journal.begin_attempt(a_request(number))
            journal.begin_write("task", f"t-{number}", "x" * 3000)
            write_table(root, "labels", Label, labels(number), [a_drop()] * (number % 3))
            journal.record_matches([a_match(2 * number), a_match(2 * number + 1)])
            journal.finish_write("task", f"t-{number}", str(number))
            journal.finish_attempt(attempt, reply=a_reply(number), usd=0.5)
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1] == "steps":
        die_at_every_step(Path(sys.argv[2]), new_drops=int(sys.argv[3]))
    else:
        write_for_ever(Path(sys.argv[2]))
