"""One real Label Studio for the whole run, made and started by our own code."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from annotation.server.life import Running, running_server
from annotation.studio import Studio, connected


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder: Path = tmp_path_factory.mktemp("study") / "label-studio"
    with running_server(folder, say=print) as running:
        yield running


@pytest.fixture
def studio(server: Running) -> Iterator[Studio]:
    with connected(server.url, server.account.token) as adapter:
        yield adapter
