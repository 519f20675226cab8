"""Every format that was ever released can be brought to the one of today, and a kill in between costs nothing."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mvpbench.store.journal import Journal, Spent, call_id
from mvpbench.store.migrate import MIGRATIONS, migrate
from mvpbench.store.study import locked, open_study
from mvpbench.store.tables import read_dropped, read_info, read_table
from schemas.errors import ConfigError, MvpbenchError, Stopped, StudyError
from schemas.labels import Label
from schemas.results import MigrateResult
from schemas.study import STUDY_FORMAT
from schemas.values import Split
from tests.mvpbench.store.made import CONFIG, a_drop, a_match, a_question, a_reply, a_request

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def format_1(tmp_path: Path) -> Path:
    """A study as it was left by the first format, with its journal as a database again."""
    root = shutil.copytree(FIXTURES / "study-format-1", tmp_path / "study")
    with closing(sqlite3.connect(root / "journal.db")) as journal:
        journal.executescript((root / "journal.sql").read_text(encoding="utf-8"))
    return Path(root)


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_there_is_a_way_from_every_format() -> None:
    assert sorted(MIGRATIONS) == list(range(1, STUDY_FORMAT))
    assert (FIXTURES / f"study-format-{STUDY_FORMAT}").is_dir()


def test_a_study_of_format_1_is_migrated_opened_and_says_what_it_said(format_1: Path) -> None:
    assert migrate(format_1) == MigrateResult(found=1, now=STUDY_FORMAT, backup=None)
    study = open_study(format_1)
    assert study.config.profile.splits == {Split.TRAIN: 0.6, Split.VALIDATION: 0.1, Split.TEST: 0.3}
    assert study.config.generate.writer.model == "tiny"
    info = read_info(study.tables, "labels")
    assert info is not None
    assert (info.rows, info.dropped, info.counts, info.seconds) == (3, {"no-votes": 1}, {"confirmed": 3}, 0.5)
    # Labels say more now than they did then: the table is made again, from annotations that stand.
    with pytest.raises(StudyError, match="run `mvpbench annotate pull`") as raised:
        read_table(study.tables, "labels", Label)
    assert raised.value.report.code == "table-outdated"
    assert read_dropped(study.tables, "labels") == [a_drop()]
    with Journal(study.journal) as journal:
        assert journal.spent() == Spent(
            calls=1, attempts=3, unfinished=1, prompt_tokens=100, completion_tokens=11, usd=0.25
        )
        assert journal.reply(call_id(a_request(1))) == a_reply(1)
        assert [(write.key, write.state, write.result) for write in journal.writes("task")] == [
            ("t-1", "done", "17"),
            ("t-2", "begun", None),
        ]
        assert journal.matches() == [a_match(2), a_match(1)]
        assert journal.questions() == {(a_match(1).id, "template 0"): a_question(1)}
        assert journal.loans() == [("r-3", a_question(1).id)]
        assert journal.begin_attempt(a_request(3)) == 4


def add_a_note(root: Path) -> None:
    """A migration as a later format may need one."""
    (root / "note").write_text("format 2")
    with closing(sqlite3.connect(root / "journal.db")) as journal, journal:
        journal.execute("UPDATE writes SET payload = 'upgraded'")


def fail_in_the_middle(root: Path) -> None:
    (root / "note").write_text("half")
    raise StudyError("disk-full", "no room")


def test_the_backup_holds_everything_as_it_was(format_1: Path) -> None:
    before = files(format_1)
    with Journal(format_1 / "journal.db") as journal:  # still open: what it says is in its log
        journal.begin_write("task", "t-3", "payload")
        result = migrate(format_1, {1: add_a_note}, target=2)
    backup = format_1 / "backups" / "format-1"
    assert result == MigrateResult(found=1, now=2, backup=str(backup))
    assert (backup / "study.yaml").read_bytes() == before["study.yaml"]
    assert (backup / "tables" / "labels.json").read_bytes() == before["tables/labels.json"]
    with Journal(backup / "journal.db") as journal:
        assert [(write.key, write.payload) for write in journal.writes("task")] == [
            ("t-1", "payload"),
            ("t-2", "payload"),
            ("t-3", "payload"),
        ]
    with Journal(format_1 / "journal.db") as journal:
        assert {write.payload for write in journal.writes("task")} == {"upgraded"}
    upgraded = (format_1 / "study.yaml").read_bytes()
    assert upgraded == before["study.yaml"].replace(b"\nformat: 1\n", b"\nformat: 2\n")


def test_a_migration_that_was_cut_short_goes_on_and_keeps_the_first_backup(format_1: Path) -> None:
    before = files(format_1)
    with pytest.raises(StudyError, match="no room"):
        migrate(format_1, {1: fail_in_the_middle, 2: add_a_note}, target=3)
    (format_1 / "study.yaml").write_bytes(before["study.yaml"] + b"# half upgraded\n")
    assert migrate(format_1, {1: add_a_note, 2: add_a_note}, target=3).now == 3
    assert (format_1 / "backups" / "format-1" / "study.yaml").read_bytes() == before["study.yaml"]
    assert (format_1 / "note").read_text() == "format 2"


def test_a_study_at_work_is_not_migrated(format_1: Path) -> None:
    with locked(open_study(format_1), "mvpbench generate"), pytest.raises(Stopped, match="mvpbench generate"):
        migrate(format_1, {1: add_a_note}, target=2)
    assert not (format_1 / "note").exists()


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (None, StudyError, "no study in {root}: found no study.yaml"),
        ("name: x\n", ConfigError, "{root}/study.yaml (format): found None, expected a number"),
        ("format: 3\n", StudyError, "{root}/study.yaml: found format 3, expected format 2. update mvpbench"),
        ("format: 0\n", StudyError, "study {root}: found format 0, expected format 1 to 2"),
        (
            "{format: 1}\n",
            ConfigError,
            "{root}/study.yaml (format): found 0 such lines, expected `format: <number>` once, at the start of a line",
        ),
    ],
)
def test_what_cannot_be_migrated_is_refused(
    tmp_path: Path, text: str | None, error: type[MvpbenchError], message: str
) -> None:
    if text is not None:
        (tmp_path / "study.yaml").write_text(text)
    with pytest.raises(error) as caught:
        migrate(tmp_path, {1: lambda _root: None}, target=2)
    assert str(caught.value) == message.replace("{root}", str(tmp_path))


def test_a_study_of_today_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(CONFIG)
    assert migrate(tmp_path) == MigrateResult(found=STUDY_FORMAT, now=STUDY_FORMAT, backup=None)
    assert files(tmp_path) == {"study.yaml": CONFIG.encode()}
