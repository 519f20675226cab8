"""How an export becomes annotations: every row of it is kept or dropped with a reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from annotation.collect import Collected, Export, Raters, Sent, collect
from annotation.export import ExportedAnnotation
from annotation.sample.plan import plan
from annotation.simulated import item_result_of, result_of
from annotation.sync.kept import Said
from annotation.tasks.person import person_task
from schemas.annotation import AnnotatorKind, Assignment, ItemDefect, Purpose, Slot, TaskKind
from schemas.country import ComprehensionItem
from tests.annotation.made import made_material, made_pair, made_question, made_section

QUESTIONS = [made_question(number) for number in range(4)]
INSTANCES = [one for number, question in enumerate(QUESTIONS) for one in made_pair(question, number)]
ASSIGNED = [one.assignment for one in plan(made_material(INSTANCES, QUESTIONS), made_section(4)).tasks]
QUESTION_OF = {one.id: one.question_id for one in INSTANCES}
EARLIER = "t-earlier"
SENT = Sent({one.uid: one for one in ASSIGNED}, {EARLIER, *(one.uid for one in ASSIGNED)})
START = datetime(2026, 3, 1, 9, tzinfo=UTC)


def said(number: int, **changed: Any) -> ExportedAnnotation:
    moment = START + timedelta(minutes=number)
    fields = {"id": number, "completed_by": 7, "result": result_of("A", "sure"), "lead_time": 4.0}
    return ExportedAnnotation.model_validate(fields | {"created_at": moment, "updated_at": moment} | changed)


def slot(name: str, server: str = "one") -> Slot:
    return Slot(id=name, project_id=1, project_title="made-up", server=server)


def export(assigned: Assignment, *annotations: ExportedAnnotation, uid: str | None = None) -> list[Said]:
    return [Said(uid or assigned.uid, one) for one in annotations]


def collected(
    *tasks: tuple[Assignment, list[Said]], kinds: dict[str, AnnotatorKind] | None = None, sent: Sent = SENT
) -> Collected:
    exports = [Export(slot(assigned.slot), task) for assigned, task in tasks]
    return collect(exports, sent, Raters(lambda _, said: f"n-{said.completed_by}", kinds or {}))


def reasons(produced: Collected) -> list[str]:
    return sorted(one.reason for one in produced.dropped)


def test_an_annotation_is_mapped_back_over_the_order_it_was_shown_in() -> None:
    one = ASSIGNED[0]
    task = export(one, said(1, result=result_of("B", "guessing")))
    (row,) = collected((one, task), kinds={"n-7": AnnotatorKind.SIMULATED}).annotations
    assert row.vote == one.answer_order[1]
    assert (row.instance_id, row.uid, row.slot, row.annotator) == (one.instance_id, one.uid, one.slot, "n-7")
    assert (row.sureness, row.lead_time_s, row.source_id) == ("guessing", 4.0, 1)
    assert row.annotator_kind is AnnotatorKind.SIMULATED
    assert row.created_at == "2026-03-01T09:01:00.000000+00:00"


def test_the_latest_by_update_wins_even_if_it_was_created_first() -> None:
    one = ASSIGNED[0]
    changed_later = said(1, result=result_of("both", "sure"), updated_at=START + timedelta(hours=2))
    made = collected((one, export(one, changed_later, said(2))))
    assert [(row.vote, row.source_id) for row in made.annotations] == [("both", 1)]
    assert [(drop.reason, drop.subject) for drop in made.dropped] == [("superseded", "annotation 2")]


def test_of_two_accounts_on_one_task_of_a_slot_the_one_that_came_first_counts() -> None:
    """A slot is one rater's; somebody whose account was lost may begin anew under another."""
    one = ASSIGNED[0]
    made = collected((one, export(one, said(2), said(1, completed_by=8), said(3, completed_by=8))))
    assert [(row.annotator, row.source_id) for row in made.annotations] == [("n-8", 3)]
    assert sorted(reasons(made)) == ["slot-twice", "superseded"]


def test_an_answer_to_a_text_that_was_edited_on_the_server_does_not_count() -> None:
    one = ASSIGNED[0]
    sound = said(1).model_copy(update={"shown": one.shown_sha256})
    edited = said(1).model_copy(update={"shown": "0" * 64})
    assert reasons(collected((one, export(one, sound)))) == []
    made = collected((one, export(one, edited)))
    assert (made.annotations, reasons(made)) == ([], ["text-changed"])


