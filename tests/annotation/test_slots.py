"""Names of slots say where, in which language, for which task."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.slots import Group, Place, in_order, place_of, slot_ids
from schemas.annotation import TaskKind

GROUPS = st.builds(Group, st.none() | st.sampled_from(["KE", "IN", "CN"]), st.sampled_from(["sw", "zh-Hant", "en-GB"]))


@given(group=GROUPS, task=st.sampled_from(TaskKind), count=st.integers(0, 12))
def test_a_name_is_read_back_as_it_was_made(group: Group, task: TaskKind, count: int) -> None:
    names = slot_ids(group, task, count)
    assert [place_of(name) for name in names] == [Place(group, task, number) for number in range(1, count + 1)]
    assert in_order(reversed(names)) == list(names)  # ten comes after nine


def test_a_slot_without_country_is_nowhere() -> None:
    assert slot_ids(Group(None, "en"), TaskKind.ITEM, 1) == ("ZZ-en-item-1",)


@pytest.mark.parametrize("name", ["person-1", "KE-sw-person-", "ke-sw-person-1", "KE-person-1", "KE-sw-judge-1"])
def test_what_is_no_slot_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no slot is called"):
        place_of(name)
