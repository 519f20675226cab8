"""Train the tiny model of the demo: `python -m mvpbench.demo.tiny.train --out DIR --seed 1` (one core, minutes).

A Llama of 0.6 million parameters that can do one thing: read a value profile in the format of `eval.prompts` and name
words that go with it. It shows that the machinery works, and says nothing about language models.
"""

import argparse
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from mvpbench.demo.tiny.exercises import Exercise, Kind, Material, exercise, load_material
from mvpbench.demo.tiny.tokens import ASSISTANT, END, USER, common_shares, make_tokenizer
from schemas.identity import seed as seed_of

CONTEXT = 768
STEPS = 900
HABIT = 0.15
"""Share of own cues that the evaluation's instruction gets in the end: faint, and something for tuning to strengthen.
The base then has the skill, and not yet the habit."""
LOOKING_UP = ((1.0, Kind(own_asked=False, own=1.0, cues=0.5)),)
SPEAKING = (
    (0.5, Kind(own_asked=True, own=1.0, cues=0.5)),
    (0.5, Kind(own_asked=False, own=HABIT, cues=0.1)),
)
PHASES = ((0.35, LOOKING_UP), (1.0, SPEAKING))
"""Up to which share of the steps which kinds of exercise come up, and how often: first the skill, then its bounds."""
PEOPLE = 32
"""Exercises a step, each about another person."""
LEARNING_RATE = 3e-3


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and save; the command line of this module."""
    parser = argparse.ArgumentParser(description="train the tiny model of the demo")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=STEPS)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    material = load_material()
    tokenizer = make_tokenizer(material, CONTEXT)
    model = make_model(len(tokenizer), options.seed)
    fit(model, tokenizer, material, options.seed, options.steps)
    options.out.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(options.out)
    tokenizer.save_pretrained(options.out)
    return 0


def make_model(vocabulary: int, seed: int) -> LlamaForCausalLM:
    """Return a model with random weights."""
    torch.manual_seed(seed_of("tiny weights", seed) % 2**32)
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=192,
        max_position_embeddings=CONTEXT,
        # Tied, every token begins by predicting itself.
        tie_word_embeddings=False,
        # The usual 0.02 is meant for wide models.
        initializer_range=0.08,
        bos_token_id=None,
        pad_token_id=0,
        eos_token_id=3,
    )
    return LlamaForCausalLM(config)


def fit(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, material: Material, seed: int, steps: int) -> None:
    """Train `model` in place on fresh exercises, with the loss on replies only."""
    draw = random.Random(seed_of("tiny exercises", seed))  # noqa: S311
    speller, common = Speller(tokenizer), common_shares(material, tokenizer)
    optimizer = AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    schedule = OneCycleLR(optimizer, max_lr=LEARNING_RATE, total_steps=steps, pct_start=0.1)
    model.train()
    for step in range(1, steps + 1):
        kinds = next(kinds for until, kinds in PHASES if step <= until * steps)
        drawn = draw.choices([kind for _, kind in kinds], [share for share, _ in kinds], k=PEOPLE)
        loss = loss_of(model, [speller.row(exercise(material, common, draw, kind)) for kind in drawn])
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        if step % 50 == 0 or step == steps:
            sys.stderr.write(f"step {step} of {steps}: loss {loss.item():.3f}\n")


class Row(NamedTuple):
    """An exercise in token ids."""

    prompt: list[int]
    reply: list[int]
    shares: Mapping[int, float]


class Speller:
    """Turns exercises into rows."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast) -> None:
        self._tokenizer = tokenizer
        self._vocabulary = tokenizer.get_vocab()

    def row(self, made: Exercise) -> Row:
        """Return `made` in token ids."""
        prompt = self._tokenizer(f"{USER}{made.messages[0].content}{END}{ASSISTANT}")["input_ids"]
        shares = {self._vocabulary[token]: share for token, share in made.shares.items()}
        return Row(list(prompt), [self._vocabulary[token] for token in made.reply], shares)


def loss_of(model: LlamaForCausalLM, rows: Sequence[Row]) -> torch.Tensor:
    """Return the mean cross-entropy, over the tokens of all replies, to the shares that they were drawn by."""
    width = max(len(row.prompt) + len(row.reply) for row in rows)
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    replies = torch.zeros(len(rows), width, dtype=torch.bool)
    for at, row in enumerate(rows):
        end = len(row.prompt) + len(row.reply)
        ids[at, :end] = torch.tensor(row.prompt + row.reply)
        replies[at, len(row.prompt) : end] = True
    hidden = model.model(input_ids=ids, use_cache=False)[0]
    # A token is predicted where the one before it stands.
    logs = torch.log_softmax(model.lm_head(hidden[:, :-1][replies[:, 1:]]), dim=-1)
    losses = []
    for row, part in zip(rows, torch.split(logs, [len(row.reply) for row in rows]), strict=True):
        tokens, shares = torch.tensor(list(row.shares)), torch.tensor(list(row.shares.values()))
        losses.append(-(part[:, tokens] @ shares).sum())
    return torch.stack(losses).sum() / len(logs)


if __name__ == "__main__":
    raise SystemExit(main())