def test_who_changes_an_answer_later_is_still_blind_in_the_task_met_first() -> None:
    one, other = [task for task in ASSIGNED if task.question_id == ASSIGNED[0].question_id][:2]
    made = collected((one, export(one, said(1), said(9))), (other, export(other, said(5))))
    assert [row.source_id for row in made.annotations] == [9]
    assert reasons(made) == ["not-blind", "superseded"]


def test_a_task_that_was_skipped_was_met() -> None:
    one, other = [task for task in ASSIGNED if task.question_id == ASSIGNED[0].question_id][:2]
    made = collected((one, export(one, said(1, was_cancelled=True))), (other, export(other, said(5))))
    assert (made.annotations, reasons(made)) == ([], ["not-blind", "skipped"])


def test_a_task_that_came_in_twice_counts_once_a_person() -> None:
    one = ASSIGNED[0]
    made = collected((one, export(one, said(1))), (one, export(one, said(2))))
    assert (len(made.annotations), reasons(made)) == (1, ["superseded"])


def test_what_is_no_answer_is_dropped_with_its_reason() -> None:
    one, other_slot = ASSIGNED[0], ASSIGNED[-1]
    strange = [
        said(1, was_cancelled=True),
        said(2, completed_by=None),
        said(3, result=result_of("C", "sure")),
        said(4, result=[]),
    ]
    made = collected(
        (one, export(one, *strange)),
        (one, export(one, said(5), uid="t-none")),
        (one, export(one, said(6), uid=other_slot.uid)),
        (one, export(one, said(7), uid=EARLIER)),
    )
    assert not made.annotations
    assert reasons(made) == [
        "no-annotator",
        "no-answer",
        "skipped",
        "superseded",
        "unknown-choice",
        "unknown-task",
        "unknown-task",
    ]


def test_what_is_gone_from_the_server_counts_until_it_is_let_go() -> None:
    one, other = ASSIGNED[0], ASSIGNED[1]
    made = collected(
        (one, [Said(one.uid, said(1), gone=True)]), (other, [Said(other.uid, said(2), gone=True, let_go=True)])
    )
    assert [row.source_id for row in made.annotations] == [1]
    assert [(drop.subject, drop.reason) for drop in made.dropped] == [("annotation 2", "deleted-on-server")]
    assert made.gone == 1


def test_a_lead_time_that_cannot_be_is_unknown() -> None:
    one = ASSIGNED[0]
    for wrong in (-1.0, float("nan"), float("inf"), None):
        assert collected((one, export(one, said(1, lead_time=wrong)))).annotations[0].lead_time_s is None


def test_of_an_annotator_in_two_slots_the_first_answer_on_a_pair_counts() -> None:
    pair = [one for one in ASSIGNED if QUESTION_OF[one.instance_id] == QUESTION_OF[ASSIGNED[0].instance_id]]
    assert len(pair) == 3
    made = collected(*((one, export(one, said(9 - number))) for number, one in enumerate(pair)))
    assert [row.source_id for row in made.annotations] == [7]
    assert reasons(made) == ["not-blind", "not-blind"]


def test_only_deleted_answers_that_count_are_counted_as_such() -> None:
    """A rater who deleted an answer and gave another one: the first is superseded, nothing is left to complain of."""
    one = ASSIGNED[0]
    redone = [replace(answer, gone=answer.annotation.id == 1) for answer in export(one, said(1), said(2))]
    made = collected((one, redone))
    assert ([row.source_id for row in made.annotations], reasons(made), made.gone) == ([2], ["superseded"], 0)
    alone = [replace(answer, gone=True) for answer in export(one, said(1))]
    assert collected((one, alone)).gone == 1


def test_the_same_account_number_of_two_servers_is_two_annotators() -> None:
    one = ASSIGNED[0]
    exports = [Export(slot(one.slot, server), export(one, said(1))) for server in ("one", "two")]
    made = collect(
        exports,
        SENT,
        Raters(lambda server, said: f"n-{server}-{said.completed_by}", {"n-one-7": AnnotatorKind.SIMULATED}),
    )
    # The same slot on a server that was lost: another account, and the answer of before counts.
    assert {row.annotator: row.annotator_kind for row in made.annotations} == {"n-one-7": AnnotatorKind.SIMULATED}
    assert reasons(made) == ["slot-twice"]


def test_two_pairs_with_one_question_are_judged_blind_once() -> None:
    question = QUESTIONS[0]
    both = [*made_pair(question, 0), *made_pair(question, 9)]
    # An earlier sample held both pairs.
    tasks = [person_task(one, question, "p", "KE-en-person-1")[0] for one in (both[0], both[3])]
    sent = Sent({one.uid: one for one in tasks})
    answers = [answer for number, one in enumerate(tasks) for answer in export(one, said(number))]
    exports = [Export(slot("KE-en-person-1"), answers)]
    made = collect(exports, sent, Raters(lambda _, said: f"n-{said.completed_by}"))
    assert ([row.source_id for row in made.annotations], reasons(made)) == ([0], ["not-blind"])


