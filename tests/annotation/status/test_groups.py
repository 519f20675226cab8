"""Progress by country and slot: what was given out, what is answered, what has the overlap it should have."""

from annotation.slots import Group
from annotation.status.measure import measure
from annotation.status.said import expected
from schemas.annotation import Fit, Placement
from schemas.progress import Tally
from tests.annotation.status.made import NOW, answer, seen, tasks

ONE, TWO, ITEM = "KE-sw-person-1", "KE-sw-person-2", "KE-sw-item-1"
ASSIGNED = [*tasks(ONE, 3, comprehension=2), *tasks(TWO, 3), *tasks(ITEM, 3, violation=1)]
BY_SLOT = {slot: [one for one in ASSIGNED if one.slot == slot] for slot in (ONE, TWO, ITEM)}


def test_a_unit_is_whole_when_every_slot_has_answered_it() -> None:
    # Instance 0 by both slots, instance 1 by the first alone, instance 2 by nobody; question 0 by its only slot.
    answered = [BY_SLOT[ONE][0], BY_SLOT[ONE][1], BY_SLOT[TWO][0], BY_SLOT[ITEM][0]]
    (group,) = measure(seen(ASSIGNED, [answer(one) for one in answered]), NOW).groups
    person, item = group.tasks
    assert (person.task, person.rated, person.units, person.whole) == ("person", Tally(assigned=6, answered=3), 3, 1)
    assert (item.task, item.rated, item.units, item.whole) == ("item", Tally(assigned=3, answered=1), 3, 1)
    assert [slot.rated.answered for slot in group.slots] == [1, 2, 1]


def test_checks_stand_apart() -> None:
    checks = [one for one in ASSIGNED if one.purpose != "rated"]
    (group,) = measure(seen(ASSIGNED, [answer(one) for one in checks[:2]]), NOW).groups
    assert group.checks == Tally(assigned=3, answered=2)
    assert [one.rated.answered for one in group.tasks] == [0, 0]


def test_countries_stand_by_name_and_a_slot_of_no_country_has_its_place() -> None:
    slots = ("KE-sw-person-1", "KE-en-person-1", "CH-de-person-1", "ZZ-en-person-1", "BR-pt-BR-person-1")
    found = measure(seen([one for slot in slots for one in tasks(slot, 1)]), NOW).groups
    assert [(one.name, one.country, one.language) for one in found] == [
        ("Brazil", "BR", "pt-BR"),
        ("Kenya", "KE", "en"),
        ("Kenya", "KE", "sw"),
        ("Switzerland", "CH", "de"),
        ("no country", None, "en"),
    ]


def test_a_study_without_the_item_task_has_one_task() -> None:
    (group,) = measure(seen(tasks(ONE, 2)), NOW).groups
    assert [one.task for one in group.tasks] == ["person"]


def test_who_fills_a_slot() -> None:
    given = Placement(slot=ONE, country="KE", language="sw", rater="Amina", rater_country="TZ", fit=Fit.LANGUAGE)
    by_hand = measure(seen(ASSIGNED), NOW).groups[0].slots
    assert {(one.rater, one.fit) for one in by_hand} == {(None, None)}
    listed = measure(seen(ASSIGNED, has_list=True, placements={ONE: given}), NOW).groups[0].slots
    assert {one.slot: (one.rater, one.rater_country, one.fit) for one in listed} == {
        ONE: ("Amina", "TZ", Fit.LANGUAGE),
        TWO: (None, None, Fit.NONE),
        ITEM: (None, None, Fit.NONE),
    }


def test_the_language_of_the_interface_is_told_where_it_is_another() -> None:
    (group,) = measure(seen(ASSIGNED, addressed_in={Group("KE", "sw"): "en"}), NOW).groups
    assert group.addressed_in == "en"
    assert measure(seen(ASSIGNED), NOW).groups[0].addressed_in is None


def test_all_accounts_of_a_slot_are_named() -> None:
    rows = [answer(BY_SLOT[ONE][0], annotator="n-b"), answer(BY_SLOT[ONE][1], annotator="n-a")]
    (group,) = measure(seen(ASSIGNED, rows), NOW).groups
    assert {one.slot: one.annotators for one in group.slots}[ONE] == ("n-a", "n-b")


def test_what_stands_in_the_way_of_a_group_is_counted_in_words() -> None:
    # The first slot was answered 2 and 3 days ago and moves; the second 9 days ago is idle; the item slot not begun.
    rows = [answer(BY_SLOT[ONE][0], hours_ago=72), answer(BY_SLOT[ONE][1], hours_ago=48)]
    rows.append(answer(BY_SLOT[TWO][0], hours_ago=216))
    (group,) = measure(seen(ASSIGNED, rows), NOW).groups
    assert group.pace.end is None
    assert expected(group) == "1 not begun, 1 idle"
