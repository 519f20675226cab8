"""How an export becomes annotations: every row of it is kept or dropped with a reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from annotation.assign import assign
from annotation.person import assignment
from annotation.pull import GONE, Export, Sent, collect
from annotation.simulated import result_of
from annotation.studio import ExportedAnnotation
from annotation.sync.kept import Said
from mvpbench.store.stage import Produced
from schemas.annotation import Annotation, AnnotatorKind, Assignment, Slot
from tests.annotation.made import made_pair, made_question

QUESTIONS = [made_question(number) for number in range(4)]
INSTANCES = [one for number, question in enumerate(QUESTIONS) for one in made_pair(question, number)]
ASSIGNED, _ = assign(INSTANCES, {one.id: one for one in QUESTIONS}, {one.respondent_id: "p" for one in INSTANCES}, 4, 3)
QUESTION_OF = {one.id: one.question_id for one in INSTANCES}
EARLIER = "t-earlier"
SENT = Sent({one.uid: one for one in ASSIGNED}, QUESTION_OF, {EARLIER, *(one.uid for one in ASSIGNED)})
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
    *tasks: tuple[Assignment, list[Said]], kinds: dict[str, AnnotatorKind] | None = None
) -> Produced[Annotation]:
    exports = [Export(slot(assigned.slot), task) for assigned, task in tasks]
    return collect(
        exports, SENT, lambda server, user: f"n-{user}" if server == "one" else f"n-{server}-{user}", kinds or {}
    )


def reasons(produced: Produced[Annotation]) -> list[str]:
    return sorted(one.reason for one in produced.dropped)


def test_an_annotation_is_mapped_back_over_the_order_it_was_shown_in() -> None:
    one = ASSIGNED[0]
    task = export(one, said(1, result=result_of("B", "guessing")))
    (row,) = collected((one, task), kinds={"n-7": AnnotatorKind.SIMULATED}).rows
    assert row.vote == one.answer_order[1]
    assert (row.instance_id, row.uid, row.slot, row.annotator) == (one.instance_id, one.uid, one.slot, "n-7")
    assert (row.sureness, row.lead_time_s, row.source_id) == ("guessing", 4.0, 1)
    assert row.annotator_kind is AnnotatorKind.SIMULATED
    assert row.created_at == "2026-03-01T09:01:00.000000+00:00"


def test_the_latest_by_update_wins_even_if_it_was_created_first() -> None:
    one = ASSIGNED[0]
    changed_later = said(1, result=result_of("both", "sure"), updated_at=START + timedelta(hours=2))
    made = collected((one, export(one, changed_later, said(2))))
    assert [(row.vote, row.source_id) for row in made.rows] == [("both", 1)]
    assert [(drop.reason, drop.subject) for drop in made.dropped] == [("superseded", "annotation 2")]


def test_two_people_on_one_task_are_two_annotations() -> None:
    one = ASSIGNED[0]
    made = collected((one, export(one, said(1), said(2, completed_by=8))))
    assert {row.annotator for row in made.rows} == {"n-7", "n-8"}
    assert not made.dropped


def test_a_task_that_came_in_twice_counts_once_a_person() -> None:
    one = ASSIGNED[0]
    made = collected((one, export(one, said(1))), (one, export(one, said(2))))
    assert (len(made.rows), reasons(made)) == (1, ["superseded"])


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
    assert not made.rows
    assert reasons(made) == [
        "no-annotator",
        "no-preference",
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
    assert [row.source_id for row in made.rows] == [1]
    assert [(drop.subject, drop.reason) for drop in made.dropped] == [("annotation 2", "deleted-on-server")]
    assert made.counts[GONE] == 1


def test_a_lead_time_that_cannot_be_is_unknown() -> None:
    one = ASSIGNED[0]
    for wrong in (-1.0, float("nan"), float("inf"), None):
        assert collected((one, export(one, said(1, lead_time=wrong)))).rows[0].lead_time_s is None


def test_of_an_annotator_in_two_slots_the_first_answer_on_a_pair_counts() -> None:
    pair = [one for one in ASSIGNED if QUESTION_OF[one.instance_id] == QUESTION_OF[ASSIGNED[0].instance_id]]
    assert len(pair) == 3
    made = collected(*((one, export(one, said(9 - number))) for number, one in enumerate(pair)))
    assert [row.source_id for row in made.rows] == [7]
    assert reasons(made) == ["not-blind", "not-blind"]


def test_only_deleted_answers_that_count_are_counted_as_such() -> None:
    """A rater who deleted an answer and gave another one: the first is superseded, nothing is left to complain of."""
    one = ASSIGNED[0]
    redone = [replace(answer, gone=answer.annotation.id == 1) for answer in export(one, said(1), said(2))]
    made = collected((one, redone))
    assert ([row.source_id for row in made.rows], reasons(made), made.counts[GONE]) == ([2], ["superseded"], 0)
    alone = [replace(answer, gone=True) for answer in export(one, said(1))]
    assert collected((one, alone)).counts[GONE] == 1


def test_the_same_account_number_of_two_servers_is_two_annotators() -> None:
    one = ASSIGNED[0]
    exports = [Export(slot(one.slot, server), export(one, said(1))) for server in ("one", "two")]
    made = collect(exports, SENT, lambda server, user: f"n-{server}-{user}", {"n-one-7": AnnotatorKind.SIMULATED})
    assert {row.annotator: row.annotator_kind for row in made.rows} == {
        "n-one-7": AnnotatorKind.SIMULATED,
        "n-two-7": AnnotatorKind.HUMAN,
    }


def test_two_pairs_with_one_question_are_judged_blind_once() -> None:
    question = QUESTIONS[0]
    both = [*made_pair(question, 0), *made_pair(question, 9)]
    # An earlier sample held both pairs.
    tasks = [assignment(one, question, "p", "person-1") for one in (both[0], both[3])]
    sent = Sent({one.uid: one for one in tasks}, {one.id: question.id for one in both})
    answers = [answer for number, one in enumerate(tasks) for answer in export(one, said(number))]
    exports = [Export(slot("person-1"), answers)]
    made = collect(exports, sent, lambda _, user: f"n-{user}", {})
    assert ([row.source_id for row in made.rows], reasons(made)) == ([0], ["not-blind"])


WHERE = st.tuples(st.sampled_from(ASSIGNED), st.integers(1, 3), st.sampled_from(["A", "B", "neither", "C"]))


@given(st.lists(WHERE, max_size=12))
def test_nothing_disappears_and_no_one_votes_twice_on_a_pair(given: list[tuple[Assignment, int, str]]) -> None:
    tasks = [
        (one, export(one, said(number, completed_by=user, result=result_of(choice, "sure"))))
        for number, (one, user, choice) in enumerate(given)
    ]
    made = collected(*tasks)
    assert len(made.rows) + len(made.dropped) == len(given)
    voices = [(row.annotator, QUESTION_OF[row.instance_id]) for row in made.rows]
    assert len(set(voices)) == len(voices)
    assert collected(*reversed(tasks)).rows == made.rows
