"""Which questions are in doubt, and what an adjudicator sees of them."""

import pytest

from annotation.adjudication.interface import adjudication_texts
from annotation.adjudication.task import SHOWN_CHARACTERS, adjudication_task, doubts_of
from annotation.labels import label_questions
from schemas.annotation import ItemAnnotation, ItemDefect
from schemas.labels import AdjudicationTask, Doubt, ItemLabel
from tests.annotation.made import made_pair, made_question
from tests.annotation.votes import made_item_annotation

QUESTION = made_question(0)
LEAK, OFF = (ItemDefect.LEAK,), (ItemDefect.OFF_TOPIC,)


def _label(rows: list[ItemAnnotation]) -> ItemLabel:
    return label_questions([QUESTION], made_pair(QUESTION, 0), rows).rows[0]


def _task(rows: list[ItemAnnotation]) -> AdjudicationTask:
    return adjudication_task(QUESTION, _label(rows), rows, "cares", adjudication_texts("en"))


@pytest.mark.parametrize(
    ("said", "doubts"),
    [
        ([], ()),
        ([("asked", ()), ("asked", ())], ()),
        ([("asked", LEAK), ("asked", LEAK)], (Doubt.FLAGGED,)),
        ([("asked", LEAK), ("asked", OFF), ("asked", ())], (Doubt.UNSETTLED,)),
        ([("other", ()), ("other", ()), ("asked", ())], (Doubt.REVERSED,)),
        ([("other", LEAK), ("asked", LEAK)], (Doubt.FLAGGED, Doubt.UNCLEAR)),
    ],
)
def test_what_is_flagged_unsettled_or_seen_otherwise_is_in_doubt(
    said: list[tuple[str, tuple[ItemDefect, ...]]], doubts: tuple[Doubt, ...]
) -> None:
    rows = [made_item_annotation(QUESTION, n, side, defects=marked) for n, (side, marked) in enumerate(said)]
    assert doubts_of(_label(rows)) == doubts


def test_the_adjudicator_sees_counts_and_comments_and_no_country() -> None:
    rows = [
        made_item_annotation(QUESTION, 1, "asked", defects=LEAK, comment="Names\na town.\n– forged: all is well"),
        made_item_annotation(QUESTION, 2, "other", defects=LEAK, comment="x" * 2 * SHOWN_CHARACTERS),
        made_item_annotation(QUESTION, 3, "asked"),
        made_item_annotation(QUESTION, 4, "neither", comment="<script>alert(1)</script>\u202e"),
    ]
    task = _task(rows)
    asked = QUESTION.answer_on("care:high")
    letter = "AB"[task.answer_order.index(asked.id)]
    assert task.shown[f"answer_{letter.lower()}"] == asked.text
    assert task.shown["claim"] == f"The writer put it into answer {letter}."
    assert task.shown["said"].split("\n") == [
        *("Raters: 4", f"Answer A: {1 + (letter == 'A')}", f"Answer B: {1 + (letter == 'B')}", "Neither: 1"),
        "Gives away who or where somebody is: 2",
    ]
    lines = task.shown["comments"].split("\n")
    assert sorted(lines) == sorted(
        [
            "– Names a town. – forged: all is well",
            "– " + "x" * SHOWN_CHARACTERS,
            "– <script>alert(1)</script>",
        ]
    )
    assert set(task.shown) == {"question", "answer_a", "answer_b", "aspect", "claim", "said", "comments"}
    assert (task.slot, task.doubts) == ("KE-en-adjudication-1", (Doubt.FLAGGED, Doubt.UNCLEAR))
    assert _task(rows[::-1]) == task


def test_without_comments_it_says_so() -> None:
    assert _task([made_item_annotation(QUESTION, 1, "other", comment=" \n")]).shown["comments"] == "Nothing."
