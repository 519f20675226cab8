"""The frame around every command: options, one JSON object or readable lines, errors to exit codes, signals.

Exit 0 done; 1 a gate or check failed; 2 wrong use or bad input; 70 a defect of ours; 75 stopped, run again to go on.
"""

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.markup import escape

from schemas.errors import CheckFailed, Defect, MvpbenchError, Stopped
from schemas.record import Record
from schemas.results import Failure, Outcome, Success
from schemas.visible import is_seen

StudyOption = Annotated[Path, typer.Option("--study", metavar="DIR", help="The study's folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else there.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Go on without asking.")]

TRACEBACK = "MVPBENCH_TRACEBACK"
"""Set in the environment, it shows the traceback of a defect on stderr."""
SHOWN_CHARACTERS = 300
HERE = Path()
R = TypeVar("R", bound=Record)

progress = Console(stderr=True, highlight=False, soft_wrap=True)
"""Progress and logs; stdout is for results."""


def say(line: str) -> None:
    """Print one progress line on stderr; `line` is text, never markup."""
    progress.print(plain(line), style="dim")


def plain(text: str) -> str:
    """Return text for the terminal: no markup, and nothing of a file that would colour, hide or turn what is read."""
    return escape("".join(char for char in text if char in "\n\t" or is_seen(char)))


def perform(
    command: str,
    as_json: bool,
    work: Callable[[], Outcome[R]],
    *,
    objection: Callable[[R], CheckFailed | None] | None = None,
) -> None:
    """Run `work`, print its outcome, and leave with the exit code that DESIGN gives it.

    An error that is none of ours, and that nobody foresaw, is a defect.

    `objection` says what is wrong with a finished result: it is printed all the same, with `error` beside it, and the
    exit is that error's.
    """
    started = time.monotonic()
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        outcome = work()
        seconds = round(time.monotonic() - started, 3)
        failed = objection(outcome.result) if objection else None
        envelope = success(command, outcome, seconds, failed)
    except KeyboardInterrupt:
        stopped = Stopped("stopped", "stopped", way_out="run the same command again to go on")
        _fail(command, as_json, stopped)
    except MvpbenchError as error:
        _fail(command, as_json, error)
    except Exception as exc:  # noqa: BLE001 - whatever it is, one message and the exit of a defect
        _fail(command, as_json, _unforeseen(exc))
    finally:
        signal.signal(signal.SIGTERM, before)
    if as_json:
        print(envelope.model_dump_json(exclude={"error"} if failed is None else None))
    else:
        _show(outcome, seconds)
    if failed is not None:
        raise typer.Exit(failed.exit_code)


def success(command: str, outcome: Outcome[Any], seconds: float, failed: CheckFailed | None = None) -> Success:
    """Return the `--json` envelope of a finished command."""
    return Success(
        command=command,
        ok=failed is None,
        counts=outcome.counts,
        dropped=outcome.dropped,
        outputs=outcome.outputs,
        seconds=seconds,
        result=json.loads(outcome.result.model_dump_json()),
        error=failed.report if failed else None,
    )


def tell(command: str, as_json: bool, error: MvpbenchError) -> None:
    """Print the error: one JSON object on stdout, or one line on stderr."""
    if isinstance(error, Defect) and os.environ.get(TRACEBACK):
        traceback.print_exception(error, file=sys.stderr)
    if as_json:
        print(Failure(command=command, error=error.report).model_dump_json())
    else:
        progress.print(f"[bold red]{command}:[/] {plain(error.report.sentence())}")


def _fail(command: str, as_json: bool, error: MvpbenchError) -> NoReturn:
    tell(command, as_json, error)
    raise typer.Exit(error.exit_code) from error


def _unforeseen(exc: Exception) -> Defect:
    place = traceback.extract_tb(exc.__traceback__)[-1]
    defect = Defect(
        "unforeseen",
        "a defect of mvpbench",
        where=f"{Path(place.filename).name}, line {place.lineno}",
        found=" ".join(f"{type(exc).__name__}: {exc}".split())[:SHOWN_CHARACTERS].rstrip(".: "),
        way_out=f"what was done before is kept; run the same command with {TRACEBACK}=1 and report what it shows",
    )
    defect.__cause__ = exc
    return defect


def _interrupt(_signal: int, frame: FrameType | None) -> None:
    """A kind kill is a Ctrl-C: while asyncio runs, it has a handler of its own that ends its tasks in order."""
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler):  # ignored, as in a background job of a shell script
        raise KeyboardInterrupt
    handler(signal.SIGINT, frame)


def _show(outcome: Outcome[Any], seconds: float) -> None:
    console = Console(highlight=False, soft_wrap=True)
    if outcome.document is not None:
        print(outcome.document, end="", flush=True)
        console = progress
    for line in outcome.summary:
        console.print(plain(line))
    width = max((len(name) for name in (*outcome.counts, *outcome.dropped)), default=0)
    for name, count in outcome.counts.items():
        console.print(f"  {plain(name):<{width}}  {count:>9,}")
    if outcome.dropped:
        console.print("dropped")
        for reason, count in outcome.dropped.items():
            console.print(f"  {plain(reason):<{width}}  {count:>9,}")
    for path in outcome.outputs:
        console.print(f"wrote {plain(path)}")
    if outcome.next_step:
        console.print(f"next: [bold]{plain(outcome.next_step)}[/]")
    console.print(f"[dim]{seconds:.1f} s[/]")
