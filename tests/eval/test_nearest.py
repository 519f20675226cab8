"""Which answer a reply is nearest to is judged by words alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.nearest import nearest

EXPECTED = "Bring the old kettle along, quietly."
OTHER = "Bring a new lamp along, loudly."


@pytest.mark.parametrize(
    ("reply", "chose"),
    [
        (EXPECTED, "expected"),
        (OTHER, "other"),
        ("THE OLD KETTLE!", "expected"),
        ("A lamp, and loudly so.", "other"),
        # kettle and lamp: of each answer's three own words (old kettle quietly; new lamp loudly) one.
        ("The kettle or the lamp.", "neither"),
        # What both say, what neither says, and words that tell nothing.
        ("Bring it along.", "neither"),
        ("Something else entirely.", "neither"),
        ("A", "neither"),
        ("", "neither"),
    ],
)
def test_the_words_that_one_answer_alone_has_decide(reply: str, chose: str) -> None:
    assert nearest(reply, EXPECTED, OTHER) == chose


def test_the_margin_is_on_f1() -> None:
    # Own words: 9 each. The reply has w1..w5 of the first and v1..v4 of the second, nothing else: 9 words.
    # F1: 2*5/(9+9) = .556 and 2*4/(9+9) = .444; they differ by .111, more than .05.
    first, second = (" ".join(f"{letter}{place}" for place in range(1, 10)) for letter in "wv")
    assert nearest("w1 w2 w3 w4 w5 v1 v2 v3 v4", first, second) == "expected"
    # Own words: 25 each, reply 25 words, 13 and 12 of them: 26/50 - 24/50 = .04, less than .05.
    first, second = (" ".join(f"{letter}{place}" for place in range(25)) for letter in "wv")
    reply = " ".join([*(f"w{place}" for place in range(13)), *(f"v{place}" for place in range(12))])
    assert nearest(reply, first, second) == "neither"


@given(st.text(), st.text(), st.text())
def test_swapping_the_answers_swaps_the_verdict(reply: str, expected: str, other: str) -> None:
    swapped = {"expected": "other", "other": "expected", "neither": "neither"}
    assert nearest(reply, other, expected) == swapped[nearest(reply, expected, other)]
