"""Starting and ending the server: on loopback, on the port asked for, and never outliving who needs it."""

import errno
import fcntl
import json
import os
import shutil
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from annotation.server.environment import (
    LAUNCH,
    Say,
    ServerHome,
    database_variables,
    server_home,
    server_variables,
)
from annotation.server.state import (
    Credentials,
    ServerState,
    credentials,
    private_file,
    process_started,
    read_state,
    write_state,
)
from schemas.errors import ServiceError

HOST = "127.0.0.1"
START_LIMIT_S = 600.0
"""An empty PostgreSQL takes its migrations first: a minute or two, more on a busy machine."""
END_LIMIT_S = 10.0
POLL_S = 0.1
FREE_PORT_TRIES = 3
LOG_TAIL_LINES = 4


@dataclass(frozen=True)
class Running:
    """A server that answers, and who may use it."""

    url: str
    pid: int
    account: Credentials


@contextmanager
def running_server(folder: Path, *, say: Say, port: int | None = None, cache: Path | None = None) -> Iterator[Running]:
    """Yield a server on the study's `label-studio` folder, and end it with the block.

    It ends too when this process dies in whatever way: it watches the pipe that only we hold.
    Raises what `start` raises.
    """
    with _pipe() as (watched, _held):
        server = _start(folder, watched, say, port, cache)
        try:
            yield server
        finally:
            end(folder)


def start(folder: Path, *, say: Say, port: int | None = None, cache: Path | None = None) -> Running:
    """Start a server that runs until `end`, and return it once it answers as ours on its port.

    Until then it watches us as in `running_server`: killed at any moment, we leave no server that `end` does not find.
    Raises ServiceError: `server-running`, `port-busy`, `server-database`, `server-environment`, `server-start`.
    """
    with _pipe() as (watched, held):
        server = _start(folder, watched, say, port, cache)
        os.write(held, b"!")
        return server


@contextmanager
def _pipe() -> Iterator[tuple[int, int]]:
    """Yield the end of a pipe that a server watches, and the end that is ours alone."""
    watched, held = os.pipe()
    try:
        yield watched, held
    finally:
        os.close(held)
        os.close(watched)


def _start(folder: Path, watched: int, say: Say, port: int | None, cache: Path | None) -> Running:
    # What raters see of people's profiles lies in the data below: nobody else's business.
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(folder):
        if state := read_state(folder):
            raise ServiceError(
                "server-running",
                "this study's label studio is running already",
                where=state.url,
                found=f"process {state.pid}",
                way_out="use it, or end it with `mvpbench annotate serve --stop`",
            )
        if port is not None and _busy(port):
            raise _port_busy(port)
        database = database_variables(folder)
        home = server_home(say, cache)
        account = credentials(folder)
        _data(folder, home)
        for remaining in reversed(range(FREE_PORT_TRIES)):
            try:
                return _launch(folder, _Means(home, account, database, watched), port or _free_port())
            except _PortTakenError as exc:
                if port is not None or not remaining:
                    raise _port_busy(exc.port) from exc
    raise AssertionError  # the last try returns or raises


