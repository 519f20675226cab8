"""The key of a server that repeats it in all that it says: it is in no file of the study and on no screen."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from mvpbench.chat.openai_client import HIDDEN
from mvpbench.chat.server import request_key
from mvpbench.chat.server.completions import Asked, Completions
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study, open_study
from mvpbench.store.tables import read_table
from schemas.identity import uniform
from schemas.questions import Question
from tests.builder.disturbed import KEY_ENV, NOWHERE, Ended, profiled, start, tables
from tests.mvpbench.chat.made import serving

pytestmark = pytest.mark.slow

KEY = "sk-echoed-0123456789abcdefghijklmnop"
LOUD = {KEY_ENV: KEY, "MVPBENCH_TRACEBACK": "1"}
ESCAPED = "".join(f"\\u{ord(letter):04x}" for letter in KEY)
PATIENCE_S = 120
FAILING = 0.1
"""Share of requests whose first coming is an error."""
WAYS_TO_FAIL = 7


class _Echo(BaseHTTPRequestHandler):
    """Says the key that it was sent: in errors at first, in another way for each request, then in good replies."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    seen: set[str]
    is_refusing: bool

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        key = self.headers["Authorization"].removeprefix("Bearer ")
        asked = Asked.read(body)
        known = asked.key in self.seen
        self.seen.add(asked.key)
        drawn = uniform("echo", asked.key)
        if self.is_refusing:
            self._say(401, json.dumps({"error": {"message": f"{key} is no key", "code": key}}), {})
        elif not known and drawn < FAILING:
            self._say(*_error(key, drawn))
        else:
            self._say(200, _reply(asked, key, drawn), {})

    def _say(self, status: int, body: str, headers: dict[str, str]) -> None:
        content = body.encode()
        self.send_response_only(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        pass


def _error(key: str, drawn: float) -> tuple[int, str, dict[str, str]]:
    told = json.dumps({"error": {"message": f"{key} is busy", "type": key, "code": key, "param": key}})
    return [
        (500, told, {"x-request-id": key}),
        (503, f"<html>{key}</html>", {"Content-Type": f"text/{key}"}),
        (500, told.replace(key, ESCAPED), {}),
        (200, key, {"Content-Encoding": "gzip"}),
        (429, told, {"Retry-After": key}),
        (502, f"<html>{ESCAPED}</html>", {"Content-Type": "text/html"}),
        (500, json.dumps({"error": {"message": told.replace(key, ESCAPED)}}), {}),
    ][_way(drawn, WAYS_TO_FAIL)]


def _way(drawn: float, count: int) -> int:
    return int(drawn * 10_000) % count


def _reply(asked: Asked, key: str, drawn: float) -> str:
    said: Any = Completions(frozenset()).answer(asked, None).content
    message = said["choices"][0]["message"]
    said |= {"id": key, "model": f"m-{key}", "system_fingerprint": key}
    match _way(drawn, 4):
        case 0:
            message["content"] = message["content"].replace("? ", f"? {key} ").replace("true", f'"{key}"')
        case 1:
            message["refusal"] = f"not with {key}"
        case 2:
            said["choices"][0]["finish_reason"] = key
        case _:  # in the JSON text that the reply is, and escaped in it too
            message["content"] = message["content"].replace("My ", f"My {ESCAPED} ")
    text = json.dumps(said)
    return text.replace(key, ESCAPED) if drawn > 0.6 else text


@contextmanager
def echoing(*, is_refusing: bool = False) -> Iterator[str]:
    handler = type("_Echoing", (_Echo,), {"seen": set(), "is_refusing": is_refusing})
    with serving(handler) as url:
        yield url


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return profiled(tmp_path / "study", people=10)


def generate(study: Study, url: str, *options: str) -> Ended:
    """Run it loudly; see that the key is nowhere."""
    config = study.root / "study.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace(NOWHERE, url), encoding="utf-8")
    with start(open_study(study.root), *options, **LOUD) as process:
        printed, said = process.communicate(timeout=PATIENCE_S)
    config.write_text(text, encoding="utf-8")
    files = {path: path.read_bytes() for path in study.root.rglob("*") if path.is_file()}
    for key in (KEY, ESCAPED):
        assert key not in printed + said
        assert [path for path, content in files.items() if key.encode() in content] == []
    return Ended(process.returncode, printed, said)


def test_replies_and_errors_that_repeat_the_key_bring_it_nowhere(study: Study) -> None:
    with echoing() as url:
        ended = generate(study, url)
        assert ended.code == 0, ended.said
        assert generate(study, url, "--json").code == 0
    questions = read_table(study.tables, "questions", Question)
    assert questions
    assert all(KEY not in question.model_dump_json() for question in questions)
    assert any(HIDDEN in question.model_dump_json() for question in questions)
    with Journal(study.journal, view=True) as journal:
        assert journal.spent().attempts > journal.spent().calls > 20
    assert "questions.parquet" in tables(study)


def test_a_server_that_refuses_the_key_is_quoted_without_it(study: Study) -> None:
    with echoing(is_refusing=True) as url:
        ended = generate(study, url, "--json")
    error = json.loads(ended.printed)["error"]
    assert (ended.code, error["code"]) == (2, "key-refused")
    assert HIDDEN in error["found"]


def test_the_traceback_of_a_defect_has_no_key(study: Study) -> None:
    """A call whose request is no longer the one of its id: a defect in the midst of the calls."""
    with echoing(is_refusing=True) as url:
        generate(study, url)
        connection = sqlite3.connect(study.journal)
        with connection:
            connection.execute("UPDATE calls SET request = request || ' '")
        connection.close()
        ended = generate(study, url)
    assert ended.code == 70
    assert "Traceback" in ended.said
    assert "another request under the same id" in ended.said


def test_requests_meet_every_way_of_repeating_the_key() -> None:
    """By hash: of the errors and of the replies each kind is drawn for some request of a study like this one."""
    drawn = [uniform("echo", request_key({"number": number})) for number in range(300)]
    assert {_way(one, WAYS_TO_FAIL) for one in drawn if one < FAILING} == set(range(WAYS_TO_FAIL))
    assert {_way(one, 4) for one in drawn} == set(range(4))
