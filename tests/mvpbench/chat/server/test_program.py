"""The local server as a program: it tells its address, does as its options say, and is gone when its parent is."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.mvpbench.chat.server.asking import Got, a_body, ask_at

pytestmark = pytest.mark.slow

ORPHAN = """
import subprocess, sys
server = subprocess.Popen([sys.executable, "-m", "mvpbench.chat.server"], stdout=subprocess.PIPE, text=True)
print(server.stdout.readline().strip())
"""
PATIENCE_S = 60.0


@contextmanager
def program(*options: str) -> Iterator[tuple[str, int]]:
    """Yield where a server with these options listens."""
    command = [sys.executable, "-m", "mvpbench.chat.server", *options]
    environ = os.environ | {"MVPBENCH_TEST_KEY": "right"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as process:
        assert process.stdout is not None
        found = re.fullmatch(r"http://(127\.0\.0\.1):(\d+)/v1\n", process.stdout.readline())
        try:
            assert found is not None
            yield found[1], int(found[2])
        finally:
            process.terminate()


def timed(address: tuple[str, int]) -> tuple[Got, float]:
    started = time.monotonic()
    return ask_at(address), time.monotonic() - started


def test_it_asks_for_its_key_and_fails_as_told() -> None:
    with program("--key-env", "MVPBENCH_TEST_KEY", "--fault", "2=server-error", "--fault", "3=rate-limited") as address:
        statuses = [ask_at(address, key=key).status for key in ("wrong", "right", "right", "right", "right")]
    assert statuses == [401, 200, 500, 429, 200]


def test_it_knows_the_models_it_is_told() -> None:
    with program("--model", "one", "--model", "two") as address:
        assert [ask_at(address, a_body(model=name)).status for name in ("one", "two", "three")] == [200, 200, 404]


def test_it_mixes_faults_the_same_way_each_time() -> None:
    options = ["--mix", "rate-limited=0.5", "--mix", "refusal=0.5", "--mix-seed", "7", "--retry-after-s", "0.05"]
    bodies = [a_body(str(number)) for number in range(16)]
    with program(*options) as one, program(*options) as other:
        answers = [ask_at(one, body) for body in bodies]
        assert answers == [ask_at(other, body) for body in bodies]
    assert {answer.headers.get("Retry-After") for answer in answers} == {None, "0.05"}
    assert {answer.content() is None for answer in answers if answer.status == 200} == {True, False}


def test_a_reply_takes_the_delay() -> None:
    with program("--delay-ms", "300", "--fault", "2=slow", "--slow-ms", "200") as address:
        assert timed(address)[1] >= 0.3
        assert timed(address)[1] >= 0.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--mix", "slow=0.7", "--mix", "refusal=0.7"], "the rates add up to 1.4, more than 1"),
        (["--mix", "hang=0.1"], "hang cannot be in a mix"),
        (["--mix", "surprise=0.1"], "argument --mix: no fault 'surprise', only rate-limited, "),
        (["--mix", "slow"], "argument --mix: 'slow' is not a fault = its rate"),
        (["--mix", "slow=0.1", "--mix", "slow=0.2"], "slow is given twice"),
        (["--delay-ms", "-1"], "delay_s: Input should be greater than or equal to 0"),
        (["--fault", "soon=hang"], "argument --fault: 'soon=hang' is not the number of a request = a fault"),
    ],
)
def test_options_that_cannot_be_are_told_in_one_line(options: list[str], message: str) -> None:
    command = [sys.executable, "-m", "mvpbench.chat.server", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr.splitlines()[-1]


def test_it_ends_with_its_parent() -> None:
    parent = subprocess.run([sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, text=True, check=True)
    found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/v1\n", parent.stdout)
    assert found is not None
    limit = time.monotonic() + PATIENCE_S
    while _listens(int(found[1])):
        assert time.monotonic() < limit, "the server outlived its parent"
        time.sleep(0.05)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
