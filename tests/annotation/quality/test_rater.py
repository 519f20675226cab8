"""A rater's row: checks, speed, positions, agreement; flags only where chance or small counts are no excuse."""

from collections.abc import Sequence

import pytest

from annotation.quality.rater import Work, rater_quality
from annotation.tasks.item import item_task
from annotation.tasks.person import person_task
from schemas.annotation import (
    Annotation,
    AnnotatorKind,
    Assignment,
    CheckAnnotation,
    ItemAnnotation,
    Purpose,
    TaskKind,
)
from schemas.identity import content_id
from schemas.quality import QualityFlag, RaterQuality
from tests.annotation.made import made_pair, made_question
from tests.annotation.votes import made_item_annotation

SLOT = "KE-en-person-1"
QUESTIONS = [made_question(number) for number in range(40)]
INSTANCES = [made_pair(question, number)[0] for number, question in enumerate(QUESTIONS)]


def _tasks(slot: str = SLOT, count: int = 40) -> list[Assignment]:
    return [
        person_task(instance, question, "cares", slot)[0]
        for instance, question in zip(INSTANCES[:count], QUESTIONS[:count], strict=True)
    ]


def _said(task: Assignment, choice: str, number: int = 0, seconds: float | None = 30.0, who: str = "n-1") -> Annotation:
    """`choice` is A, B or a code; `number` says which answer it was."""
    vote = dict(zip("AB", task.answer_order, strict=True)).get(choice, choice)
    return Annotation(
        id=content_id("v", task.uid, who),
        instance_id=str(task.instance_id),
        uid=task.uid,
        slot=task.slot,
        annotator=who,
        annotator_kind=AnnotatorKind.HUMAN,
        vote=vote,
        lead_time_s=seconds,
        created_at=f"2026-01-01T00:{number // 60:02d}:{number % 60:02d}+00:00",
        updated_at="2026-01-01T00:00:00+00:00",
        source_id=number,
    )


def _check(purpose: Purpose, passed: bool | None, number: int) -> CheckAnnotation:
    return CheckAnnotation(
        id=f"v-{purpose}-{number}",
        uid=f"t-{purpose}-{number}",
        slot=SLOT,
        task=TaskKind.PERSON,
        purpose=purpose,
        annotator="n-1",
        annotator_kind=AnnotatorKind.HUMAN,
        vote="both",
        passed=passed,
        created_at="2026-01-01T00:00:00+00:00",
        updated_at="2026-01-01T00:00:00+00:00",
        source_id=number,
    )


def _rows(
    annotations: Sequence[Annotation] = (),
    checks: Sequence[CheckAnnotation] = (),
    assigned: Sequence[Assignment] = (),
    items: Sequence[ItemAnnotation] = (),
    least: float | None = 10.0,
) -> list[RaterQuality]:
    by_uid = {one.uid: one for one in assigned}
    return rater_quality(Work(annotations, items, checks, by_uid, lambda _: least, {}))


def _checked(purpose: Purpose, *passed: bool | None) -> RaterQuality:
    (row,) = _rows(checks=[_check(purpose, one, number) for number, one in enumerate(passed)])
    return row


@pytest.mark.parametrize(
    ("purpose", "flag", "least"),
    [
        # The upper end for none of two is 1 - .025 ** (1 / 2) = .842, of three .708.
        (Purpose.COMPREHENSION, QualityFlag.COMPREHENSION, 2),
        (Purpose.VIOLATION, QualityFlag.VIOLATIONS, 2),
        (Purpose.REPEAT, QualityFlag.INCONSISTENT, 3),
    ],
)
def test_a_check_flags_who_surely_fails_it_and_not_before(purpose: Purpose, flag: QualityFlag, least: int) -> None:
    assert _checked(purpose, *[False] * least).flags == (flag,)
    assert _checked(purpose, *[False] * (least - 1)).flags == ()
    assert _checked(purpose, *[True] * 10).flags == ()
    assert _checked(purpose, False, True).flags == ()


def test_too_few_checks_are_told_and_a_repeat_of_nothing_asks_nothing() -> None:
    row = _checked(Purpose.REPEAT, True, None)
    assert (row.repeats.passed, row.repeats.asked) == (1, 1)
    assert row.repeats.share.undefined == "too few: 1, at least 2"
    assert row.comprehension.share.undefined == "too few: 0, at least 2"
    assert (row.rated, row.checks) == (0, 2)


