"""Items: columns in a row with the same answers, and the questionnaires among them."""

import pytest

from builder.frameworks import load_framework
from builder.survey.draft.batteries import batteries_of, dimension_columns, range_seen, recognise_questionnaire, worded
from builder.survey.draft.facts import Column
from tests.builder.survey.draft.made import column

FIVE = {"1": "Strongly disagree", "5": "Strongly agree"}
MFQ2, PVQ21, PVQRR = (load_framework(name) for name in ("mfq2", "pvq21", "pvqrr"))
ALL = [MFQ2, PVQ21, PVQRR]


def likert(name: str, high: int = 5, low: int = 1, **known: object) -> Column:
    return column(name, list(range(low, high + 1)) * 3, **known)  # type: ignore[arg-type]


def test_neighbours_with_the_same_labels_are_a_battery_whatever_their_names() -> None:
    columns = [likert(name, labels=FIVE) for name in ("trust", "help", "fair")]
    assert [one.names for one in batteries_of(columns)] == [("trust", "help", "fair")]
    parted = [*columns[:2], column("sex", [1, 2, 1]), columns[2]]
    assert batteries_of(parted) == []


def test_without_labels_names_and_ranges_go_together() -> None:
    columns = [likert(f"a{n}") for n in range(1, 5)] + [likert(f"b{n}") for n in range(1, 4)]
    assert [len(one.names) for one in batteries_of(columns)] == [4, 3]
    columns = [likert(f"q{n}") for n in range(1, 5)] + [likert(f"q{n}", 10) for n in range(5, 9)]
    assert [len(one.names) for one in batteries_of(columns)] == [4, 4]
    nobody_chose_one = [likert("a1"), likert("a2", low=2), likert("a3")]
    (battery,) = batteries_of(nobody_chose_one)
    assert battery.bounds == (1, 5)


@pytest.mark.parametrize(
    "cells",
    [[0, 1] * 5, [1.5, 2.5, 3], ["a", "b", "c"], list(range(40)), [1, 2, 20, 400]],
    ids=["yes and no", "fractions", "words", "many", "amounts"],
)
def test_what_is_no_item(cells: list[object]) -> None:
    assert batteries_of([column(f"a{n}", cells) for n in range(4)]) == []  # type: ignore[arg-type]


def test_sliders_are_items() -> None:
    sliders = [column(f"s{n}", [*range(101)]) for n in range(1, 4)]
    (battery,) = batteries_of(sliders)
    assert battery.bounds == (0, 100)


def test_an_attention_check_does_not_part_a_battery() -> None:
    columns = [likert(f"a{n}") for n in range(1, 4)]
    (battery,) = batteries_of([*columns[:2], likert("attention_check", 7), columns[2]])
    assert battery.names == ("a1", "a2", "a3")


@pytest.mark.parametrize(("framework", "high"), [(MFQ2, 5), (PVQ21, 6), (PVQRR, 6)], ids=lambda one: str(one)[:12])
def test_a_questionnaire_by_its_number_and_scale(framework: object, high: int) -> None:
    count = {MFQ2.framework: 36, PVQ21.framework: 21, PVQRR.framework: 57}[framework.framework]  # type: ignore[attr-defined]
    columns = [likert(f"v{n}", high) for n in range(1, count + 1)]
    found = recognise_questionnaire(batteries_of(columns), columns, ALL, chosen=False)
    assert found is not None
    assert found.framework is framework
    assert len(found.columns) == count
    for wrong in (columns[:-1], [likert(f"v{n}", high + 1) for n in range(1, count + 1)]):
        assert recognise_questionnaire(batteries_of(wrong), wrong, ALL, chosen=False) is None


def test_a_file_sorted_by_name_is_put_in_the_order_of_the_numbers() -> None:
    columns = sorted((likert(f"m{n}") for n in range(1, 37)), key=lambda one: one.name)
    found = recognise_questionnaire(batteries_of(columns), columns, ALL, chosen=False)
    assert found is not None
    assert found.columns == tuple(f"m{n}" for n in range(1, 37))


def test_a_framework_that_was_named_may_have_another_scale() -> None:
    columns = [likert(f"m{n}", 7) for n in range(1, 37)]
    found = recognise_questionnaire(batteries_of(columns), columns, [MFQ2], chosen=True)
    assert found is not None
    assert found.scale is not None
    assert (found.scale.low, found.scale.high) == (1, 7)


@pytest.mark.parametrize(("turned", "says"), [(False, "labels at both ends"), (True, "other way round")])
def test_labels_tell_which_way_the_numbers_run(turned: bool, says: str) -> None:
    assert PVQ21.instrument is not None
    words = list(PVQ21.instrument.scale.labels.values())
    labels = {str(n): text for n, text in enumerate(words[::-1] if turned else words, 1)}
    columns = [likert(f"v{n}", 6, labels=labels) for n in range(1, 22)]
    found = recognise_questionnaire(batteries_of(columns), columns, ALL, chosen=False)
    assert found is not None
    assert (found.turned, says in found.direction) == (turned, True)


def test_other_words_leave_the_direction_to_be_checked() -> None:
    columns = [likert(f"v{n}", 6, labels={"1": "Se parece mucho", "6": "No se parece"}) for n in range(1, 22)]
    found = recognise_questionnaire(batteries_of(columns), columns, ALL, chosen=False)
    assert found is not None
    assert not found.turned
    assert found.direction.startswith(
        "Check: in the questionnaire 1 is 'Very much like me'; here 1 is 'Se parece mucho'"
    )


def test_columns_named_for_dimensions_take_the_places_of_their_dimension() -> None:
    names = [dimension.name for dimension in MFQ2.dimensions]
    columns = [likert(f"mfq_{name}_{n}") for name in names for n in range(1, 7)]
    found = recognise_questionnaire(batteries_of(columns), columns, ALL, chosen=False)
    assert found is not None
    assert MFQ2.instrument is not None
    for column_name, item in zip(found.columns, MFQ2.instrument.items, strict=True):
        assert item.dimension in column_name


def test_scores_named_for_all_dimensions_are_items() -> None:
    columns = [column(dimension.title, [1.5, 4.2, 3]) for dimension in MFQ2.dimensions]
    found = dimension_columns([*columns, column("age", [20, 30])], ALL)
    assert found is not None
    assert found[0] is MFQ2
    assert set(found[1].dimensions.values()) == {dimension.name for dimension in MFQ2.dimensions}
    assert not found[1].battery.is_bounded
    assert range_seen(found[1].battery.columns) == (1, 5)
    assert dimension_columns(columns[1:], ALL) is None


def test_items_exported_as_words_are_pointed_at() -> None:
    words = ["Agree", "Neither", "Disagree"] * 3
    columns = [column("sex", ["m", "f"] * 4), *(column(f"q{n}", words) for n in range(1, 5))]
    assert worded(columns) == ("q1", "q2", "q3", "q4")
