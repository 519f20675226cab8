"""What holds for every survey format: a file that may not be read is refused in our words."""

from pathlib import Path

import pytest

from builder.survey import FORMATS, recognise
from schemas.codebook import Reading
from schemas.errors import StudyError
from tests.modes import with_mode

FILES = {
    "table": ("survey.csv", "who,care\np1,3\n"),
    "prism": ("survey.jsonl", '{"user_id": "p1"}\n'),
    "ess": ("ESS11.csv", "idno,cntry,ipcrtiva\n1,KE,3\n"),
    "wvs7": ("WVS.csv", "D_INTERVIEW,Q1\n1,3\n"),
}
READING = Reading()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that everybody may enter, and the one we are in: the folders above it are the user's own."""
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    return Path()


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_that_may_not_be_read(here: Path, name: str) -> None:
    file, text = FILES[name]
    path = here / file
    path.write_text(text, encoding="utf-8")
    form = FORMATS[name]
    for read in (lambda path: form.columns(path, READING), lambda path: list(form.rows(path, READING, frozenset()))):
        read(path)
        with with_mode(path, 0), pytest.raises(StudyError) as caught:
            read(path)
        assert str(caught.value).startswith(f"cannot use {path}: found permission denied")


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_in_a_folder_that_may_not_be_entered(here: Path, name: str) -> None:
    file, text = FILES[name]
    path = here / "private" / file
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    form = FORMATS[name]
    for read in (form.files, lambda path: form.columns(path, READING), recognise):
        with with_mode(path.parent, 0), pytest.raises(StudyError) as caught:
            read(path)
        assert caught.value.report.code == "not-writable"
