"""What goes out with a task, and what makes it another task."""

import re

import pytest

from annotation.tasks.item import item_task
from annotation.tasks.person import person_task
from annotation.tasks.shown import Shown, task_data
from builder.frameworks import framework_words, load_framework
from builder.profiles.plain import plain_profile
from schemas.values import Level
from tests.annotation.made import made_pair, made_profile, made_question

SLOT = "KE-en-person-1"
QUESTION = made_question(1)
INSTANCE = made_pair(QUESTION, 1)[0]


def person_texts(text: str, profile: str = "p") -> Shown:
    question = made_question(1, text=text)
    return person_task(made_pair(question, 1)[0], question, profile, SLOT)[1]


def test_the_server_learns_nothing_that_would_tell_the_answer() -> None:
    mfq2 = load_framework("mfq2")
    profile = plain_profile(made_profile("r", Level.HIGH), mfq2, framework_words(mfq2))
    assigned, texts = person_task(INSTANCE, QUESTION, profile, SLOT)
    data = task_data(assigned, texts)
    assert set(data) == {"uid", "question", "answer_a", "answer_b", "profile"}
    shown = " ".join(value for key, value in data.items() if key != "uid")
    assert INSTANCE.expected not in shown
    assert not re.search(r"\bcare:|high\b|\blow\b|KE\b", shown)


def test_characters_that_hide_or_reorder_a_text_are_not_sent() -> None:
    data = person_texts("a\x00b\x0bc\u202ed", "line one\nline two\tend")
    assert data["question"] == "ab cd"
    assert data["profile"] == "line one\nline two\tend"


@pytest.mark.parametrize("code", [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x061C])
def test_nothing_that_turns_the_reading_order_is_sent(code: int) -> None:
    # Unicode 15.1, annex 9: embeddings, overrides, isolates and marks, all of category Cf.
    assert person_texts(f"a{chr(code)}b")["question"] == "ab"


def test_joiners_that_a_script_needs_are_sent() -> None:
    text = "\u0645\u06cc\u200c\u0631\u0648\u0645"
    assert person_texts(text)["question"] == text


def test_a_task_has_another_uid_as_soon_as_anything_shown_changes() -> None:
    first, _ = person_task(INSTANCE, QUESTION, "p", SLOT)
    other, _ = person_task(INSTANCE, QUESTION, "p, changed", SLOT)
    assert other.uid != first.uid
    assert other.shown_sha256 != first.shown_sha256
    assert other.answer_order == first.answer_order
    assert person_task(INSTANCE, QUESTION, "p", SLOT)[0] == first
    assert person_task(INSTANCE, QUESTION, "p", "KE-en-person-2")[0].uid != first.uid


def test_the_item_task_shows_no_person() -> None:
    assigned, texts = item_task(QUESTION, "is moved by mercy", "KE-en-item-1")
    assert set(texts) == {"question", "answer_a", "answer_b", "aspect"}
    assert (assigned.asked_side, assigned.instance_id) == ("care:high", None)


def test_which_answer_is_shown_first_is_drawn_for_every_slot() -> None:
    pairs = [(made_pair(question, n)[0], question) for n, question in enumerate(map(made_question, range(180)))]
    tasks = [person_task(one, question, "p", SLOT)[0] for one, question in pairs]
    first = sum(task.answer_order[0] == one.expected for task, (one, _) in zip(tasks, pairs, strict=True))
    # Binomial(180, 1/2): mean 90, standard deviation 6.7; five deviations.
    assert 56 < first < 124
    again = [person_task(one, question, "p", "KE-en-person-2")[0] for one, question in pairs]
    same = sum(one.answer_order == other.answer_order for one, other in zip(tasks, again, strict=True))
    assert 56 < same < 124
