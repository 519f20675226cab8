"""What to do next: at every stage the one thing that brings the work on, and never to wait for what will not come."""

from dataclasses import replace

import pytest

from annotation.status.measure import measure
from annotation.status.seen import Seen
from annotation.status.step import next_step
from schemas.questions import Dropped
from tests.annotation.status.judged import asked, decided, doubted
from tests.annotation.status.made import NOW, answer, declared, seen, tasks

ITEM, PERSON = "KE-sw-item-1", "KE-sw-person-1"
TASKS = [*tasks(PERSON, 3, comprehension=1), *tasks(ITEM, 2)]
"""Five ratings, and a check of the rater, whom nobody waits for."""
RATED = [*TASKS[:3], *TASKS[4:]]
ANSWERS = [answer(one) for one in RATED]
WAIT = "mvpbench annotate status --pull, when raters have gone on"


def skipped(*places: int) -> list[Dropped]:
    return [Dropped(stage="pull", subject="annotation 1", reason="skipped", detail=RATED[one].uid) for one in places]


def waived(*places: int) -> Seen:
    uids = tuple(sorted(RATED[one].uid for one in places))
    return replace(seen(TASKS, ANSWERS[:3]), declarations=[declared(TASKS, waived=uids)])


@pytest.mark.parametrize(
    ("found", "step"),
    [
        (seen(TASKS, declarations=[], pulled=False), "mvpbench annotate push"),
        (seen(TASKS, declarations=[declared(TASKS[:2])], pulled=False), "mvpbench annotate push"),
        (seen(TASKS, pulled=False), "mvpbench annotate pull"),
        (seen(TASKS), WAIT),
        (seen(TASKS, ANSWERS[:4]), WAIT),
        (seen(TASKS, ANSWERS), "mvpbench agree"),
        (waived(3), WAIT),
        (waived(3, 4), "mvpbench agree"),
    ],
    ids=["nothing-declared", "more-to-send", "sent", "nobody-yet", "at-work", "all-in", "waived-one", "waived-all"],
)
def test_from_the_push_to_the_last_answer(found: Seen, step: str) -> None:
    assert next_step(measure(found, NOW)) == step


def test_where_all_that_is_left_was_given_up_nobody_is_waited_for() -> None:
    step = "have raters take up what they gave up, or mvpbench annotate push --waive WHY"
    # Two of five are left: both given up, then one of them, then one that was answered after all.
    found = seen(TASKS, ANSWERS[:3])
    for given_up, expected in (((3, 4), step), ((3,), WAIT), ((0, 3), WAIT)):
        progress = measure(replace(found, dropped=skipped(*given_up)), NOW)
        assert next_step(progress) == expected
    assert measure(replace(found, dropped=skipped(0, 3)), NOW).given_up == 1


def test_when_all_is_in_questions_in_doubt_come_first_and_adjudicators_are_not_waited_for() -> None:
    labels = [doubted(0), doubted(1)]
    found = seen(TASKS, ANSWERS, item_labels=labels)
    assert next_step(measure(found, NOW)) == "mvpbench annotate adjudicate"
    found = replace(found, asked=[asked(0), asked(1)], adjudications=[decided(0, 60.0)])
    assert next_step(measure(found, NOW)) == (
        "mvpbench agree, and mvpbench annotate adjudicate when adjudicators have gone on"
    )
    found = replace(found, adjudications=[decided(0, 60.0), decided(1, 60.0)])
    assert next_step(measure(found, NOW)) == "mvpbench agree"
