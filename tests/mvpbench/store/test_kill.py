"""After `kill -9` at any moment nothing is lost, doubled or mixed.

Under `make soak` it is 200 kills, at other moments each time.
"""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from mvpbench.store.atomic import remove_leftovers
from mvpbench.store.journal import Journal, call_id
from mvpbench.store.tables import check_table, read_dropped, read_table, write_table
from schemas.errors import StudyError
from schemas.identity import uniform
from schemas.labels import Label
from tests.mvpbench.store.killed import OLD_DROPS
from tests.mvpbench.store.made import a_match, a_reply, a_request, labels
from tests.soak import SEED, SOAK

pytestmark = pytest.mark.slow

SCHEDULES = 200 if SOAK else 2


def writer(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.mvpbench.store.killed", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3])


def table_found(folder: Path) -> tuple[list[Label], int] | None:
    """The rows and the number of drops, or None where the table says that it was interrupted."""
    try:
        check_table(folder, "labels")
        return read_table(folder, "labels", Label), len(read_dropped(folder, "labels"))
    except StudyError as error:
        if error.report.code != "table-interrupted":
            raise
        return None


@pytest.mark.parametrize("drops", [0, 2])
def test_a_writer_that_dies_at_any_of_its_steps_leaves_the_old_table_the_new_or_none(
    tmp_path: Path, drops: int
) -> None:
    with writer("steps", str(tmp_path), str(drops)) as process:
        steps = int(process.communicate()[0])
    old, new = (labels(1), OLD_DROPS), (labels(2), drops)
    found = [table_found(tmp_path / str(step)) for step in range(1, steps + 1)]
    # Old, none for a moment, new: it never goes back.
    assert found == [old] * found.count(old) + [None] * found.count(None) + [new] * found.count(new)
    # Each part is opened under a temporary name before the first is renamed; it is none from the second rename on.
    parts = 3 if drops else 2
    assert found.count(old) > parts
    assert found.count(None) == parts - 1
    assert found.count(new) >= 1
    for step in (parts, found.count(old) + 1, steps):
        folder = tmp_path / str(step)
        remove_leftovers(folder)
        write_table(folder, "labels", Label, labels(3))
        assert table_found(folder) == (labels(3), 0)
        assert sorted(path.name for path in folder.iterdir()) == ["labels.json", "labels.parquet"]


def written(process: subprocess.Popen[str], seconds: float) -> int:
    """Kill the writer some time after its first number; return the last number that it said was on the disk."""
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(seconds)
    process.kill()
    rest = process.stdout.read()
    process.wait()
    return int(((first + rest).rsplit("\n", 1)[0]).split("\n")[-1])


@pytest.mark.parametrize("schedule", range(SCHEDULES))
def test_a_writer_killed_at_any_moment_keeps_all_that_it_had_written(tmp_path: Path, schedule: int) -> None:
    delay = 0.3 * uniform("kill", SEED, schedule)
    sys.stdout.write(f"seed {SEED}, schedule {schedule}\n")
    with writer("for-ever", str(tmp_path)) as process:
        last = written(process, delay)
    found = table_found(tmp_path)
    assert found in ((labels(last), last % 3), (labels(last + 1), (last + 1) % 3), None)
    with Journal(tmp_path / "journal.db") as journal:
        for number in range(1, last + 1):
            assert journal.reply(call_id(a_request(number))) == a_reply(number)
        spent, writes, matches = journal.spent(), journal.writes("task"), journal.matches()
    begun = len(writes)
    assert begun in (last, last + 1)
    assert [write.result for write in writes[:last]] == [str(number) for number in range(1, last + 1)]
    assert spent.calls in (last, last + 1)
    assert begun <= spent.attempts <= last + 1
    assert spent.unfinished == spent.attempts - spent.calls
    assert spent.usd == 0.5 * spent.calls
    # Two matches are one transaction: one of them alone is never there.
    assert matches in [[a_match(index) for index in range(2, 2 * number + 2)] for number in (last, last + 1)]
