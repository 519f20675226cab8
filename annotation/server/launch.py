"""Runs Label Studio and ends it when the process that asked for it ends. Executed by the server's own Python.

Usage: python launch.py watched|free <arguments of label-studio>

`watched`: standard input is a pipe whose other end only the parent holds; its end of file means that the parent is
gone, however it went, and takes the whole process group along. Any byte before it means that the parent lets us outlive
it. Holds on every POSIX system, where a parent-death signal is Linux only and follows the parent's thread, not its
process.
"""

import os
import signal
import sys
import threading
import time
from socketserver import StreamRequestHandler

GRACE_S = 5.0


def _end_with_parent() -> None:
    """Block until standard input ends or lets go; where it ended, end the process group: politely, then surely."""
    if os.read(0, 1):
        return
    os.killpg(os.getpgrp(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def main() -> None:
    """Start the watch if asked for, then hand over to Label Studio."""
    mode = sys.argv[1]
    sys.argv = ["label-studio", *sys.argv[2:]]
    if mode == "watched":
        threading.Thread(target=_end_with_parent, daemon=True).start()
    # It sends head and body apart: without this the body waits 40 ms for the other side to confirm the head.
    StreamRequestHandler.disable_nagle_algorithm = True
    from label_studio.server import main as label_studio  # type: ignore[import-not-found]

    label_studio()


if __name__ == "__main__":
    main()
