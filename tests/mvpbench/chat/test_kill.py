"""A process killed in the middle of its calls: the next one pays none of them again."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mvpbench.chat.engine import EngineSettings
from mvpbench.chat.server import Fault, local_server
from mvpbench.store.journal import Journal
from schemas.chat import ChatReply
from tests.mvpbench.chat.made import complete_all, opener, requests

pytestmark = pytest.mark.slow

CALLS, IN_FLIGHT, DONE = 40, 4, 20
PATIENCE_S = 120.0


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
def test_a_run_after_the_kill_repeats_what_was_in_flight_and_nothing_else(tmp_path: Path, sign: signal.Signals) -> None:
    """Twenty are in the journal at the kill, and four in flight.

    The server holds requests 21 to 24, and a worker sends its next request only after it wrote down the last reply: so
    when 24 have come, 20 are written down and each of the four workers hangs on one.
    """
    path = tmp_path / "journal.db"
    held = dict.fromkeys(range(DONE + 1, DONE + 1 + IN_FLIGHT), Fault.HANG)
    with local_server(faults=held) as server:
        command = [sys.executable, "-m", "tests.mvpbench.chat.calls", server.url, str(path), str(CALLS), str(IN_FLIGHT)]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            assert server.await_requests(DONE + IN_FLIGHT, PATIENCE_S)
            process.send_signal(sign)
            assert process.wait(PATIENCE_S) != 0
        with Journal(path) as journal:
            spent = journal.spent()
            assert (spent.calls, spent.attempts, spent.unfinished) == (DONE, DONE + IN_FLIGHT, IN_FLIGHT)
            replies = complete_all(requests(CALLS), opener(server.url), journal, EngineSettings(), lambda _line: None)
        assert all(isinstance(reply, ChatReply) for reply in replies)
        assert sorted(server.asked.values()) == [1] * (CALLS - IN_FLIGHT) + [2] * IN_FLIGHT
    with local_server() as undisturbed, Journal(tmp_path / "other.db") as journal:
        settings = EngineSettings()
        assert replies == complete_all(requests(CALLS), opener(undisturbed.url), journal, settings, lambda _line: None)
