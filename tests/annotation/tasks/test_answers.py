"""What goes out with a task, and what an answer means."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.simulated import item_result_of, result_of
from annotation.tasks.answers import MisfitError, read_answer
from annotation.tasks.item import item_task
from annotation.tasks.person import person_task
from annotation.tasks.shown import task_data
from schemas.annotation import ItemDefect
from tests.annotation.made import made_pair, made_question

QUESTION = made_question(1)
INSTANCE = made_pair(QUESTION, 1)[0]
ASSIGNED, TEXTS = person_task(INSTANCE, QUESTION, "p", "KE-en-person-1")
ITEM, _ = item_task(QUESTION, "is moved by mercy", "KE-en-item-1")


@pytest.mark.parametrize("number", range(20))
def test_a_named_answer_is_the_one_that_was_shown_there(number: int) -> None:
    question = made_question(number)
    assigned, shown = person_task(made_pair(question, number)[0], question, "p", "KE-en-person-2")
    data = task_data(assigned, shown)
    texts = {answer.id: answer.text for answer in question.answers}
    assert texts[read_answer(result_of("A", "sure"), assigned).vote] == data["answer_a"]
    assert texts[read_answer(result_of("B", "sure"), assigned).vote] == data["answer_b"]


@pytest.mark.parametrize("code", ["both", "neither", "cannot_tell"])
def test_other_votes_stand_for_themselves(code: str) -> None:
    answered = read_answer(result_of(code, "guessing"), ASSIGNED)
    assert (answered.vote, answered.sureness, answered.comment) == (code, "guessing", None)


def region(name: str, value: Any) -> dict[str, Any]:
    return {"from_name": name, "to_name": "question", "type": "choices", "value": value}


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ([], "no-answer"),
        ([region("sureness", {"choices": ["sure"]})], "no-answer"),
        ([region("preference", {"choices": ["C"]})], "unknown-choice"),
        ([region("preference", {"choices": []})], "unknown-choice"),
        ([region("preference", {"choices": ["A", "B"]})], "unknown-choice"),
        ([region("preference", {"choices": [["A"]]})], "unknown-choice"),
        ([region("preference", "A")], "unknown-choice"),
        ([region("preference", {"choices": ["A"]})] * 2, "control-twice"),
        ([region("stars", {"rating": 5})], "unknown-control"),
        ([region("preference", {"choices": ["A"]}), region("sureness", {"choices": ["very"]})], "unknown-choice"),
        ([region("preference", {"choices": ["A"]}), region("comment", {"text": [{}]})], "unknown-comment"),
    ],
)
def test_what_the_interface_cannot_have_made_is_refused(result: list[dict[str, Any]], reason: str) -> None:
    with pytest.raises(MisfitError) as raised:
        read_answer(result, ASSIGNED)
    assert raised.value.reason == reason


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.lists(
        st.fixed_dictionaries({"from_name": st.sampled_from(["preference", "comment"]), "value": JSON}), max_size=3
    )
)
def test_whatever_is_sent_is_read_or_refused(result: list[dict[str, Any]]) -> None:
    with pytest.raises(MisfitError):
        read_answer(result, ASSIGNED)


def test_a_comment_is_kept() -> None:
    said = [region("preference", {"choices": ["A"]}), region("comment", {"text": [" because ", "of this"]})]
    assert read_answer(said, ASSIGNED).comment == "because \nof this"


def test_an_item_task_says_which_answer_and_what_is_wrong() -> None:
    said = read_answer(item_result_of("B", ["leak", "not_defensible"]), ITEM)
    assert said.vote == ITEM.answer_order[1]
    assert said.defects == (ItemDefect.NOT_DEFENSIBLE, ItemDefect.LEAK)  # in the order of the codes
    assert read_answer(item_result_of("cannot_tell"), ITEM).defects == ()


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (result_of("A", "sure"), "unknown-control"),
        ([region("defects", {"choices": ["leak"]})], "no-answer"),
        ([region("side", {"choices": ["A"]}), region("defects", {"choices": ["typo"]})], "unknown-choice"),
        ([region("side", {"choices": ["A"]}), region("defects", {"choices": [["leak"]]})], "unknown-choice"),
    ],
)
def test_what_the_interface_of_the_item_task_cannot_have_made_is_refused(
    result: list[dict[str, Any]], reason: str
) -> None:
    with pytest.raises(MisfitError) as raised:
        read_answer(result, ITEM)
    assert raised.value.reason == reason
