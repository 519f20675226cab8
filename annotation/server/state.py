"""What a study knows of its server: the credentials made once, and the process that serves now, if one does.

Everything lies in `study/label-studio/`: `credentials.json` (mode 0600), `server.json`, `server.log` (mode 0600),
`data/` (Label Studio's own), `start.lock`.
"""

import json
import os
import secrets
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from schemas.errors import ServiceError
from schemas.record import Record

FOLDER = "label-studio"
USERNAME = "mvpbench@study.invalid"


@dataclass(frozen=True)
class Credentials:
    """The account of the study's owner. The secrets stay out of every representation."""

    username: str
    password: str = field(repr=False)
    token: str = field(repr=False)


class ServerState(Record):
    """The serving process. `started` tells it from a later one that got the same pid."""

    pid: int
    started: str
    port: int

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"


def credentials_file(folder: Path) -> Path:
    """Return where the study's credentials lie (mode 0600), which no command prints."""
    return folder / "credentials.json"


def credentials(folder: Path) -> Credentials:
    """Return the study's credentials, made at random the first time; readable by the owner alone."""
    path = credentials_file(folder)
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        made = {"username": USERNAME, "password": secrets.token_urlsafe(12), "token": secrets.token_hex(20)}
        with private_file(making := path.with_suffix(f".making-{os.getpid()}"), os.O_TRUNC) as file:
            file.write(json.dumps(made).encode())
        making.rename(path)
    try:
        return Credentials(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as exc:
        raise ServiceError(
            "server-credentials",
            "the credentials of the study's label studio cannot be read",
            where=str(path),
            found=type(exc).__name__,
            expected="the file that `mvpbench annotate serve` wrote: username, password, token",
            way_out="restore it from a backup; without it the raters' work in the folder beside it stays locked",
        ) from exc


def private_file(path: Path, flag: int):  # type: ignore[no-untyped-def]  # noqa: ANN201 - the type of fdopen's buffer
    """Open `path` for writing bytes, with mode 0600 from its first moment; `flag` is O_TRUNC or O_APPEND."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | flag, 0o600), "wb")


def read_state(folder: Path) -> ServerState | None:
    """Return the state of the process that serves now; None where none does, whatever the file says."""
    try:
        state = ServerState.model_validate_json((folder / "server.json").read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    return state if process_started(state.pid) == state.started else None


def write_state(folder: Path, state: ServerState) -> None:
    """Record the serving process, whole or not at all."""
    making = folder / f"server.making-{os.getpid()}"
    making.write_text(state.model_dump_json(), encoding="utf-8")
    making.replace(folder / "server.json")


def process_started(pid: int) -> str | None:
    """Return a text that is the process's start time; None where it runs no more.

    A zombie runs no more once its last thread has ended: before, its sockets may still be open.
    """
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.joinpath("self").exists():
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if fields[0] == "Z" and int(fields[17]) <= 1 else fields[19]
    shown = subprocess.run(  # noqa: S603 - macOS has no /proc
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],  # noqa: S607
        check=False,
        capture_output=True,
        text=True,
    ).stdout.strip()
    return None if not shown or shown.startswith("Z") else shown.partition(" ")[2].strip()
