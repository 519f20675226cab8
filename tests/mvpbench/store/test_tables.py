"""Tables are read whole or not at all."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvpbench.store.tables import (
    Provenance,
    TableInfo,
    check_table,
    has_table,
    read_dropped,
    read_info,
    read_table,
    write_table,
)
from schemas.errors import Defect, StudyError
from schemas.labels import Label
from schemas.questions import Instance
from schemas.record import Record
from tests.mvpbench.store.made import a_drop, a_label, labels
from tests.mvpbench.store.strategies import fraction_of_examples
from tests.mvpbench.store.test_atomic import file_size_limit

PARTS = ("labels.parquet", "labels.dropped.parquet", "labels.json")


def code_of(error: pytest.ExceptionInfo[StudyError]) -> str:
    return error.value.report.code


def test_a_table_comes_back_with_its_drops_and_its_sidecar(tmp_path: Path) -> None:
    rows = [a_label(2), a_label(1)]
    drops = [a_drop("even"), a_drop("no-votes"), a_drop("even")]
    made = Provenance(fingerprint={"version": "1"}, counts={"confirmed": 2}, notes={"why": "test"}, seconds=1.5)
    info = write_table(tmp_path, "labels", Label, rows, drops, lambda: made)
    assert read_table(tmp_path, "labels", Label) == rows
    assert read_dropped(tmp_path, "labels") == drops
    assert read_info(tmp_path, "labels") == check_table(tmp_path, "labels") == info
    assert (info.record, info.rows, info.dropped) == ("Label", 2, {"even": 2, "no-votes": 1})
    assert (info.fingerprint, info.counts, info.notes, info.seconds) == (
        {"version": "1"},
        {"confirmed": 2},
        {"why": "test"},
        1.5,
    )


def test_an_empty_table_is_a_table(tmp_path: Path) -> None:
    assert not has_table(tmp_path, "labels")
    write_table(tmp_path, "labels", Label, [])
    assert has_table(tmp_path, "labels")
    assert read_table(tmp_path, "labels", Label) == []
    assert read_dropped(tmp_path, "labels") == []


def test_drops_of_the_table_before_are_gone_with_it(tmp_path: Path) -> None:
    write_table(tmp_path, "labels", Label, labels(1), [a_drop()])
    write_table(tmp_path, "labels", Label, labels(1))
    assert read_dropped(tmp_path, "labels") == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.json", "labels.parquet"]


def test_content_is_the_rows_in_their_order_and_nothing_else(tmp_path: Path) -> None:
    def content(rows: list[Label], seconds: float = 0.0) -> str:
        made = Provenance(seconds=seconds, notes={"seconds": str(seconds)})
        return write_table(tmp_path, "labels", Label, rows, [a_drop()] * int(seconds), lambda: made).content_sha256

    assert content([a_label(1), a_label(2)]) == content([a_label(1), a_label(2)], seconds=3)
    assert content([a_label(1), a_label(2)]) != content([a_label(2), a_label(1)])
    assert content([a_label(1)]) != content([a_label(1), a_label(1)])


def test_a_missing_table_names_the_command_that_makes_it(tmp_path: Path) -> None:
    assert read_info(tmp_path, "instances") is None
    with pytest.raises(StudyError) as caught:
        read_table(tmp_path, "instances", Instance)
    assert code_of(caught) == "table-missing"
    assert str(caught.value) == (
        f"table instances ({tmp_path}): found nothing, expected instances.parquet. run `mvpbench generate`"
    )


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (lambda folder: (folder / "labels.json").unlink(), "rows without labels.json"),
        (lambda folder: (folder / "labels.json").write_text('{"sidecar": 1'), "a labels.json that cannot be read"),
        (
            lambda folder: (folder / "labels.parquet").unlink(),
            "a labels.parquet that is not the one its sidecar vouches for",
        ),
        (
            lambda folder: (folder / "labels.dropped.parquet").unlink(),
            "a labels.dropped.parquet that is not the one its sidecar vouches for",
        ),
    ],
)
def test_a_table_that_is_not_whole_says_so(tmp_path: Path, damage: object, found: str) -> None:
    write_table(tmp_path, "labels", Label, labels(1), [a_drop()])
    assert callable(damage)
    damage(tmp_path)
    with pytest.raises(StudyError) as caught:
        check_table(tmp_path, "labels")
    assert code_of(caught) == "table-interrupted"
    assert str(caught.value) == (
        f"table labels ({tmp_path}): found {found}, expected a table written to its end. run `mvpbench annotate pull`"
    )


class Earlier(Record):
    """A label as another version of mvpbench had it."""

    instance_id: str


def test_a_table_of_another_shape_is_outdated(tmp_path: Path) -> None:
    info = write_table(tmp_path, "labels", Label, [])
    stated = info.model_copy(update={"shape_sha256": "0" * 64, "mvpbench": "0.0.1"})
    (tmp_path / "labels.json").write_text(stated.model_dump_json())
    with pytest.raises(StudyError) as caught:
        read_table(tmp_path, "labels", Label)
    assert code_of(caught) == "table-outdated"
    assert str(caught.value) == (
        f"table labels ({tmp_path}): found the columns of mvpbench 0.0.1, "
        f"expected those of mvpbench {info.mvpbench}. run `mvpbench annotate pull`"
    )


def test_rows_of_another_record_are_our_own_mistake(tmp_path: Path) -> None:
    with pytest.raises(Defect, match="expected rows that are all Label"):
        write_table(tmp_path, "labels", Label, [Earlier(instance_id="i-1")])
    write_table(tmp_path, "labels", Label, [])
    with pytest.raises(Defect, match="found Label, expected Earlier"):
        read_table(tmp_path, "labels", Earlier)


def test_a_full_disk_leaves_the_old_table(tmp_path: Path) -> None:
    write_table(tmp_path, "labels", Label, labels(1), [a_drop()])
    with file_size_limit(1000), pytest.raises(StudyError) as caught:
        write_table(tmp_path, "labels", Label, labels(2, count=5000))
    assert code_of(caught) == "disk-full"
    assert read_table(tmp_path, "labels", Label) == labels(1)
    assert read_dropped(tmp_path, "labels") == [a_drop()]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def restore(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def outcome(folder: Path) -> tuple[list[Label], int] | str:
    """The rows and the number of drops, or the code of the refusal."""
    try:
        check_table(folder, "labels")
        return read_table(folder, "labels", Label), len(read_dropped(folder, "labels"))
    except StudyError as error:
        return error.report.code


def test_of_every_mixture_of_two_writings_only_whole_tables_are_read(tmp_path: Path) -> None:
    old, new = (labels(1), 1), (labels(2), 2)
    write_table(tmp_path / "old", "labels", Label, old[0], [a_drop()] * old[1])
    write_table(tmp_path / "new", "labels", Label, new[0], [a_drop()] * new[1])
    choices = {"old": contents(tmp_path / "old"), "new": contents(tmp_path / "new"), "absent": {}}
    for mixture in itertools.product(choices, repeat=len(PARTS)):
        files = {name: choices[choice][name] for name, choice in zip(PARTS, mixture, strict=True) if choice != "absent"}
        found = outcome(restore(tmp_path / "-".join(mixture), files))
        if set(mixture) == {"old"}:
            assert found == old
        elif set(mixture) == {"new"}:
            assert found == new
        elif mixture[0] == mixture[2] == "absent":
            assert found == "table-missing"
        else:
            assert found == "table-interrupted", mixture


def test_a_table_cut_at_any_byte_is_never_read_as_another(tmp_path_factory: pytest.TempPathFactory) -> None:
    source = tmp_path_factory.mktemp("whole")
    write_table(source, "labels", Label, labels(1), [a_drop()])
    whole = contents(source)

    @fraction_of_examples(2)
    @given(st.data())
    def cut(data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(PARTS))
        kept = data.draw(st.integers(0, len(whole[name])))
        folder = restore(tmp_path_factory.mktemp("cut") / "tables", whole | {name: whole[name][:kept]})
        # The sidecar ends with `}` and a newline: without the newline it still says everything.
        if kept >= len(whole[name]) - (name == "labels.json"):
            assert outcome(folder) == (labels(1), 1)
        else:
            assert outcome(folder) == "table-interrupted"

    cut()


def test_the_sidecar_is_json_for_others_to_read(tmp_path: Path) -> None:
    info = write_table(tmp_path, "labels", Label, labels(1))
    assert TableInfo.model_validate_json((tmp_path / "labels.json").read_text()) == info
