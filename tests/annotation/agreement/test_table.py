"""Ratings as arrays: codes, cells, crossings, components."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from annotation.agreement.level import Level
from annotation.agreement.table import Columns, cells, crossed, grouping, of_matrix, tabulate

NAMES = st.lists(st.sampled_from("abcd"), unique=True, max_size=3)


def columns(units: list[str], clusters: list[str | None]) -> Columns:
    return Columns(units, [f"r{place}" for place in range(len(units))], ["x"] * len(units), clusters, {})


def test_counts_are_of_units_by_values() -> None:
    table = of_matrix([[3, 1, None], [3, 9, 1]], Level.INTERVAL)
    assert table.scale.tolist() == [1, 3, 9]
    assert table.counts.tolist() == [[0, 2, 0], [1, 0, 1], [1, 0, 0]]
    assert (table.units, table.raters_each.tolist()) == (3, [2, 2, 1])


def test_a_part_keeps_scale_and_components_and_numbers_its_units_anew() -> None:
    table = of_matrix([[3, 1, 5], [3, 9, 1]], Level.INTERVAL)
    part = table.part(np.flatnonzero(table.unit != 0))
    assert part.counts.tolist() == [[1, 0, 0, 1], [1, 0, 1, 0]]
    assert part.component.tolist() == [1, 2]
    assert table.rating[part.rating].tolist() == part.rating.tolist()


def test_units_that_share_a_cluster_over_others_are_one_component() -> None:
    found = tabulate(columns(["u1", "u2", "u2", "u3", "u4"], ["k", "k", "m", "m", None]), Level.NOMINAL).table
    assert found.component.tolist() == [0, 0, 0, 1]
    alone = tabulate(columns(["u1", "u2"], [None, None]), Level.NOMINAL).table
    assert alone.component.tolist() == [0, 1]


@given(st.lists(NAMES, max_size=20))
def test_cells_hold_every_membership_once(groups: list[list[str]]) -> None:
    units = [f"u{place // 2}" for place in range(len(groups))]
    table = tabulate(columns(units, [None] * len(units)), Level.NOMINAL).table
    found = grouping(groups)
    got = {found.names[number]: sorted(part.rating.tolist()) for number, part in cells(table, found)}
    assert got == {
        name: [place for place, names in enumerate(groups) if name in names]
        for name in sorted({name for names in groups for name in names})
    }


@given(st.lists(st.tuples(NAMES, NAMES, NAMES), max_size=15), st.integers(1, 3))
def test_crossed_groups_are_those_a_rating_has_in_all(groups: list[tuple[list[str], ...]], many: int) -> None:
    made = [grouping([row[place] for row in groups]) for place in range(many)]
    found, keys = crossed(made)
    got = sorted((rating, keys[code]) for rating, code in zip(found.rating.tolist(), found.group.tolist(), strict=True))
    expected = []
    for place, row in enumerate(groups):
        tuples: list[tuple[str, ...]] = [()]
        for names in row[:many]:
            tuples = [(*one, name) for one in tuples for name in names]
        expected += [(place, one) for one in tuples]
    assert got == sorted(expected)
    assert keys == sorted({key for _, key in expected})
