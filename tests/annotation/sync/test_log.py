"""A log holds what was pulled, whatever byte a writer was killed at and whichever version wrote it."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.sync.fetch import Ask, AskNow
from annotation.sync.kept import Kept, kept, said
from schemas.errors import StudyError
from tests.annotation.earlier import by_numbers
from tests.annotation.sync.held import NOON, Held
from tests.annotation.sync.test_fetch import KEY, choices, clock_put_back, log, pulled, versions


@settings(max_examples=25)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=5), st.data())
def test_killed_at_any_byte_of_the_log_it_is_as_before_and_the_next_pull_mends_it(
    tmp_path_factory: pytest.TempPathFactory, rounds: list[int], data: st.DataObject
) -> None:
    folder, held = tmp_path_factory.mktemp("study"), Held()
    for number in range(5):
        held.add(f"t-{number}")
    states, sizes = [[]], [0]
    held.answer(1)
    for task in [1, *rounds]:
        if task:
            held.answer(task)
        else:
            clock_put_back(held)
        pulled(held, folder, Ask.CHANGES if task else AskNow())
        states.append(said(folder, KEY))
        sizes.append(log(folder).stat().st_size)
    whole = log(folder).read_bytes()
    at = data.draw(st.integers(0, len(whole)) | st.just(len(whole) - 1))
    rest = data.draw(st.sampled_from([b"", b"\0" * 7, b'{"end":{"format":1,"lines":0,"checksum":1,"cursor":""}}\n']))
    log(folder).write_bytes(whole[:at] + (rest if at < len(whole) else b""))
    assert said(folder, KEY) == states[max(n for n, size in enumerate(sizes) if size <= at)]
    pulled(held, folder, AskNow())
    assert versions(folder) == held.answers()
    held.answer(1)
    pulled(held, folder)
    assert versions(folder) == held.answers()


def cut_at_its_last_byte(held: Held, folder: Path) -> tuple[bytes, bytes]:
    """Leave a log as writers of format 1 did that took a last line without its newline as whole: written on.

    Return the two blocks, the first without its newline.
    """
    held.answer(1)
    pulled(held, folder)
    first = log(folder).read_bytes()[:-1]
    held.answer(2)
    pulled(held, folder)
    second = log(folder).read_bytes()[len(first) + 1 :]
    assert second.startswith(b'{"id":')
    log(folder).write_bytes(first + second)
    return first, second


def test_a_last_line_without_its_newline_vouches_for_nothing(held: Held, tmp_path: Path) -> None:
    held.answer(1)
    pulled(held, tmp_path)
    whole = log(tmp_path).read_bytes()
    log(tmp_path).write_bytes(whole[:-1])
    assert (said(tmp_path, KEY), kept(tmp_path, KEY)) == ([], Kept())
    pulled(held, tmp_path)
    assert log(tmp_path).read_bytes() == whole


def test_blocks_that_run_together_are_read_apart_and_gone_on_with(held: Held, tmp_path: Path) -> None:
    cut_at_its_last_byte(held, tmp_path)
    before = log(tmp_path).read_bytes()
    assert versions(tmp_path) == held.answers()
    held.answer(3, '}}{"id":')
    pulled(held, tmp_path)
    assert log(tmp_path).read_bytes().startswith(before)
    assert versions(tmp_path) == held.answers()


@settings(max_examples=25)
@given(st.integers(0, 60), st.booleans())
def test_of_blocks_that_run_together_the_second_may_be_cut_off(
    tmp_path_factory: pytest.TempPathFactory, left: int, near_the_end: bool
) -> None:
    folder, held = tmp_path_factory.mktemp("study"), Held()
    for number in range(3):
        held.add(f"t-{number}")
    first, second = cut_at_its_last_byte(held, folder)
    part = second[: len(second) - 1 - left if near_the_end else len(b'{"id":') + left]
    log(folder).write_bytes(first + part)
    assert [one.uid for one in said(folder, KEY)] == ["t-0"]
    pulled(held, folder)
    assert log(folder).read_bytes().startswith(first + b"\n")
    assert versions(folder) == held.answers()


def test_a_log_of_a_newer_format_is_refused_and_nothing_is_written_over_it(held: Held, tmp_path: Path) -> None:
    held.answer(1)
    pulled(held, tmp_path)
    before = log(tmp_path).read_bytes().replace(b'{"end":{"format":2,', b'{"end":{"format":3,')
    log(tmp_path).write_bytes(before)
    for work in (lambda: said(tmp_path, KEY), lambda: pulled(held, tmp_path)):
        with pytest.raises(StudyError) as raised:
            work()
        told = raised.value.report
        assert (told.code, told.where, told.way_out) == ("export-newer", str(log(tmp_path)), "update mvpbench")
        assert (told.found, told.expected) == ("format 3 in line 31", "format 2 or an earlier one")
    assert log(tmp_path).read_bytes() == before


def test_damage_within_the_log_is_named_and_nothing_is_written_over_it(held: Held, tmp_path: Path) -> None:
    pulled(held, tmp_path)
    held.answer(1)
    pulled(held, tmp_path)
    content = log(tmp_path).read_bytes()
    log(tmp_path).write_bytes(content.replace(b"t-7", b"t-8", 1))
    for work in (lambda: said(tmp_path, KEY), lambda: pulled(held, tmp_path)):
        with pytest.raises(StudyError) as raised:
            work()
        assert (raised.value.report.code, raised.value.report.where) == ("export-misfit", str(log(tmp_path)))
        assert raised.value.report.found == "line 31 does not vouch for what stands before it"
    log(tmp_path).unlink()
    pulled(held, tmp_path)
    assert len(said(tmp_path, KEY)) == 1


def test_a_log_of_an_earlier_format_is_gone_on_with(held: Held, tmp_path: Path) -> None:
    """Its blocks say nothing of accounts."""
    held.answer(1)
    pulled(held, tmp_path)
    by_numbers(tmp_path)
    content = log(tmp_path).read_bytes()
    held.answer(2)
    held.edit(1, "B")
    pulled(held, tmp_path)
    assert log(tmp_path).read_bytes().startswith(content)
    assert log(tmp_path).read_bytes().count(b'{"end":{"format":2,') == 1
    known = [(one.annotation.joined, one.annotation.by_number) for one in said(tmp_path, KEY)]
    assert known == [(None, True), (NOON, False)]
    pulled(held, tmp_path)
    assert choices(tmp_path) == [("A", False), ("B", False)]
