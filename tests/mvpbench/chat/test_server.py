"""The local server: the same reply for the same request, in the shape asked for, and gone when its parent is."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvpbench.chat.replies import Phrasebook
from mvpbench.chat.server import Fault, local_server

ORPHAN = """
import subprocess, sys
server = subprocess.Popen([sys.executable, "-m", "mvpbench.chat.server"], stdout=subprocess.PIPE, text=True)
print(server.stdout.readline().strip())
"""
PATIENCE_S = 60.0
BOOK = Phrasebook()
SCHEMA = {
    "type": "object",
    "properties": {
        "level": {"enum": ["high", "low"]},
        "count": {"type": "integer"},
        "share": {"type": "number"},
        "ok": {"type": "boolean"},
        "parts": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
    },
}


def post(url: str, content: str, key: str = "any") -> dict[str, Any]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": content}]}).encode()
    request = urllib.request.Request(f"{url}/chat/completions", body, headers)  # noqa: S310 - our own server
    with opener.open(request, timeout=PATIENCE_S) as reply:
        return dict(json.load(reply))


def test_the_reply_depends_on_the_request_alone() -> None:
    with local_server() as one, local_server() as other:
        assert post(one.url, "a") == post(one.url, "a") == post(other.url, "a")
        assert post(one.url, "a")["id"] != post(one.url, "b")["id"]
        assert sorted(one.asked.values()) == [1, 3]


def test_usage_is_counted_in_words() -> None:
    with local_server() as server:
        reply = post(server.url, "one two three")
    written = len(reply["choices"][0]["message"]["content"].split())
    assert reply["usage"] == {"prompt_tokens": 3, "completion_tokens": written, "total_tokens": 3 + written}


@given(about=st.text())
def test_values_fit_their_schema(about: str) -> None:
    value = BOOK.value(SCHEMA, about)
    assert value["level"] in {"high", "low"}
    assert type(value["count"]) is int
    assert type(value["ok"]) is bool
    assert [list(part) for part in value["parts"]] == [["name"], ["name"]]
    assert value == BOOK.value(SCHEMA, about)


@given(about=st.text())
def test_a_question_with_two_answers_of_like_length(about: str) -> None:
    assert BOOK.text(about, "question").endswith("?")
    short, long = sorted(len(BOOK.text(about, name)) for name in ("answer_1", "answer_2"))
    assert BOOK.text(about, "answer_1") != BOOK.text(about, "answer_2")
    assert long <= 1.5 * short


def test_a_key_is_asked_for_when_told() -> None:
    with local_server(key="right") as server:
        assert post(server.url, "a", key="right")
        with pytest.raises(urllib.error.HTTPError, match="401") as caught:
            post(server.url, "a", key="wrong")
        caught.value.close()
        assert server.requests == 1


def test_as_a_program_it_tells_its_address_and_fails_as_told() -> None:
    command = [sys.executable, "-m", "mvpbench.chat.server", "--key-env", "MVPBENCH_TEST_KEY"]
    command += ["--fault", f"2={Fault.SERVER_ERROR}"]
    environ = os.environ | {"MVPBENCH_TEST_KEY": "right"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        try:
            assert post(url, "a", key="right")
            with pytest.raises(urllib.error.HTTPError, match="500") as caught:
                post(url, "a", key="right")
            caught.value.close()
        finally:
            process.terminate()


def test_as_a_program_it_ends_with_its_parent() -> None:
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
