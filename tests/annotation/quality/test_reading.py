"""How long reading takes at least: words in any script, and the texts of every kind of task."""

import pytest

from annotation.quality.reading import Texts, words
from annotation.sample.material import Material
from annotation.slots import Group
from annotation.tasks.item import item_task, violation_task
from annotation.tasks.person import comprehension_task, person_task
from schemas.country import ComprehensionItem
from tests.annotation.made import made_pair, made_question

QUESTION, FOREIGN = made_question(0), made_question(1)
INSTANCE = made_pair(QUESTION, 0)[0]
ITEM = ComprehensionItem(id="x", person="one two", question="three?", answers=("four five", "six"), right="first")
MATERIAL = Material(
    instances={INSTANCE.id: INSTANCE},
    questions={QUESTION.id: QUESTION, FOREIGN.id: FOREIGN},
    profiles={INSTANCE.id: "word " * 100},
    aspects={QUESTION.id: "cares for all"},
    comprehension={Group("KE", "en"): (ITEM,)},
)
TEXTS = Texts(MATERIAL)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("– one, two – three.", 3),
        ("\u8fd9\u662f\u4e00\u4e2a\u95ee\u9898\u554a\u554a", 5),  # 8 Han characters, 1.6 a word
        ("\u0e01\u0e32\u0e23\u0e40\u0e02\u0e35\u0e22\u0e19", 2),  # 8 Thai characters, 4 a word
        ("\u0644\u0645\u0627\u0630\u0627 \u0623\u0646\u062a", 2),
    ],
)
def test_words_are_counted_in_any_script(text: str, count: float) -> None:
    assert words(text) == pytest.approx(count)


def test_ten_words_take_a_second() -> None:
    # Question of 3 words ("Made-up question 0?"), answers of 5 each ("Made-up answer for mercy 0.").
    assert TEXTS.least_seconds(person_task(INSTANCE, QUESTION, "", "KE-en-person-1")[0]) == pytest.approx(11.3)
    assert TEXTS.least_seconds(item_task(QUESTION, "", "KE-en-item-1")[0]) == pytest.approx(1.6)
    assert TEXTS.least_seconds(comprehension_task(ITEM, "KE-en-person-1")[0]) == pytest.approx(0.6)


def test_a_foreign_answer_is_found_and_texts_that_are_gone_are_not() -> None:
    planted = violation_task(QUESTION, FOREIGN.answers[0], "", "KE-en-item-1")[0]
    assert TEXTS.least_seconds(planted) == pytest.approx(1.6)
    assert TEXTS.least_seconds(item_task(FOREIGN, "", "KE-en-item-1")[0]) is None
    assert TEXTS.least_seconds(comprehension_task(ITEM, "IN-en-person-1")[0]) is None
    assert TEXTS.least_seconds(person_task(made_pair(QUESTION, 5)[0], QUESTION, "", "KE-en-person-1")[0]) is None
