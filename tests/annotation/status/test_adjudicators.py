"""Adjudicators' work: counted, paid by the floor of their slot's country, and no part of the raters'."""

from dataclasses import replace

from annotation.status.measure import measure
from annotation.status.page import page
from annotation.status.said import hours, pay, untimed
from annotation.status.words import in_lines
from schemas.annotation import AnnotatorKind
from schemas.country import PayFloor
from tests.annotation.status.judged import SLOT, asked, decided, doubted
from tests.annotation.status.made import NOW, answer, seen, tasks
from tests.annotation.status.small import ITEM, small
from tests.annotation.status.test_page import Tags

GB = "GB-en-adjudication-1"
FLOORS: dict[str | None, PayFloor | None] = {
    "KE": PayFloor(currency="KES", amount=400),
    "GB": PayFloor(currency="GBP", amount=12.5),
}


def test_hours_and_pay_are_those_of_decisions_and_leave_the_raters_as_they_were() -> None:
    # 300 s + 600 s (of an hour with the page open) = 900 s, a quarter of an hour at 400 KES; the third has no time.
    found = replace(
        small(),
        asked=[asked(n) for n in range(4)],
        adjudications=[decided(0, 300.0), decided(1, 3600.0), decided(2, None)],
        floors=FLOORS,
    )
    progress = measure(found, NOW)
    (judge,) = progress.adjudication.adjudicators
    assert (judge.annotator, judge.slots, judge.decided) == ("n-judge", (SLOT,), 3)
    assert (hours(judge), untimed(judge), pay(judge)) == (0.25, 1, "100.00 KES")
    assert (progress.adjudication.asked, progress.adjudication.decided) == (4, 3)
    assert progress.raters == measure(small(), NOW).raters


def test_one_who_decides_for_two_countries_is_paid_by_the_floor_of_each() -> None:
    # An hour (six questions of ten minutes) for each country.
    rows = [decided(n, 600.0, slot=slot) for slot in (SLOT, GB) for n in range(6)]
    found = seen(tasks(ITEM, 6), asked=[asked(n) for n in range(6)], adjudications=rows, floors=FLOORS)
    (judge,) = measure(found, NOW).adjudication.adjudicators
    assert (hours(judge), pay(judge)) == (2.0, "12.50 GBP + 400.00 KES")


def test_two_adjudicators_of_one_question_decide_one_question() -> None:
    rows = [decided(0, 60.0, "n-a"), decided(0, 60.0, "n-b")]
    found = measure(seen(tasks(ITEM, 1), asked=[asked(0)], adjudications=rows), NOW).adjudication
    assert (found.decided, [one.annotator for one in found.adjudicators]) == (1, ["n-a", "n-b"])


def test_decisions_that_are_not_by_people_do_not_count_beside_answers_of_people() -> None:
    task = tasks(ITEM, 1)[0]
    rows = [decided(0, 60.0, kind=AnnotatorKind.SIMULATED)]
    found = measure(seen([task], [answer(task)], asked=[asked(0)], adjudications=rows), NOW).adjudication
    assert (found.decided, found.adjudicators) == (0, ())


def test_what_is_due_is_in_doubt_was_not_asked_and_waits_for_no_rater() -> None:
    assigned = tasks(ITEM, 4)
    # Of four questions the first was asked before, the second is in no doubt, the third waits for its rater.
    rows = [answer(one) for one in (assigned[0], assigned[1], assigned[3])]
    labels = [doubted(0), doubted(1, marking=0), doubted(2), doubted(3)]
    found = seen(assigned, rows, item_labels=labels, asked=[asked(0)])
    assert measure(found, NOW).adjudication.due == 1
    waived = [found.declarations[0].model_copy(update={"waived": (assigned[2].uid,)})]
    assert measure(replace(found, declarations=waived), NOW).adjudication.due == 2


def test_terminal_and_page_tell_it_apart_from_raters() -> None:
    found = replace(small(), asked=[asked(0), asked(1)], adjudications=[decided(0, 360.0)], floors=FLOORS)
    progress = measure(found, NOW)
    lines = in_lines(progress, 100)
    place = lines.index("1 of 2 questions in doubt are decided")
    assert lines[place + 2] == "adjudicators"
    # 360 s are a tenth of an hour.
    assert lines[place + 4].split() == [SLOT, "1", "0.1", "40.00", "KES"]
    text = Tags(page(progress)).text
    assert "Adjudicators 1 of 2 questions in doubt are decided." in text
    assert "0.1 hours of work in all, which are not among the raters'." in text
    assert "40.00 KES" in text


def test_where_nothing_is_in_doubt_nothing_is_said_of_adjudicators() -> None:
    progress = measure(small(), NOW)
    assert "Adjudicators" not in Tags(page(progress)).text
    assert not [line for line in in_lines(progress, 100) if "adjudicat" in line]
