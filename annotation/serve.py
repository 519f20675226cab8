"""`annotate serve`: the study's own Label Studio, started, left running, or ended."""

from collections.abc import Callable
from pathlib import Path

from annotation.server.life import Running, end, running_server, start
from annotation.server.state import FOLDER, credentials, credentials_file, process_started, read_state
from mvpbench.store.study import Study
from schemas.errors import ServiceError
from schemas.results import Outcome, ServeResult

POLL_S = 0.5


def serve(
    study: Study,
    *,
    say: Callable[[str], None],
    pause: Callable[[float], None],
    port: int | None = None,
    detach: bool = False,
) -> Outcome[ServeResult]:
    """Run the study's server on loopback; `pause` is `time.sleep`.

    With `detach` it is left running (where it runs already, that one is told) and the call returns; else it serves
    until the call is interrupted, and ends with it. Raises ServiceError: `server-running`, `port-busy`,
    `server-environment`, `server-start`, `server-died`.
    """
    folder = study.root / FOLDER
    if detach:
        state = read_state(folder)
        if state and port in (None, state.port):
            running, already = Running(url=state.url, pid=state.pid, account=credentials(folder)), True
        else:
            running, already = start(folder, say=say, port=port), False
        return _outcome(running, credentials_file(folder), already=already)
    with running_server(folder, say=say, port=port) as server:
        say(f"label studio serves at {server.url}: user {server.account.username}")
        say(f"the password is in {credentials_file(folder)}, which only you may read; ctrl-c ends the server")
        started = process_started(server.pid)
        while started is not None and process_started(server.pid) == started:
            pause(POLL_S)
    raise ServiceError(
        "server-died",
        "the label studio server ended by itself",
        where=server.url,
        way_out=f"its log is {folder / 'server.log'}; run the command again, nothing that raters saved is lost",
    )


def stop(study: Study) -> Outcome[ServeResult]:
    """End the study's server. Where none runs nothing is done, and the result says so."""
    pid = end(study.root / FOLDER)
    return Outcome(result=ServeResult(running=False, pid=pid), counts={"servers ended": int(pid is not None)})


def _outcome(running: Running, secret: Path, *, already: bool) -> Outcome[ServeResult]:
    account = running.account
    return Outcome(
        result=ServeResult(
            running=True, pid=running.pid, url=running.url, user=account.username, credentials=str(secret)
        ),
        counts={"servers started": int(not already)},
        summary=(
            f"label studio {'was' if already else 'is'} running at {running.url}",
            f"  user      {account.username}",
            f"  password  in {secret}, which only you may read",
        ),
        next_step="mvpbench annotate push; end the server with `mvpbench annotate serve --stop`",
    )
