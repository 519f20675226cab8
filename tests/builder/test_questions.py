"""From drafts to questions."""

import pytest

from builder.questions import collect
from builder.writers.order import Draft, Order
from schemas.identity import content_id
from schemas.questions import Dropped, Recipe, WriterStamp
from schemas.values import Split


def order(match_id: str, split: Split = Split.TRAIN) -> Order:
    return Order(
        match_id=match_id,
        recipe=Recipe.SIDES,
        dimensions=("care",),
        language="en",
        split=split,
        concern=None,
        written_for=f"r-{match_id}",
    )


def draft(match_id: str, text: str = "What now?", high: str = "Comfort them.", low: str = "Let them be.") -> Draft:
    return Draft(
        match_id=match_id,
        topic="work",
        text=text,
        answers={"care:high": high, "care:low": low},
        stamp=WriterStamp(writer="template", version="0"),
    )


def test_a_draft_becomes_a_question_with_ids_of_its_texts() -> None:
    (question,), dropped = collect([draft("m-1", text=" What now? ")], {"m-1": order("m-1")})
    assert dropped == []
    assert question.text == "What now?"
    assert {answer.side: answer.id for answer in question.answers} == {
        "care:high": content_id("a", "Comfort them."),
        "care:low": content_id("a", "Let them be."),
    }
    first, second = question.answers
    assert first.id < second.id
    assert question.id == content_id("q", "en", "What now?", first.text, second.text)
    assert question.written_for == "r-m-1"
    assert question.pairs == ("m-1",)


def test_the_same_texts_are_one_question_that_serves_both_pairs() -> None:
    orders = {name: order(name) for name in ("m-1", "m-2")}
    (question,), dropped = collect([draft("m-1"), draft("m-2")], orders)
    assert question.pairs == ("m-1", "m-2")
    assert question.written_for == "r-m-1"
    assert dropped == []


def test_a_text_never_crosses_splits() -> None:
    orders = {"m-1": order("m-1"), "m-2": order("m-2", Split.TEST)}
    questions, dropped = collect([draft("m-1"), draft("m-2")], orders)
    assert [question.pairs for question in questions] == [("m-1",)]
    assert [(drop.subject, drop.reason) for drop in dropped] == [("m-2", "crosses-split")]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (draft("m-1", text="  "), "blank-text"),
        (draft("m-1", high=""), "blank-text"),
        (draft("m-1", high="Same.", low=" Same. "), "same-answers"),
        (draft("m-1").model_copy(update={"answers": {"care:high": "Yes.", "purity:low": "No."}}), "other-sides"),
        (draft("m-1").model_copy(update={"answers": {"care:high": "Yes."}}), "other-sides"),
    ],
)
def test_what_is_malformed_is_dropped_with_its_reason(broken: Draft, reason: str) -> None:
    questions, dropped = collect([broken], {"m-1": order("m-1")})
    assert questions == []
    assert [(drop.subject, drop.reason) for drop in dropped] == [("m-1", reason)]


def test_what_the_writer_dropped_stays_dropped() -> None:
    gone = Dropped(stage="generate", subject="m-1", reason="no-scenario")
    assert collect([gone, draft("m-2")], {name: order(name) for name in ("m-1", "m-2")})[1] == [gone]
