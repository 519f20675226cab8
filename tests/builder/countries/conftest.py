"""A study with profiles, made once; tests work on copies."""

import shutil
from pathlib import Path

import pytest

from mvpbench.store.study import Study, open_study
from tests.builder.countries.made import profiled_study


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of 60 people of Kenya up to `profile`; never written to."""
    return profiled_study(tmp_path_factory.mktemp("countries") / "study").root


@pytest.fixture
def profiled(made_once: Path, tmp_path: Path) -> Study:
    """A copy to do with as one likes."""
    return open_study(Path(shutil.copytree(made_once, tmp_path / "study")))
