"""Studies are begun, opened, and refused with one message."""

import re
from pathlib import Path

import pytest

from mvpbench.store.study import Study, init_study, open_study, require_format
from schemas.errors import ConfigError, MvpbenchError, StudyError
from tests.mvpbench.store.made import CONFIG, a_study

BAD = sorted((Path(__file__).parent / "fixtures" / "bad-studies").iterdir())


@pytest.mark.parametrize("root", BAD, ids=lambda path: path.name)
def test_a_bad_study_is_refused_with_its_message(root: Path) -> None:
    with pytest.raises(MvpbenchError) as caught:
        open_study(root)
    error = caught.value
    said = f"{type(error).__name__} {error.report.code}\n{error}\n".replace(str(root), "{root}")
    assert said == (root / "message.txt").read_text(encoding="utf-8")


def test_a_study_is_begun_once_and_opens_as_what_it_is(tmp_path: Path) -> None:
    root = tmp_path / "new" / "study"
    study = init_study(root, CONFIG, {"codebook.yaml": "codebook: 1\n"})
    assert open_study(root) == study
    assert (root / "codebook.yaml").read_text() == "codebook: 1\n"
    assert (root / "study.yaml").read_text() == CONFIG
    assert study.config.name == "made"
    assert sorted(path.name for path in root.iterdir() if path.is_dir()) == [
        "countries",
        "releases",
        "reports",
        "tables",
    ]
    with pytest.raises(StudyError) as caught:
        init_study(root, CONFIG)
    assert str(caught.value) == (
        f"a study is already in {root}: found study.yaml. choose another folder, or edit {root / 'study.yaml'}"
    )


def test_what_lies_in_the_folder_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "codebook.yaml").write_text("mine")
    with pytest.raises(StudyError) as caught:
        init_study(tmp_path, CONFIG, {"codebook.yaml": "theirs"})
    assert str(caught.value) == (
        f"{tmp_path / 'codebook.yaml'}: found a file of other content. move it away, or choose another folder"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["codebook.yaml"]
    init_study(tmp_path, CONFIG, {"codebook.yaml": "mine"})
    assert (tmp_path / "codebook.yaml").read_text() == "mine"


def test_a_bad_configuration_begins_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=re.escape("study.yaml (survey): found nothing, expected this key")):
        init_study(tmp_path / "study", "format: 1\nname: x\n")
    assert not (tmp_path / "study").exists()


def test_the_places_of_a_study(tmp_path: Path) -> None:
    study = a_study(tmp_path)
    assert study.tables == tmp_path / "tables"
    assert study.journal == tmp_path / "journal.db"
    assert study.releases == tmp_path / "releases"
    assert study.reports == tmp_path / "reports"
    assert study.locate("answers.csv") == tmp_path / "answers.csv"
    assert study.locate("/data/answers.csv") == Path("/data/answers.csv")
    assert isinstance(study, Study)


@pytest.mark.parametrize(
    ("found", "code"), [(3, "study-newer"), (1, "study-older"), (2, None), ("1", None), (True, None)]
)
def test_a_format_is_refused_by_who_must_be_upgraded(found: object, code: str | None) -> None:
    if code is None:
        require_format("study", Path("study.yaml"), found, 2)
        return
    with pytest.raises(StudyError) as caught:
        require_format("study", Path("study.yaml"), found, 2)
    assert caught.value.report.code == code
