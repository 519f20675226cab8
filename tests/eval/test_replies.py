"""Replies: greedy, the same alone as in a batch."""

import pytest
import torch

from eval.local import LocalModel, open_model
from eval.replies import replies
from tests.eval.training.made import made_model
from tests.eval.training.made_rows import asks

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> LocalModel:
    return open_model(made_model(tmp_path_factory.mktemp("model")))


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