def test_who_is_faster_than_reading_is_flagged_when_it_is_sure() -> None:
    tasks = _tasks(count=20)

    def speed(fast: int) -> RaterQuality:
        said = [_said(task, "both", n, 9.9 if n < fast else 10.0) for n, task in enumerate(tasks)]
        return _rows(said, assigned=tasks)[0]

    # Clopper-Pearson for 5 and 6 of 20 begins at .087 and .119.
    assert (speed(5).flags, speed(5).speed.too_fast) == ((), 5)
    assert speed(6).flags == (QualityFlag.TOO_FAST,)
    assert speed(0).speed.median_s == 10.0
    unknown = _rows([_said(task, "both", n, 0.1) for n, task in enumerate(tasks)], assigned=tasks, least=None)[0]
    assert (unknown.speed.timed, unknown.speed.share.undefined) == (0, "too few: 0, at least 5")


def test_a_repeat_was_read_before_and_is_in_no_speed() -> None:
    task = _tasks(count=1)[0].model_copy(update={"uid": "t-repeat-0", "purpose": Purpose.REPEAT})
    check = _check(Purpose.REPEAT, passed=True, number=0).model_copy(update={"lead_time_s": 0.5})
    assert _rows(checks=[check], assigned=[task])[0].speed.timed == 0


def test_the_same_position_again_and_again_is_told_from_chance() -> None:
    tasks = _tasks()
    straight = _rows([_said(task, "A", n) for n, task in enumerate(tasks)], assigned=tasks)[0]
    # Both tests are 2 * .5 ** 40; Holm doubles the smaller.
    assert straight.positions.p == pytest.approx(4 * 0.5**40)
    assert (straight.positions.first, straight.positions.longest_run) == (40, 40)
    assert straight.flags == (QualityFlag.STRAIGHT_LINING,)
    # Half of them A, but all in one run.
    run = _rows([_said(task, "AB"[n >= 20], n) for n, task in enumerate(tasks)], assigned=tasks)[0]
    assert (run.positions.p_share, run.positions.longest_run, run.flags) == (1.0, 20, (QualityFlag.STRAIGHT_LINING,))
    # Who goes by the texts names positions as they were drawn.
    by_text = [_said(task, "A", n).model_copy(update={"vote": INSTANCES[n].expected}) for n, task in enumerate(tasks)]
    assert _rows(by_text, assigned=tasks)[0].flags == ()
    assert _rows([_said(task, "both", n) for n, task in enumerate(tasks)], assigned=tasks)[0].positions.p is None


def test_many_raters_are_looked_at_so_one_run_among_them_is_no_wonder() -> None:
    # Seven of seven in one run: both tests have p = 2 * .5 ** 7 = .016. Holm makes it .031 for one rater, .16 for five.
    def rows(raters: int) -> list[RaterQuality]:
        found, tasks = [], []
        for number in range(raters):
            mine = _tasks(f"KE-en-person-{number + 1}", 7)
            tasks += mine
            choices = "AAAAAAA" if number == 0 else "ABBABAA"
            found += [_said(task, choices[n], n, who=f"n-{number}") for n, task in enumerate(mine)]
        return _rows(found, assigned=tasks)

    assert [row.flags for row in rows(1)] == [(QualityFlag.STRAIGHT_LINING,)]
    assert {row.flags for row in rows(5)} == {()}


def test_agreement_leaves_the_rater_out_and_stays_within_the_country() -> None:
    question = QUESTIONS[0]
    rows = [made_item_annotation(question, n, side) for n, side in enumerate(["asked", "asked", "other"], start=1)]
    rows.append(made_item_annotation(question, 1, "other", country="IN"))
    found = {row.slot: row for row in _rows(items=rows)}
    assert found["KE-en-item-1"].agreement.value == 0.5  # one of two others
    assert found["KE-en-item-3"].agreement.value == 0.0
    assert found["IN-en-item-1"].agreement.undefined == "nobody else rated the same"
    assert [row.shared for row in found.values()] == [0, 1, 1, 1]
    assert {row.flags for row in found.values()} == {()}


def test_an_item_slot_has_positions_too() -> None:
    tasks = [item_task(question, "cares", "KE-en-item-1")[0] for question in QUESTIONS[:20]]
    rows = [
        made_item_annotation(question, 1).model_copy(update={"uid": task.uid, "vote": task.answer_order[1]})
        for question, task in zip(QUESTIONS[:20], tasks, strict=True)
    ]
    (row,) = _rows(items=rows, assigned=tasks)
    assert (row.positions.named, row.positions.first, row.flags) == (20, 0, (QualityFlag.STRAIGHT_LINING,))
    assert (row.task, row.country, row.language) == (TaskKind.ITEM, "KE", "en")