WHERE = st.tuples(st.sampled_from(ASSIGNED), st.integers(1, 3), st.sampled_from(["A", "B", "neither", "C"]))


@given(st.lists(WHERE, max_size=12))
def test_nothing_disappears_and_no_one_votes_twice_on_a_pair(given: list[tuple[Assignment, int, str]]) -> None:
    tasks = [
        (one, export(one, said(number, completed_by=user, result=result_of(choice, "sure"))))
        for number, (one, user, choice) in enumerate(given)
    ]
    made = collected(*tasks)
    assert len(made.annotations) + len(made.dropped) == len(given)
    voices = [(row.annotator, QUESTION_OF[row.instance_id]) for row in made.annotations]
    assert len(set(voices)) == len(voices)
    assert collected(*reversed(tasks)).annotations == made.annotations


WHOLE = made_material(INSTANCES, QUESTIONS)
COMPREHENSION = ComprehensionItem(id="one", person="p", question="q?", answers=("x", "y"), right="second")
CHECKED = plan(
    replace(WHOLE, comprehension={("KE", "en"): (COMPREHENSION,)}),
    made_section(4, item_slots=1, comprehension=1, repeats=0.05, violations=1),
).tasks
ALL = Sent({one.assignment.uid: one.assignment for one in CHECKED})


def task(purpose: Purpose, kind: TaskKind = TaskKind.PERSON) -> Assignment:
    return next(one.assignment for one in CHECKED if (one.assignment.purpose, one.assignment.task) == (purpose, kind))


def answer(of: Assignment, vote: str, number: int = 1) -> tuple[Assignment, list[Said]]:
    """`vote` is an answer id."""
    code = "AB"[of.answer_order.index(vote)]
    result = result_of(code, "sure") if of.task is TaskKind.PERSON else item_result_of(code)
    return of, export(of, said(number, result=result))


def test_tasks_that_look_at_raters_are_apart_from_those_that_count() -> None:
    comprehension = task(Purpose.COMPREHENSION)
    made = collected(answer(comprehension, str(comprehension.right)), sent=ALL)
    assert (made.annotations, made.items) == ([], [])
    (check,) = made.checks
    assert (check.purpose, check.passed, check.vote) == (Purpose.COMPREHENSION, True, comprehension.right)
    wrong = next(one for one in comprehension.answer_order if one != comprehension.right)
    assert [one.passed for one in collected(answer(comprehension, wrong), sent=ALL).checks] == [False]


def test_a_repeat_is_held_against_what_the_rater_said_first() -> None:
    again = task(Purpose.REPEAT)
    first = next(
        one.assignment
        for one in CHECKED
        if one.assignment.purpose is Purpose.RATED
        and (one.assignment.slot, one.assignment.instance_id) == (again.slot, again.instance_id)
    )
    assert first.answer_order == (again.answer_order[1], again.answer_order[0])
    one, other = first.answer_order
    for second, passed in ((one, True), (other, False)):
        made = collected(answer(first, one), answer(again, second, 2), sent=ALL)
        assert ([row.vote for row in made.annotations], [row.passed for row in made.checks]) == ([one], [passed])
        assert not made.dropped
    assert [row.passed for row in collected(answer(again, one), sent=ALL).checks] == [None]


def test_item_answers_name_an_answer_and_defects() -> None:
    one = task(Purpose.RATED, TaskKind.ITEM)
    result = item_result_of("A", ["stereotype"])
    made = collected((one, export(one, said(1, result=result))), sent=ALL)
    (row,) = made.items
    assert (row.question_id, row.vote, row.defects) == (one.question_id, one.answer_order[0], (ItemDefect.STEREOTYPE,))
    assert (row.asked_side, row.country) == ("care:high", "KE")


def test_who_did_one_task_of_a_question_is_not_blind_in_the_other() -> None:
    person = task(Purpose.RATED)
    item = next(
        one.assignment
        for one in CHECKED
        if one.assignment.task is TaskKind.ITEM and one.assignment.question_id == person.question_id
    )
    made = collected(answer(item, item.answer_order[0], 1), answer(person, person.answer_order[0], 2), sent=ALL)
    assert ([row.uid for row in made.items], made.annotations, reasons(made)) == ([item.uid], [], ["not-blind"])
