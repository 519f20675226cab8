"""What was pulled stays, whatever the server holds later and whenever the process is killed."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.exports import Said, keep, let_go, said, stored
from mvpbench.store.atomic import write_atomic
from schemas.errors import StudyError

KEY = "KE-en-person-1/1"


def made(number: int, minute: int = 0, **changed: Any) -> dict[str, Any]:
    """An annotation as an export has it, last updated in a minute of noon."""
    moment = f"2026-03-01T12:{minute:02d}:00Z"
    fields = {"id": number, "completed_by": 7, "result": [], "created_at": "2026-03-01T09:00:00Z", "updated_at": moment}
    return fields | changed


def exported(*annotations: dict[str, Any], uid: str = "t-1") -> bytes:
    return json.dumps([{"id": 1, "data": {"uid": uid}, "annotations": annotations}]).encode()


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def ids(found: list[Said]) -> list[tuple[int, bool]]:
    return [(one.annotation.id, one.gone) for one in found]


def test_an_export_that_is_none_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    keep(tmp_path, KEY, exported(made(1)), "there")
    before = files(tmp_path)
    for wrong in (b'{"detail":"oops"}', b"", b"[", b"[null]"):
        with pytest.raises(StudyError) as raised:
            keep(tmp_path, KEY, wrong, "there")
        assert raised.value.report.code == "export-misfit"
        assert (raised.value.report.where or "").startswith("there: ")
    assert files(tmp_path) == before


def test_more_answers_replace_the_file_and_the_same_change_nothing(tmp_path: Path) -> None:
    keep(tmp_path, KEY, exported(made(1)), "there")
    keep(tmp_path, KEY, exported(made(1), made(2)), "there")
    newest = tmp_path / "exports" / "KE-en-person-1-1.json"
    assert stored(tmp_path, KEY) == {KEY: newest}
    touched = newest.stat().st_mtime_ns
    keep(tmp_path, KEY, exported(made(1), made(2)), "there")
    assert newest.stat().st_mtime_ns == touched
    assert ids(said(tmp_path, KEY)) == [(1, False), (2, False)]


def test_an_annotation_that_is_gone_stays_and_is_known_to_be_gone(tmp_path: Path) -> None:
    for content in (exported(made(1), made(2)), exported(made(2)), exported(), exported(made(3))):
        keep(tmp_path, KEY, content, "there")
    assert ids(said(tmp_path, KEY)) == [(1, True), (2, True), (3, False)]
    assert len(stored(tmp_path, KEY)) == 3  # an empty export has nothing that could be lost


def test_of_an_annotation_that_changed_the_latest_version_counts(tmp_path: Path) -> None:
    for minute, choice in ((5, "first"), (9, "second"), (7, "a backup's")):
        result = [{"value": choice}]
        keep(tmp_path, KEY, exported(made(1, minute, result=result)), "there")
    (one,) = said(tmp_path, KEY)
    assert (one.annotation.result, one.gone) == ([{"value": "second"}], False)


def test_an_id_given_out_again_or_a_task_renamed_hides_nothing(tmp_path: Path) -> None:
    keep(tmp_path, KEY, exported(made(1)), "there")
    keep(tmp_path, KEY, exported(made(1, created_at="2026-03-02T09:00:00Z")), "there")
    keep(tmp_path, KEY, exported(made(1, created_at="2026-03-02T09:00:00Z"), uid="t-2"), "there")
    assert [(one.uid, one.gone) for one in said(tmp_path, KEY)] == [("t-1", True), ("t-1", True), ("t-2", False)]


def test_what_was_let_go_counts_again_when_it_comes_back(tmp_path: Path) -> None:
    keep(tmp_path, KEY, exported(made(1), made(2)), "there")
    let_go(tmp_path, KEY)
    assert len(stored(tmp_path, KEY)) == 1  # nothing was gone
    keep(tmp_path, KEY, exported(made(2)), "there")
    let_go(tmp_path, KEY)
    let_go(tmp_path, KEY)
    assert [one.let_go for one in said(tmp_path, KEY)] == [True, False]
    keep(tmp_path, KEY, exported(made(1)), "there")
    assert [(one.gone, one.let_go) for one in said(tmp_path, KEY)] == [(False, False), (True, False)]


def test_a_study_pulled_before_earlier_exports_were_kept_goes_on(tmp_path: Path) -> None:
    write_atomic(tmp_path / "exports" / "KE-en-person-1-1.json", exported(made(1)))
    assert ids(said(tmp_path, KEY)) == [(1, False)]
    keep(tmp_path, KEY, exported(made(2)), "there")
    assert ids(said(tmp_path, KEY)) == [(1, True), (2, False)]


def test_a_file_that_an_older_version_overwrote_with_an_error_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "exports" / "KE-en-person-1-1.json"
    write_atomic(path, b'{"detail":"oops"}')
    with pytest.raises(StudyError, match="move the file away") as raised:
        keep(tmp_path, KEY, exported(made(1)), "there")
    assert (raised.value.report.where or "").startswith(str(path))
    path.unlink()
    keep(tmp_path, KEY, exported(made(1)), "there")
    assert ids(said(tmp_path, KEY)) == [(1, False)]


def test_killed_between_the_two_writes_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    keep(tmp_path, KEY, exported(made(1)), "there")
    keep(tmp_path, KEY, exported(made(2)), "there")
    whole = files(tmp_path)
    # As the kill leaves it: the earlier export is kept, the new one is not there yet, half of it under its other name.
    newest = tmp_path / "exports" / "KE-en-person-1-1.json"
    newest.write_bytes(exported(made(1)))
    newest.with_name(".KE-en-person-1-1.json.00000000.partial").write_bytes(b"[{")
    assert ids(said(tmp_path, KEY)) == [(1, False)]
    keep(tmp_path, KEY, exported(made(2)), "there")
    assert files(tmp_path) == whole


@given(st.lists(st.dictionaries(st.integers(1, 4), st.integers(0, 5)), max_size=8))
def test_no_annotation_that_was_ever_exported_is_missing(
    tmp_path_factory: pytest.TempPathFactory, pulls: list[dict[int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("study")
    for held in pulls:
        keep(folder, KEY, exported(*(made(number, minute) for number, minute in held.items())), "there")
    latest = {number: max(held[number] for held in pulls if number in held) for held in pulls for number in held}
    found = said(folder, KEY) if pulls else []
    assert {one.annotation.id: one.annotation.updated_at.minute for one in found} == latest
    assert {one.annotation.id for one in found if one.gone} == latest.keys() - (pulls[-1].keys() if pulls else set())


def test_a_newest_export_that_was_moved_away_makes_its_answers_gone_and_loses_none(tmp_path: Path) -> None:
    keep(tmp_path, KEY, exported(made(1)), "there")
    keep(tmp_path, KEY, exported(made(2)), "there")
    (tmp_path / "exports" / "KE-en-person-1-1.json").rename(tmp_path / "damaged.json")
    assert ids(said(tmp_path, KEY)) == [(1, True)]


def test_a_damaged_list_of_what_was_let_go_is_named(tmp_path: Path) -> None:
    keep(tmp_path, KEY, exported(made(1)), "there")
    keep(tmp_path, KEY, exported(), "there")
    let_go(tmp_path, KEY)
    path = tmp_path / "exports" / "KE-en-person-1-1.let-go.json"
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(StudyError) as raised:
        said(tmp_path, KEY)
    assert (raised.value.report.code, raised.value.report.where) == ("export-misfit", str(path))
