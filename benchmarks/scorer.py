"""The likelihood of two answers under one prompt: items per CPU-second of both methods, on one thread."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import fmean, median

import torch
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

import mvpbench
from benchmarks.material import sample_study
from benchmarks.measure import Figure
from builder.run import framework_of
from eval.choices import Choice, Likelihood
from eval.likelihood import Method, likelihoods
from eval.local import LocalModel, open_model
from eval.model import TINY
from eval.prompts import prompt
from mvpbench.store.tables import read_table
from schemas.evaluation import Ablation
from schemas.questions import Instance, Question, Scope
from schemas.survey import Respondent
from schemas.values import ValueProfile

ITEMS = 500
"""Prompts with two answers each."""
ITEMS_LARGER = 100
"""For the larger model, which takes ten times as long."""
ROUNDS = 3
BUNDLED = Path(mvpbench.__file__).parent / TINY


def figures() -> Iterator[Figure]:
    """Yield the rates of the bundled tiny model and of a larger one with random weights and the same tokenizer."""
    choices = list(islice(_choices(), ITEMS))
    with tempfile.TemporaryDirectory() as folder:
        random = Path(folder)
        _make_random(random)
        tiny = open_model(BUNDLED)
        prompts = fmean(len(tiny.prompt_ids(one.messages)) for one in choices)
        answers = fmean(len(tiny.answer_ids(text)) for one in choices for text in (one.first, one.second))
        yield Figure("scorer", f"mean of a prompt, {len(choices)} items of the sample", prompts, "tokens")
        yield Figure("scorer", "mean of an answer", answers, "tokens")
        yield from _rates(tiny, "tiny", choices)
        yield from _rates(open_model(random), "random", choices[:ITEMS_LARGER])


def _choices() -> Iterator[Choice]:
    """Yield what a model is asked about the sample's same-country pairs with the values in the prompt."""
    study = sample_study()
    framework = framework_of(study)
    questions = {one.id: one for one in read_table(study.tables, "questions", Question)}
    profiles = {one.respondent_id: one for one in read_table(study.tables, "profiles", ValueProfile)}
    people = {one.id: one for one in read_table(study.tables, "respondents", Respondent)}
    for instance in read_table(study.tables, "instances", Instance):
        if instance.scope is Scope.COUNTRY:
            question, person = questions[instance.question_id], instance.respondent_id
            messages = prompt(question, profiles[person], people[person], framework, Ablation.FULL)
            first, second = question.answers
            yield Choice(messages=messages, first=first.text, second=second.text)


def _make_random(folder: Path) -> None:
    """Save a Llama of five million parameters."""
    tokenizer = AutoTokenizer.from_pretrained(BUNDLED, local_files_only=True)
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=256,
        num_hidden_layers=6,
        num_attention_heads=8,
        intermediate_size=704,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _rates(local: LocalModel, name: str, choices: Sequence[Choice]) -> Iterator[Figure]:
    """Yield the rate of either method, in turns, and how far they are apart in what they say."""
    rates: dict[Method, list[float]] = {Method.PLAIN: [], Method.TREE: []}
    said: dict[Method, list[Likelihood]] = {}
    for number in range(ROUNDS):
        for method in list(rates)[:: -1 if number % 2 else 1]:
            started = time.process_time()
            said[method] = likelihoods(local, choices, method)
            rates[method].append(len(choices) / (time.process_time() - started))
    size = f"{name} {local.model.num_parameters() / 1e6:.1f}M, {len(choices)} items"
    for method, kept in rates.items():
        yield Figure("scorer", f"{size}, {method}, median of {ROUNDS}", median(kept), "items/CPU-s")
    ratios = [tree / plain for tree, plain in zip(rates[Method.TREE], rates[Method.PLAIN], strict=True)]
    yield Figure("scorer", f"{size}, tree / plain, median of {ROUNDS}", median(ratios), "x")
    apart = _apart(*said.values())
    yield Figure("scorer", f"{size}, tree from plain, at most", apart * 1e6, "nats / 1e6")


def _apart(some: Sequence[Likelihood], others: Sequence[Likelihood]) -> float:
    """Return the largest difference; every item must have fitted, else rates would count what was not done."""
    pairs = zip(_sums(some), _sums(others), strict=True)
    return max(abs(one - other) for one, other in pairs)


def _sums(said: Sequence[Likelihood]) -> list[float]:
    sums = [number for one in said for number in (one.first_logprob, one.second_logprob) if number is not None]
    assert len(sums) == 2 * len(said), [one.missing for one in said if one.missing]
    return sums
