"""Runs a command and writes what it took to a file; a script of its own, as it must be small.

A process that is started counts its parent's memory as its own peak (Linux keeps the high-water mark over exec): from
the benchmark itself, with torch loaded, every command would seem to need half a gigabyte.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path


def main(report: str, *command: str) -> int:
    """Return the command's exit code; `report` gets [wall seconds, CPU seconds, peak KiB of one process]."""
    started = time.perf_counter()
    code = subprocess.call(command)
    wall = time.perf_counter() - started
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    Path(report).write_text(json.dumps([wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss]), encoding="utf-8")
    return code


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
