"""Replies: greedy, the same alone as in a batch, and judged by words alone."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from eval.local import LocalModel, open_model
from eval.replies import nearest, replies
from tests.eval.training.made import asks, made_model

EXPECTED = "Bring the old kettle along, quietly."
OTHER = "Bring a new lamp along, loudly."


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> LocalModel:
    return open_model(made_model(tmp_path_factory.mktemp("model")))


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


def greedy(local: LocalModel, text: str, most: int) -> str:
    """The definition: the likeliest token, again and again, one row at a time and without a cache."""
    ids = local.prompt_ids(asks(text))
    start = len(ids)
    with torch.inference_mode():
        while len(ids) - start < most:
            likeliest = int(local.model(input_ids=torch.tensor([ids]), use_cache=False).logits[0, -1].argmax())
            if likeliest == local.tokenizer.eos_token_id:
                break
            ids.append(likeliest)
    return str(local.tokenizer.decode(ids[start:], skip_special_tokens=True)).strip()


def test_replies_are_greedy_whatever_the_batch(local: LocalModel) -> None:
    texts = ["say", "say day please", "night", "no no no no no yes", "warm cold say", "say"]
    prompts = [asks(text) for text in texts]
    expected = [greedy(local, text, 8) for text in texts]
    assert any(expected)
    for batch in (1, 2, 16):
        assert replies(local, prompts, max_tokens=8, batch=batch) == expected


def test_a_prompt_that_fills_the_context_gets_an_empty_reply(local: LocalModel) -> None:
    # The template adds <user>, <end> and <assistant>: 29 words fill a context of 32.
    assert replies(local, [asks(" ".join(["say"] * 29)), asks("say")], max_tokens=4)[0] == ""


def test_no_prompts_no_replies(local: LocalModel) -> None:
    assert replies(local, []) == []
