"""Components: rows that share anything are together, all others apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvpbench.statistics.components import components
from schemas.errors import Defect

IDS = st.integers(0, 9).map(str)


def test_rows_hang_together_over_any_column() -> None:
    # Rows 0 and 2 share a person, 2 and 4 a pair: one component. Row 1 and 3 share nothing.
    people = ["ada", "ben", "ada", "cem", "dia"]
    pairs = ["p1", "p2", "p3", "p4", "p3"]
    assert components(people, pairs).tolist() == [0, 1, 0, 2, 0]


def test_the_same_id_in_two_columns_is_two_ids() -> None:
    assert components(["x", "y"], ["y", "x"]).tolist() == [0, 1]


def test_none_links_to_nobody_where_it_is_allowed() -> None:
    assert components(["a", "b", "c"], optional=[[None, None, "p"]]).tolist() == [0, 1, 2]
    assert components(["a", "b", "c"], optional=[["p", None, "p"]]).tolist() == [0, 1, 0]


def test_a_missing_required_id_is_a_defect_that_names_its_place() -> None:
    with pytest.raises(Defect) as raised:
        components(["a", "b"], ["p", None])
    assert raised.value.report.code == "missing-cluster"
    assert raised.value.report.where == "column 2, row 2"


def test_uneven_columns_and_no_columns_are_defects() -> None:
    with pytest.raises(Defect, match="2, 1 rows"):
        components(["a", "b"], ["p"])
    with pytest.raises(Defect, match="no required column"):
        components()


def test_no_rows_have_no_components() -> None:
    assert components([]).tolist() == []


@given(st.lists(st.tuples(IDS, IDS, st.none() | IDS), min_size=1, max_size=40))
def test_components_are_the_finest_partition_that_breaks_no_shared_id(rows: list[tuple[str, str, str | None]]) -> None:
    first, second, third = (list(column) for column in zip(*rows, strict=True))
    found = components(first, second, optional=[third])
    assert found.tolist() == _by_spreading(rows)


def _by_spreading(rows: list[tuple[str, str, str | None]]) -> list[int]:
    """The same by the plainest way: spread each number until nothing changes."""
    number = list(range(len(rows)))
    changed = True
    while changed:
        changed = False
        for one, here in enumerate(rows):
            for other, there in enumerate(rows):
                shares = any(a is not None and a == b for a, b in zip(here, there, strict=True))
                if shares and number[one] > number[other]:
                    number[one] = number[other]
                    changed = True
    order = {name: place for place, name in enumerate(dict.fromkeys(number))}
    return [order[name] for name in number]
