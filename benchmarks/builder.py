"""From the public D3CODE file to audited instances, each command a process of its own; how near-duplicates scale."""

import random
import time
from collections.abc import Iterator

from benchmarks.material import d3code_study
from benchmarks.measure import Figure
from builder.checks.twins import Row, twins

VOCABULARY = [f"w{number}" for number in range(2000)]


def figures() -> Iterator[Figure]:
    """Yield how twins grow; then seconds and memory of each step, nothing where the file is not there."""
    _twins_seconds(1_000)  # imports and word caches
    few, many = _twins_seconds(5_000), _twins_seconds(20_000)
    yield Figure("builder", "twins of 20,000 texts of 100 words", many, "s")
    yield Figure("builder", "twins of four times as many texts", many / few, "times", "under 8; 16 is quadratic")
    made = d3code_study()
    if made is None:
        return
    for name, spent in made.spent.items():
        yield Figure("builder", f"d3code {name}", spent.wall, "s")
    to_instances = [spent for name, spent in made.spent.items() if name != "audit"]
    total = sum(spent.wall for spent in to_instances)
    yield Figure("builder", "d3code: file to instances, all commands", total, "s", "under 60")
    most = max(spent.megabytes for spent in to_instances)
    yield Figure("builder", "d3code: most memory of a command", most, "MB", "under 2,000")


def _twins_seconds(count: int) -> float:
    rows = [
        Row(id=str(number), language="en", country="KE", group=f"g{number % 3}", text=_text(number))
        for number in range(count)
    ]
    start = time.process_time()
    twins(rows)
    return time.process_time() - start


def _text(seed: int) -> str:
    return " ".join(random.Random(seed).choices(VOCABULARY, k=100))  # noqa: S311 - made up, for nobody to guess
