"""The server: where it listens, what it hides, and that nothing of it stays."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from annotation.serve import serve, stop
from annotation.server.environment import _key, cache_folder, database_variables, server_home, server_variables
from annotation.server.life import Running, _locked, end, running_server, start
from annotation.server.state import (
    FOLDER,
    ServerState,
    credentials,
    credentials_file,
    process_started,
    read_state,
    write_state,
)
from mvpbench.store.study import init_study
from schemas.errors import ServiceError
from tests.annotation.made import STUDY_YAML


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def gone(pid: int) -> bool:
    """Whether the process is gone within ten seconds."""
    for _ in range(200):
        if process_started(pid) is None:
            return True
        time.sleep(0.05)
    return False


def test_a_busy_port_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ServiceError) as raised:
            start(tmp_path / FOLDER, say=print, port=port, cache=tmp_path / "cache")
    assert raised.value.report.code == "port-busy"
    assert str(raised.value) == (
        f"the port asked for is not free (127.0.0.1:{port}): found another program listening, or a port that only root"
        " may use, expected a free port. name another one with `--port`, or none: then a free one is found"
    )
    assert not (tmp_path / "cache").exists()


def test_credentials_are_made_once_and_shown_to_nobody(tmp_path: Path) -> None:
    first = credentials(tmp_path / FOLDER)
    assert credentials(tmp_path / FOLDER) == first
    assert len(bytes.fromhex(first.token)) == 20
    assert stat.S_IMODE((tmp_path / FOLDER / "credentials.json").stat().st_mode) == 0o600
    assert first.token not in repr(first)
    assert first.password not in repr(first)
    assert credentials(tmp_path / "another").token != first.token


def test_credentials_that_cannot_be_read_are_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ServiceError, match="the credentials of the study's label studio cannot be read"):
        credentials(tmp_path)
    assert path.read_text(encoding="utf-8") == "{"


def test_a_process_that_got_the_pid_of_a_dead_server_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as other:
        try:
            write_state(tmp_path, ServerState(pid=other.pid, started="another time", port=1))
            assert read_state(tmp_path) is None
            assert end(tmp_path) is None
            assert other.poll() is None
            assert not (tmp_path / "server.json").exists()
        finally:
            other.kill()


def test_the_cache_is_where_the_user_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MVPBENCH_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_folder() == Path.home() / ".cache" / "mvpbench"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "mvpbench"
    monkeypatch.setenv("MVPBENCH_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"


def test_the_server_gets_no_key_that_lies_in_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secrets = ("OPENAI_API_KEY", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "LABEL_STUDIO_API_KEY", "DJANGO_DB", "PYTHONPATH")
    for name in secrets:
        monkeypatch.setenv(name, "k-secret")
    for name in ("PATH", "HOME", "LC_ALL", "https_proxy", "NO_PROXY", "TMPDIR"):
        monkeypatch.setenv(name, "as it was")
    variables = server_variables(tmp_path)
    assert "k-secret" not in variables.values()
    assert list(variables.values()).count("as it was") == 6


def test_postgresql_is_used_where_the_environment_names_it_and_only_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    named = {"POSTGRE_NAME": "ls", "POSTGRE_USER": "u", "POSTGRE_PASSWORD": "k-secret", "POSTGRE_HOST": "h"}
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DJANGO_DB", raising=False)
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    assert database_variables(one) == {"DJANGO_DB": "sqlite"}
    monkeypatch.setenv("DJANGO_DB", "default")
    assert database_variables(other) == {"DJANGO_DB": "default", **named}
    assert (other / "database").read_text(encoding="utf-8") == "postgresql h:/ls"
    assert not {"k-secret", "u"} & set(server_variables(tmp_path).values())  # the template is never made in it


@pytest.mark.parametrize("noted", ["a note", "data of before notes"])
def test_a_study_is_not_started_on_another_database_than_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, noted: str
) -> None:
    monkeypatch.delenv("DJANGO_DB", raising=False)
    if noted == "a note":
        database_variables(tmp_path)
    else:
        (tmp_path / "data").mkdir()
    monkeypatch.setenv("DJANGO_DB", "default")
    monkeypatch.setenv("POSTGRE_PASSWORD", "k-secret")
    with pytest.raises(ServiceError) as raised:
        database_variables(tmp_path)
    assert raised.value.report.code == "server-database"
    assert (raised.value.report.expected or "").startswith("sqlite, as ")
    assert "k-secret" not in str(raised.value)
    monkeypatch.setenv("DJANGO_DB", "mysql")
    with pytest.raises(ServiceError, match="found mysql, expected `sqlite`, or `default` for PostgreSQL"):
        database_variables(tmp_path)


FAKE = """#!/bin/sh
test "$1" = -c && exit 0
echo $$ > "$LABEL_STUDIO_BASE_DATA_DIR/pid"
PYTHONPATH={fakes} exec {python} "$@"
"""


@pytest.fixture
def fake_cache(tmp_path: Path) -> Path:
    """A cache whose Label Studio is a sleep: it never answers, and says its pid."""
    package = tmp_path / "fakes" / "label_studio"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "server.py").write_text("import time\ndef main(): time.sleep(60)\n", encoding="utf-8")
    place = tmp_path / "cache" / "label-studio" / _key()
    (place / "template").mkdir(parents=True)
    python = place / "env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(FAKE.format(fakes=package.parent, python=sys.executable), encoding="utf-8")
    python.chmod(0o755)
    return tmp_path / "cache"


@pytest.mark.parametrize("state_written", [False, True])
def test_a_detached_server_whose_start_was_killed_does_not_stay(
    tmp_path: Path, fake_cache: Path, *, state_written: bool
) -> None:
    """A pipe without a reader where the state is to be written holds the start between the two."""
    script = (
        "import os, sys; from pathlib import Path; from annotation.server.life import start\n"
        "folder = Path(sys.argv[1]); folder.mkdir()\n"
        "if sys.argv[3] == 'False': os.mkfifo(folder / f'server.making-{os.getpid()}')\n"
        "start(folder, say=lambda said: None, cache=Path(sys.argv[2]))\n"
    )
    folder = tmp_path / FOLDER
    told = folder / "data" / "pid"
    with subprocess.Popen([sys.executable, "-c", script, folder, fake_cache, str(state_written)]) as parent:
        while not (told.exists() and told.read_text(encoding="utf-8")):
            assert parent.poll() is None
            time.sleep(0.05)
        pid = int(told.read_text(encoding="utf-8"))
        assert process_started(pid) is not None
        assert (read_state(folder) is not None) == state_written
        parent.kill()
    assert gone(pid)
    assert read_state(folder) is None


def test_the_end_waits_for_a_start_in_progress(tmp_path: Path) -> None:
    """Else it would find nothing to end, and take away what the start is about to write."""
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as server, ThreadPoolExecutor(1) as pool:
        with _locked(tmp_path):
            ended = pool.submit(end, tmp_path)
            time.sleep(0.3)
            assert not ended.done()
            write_state(tmp_path, ServerState(pid=server.pid, started=process_started(server.pid) or "", port=1))
        assert ended.result(timeout=10) == server.pid
        assert gone(server.pid)


def test_the_end_of_a_server_that_never_was_makes_no_folder(tmp_path: Path) -> None:
    assert end(tmp_path / FOLDER) is None
    assert not (tmp_path / FOLDER).exists()


@pytest.mark.server
def test_an_installation_that_fails_says_why_and_two_at_once_take_turns(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    said: list[str] = []

    def make() -> ServiceError:
        with pytest.raises(ServiceError) as raised:
            server_home(said.append, tmp_path / "cache")
        return raised.value

    with ThreadPoolExecutor(2) as pool:
        errors = [task.result() for task in [pool.submit(make), pool.submit(make)]]
    assert {error.report.code for error in errors} == {"server-environment"}
    assert all((error.report.found or "").startswith("ERROR: Cannot install label-studio==") for error in errors)
    assert said.count("another process is making the label studio environment: waiting for it") == 1
    # Of the two attempts the second removed what the first had left, and nothing has the name of a finished one.
    (left,) = [one.name for one in (tmp_path / "cache" / "label-studio").iterdir() if one.is_dir()]
    assert ".making-" in left


@pytest.mark.server
def test_it_serves_on_the_port_asked_and_ends_with_the_block(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path / FOLDER
    with running_server(folder, say=print, port=port) as server:
        assert server.url == f"http://127.0.0.1:{port}"
        assert listens(port)
        with pytest.raises(ServiceError, match="this study's label studio is running already"):
            start(folder, say=print)
    assert process_started(server.pid) is None
    assert not listens(port)
    assert read_state(folder) is None
    log = folder / "server.log"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert server.account.token not in log.read_text(encoding="utf-8")
    assert server.account.password not in log.read_text(encoding="utf-8")


@pytest.mark.server
def test_it_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from annotation.server.life import running_server\n"
        "with running_server(Path(sys.argv[1]), say=lambda said: None) as server:\n"
        "    print(server.pid, flush=True); time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert process_started(pid) is not None
        os.kill(parent.pid, signal.SIGKILL)
    assert gone(pid)
    assert read_state(tmp_path) is None


@pytest.mark.server
def test_a_detached_server_stays_until_it_is_stopped(tmp_path: Path, server: Running) -> None:
    study = init_study(tmp_path, STUDY_YAML.format(pairs=1, slots=3, items=0))
    try:
        first = serve(study, say=print, pause=time.sleep, detach=True)
        assert first.counts == {"servers started": 1}
        assert first.result.url != server.url
        account = credentials(study.root / FOLDER)
        assert str(credentials_file(study.root / FOLDER)) in "".join(first.summary)
        assert not any(secret in first.model_dump_json() for secret in (account.token, account.password))
        again = serve(study, say=print, pause=time.sleep, detach=True)
        assert again.counts == {"servers started": 0}
        assert again.result == first.result
    finally:
        ended = stop(study)
    assert ended.counts == {"servers ended": 1}
    assert ended.result.pid == first.result.pid
    assert gone(first.result.pid or 0)
    assert stop(study).counts == {"servers ended": 0}


@pytest.mark.server
def test_in_the_foreground_it_ends_with_the_call_and_an_end_of_its_own_is_an_error(tmp_path: Path) -> None:
    study = init_study(tmp_path, STUDY_YAML.format(pairs=1, slots=3, items=0))
    pids: list[int] = []

    def interrupt(_: float) -> None:
        state = read_state(study.root / FOLDER)
        assert state is not None
        pids.append(state.pid)
        raise KeyboardInterrupt

    def kill(_: float) -> None:
        if state := read_state(study.root / FOLDER):
            os.kill(state.pid, signal.SIGKILL)

    said: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        serve(study, say=said.append, pause=interrupt)
    assert gone(pids[0])
    account = credentials(study.root / FOLDER)
    assert any(account.username in line for line in said)
    assert any(str(credentials_file(study.root / FOLDER)) in line for line in said)
    assert not any(secret in line for line in said for secret in (account.token, account.password))
    with pytest.raises(ServiceError, match="the label studio server ended by itself"):
        serve(study, say=print, pause=kill)
