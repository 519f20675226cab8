"""One real Label Studio for the whole run, made and started by our own code; a fake one for each test that asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from annotation.fake.server import FakeStudio, fake_studio
from annotation.server.life import Running, running_server
from annotation.studio import Studio, connected
from mvpbench.store.study import Study
from tests.annotation.made import made_study
from tests.annotation.pushed import PAIRS


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder: Path = tmp_path_factory.mktemp("study") / "label-studio"
    with running_server(folder, say=print) as running:
        yield running


@pytest.fixture
def studio(server: Running) -> Iterator[Studio]:
    with connected(server.url, server.account.token) as adapter:
        yield adapter


@pytest.fixture
def fake() -> Iterator[FakeStudio]:
    with fake_studio() as running:
        yield running


@pytest.fixture
def faked(fake: FakeStudio) -> Iterator[Studio]:
    with connected(fake.url, fake.token) as adapter:
        yield adapter


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A study that was not pushed yet."""
    return made_study(tmp_path / "study", PAIRS)
