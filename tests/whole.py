"""The demo as a process of its own, stopped where a test wants it stopped."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from threading import Timer

from tests.soak import SEED, SOAK

COMMAND = str(Path(sys.executable).with_name("mvpbench"))


@dataclass(frozen=True)
class Run:
    """How one run of the demo ended."""

    code: int
    """Exit code; minus the signal that killed it."""
    printed: str
    """Standard output."""
    said: tuple[str, ...]
    """Lines of standard error: its progress."""


@dataclass(frozen=True)
class WholeDemo:
    """The demo's study, whole, and the runs it took: all but the last were stopped."""

    study: Path
    stopped: tuple[Run, ...]
    last: Run


STOPS: Sequence[tuple[str | float, signal.Signals]] = (
    ("10 tasks answered", signal.SIGINT),
    ("tiny+sft+dpo: ", signal.SIGKILL),
)
"""What the demo is stopped at, a line of progress or a number of seconds, and by what."""
if SOAK:
    _draw = Random(SEED)
    _early, _late = (
        # No run comes in this time past the stop that is next.
        [(_draw.uniform(1, 12), _draw.choice((signal.SIGINT, signal.SIGKILL))) for _ in range(count)]
        for count in (3, 2)
    )
    STOPS = (
        *_early,
        ("10 tasks answered", signal.SIGINT),
        ("[7/12]", signal.SIGKILL),
        ("tiny+sft: ", signal.SIGKILL),
        ("tiny+sft 2/", signal.SIGINT),
        ("tiny+sft+dpo: ", signal.SIGKILL),
        *_late,
    )


def make_whole_demo(study: Path) -> WholeDemo:
    """Make the demo in `study`, stopped at each of `STOPS` and then left alone."""
    stopped = tuple(run_demo_process(study, stop_at, how) for stop_at, how in STOPS)
    return WholeDemo(study, stopped, run_demo_process(study))


def run_demo_process(directory: Path, stop_at: str | float | None = None, how: signal.Signals = signal.SIGINT) -> Run:
    """Run `mvpbench demo`; at the first line of progress that contains `stop_at`, or after so many seconds, signal it.

    SIGINT goes to the whole process group, as Ctrl-C in a terminal does; any other one to the command alone, so that
    what it started has to end by itself.
    """
    process = subprocess.Popen(
        [COMMAND, "demo", str(directory)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        env={**os.environ, "COLUMNS": "120"},
    )

    def stop() -> None:
        if process.poll() is not None:
            return
        if how is signal.SIGINT:
            os.killpg(process.pid, how)
        else:
            process.send_signal(how)

    timer = Timer(stop_at, stop) if isinstance(stop_at, float) else None
    assert process.stderr is not None
    assert process.stdout is not None
    said: list[str] = []
    try:
        if timer is not None:
            timer.start()
        for line in process.stderr:
            said.append(line.rstrip("\n"))
            if isinstance(stop_at, str) and stop_at in line:
                stop_at = None
                stop()
        printed = process.stdout.read()
        return Run(process.wait(60), printed, tuple(said))
    finally:
        if timer is not None:
            timer.cancel()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stdout.close()
        process.stderr.close()
