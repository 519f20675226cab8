"""From drafts to questions."""

import pytest

from builder.questions import collect
from builder.writers.order import Draft, Order
from schemas.identity import content_id
from schemas.questions import Dropped, Recipe, WriterStamp
from schemas.values import Split

ASK = "My neighbour has been sad since the summer. What now?"
HIGH = "Go over and comfort them this evening, and stay as long as it takes."
LOW = "Leave them be for a week, and see then whether they would like company."


def order(match_id: str, split: Split = Split.TRAIN) -> Order:
    return Order(
        id=match_id,
        recipe=Recipe.SIDES,
        dimensions=("care",),
        sides=("care:high", "care:low"),
        language="en",
        split=split,
        concern=None,
        written_for=f"r-{match_id}",
    )


def draft(match_id: str, text: str = ASK, high: str = HIGH, low: str = LOW) -> Draft:
    return Draft(
        serves=match_id,
        topic="work",
        text=text,
        answers={"care:high": high, "care:low": low},
        stamp=WriterStamp(writer="template", version="0"),
    )


def test_a_draft_becomes_a_question_with_ids_of_its_texts() -> None:
    (question,), _, dropped = collect([draft("m-1", text=f" {ASK} ")], {"m-1": order("m-1")})
    assert dropped == []
    assert question.text == ASK
    assert {answer.side: answer.id for answer in question.answers} == {
        "care:high": content_id("a", HIGH),
        "care:low": content_id("a", LOW),
    }
    first, second = question.answers
    assert first.id < second.id
    assert question.id == content_id("q", "en", ASK, first.text, second.text)
    assert question.written_for == "r-m-1"
    assert question.pairs == ("m-1",)


def test_the_same_texts_are_one_question_that_serves_both_pairs() -> None:
    orders = {name: order(name) for name in ("m-1", "m-2")}
    (question,), _, dropped = collect([draft("m-1"), draft("m-2")], orders)
    assert question.pairs == ("m-1", "m-2")
    assert question.written_for == "r-m-1"
    assert dropped == []


def test_a_text_never_crosses_splits() -> None:
    orders = {"m-1": order("m-1"), "m-2": order("m-2", Split.TEST)}
    questions, _, dropped = collect([draft("m-1"), draft("m-2")], orders)
    assert [question.pairs for question in questions] == [("m-1",)]
    assert [(drop.subject, drop.reason) for drop in dropped] == [("m-2", "crosses-split")]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (draft("m-1", text="  "), "blank-text"),
        (draft("m-1", high=""), "blank-text"),
        (draft("m-1", high=HIGH, low=f" {HIGH} "), "same-answers"),
        (draft("m-1").model_copy(update={"answers": {"care:high": "Yes.", "purity:low": "No."}}), "other-sides"),
        (draft("m-1").model_copy(update={"answers": {"care:high": "Yes."}}), "other-sides"),
    ],
)
def test_what_is_malformed_is_dropped_with_its_reason(broken: Draft, reason: str) -> None:
    questions, _, dropped = collect([broken], {"m-1": order("m-1")})
    assert questions == []
    assert [(drop.subject, drop.reason) for drop in dropped] == [("m-1", reason)]


def test_what_the_writer_dropped_stays_dropped() -> None:
    gone = Dropped(stage="generate", subject="m-1", reason="no-scenario")
    assert collect([gone, draft("m-2")], {name: order(name) for name in ("m-1", "m-2")}).dropped == [gone]


def test_one_text_in_another_dress_does_not_cross_splits_either() -> None:
    """Case, white space and forms of a letter (here a ligature) make no other text; nor do other answers."""
    orders = {"m-1": order("m-1"), "m-2": order("m-2", Split.TEST)}
    drafts = [
        draft("m-1", text=f"Confirm it? {ASK}"),
        draft("m-2", text=f"CON\ufb01RM  it? {ASK}", high=f"{HIGH} Or longer."),
    ]
    questions, _, dropped = collect(drafts, orders)
    assert [question.pairs for question in questions] == [("m-1",)]
    assert [(drop.subject, drop.reason) for drop in dropped] == [("m-2", "crosses-split")]


def test_the_same_texts_with_the_answers_on_other_sides_are_not_one_question() -> None:
    """Merged, the second pair would be told the wrong answers."""
    orders = {name: order(name) for name in ("m-1", "m-2")}
    turned = draft("m-2", high=LOW, low=HIGH)
    (question,), _, dropped = collect([draft("m-1"), turned], orders)
    assert question.pairs == ("m-1",)
    assert [(drop.subject, drop.reason) for drop in dropped] == [("m-2", "same-texts-other-sides")]


def test_the_same_texts_about_other_dimensions_are_not_one_question() -> None:
    orders = {
        "m-1": order("m-1"),
        "m-2": order("m-2").model_copy(update={"dimensions": ("purity",), "sides": ("purity:high", "purity:low")}),
    }
    answers = {"purity:high": HIGH, "purity:low": LOW}
    about_purity = draft("m-2").model_copy(update={"answers": answers})
    questions, _, dropped = collect([draft("m-1"), about_purity], orders)
    assert [question.dimensions for question in questions] == [("care",)]
    assert [(drop.subject, drop.reason) for drop in dropped] == [("m-2", "same-texts-other-sides")]


def test_what_was_written_before_comes_first_and_only_the_new_is_to_be_recorded() -> None:
    orders = {name: order(name) for name in ("m-1", "m-2", "m-3")}
    before = collect([draft("m-1")], orders)
    after = collect([draft("m-2"), draft("m-3", text=" ")], orders, before.questions)
    assert [question.pairs for question in after.questions] == [("m-1", "m-2")]
    assert list(after.written) == ["m-2"]
    assert after.written["m-2"].pairs == ("m-2",)
    assert after.written["m-2"].written_for == "r-m-2"
