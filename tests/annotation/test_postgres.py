"""Our server on a real PostgreSQL: named by the environment, in no log, and the same to push, pull and reconcile."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from annotation.pull import pull
from annotation.push import push
from annotation.server.life import running_server
from annotation.server.state import FOLDER, process_started
from annotation.simulated import result_of
from annotation.studio import connected
from annotation.sync.reconcile import reconcile
from mvpbench.store.study import Study
from tests.annotation.pushed import PAIRS, quiet, rater, uids_assigned, uids_on_server

pytestmark = [pytest.mark.server, pytest.mark.slow]
PASSWORD = "made-up-k-secret"


class Postgres(NamedTuple):
    """A running PostgreSQL with an empty database."""

    port: int
    folder: Path
    account: str | None
    """Whose processes they are; None: ours."""


def program(name: str) -> str:
    """Return where a program of PostgreSQL is: Debian puts the newest version's beside, not on, the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = str(debian[-1]) if debian else shutil.which(name)
    if found is None:
        pytest.skip(f"no {name}: `make system` installs PostgreSQL")
    return found


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    account = "nobody" if os.geteuid() == 0 else None  # it refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    (folder / "password").write_text(PASSWORD, encoding="utf-8")
    if account:
        for path in (folder, folder / "password"):
            shutil.chown(path, account)
    initdb = [program("initdb"), "-D", folder / "data", "-U", "rater", "-A", "scram-sha-256", "--pwfile"]
    subprocess.run([*initdb, folder / "password"], check=True, user=account, cwd=folder, stdout=subprocess.DEVNULL)
    settings = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "log_statement=all"]
    command = [program("postgres"), "-D", folder / "data", "-p", str(port), "-k", folder, *settings]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, user=account, cwd=folder, stdout=log, stderr=log) as server,
    ):
        try:
            while not (folder / f".s.PGSQL.{port}").exists():
                assert server.poll() is None, (folder / "log").read_text(encoding="utf-8")
                time.sleep(0.05)
            yield Postgres(port, folder, account)
        finally:
            server.terminate()
            server.wait(timeout=60)
            shutil.rmtree(folder)


def query(postgres: Postgres, sql: str) -> str:
    asked = [program("psql"), "-h", "127.0.0.1", "-p", str(postgres.port), "-U", "rater", "-d", "postgres", "-tAc", sql]
    return subprocess.run(
        asked, check=True, capture_output=True, text=True, env={"PGPASSWORD": PASSWORD, "PATH": os.environ["PATH"]}
    ).stdout.strip()


def test_a_study_on_postgresql(
    study: Study, tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = {"NAME": "postgres", "USER": "rater", "PASSWORD": PASSWORD, "HOST": "127.0.0.1", "PORT": str(postgres.port)}
    for name, value in named.items():
        monkeypatch.setenv(f"POSTGRE_{name}", value)
    monkeypatch.setenv("DJANGO_DB", "default")
    folder, said = tmp_path / FOLDER, list[str]()
    with running_server(folder, say=said.append) as server, connected(server.url, server.account.token) as studio:
        slot = push(study, studio, say=said.append).result.slots[0]
        assert uids_on_server(study, studio) == uids_assigned(study)
        assert query(postgres, "SELECT count(*) FROM task") == str(3 * PAIRS)
        pull(study, studio, say=said.append)
        session = rater(studio, "somebody")
        found = session.next_task(slot.project_id)
        assert found is not None
        session.annotate(found[0], result_of("A", "sure"), 2.0)
        assert pull(study, studio, say=said.append).result.answered == 1
        studio._client.annotations.delete(next(studio.tasks(slot.project_id))["annotations"][0]["id"])
        assert pull(study, studio, say=said.append).counts["answers deleted on the server, counted"] == 1
        assert [one.difference.value for one in reconcile(study, studio, say=quiet).result.findings] == ["answer-gone"]
        assert push(study, studio, say=said.append).counts["tasks sent now"] == 0
    assert process_started(server.pid) is None
    left = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    assert query(postgres, left) == "0"
    kept = [path for path in (*folder.glob("*"), *study.root.rglob("*"), *folder.glob("data/.env")) if path.is_file()]
    assert folder / "server.log" in kept
    assert not [path for path in kept if PASSWORD.encode() in path.read_bytes()]
    assert not any(PASSWORD in line for line in said)
