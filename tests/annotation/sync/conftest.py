"""A fake server for each test, and a study beside it."""

from collections.abc import Iterator

import pytest

from annotation.fake.server import FakeStudio, fake_studio
from annotation.studio import Studio, connected


@pytest.fixture
def fake() -> Iterator[FakeStudio]:
    with fake_studio() as running:
        yield running


@pytest.fixture
def faked(fake: FakeStudio) -> Iterator[Studio]:
    with connected(fake.url, fake.token) as adapter:
        yield adapter
