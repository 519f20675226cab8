"""Both methods give the numbers of an independent, one-row computation; nothing is truncated."""

from pathlib import Path

import pytest
import torch

from eval.choices import Choice, Likelihood
from eval.likelihood import Method, likelihoods, method_for
from eval.local import LocalModel, open_model
from schemas.chat import Message
from schemas.errors import InputError
from tests.eval.little import save_little_model

pytestmark = pytest.mark.slow

LONG = "a rather longer answer that needs many more tokens than the other"


def choice(prompt: str, first: str, second: str) -> Choice:
    return Choice(messages=(Message(role="user", content=prompt),), first=first, second=second)


CHOICES = [
    choice("Which?", "left", LONG),
    choice("A question that is a good deal longer than the first one, is it not?", LONG, "ok"),
    choice("Hm", "y", "n"),
    choice("Which?", "same words", "same words"),
]


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> LocalModel:
    return open_model(save_little_model(tmp_path_factory.mktemp("little")))


def alone(local: LocalModel, prompt: str, answer: str) -> float:
    """One row, no padding, no batch: the chain rule written out token by token."""
    ids = [*local.tokenizer(f"[user]{prompt}~[assistant]")["input_ids"]]
    total = 0.0
    for token in local.tokenizer(answer)["input_ids"]:
        with torch.no_grad():
            logits = local.model(input_ids=torch.tensor([ids])).logits[0, -1]
        total += float(torch.log_softmax(logits, dim=-1)[token])
        ids.append(token)
    return total


@pytest.mark.parametrize("method", list(Method))
def test_sums_are_those_of_the_chain_rule(local: LocalModel, method: Method) -> None:
    for asked, found in zip(CHOICES, likelihoods(local, CHOICES, method), strict=True):
        prompt = asked.messages[0].content
        assert found.first_logprob == pytest.approx(alone(local, prompt, asked.first), abs=1e-4)
        assert found.second_logprob == pytest.approx(alone(local, prompt, asked.second), abs=1e-4)
        # One token a byte.
        assert (found.first_tokens, found.second_tokens) == (len(asked.first), len(asked.second))
        assert found.missing is None


@pytest.mark.parametrize("method", list(Method))
def test_neither_the_batch_nor_the_order_matters(local: LocalModel, method: Method) -> None:
    together = likelihoods(local, CHOICES, method)
    one_by_one = likelihoods(local, CHOICES, method, batch_tokens=1)
    turned = likelihoods(local, CHOICES[::-1], method)[::-1]
    for found in (one_by_one, turned):
        for ours, reference in zip(found, together, strict=True):
            assert ours.first_logprob == pytest.approx(reference.first_logprob, abs=1e-4)
            assert ours.second_logprob == pytest.approx(reference.second_logprob, abs=1e-4)


def test_the_place_of_an_answer_does_not_matter(local: LocalModel) -> None:
    swapped = [choice(one.messages[0].content, one.second, one.first) for one in CHOICES]
    for ours, theirs in zip(likelihoods(local, CHOICES), likelihoods(local, swapped), strict=True):
        assert ours.first_logprob == pytest.approx(theirs.second_logprob, abs=1e-4)


def test_the_same_call_gives_the_very_same_numbers(local: LocalModel) -> None:
    assert likelihoods(local, CHOICES) == likelihoods(local, CHOICES)


def test_equal_answers_are_equally_likely(local: LocalModel) -> None:
    same = likelihoods(local, CHOICES)[3]
    assert same.first_logprob == pytest.approx(same.second_logprob, abs=1e-4)


def test_what_does_not_fit_is_missing_with_the_reason(local: LocalModel) -> None:
    # "[user]" + prompt + "~" + "[assistant]" adds 18 bytes to the prompt: 237 + 18 + 1 is the context of 256.
    fits, over = choice("x" * 237, "y", "n"), choice("x" * 237, "y", "no")
    found = likelihoods(local, [over, fits])
    assert found[0] == Likelihood(missing="257 tokens do not fit a context of 256")
    assert found[1].missing is None


def test_an_empty_answer_is_missing(local: LocalModel) -> None:
    assert likelihoods(local, [choice("Which?", "", "n")])[0] == Likelihood(missing="an answer has no tokens")


def test_full_attention_bears_the_tree_and_a_sliding_window_does_not(local: LocalModel) -> None:
    assert method_for(local) is Method.TREE
    config = local.model.config
    config.layer_types = ["full_attention", "sliding_attention"]
    try:
        assert method_for(local) is Method.PLAIN
    finally:
        del config.layer_types


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ((), "an empty folder"),
        (("README.md",), "no config.json among README.md"),
        (("adapter_config.json",), "a LoRA adapter that is not merged among adapter_config.json"),
        (("config.json", "pytorch_model.bin"), "no safetensors file among config.json, pytorch_model.bin"),
    ],
)
def test_a_folder_that_is_no_model_is_named_for_what_it_is(tmp_path: Path, files: tuple[str, ...], found: str) -> None:
    for name in files:
        (tmp_path / name).write_text("{}", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        open_model(tmp_path)
    assert caught.value.report.code == "not-a-model"
    assert caught.value.report.where == str(tmp_path)
    assert caught.value.report.found == found


def test_no_folder_a_broken_config_and_no_chat_template_are_no_models(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "config.json").write_text("not json", encoding="utf-8")
    (broken / "model.safetensors").write_bytes(b"")
    mute = save_little_model(tmp_path / "mute", template=None)
    for folder, words in ((tmp_path / "none", "nothing there"), (broken, "refuses"), (mute, "without a chat template")):
        with pytest.raises(InputError) as caught:
            open_model(folder)
        assert caught.value.report.code == "not-a-model"
        assert words in str(caught.value.report.found)
