"""Items that need attention, answers that do not count, and comments."""

from annotation.status.items import MEANINGS
from annotation.status.measure import measure
from schemas.annotation import Assignment, ItemDefect, Purpose
from schemas.questions import Dropped
from tests.annotation.status.made import HOSTILE, NOW, answer, seen, task, tasks

PERSONS = [task(f"KE-sw-person-{slot}", 0) for slot in (1, 2)]
ITEMS = [task(f"KE-sw-item-{slot}", 0) for slot in (1, 2, 3)]
LEAK, STEREOTYPE = ItemDefect.LEAK, ItemDefect.STEREOTYPE


def _skip(one: Assignment) -> Dropped:
    return Dropped(stage="pull", subject="annotation 1", reason="skipped", detail=one.uid)


def test_a_task_given_up_is_told_while_it_stands_open() -> None:
    (found,) = measure(seen(PERSONS, dropped=[_skip(PERSONS[0])], texts={"q-KE-sw-0": "Why?"}), NOW).items
    assert (found.code, found.subject, found.raters, found.is_open) == ("given-up", "i-KE-sw-0", 1, True)
    assert (found.found, found.text) == ("open in KE-sw-person-1", "Why?")


def test_one_taken_up_again_is_not() -> None:
    assert measure(seen(PERSONS, [answer(PERSONS[0])], dropped=[_skip(PERSONS[0])]), NOW).items == ()


def test_one_that_two_raters_skipped_is_even_when_answered_later() -> None:
    skips = [_skip(one) for one in PERSONS]
    (found,) = measure(seen(PERSONS, [answer(one) for one in PERSONS], dropped=skips), NOW).items
    assert (found.raters, found.is_open) == (2, False)
    assert found.found == "answered later in KE-sw-person-1, KE-sw-person-2"


def test_a_check_that_was_given_up_goes_by_its_task() -> None:
    check = task("KE-sw-person-1", 0, Purpose.COMPREHENSION)
    (found,) = measure(seen([check], dropped=[_skip(check)]), NOW).items
    assert (found.subject, found.text) == (check.uid, None)


def test_a_defect_counts_from_two_raters_on_whatever_each_calls_it() -> None:
    rows = [answer(ITEMS[0], defects=(LEAK,)), answer(ITEMS[1], defects=(STEREOTYPE, LEAK)), answer(ITEMS[2])]
    (found,) = measure(seen(ITEMS, rows), NOW).items
    assert (found.code, found.subject, found.raters, found.is_open) == ("defects", "q-KE-sw-0", 2, False)
    assert found.found == "stereotype 1, leak 2"
    assert measure(seen(ITEMS, rows[::2]), NOW).items == ()


def test_what_stands_open_comes_first() -> None:
    rows = [answer(one, defects=(LEAK,)) for one in ITEMS]
    found = measure(seen([*PERSONS, *ITEMS], rows, dropped=[_skip(PERSONS[1])]), NOW).items
    assert [one.code for one in found] == ["given-up", "defects"]


def test_answers_that_do_not_count_are_counted_by_reason() -> None:
    dropped = [Dropped(stage="pull", subject=f"annotation {n}", reason="superseded", detail=f"u{n}") for n in range(5)]
    dropped += [Dropped(stage="pull", subject="annotation 9", reason="new-reason")]
    first, second = measure(seen(PERSONS, dropped=dropped, deleted=2), NOW).left_out
    assert (first.reason, first.count, first.meaning) == ("superseded", 5, MEANINGS["superseded"])
    assert first.examples == ("annotation 0: u0", "annotation 1: u1", "annotation 2: u2")
    assert (second.reason, second.examples) == ("new-reason", ("annotation 9",))
    assert "--dropped annotations" in second.meaning


def test_comments_come_as_they_are_the_latest_first() -> None:
    assigned = [*tasks("KE-sw-person-1", 2), *tasks("KE-sw-item-1", 1)]
    rows = [
        answer(assigned[0], hours_ago=3, comment="first"),
        answer(assigned[1], hours_ago=1, comment=HOSTILE),
        answer(assigned[2], hours_ago=2, comment="second"),
    ]
    found = measure(seen(assigned, rows), NOW).comments
    assert [(one.text, one.task) for one in found] == [(HOSTILE, "person"), ("second", "item"), ("first", "person")]
