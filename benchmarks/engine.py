"""Model calls: our engine with its journal, the bare openai client and NeMo Data Designer, on one local server.

Each is a process of its own, with the same requests, in turns. For `steady` and CPU a run of few calls is taken off a
run of many: what is left has no start-up, no first call alone, no first and no last wave in it. `whole` is of the run
of many, from the call of the library to its return, and has all that. CPU is of the process and its children, without
the server's.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import median

from benchmarks.engine_calls import IN_FLIGHT, KEY_ENV
from benchmarks.measure import Figure, timed_process
from benchmarks.nemo.environment import CALLS as NEMO_CALLS
from benchmarks.nemo.environment import nemo_python, pinned
from builder.frameworks import load_framework
from builder.recipes import PAIRINGS
from builder.writers.order import Order
from builder.writers.prompt import prompter
from mvpbench.chat.replies import Phrasebook
from schemas.chat import ChatRequest
from schemas.questions import Recipe
from schemas.study import WriterSection
from schemas.values import Split

DELAY_MS = 500
MANY, FEW = 3000, IN_FLIGHT
ROUNDS = 3
IDEAL = IN_FLIGHT * 1000 / DELAY_MS
SHOWN_CHARACTERS = 300

Command = Callable[[str, Path, int, Path], Sequence[str]]
"""From the server's address, the file of requests, how many, and where to report."""


@dataclass(frozen=True)
class Rate:
    """What one contestant did in one round."""

    steady: float
    """Calls a second."""
    whole: float
    cpu: float
    """Milliseconds a call."""
    start: float
    """CPU seconds of the run of few, calls included."""


def figures() -> Iterator[Figure]:
    """Yield rates and CPU, medians over rounds; without NeMo Data Designer, said on stderr, where it cannot be had."""
    contestants = _contestants()
    rates: dict[str, list[Rate]] = {name: [] for name in contestants}
    loads: list[float] = []
    with tempfile.TemporaryDirectory(prefix="mvpbench-") as folder, _server() as url:
        asked = Path(folder) / "requests.jsonl"
        asked.write_text("".join(f"{one.model_dump_json()}\n" for one in requests(MANY)), encoding="utf-8")
        yield _figure("bytes of a request, mean", asked.stat().st_size / MANY, "bytes")
        for number in range(ROUNDS):
            loads.append(os.getloadavg()[0])
            for name in list(contestants)[:: -1 if number % 2 else 1]:
                rates[name].append(_rate(contestants[name], url, asked))
    yield _figure("load of the machine before each round, median", median(loads), "processes")
    for name, rounds in rates.items():
        aim = f"at least {0.95 * IDEAL:.1f}" if name == "engine" else ""
        yield _figure(f"{name}: steady, of {IDEAL:g} possible", median(one.steady for one in rounds), "calls/s", aim)
        yield _figure(f"{name}: whole, {MANY:,} calls", median(one.whole for one in rounds), "calls/s")
        yield _figure(f"{name}: CPU a call, median of {ROUNDS}", median(one.cpu for one in rounds), "ms")
        yield _figure(f"{name}: CPU of start and {FEW} calls", median(one.start for one in rounds), "s")


def requests(count: int) -> list[ChatRequest]:
    """Return requests of the `openai` writer, each for another person's words."""
    framework, book = load_framework("mfq2"), Phrasebook()
    names = [dimension.name for dimension in framework.dimensions]
    topics = [*((name,) for name in names), *combinations(names, 2)]
    writer = prompter(WriterSection(kind="openai", model="local"), framework)
    return [writer.request(_order(number, topics[number % len(topics)], book)) for number in range(count)]


def _order(number: int, dimensions: tuple[str, ...], book: Phrasebook) -> Order:
    recipe = Recipe.SIDES if len(dimensions) == 1 else Recipe.TRADEOFF
    return Order(
        id=f"m-{number:016x}",
        recipe=recipe,
        dimensions=dimensions,
        sides=PAIRINGS[recipe].sides(dimensions),
        language="en",
        split=Split.TRAIN,
        concern=book.text(str(number), "question"),
        written_for="r-0123456789abcdef",
    )


def _contestants() -> dict[str, Command]:
    ours = [sys.executable, "-m", "benchmarks.engine_calls"]
    found: dict[str, Command] = {
        "engine": lambda *arguments: [*ours, "engine", *map(str, arguments)],
        "bare client": lambda *arguments: [*ours, "bare", *map(str, arguments)],
    }
    try:
        python = nemo_python()
    except (subprocess.CalledProcessError, OSError) as error:
        said = getattr(error, "output", None) or str(error).encode()
        reason = said.decode(errors="replace").strip()[-SHOWN_CHARACTERS:]
        print(f"engine: no {pinned()}: {reason}", file=sys.stderr)
        return found
    return found | {pinned(): lambda *arguments: [str(python), str(NEMO_CALLS), *map(str, arguments)]}


def _rate(command: Command, url: str, asked: Path) -> Rate:
    few, few_cpu = _run(command, url, asked, FEW)
    many, many_cpu = _run(command, url, asked, MANY)
    calls = MANY - FEW
    return Rate(calls / (many - few), MANY / many, 1000 * (many_cpu - few_cpu) / calls, few_cpu)


def _run(command: Command, url: str, asked: Path, count: int) -> tuple[float, float]:
    """Return the seconds that the calls took, and the CPU seconds of the whole process."""
    with tempfile.TemporaryDirectory(prefix="mvpbench-") as folder:
        report = Path(folder) / "report.json"
        # Data Designer keeps its settings in a folder, and tells its maker that it ran unless it is told not to.
        quiet = {"DATA_DESIGNER_HOME": folder, "NEMO_TELEMETRY_ENABLED": "false", KEY_ENV: "none"}
        spent = timed_process(command(url, asked, count, report), environment=quiet)
        seconds, replies = json.loads(report.read_text(encoding="utf-8"))
    assert replies == count
    return seconds, spent.cpu


@contextmanager
def _server() -> Iterator[str]:
    """Yield the address of a local server, a process of its own."""
    command = [sys.executable, "-m", "mvpbench.chat.server", "--delay-ms", str(DELAY_MS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def _figure(what: str, value: float, unit: str, aim: str = "") -> Figure:
    return Figure("engine", what, value, unit, aim)