def end(folder: Path) -> int | None:
    """End the study's server and all its processes; return its pid, or None where none was running.

    Waits for one that is being started by another process, and ends it.
    """
    if not folder.exists():
        return None
    with _locked(folder):
        state = read_state(folder)
        if state:
            _end_group(state.pid, state.started)
        (folder / "server.json").unlink(missing_ok=True)
    return state.pid if state else None


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Be the only one that starts or ends the study's server while the block runs."""
    with (folder / "start.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class _PortTakenError(Exception):
    """Somebody took the port between our look and the server's: it moved to another one."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.port = port


@dataclass(frozen=True)
class _Means:
    """What a server is started with."""

    home: ServerHome
    account: Credentials
    database: dict[str, str] = field(repr=False)
    watched: int
    """The end of the pipe that it reads."""


def _launch(folder: Path, means: _Means, port: int) -> Running:
    account = means.account
    pid = _spawn(folder, means, port)
    started = process_started(pid) or "gone"
    state = ServerState(pid=pid, started=started, port=port)
    try:
        write_state(folder, state)
        _await_answer(folder, state, account)
    except BaseException:
        _end_group(pid, started)
        (folder / "server.json").unlink(missing_ok=True)
        raise
    return Running(url=state.url, pid=pid, account=account)


def _spawn(folder: Path, means: _Means, port: int) -> int:
    """Start the process as leader of a session of its own and return its pid, which is its group's too."""
    # posix_spawn, as a Popen that is meant to be outlived warns about it.
    variables = server_variables(folder / "data") | means.database
    variables |= {
        "LABEL_STUDIO_USERNAME": means.account.username,
        "LABEL_STUDIO_PASSWORD": means.account.password,
        "LABEL_STUDIO_USER_TOKEN": means.account.token,
    }
    command = [
        str(means.home.python),
        str(LAUNCH),
        "watched",
        "start",
        "--no-browser",
        "--internal-host",
        HOST,
        "--port",
        str(port),
    ]
    with private_file(folder / "server.log", os.O_TRUNC) as log:
        return os.posix_spawn(
            command[0],
            command,
            variables,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, means.watched, 0),
                (os.POSIX_SPAWN_DUP2, log.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, log.fileno(), 2),
            ],
            setsid=True,
        )


def _await_answer(folder: Path, state: ServerState, account: Credentials) -> None:
    limit = time.monotonic() + START_LIMIT_S
    while time.monotonic() < limit:
        _reap(state.pid)
        if process_started(state.pid) != state.started:
            raise _not_started(folder, "it ended by itself")
        if f"Port {state.port} is in use" in _log(folder):
            raise _PortTakenError(state.port)
        match _who_answers(state.url, account.token):
            case account.username:
                return
            case None:
                time.sleep(POLL_S)
            case other:
                raise _not_started(folder, f"it does not know this study's account ({other})")
    raise _not_started(folder, f"no answer in {START_LIMIT_S:.0f} s")


def _who_answers(url: str, token: str) -> str | None:
    """Return the account that the server at `url` sees in us, or what it says instead; None where nothing answers."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy cannot reach our loopback
    request = urllib.request.Request(f"{url}/api/current-user/whoami", headers={"Authorization": f"Token {token}"})  # noqa: S310
    try:
        with opener.open(request, timeout=30) as response:
            return str(json.load(response)["email"])
    except urllib.error.HTTPError as exc:
        exc.close()
        return f"http {exc.code}"
    except (OSError, ValueError, KeyError):
        return None


def _data(folder: Path, home: ServerHome) -> None:
    """Give a study without a database the initialised one."""
    if not (folder / "data").exists():
        making = folder / f"data.making-{os.getpid()}"
        shutil.copytree(home.template, making)
        making.rename(folder / "data")


def _busy(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as exc:
            if exc.errno in (errno.EADDRINUSE, errno.EACCES):
                return True
            raise
    return False


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _end_group(pid: int, started: str) -> None:
    """End the process group politely, then surely, and wait until its leader is gone."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if process_started(pid) != started:
            break
        with suppress(ProcessLookupError):
            os.killpg(pid, sign)
        limit = time.monotonic() + END_LIMIT_S
        while process_started(pid) == started and time.monotonic() < limit:
            _reap(pid)
            time.sleep(POLL_S / 2)
    _reap(pid)


def _reap(pid: int) -> None:
    """Collect the exit status if the process is our child and has ended."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _log(folder: Path) -> str:
    return (folder / "server.log").read_text(encoding="utf-8", errors="replace")


def _port_busy(port: int) -> ServiceError:
    return ServiceError(
        "port-busy",
        "the port asked for is not free",
        where=f"{HOST}:{port}",
        found="another program listening, or a port that only root may use",
        expected="a free port",
        way_out="name another one with `--port`, or none: then a free one is found",
    )


def _not_started(folder: Path, found: str) -> ServiceError:
    tail = " | ".join(_log(folder).splitlines()[-LOG_TAIL_LINES:])
    return ServiceError(
        "server-start",
        "the label studio server did not start",
        where=str(folder),
        found=f"{found}; its last words: {tail or 'none'}",
        way_out=f"the whole log is {folder / 'server.log'}",
    )
