"""One writer at a time."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mvpbench.store.lock import LockHolder, hold_lock
from mvpbench.store.study import Study, locked
from schemas.errors import Stopped, StudyError
from tests.modes import with_mode
from tests.mvpbench.store.made import a_study, at_nine

HOLD = """\
import sys
from pathlib import Path
from mvpbench.store.study import locked, open_study
from tests.mvpbench.store.made import at_nine

with locked(open_study(Path(sys.argv[1])), "mvpbench generate", at_nine):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return a_study(tmp_path)


def test_a_second_process_is_told_who_is_at_work_and_the_lock_dies_with_its_holder(study: Study) -> None:
    command = [sys.executable, "-c", HOLD, str(study.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(Stopped) as caught, locked(study):
            pass
        assert caught.value.report.code == "study-locked"
        assert caught.value.exit_code == 75
        assert str(caught.value) == (
            f"study {study.root} (lock): found process {other.pid} at work on it "
            "(`mvpbench generate`, since 2026-03-01T09:00:00+00:00), expected one writer at a time. "
            "run the same command again when that one has ended"
        )
        other.send_signal(signal.SIGKILL)
        other.wait()
    with locked(study):
        pass


def test_the_lock_is_not_shared_within_a_process_and_free_again_after_its_block(study: Study) -> None:
    with locked(study), pytest.raises(Stopped, match="at work on it"), locked(study):
        pass
    with pytest.raises(ZeroDivisionError), locked(study):
        _ = 1 / 0
    with locked(study):
        pass


def test_a_holder_that_has_not_written_its_name_yet_is_still_a_holder(tmp_path: Path) -> None:
    holder = LockHolder(pid=1, command="mvpbench profile", started_at="2026-03-01T09:00:00+00:00")
    with hold_lock(tmp_path / "lock", holder):
        (tmp_path / "lock").write_text("")
        with pytest.raises(Stopped) as caught, hold_lock(tmp_path / "lock", holder):
            pass
    assert caught.value.report.found == "another process that has just begun to work on it"


def test_the_holder_clears_what_a_killed_one_left(study: Study) -> None:
    leftovers = [study.root / ".study.yaml.00000000.partial", study.tables / ".labels.parquet.00000000.partial"]
    for leftover in leftovers:
        leftover.touch()
    with locked(study, clock=at_nine):
        assert not any(leftover.exists() for leftover in leftovers)


def test_a_study_that_refuses_us_cannot_be_locked(study: Study) -> None:
    with with_mode(study.root, 0o555), pytest.raises(StudyError) as caught, locked(study):
        pass
    assert caught.value.report.code == "not-writable"
