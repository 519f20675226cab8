"""From the public D3CODE file to audited instances, each command a process of its own."""

from collections.abc import Iterator

from benchmarks.material import d3code_study
from benchmarks.measure import Figure


def figures() -> Iterator[Figure]:
    """Yield seconds and memory of each step; nothing where the file is not there."""
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
