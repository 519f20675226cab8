"""What goes out with a task, and what an answer means."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.person import MisfitError, assignment, read_answer, task_data
from annotation.simulated import result_of
from builder.frameworks import load_framework
from builder.profiles.plain import plain_profile
from schemas.values import Level
from tests.annotation.made import made_pair, made_profile, made_question

QUESTION = made_question(1)
INSTANCE = made_pair(QUESTION, 1)[0]
ASSIGNED = assignment(INSTANCE, QUESTION, "p", "person-1")


@pytest.mark.parametrize("number", range(20))
def test_a_named_answer_is_the_one_that_was_shown_there(number: int) -> None:
    question = made_question(number)
    assigned = assignment(made_pair(question, number)[0], question, "p", "person-2")
    data = task_data(assigned, question, "p")
    texts = {answer.id: answer.text for answer in question.answers}
    assert texts[read_answer(result_of("A", "sure"), assigned).vote] == data["answer_a"]
    assert texts[read_answer(result_of("B", "sure"), assigned).vote] == data["answer_b"]


@pytest.mark.parametrize("code", ["both", "neither", "cannot_tell"])
def test_other_votes_stand_for_themselves(code: str) -> None:
    answered = read_answer(result_of(code, "guessing"), ASSIGNED)
    assert (answered.vote, answered.sureness, answered.comment) == (code, "guessing", None)


def test_the_server_learns_nothing_that_would_tell_the_answer() -> None:
    profile = plain_profile(made_profile("r", Level.HIGH), load_framework("mfq2"))
    data = task_data(ASSIGNED, QUESTION, profile)
    assert set(data) == {"uid", "question", "answer_a", "answer_b", "profile"}
    shown = " ".join(value for key, value in data.items() if key != "uid")
    assert INSTANCE.expected not in shown
    assert not re.search(r"\bcare:|high\b|\blow\b|KE\b", shown)


def test_characters_that_hide_or_reorder_a_text_are_not_sent() -> None:
    data = task_data(ASSIGNED, made_question(1, text="a\x00b\x0bc\u202ed"), "line one\nline two\tend")
    assert data["question"] == "ab cd"
    assert data["profile"] == "line one\nline two\tend"


@pytest.mark.parametrize("code", [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x061C])
def test_nothing_that_turns_the_reading_order_is_sent(code: int) -> None:
    # Unicode 15.1, annex 9: embeddings, overrides, isolates and marks, all of category Cf.
    assert task_data(ASSIGNED, made_question(1, text=f"a{chr(code)}b"), "p")["question"] == "ab"


def test_joiners_that_a_script_needs_are_sent() -> None:
    text = "\u0645\u06cc\u200c\u0631\u0648\u0645"
    assert task_data(ASSIGNED, made_question(1, text=text), "p")["question"] == text


def test_a_task_has_another_uid_as_soon_as_anything_shown_changes() -> None:
    other = assignment(INSTANCE, QUESTION, "p, changed", "person-1")
    assert other.uid != ASSIGNED.uid
    assert other.shown_sha256 != ASSIGNED.shown_sha256
    assert other.answer_order == ASSIGNED.answer_order
    assert assignment(INSTANCE, QUESTION, "p", "person-1") == ASSIGNED
    assert assignment(INSTANCE, QUESTION, "p", "person-2").uid != ASSIGNED.uid


def region(name: str, value: Any) -> dict[str, Any]:
    return {"from_name": name, "to_name": "question", "type": "choices", "value": value}


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ([], "no-preference"),
        ([region("sureness", {"choices": ["sure"]})], "no-preference"),
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
