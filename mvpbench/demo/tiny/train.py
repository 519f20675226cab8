"""Train the tiny model of the demo: `python -m mvpbench.demo.tiny.train --out DIR --seed 1` (one core, minutes).

A Llama of half a million parameters that can do one thing: read a value profile in the format of `eval.prompts` and
speak accordingly. It shows that the machinery works, and says nothing about language models.
"""

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from mvpbench.demo.tiny.exercises import LOOKING_UP, SPEAKING, Exercise, Material, exercises, load_material
from mvpbench.demo.tiny.tokens import ASSISTANT, END, USER, make_tokenizer
from schemas.identity import seed as seed_of

CONTEXT = 768
STEPS = 2400
PHASES = ((0.15, LOOKING_UP), (1.0, SPEAKING))
"""Up to which share of the steps a mix of exercises is used, in this order."""
PEOPLE = 16
"""People a step."""
QUESTIONS = 2
"""Exercises a person."""
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
        hidden_size=112,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=256,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
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
    optimizer = AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    schedule = OneCycleLR(optimizer, max_lr=LEARNING_RATE, total_steps=steps, pct_start=0.1)
    model.train()
    for step in range(1, steps + 1):
        mix = next(mix for share, mix in PHASES if step <= share * steps)
        rows = [make_row(tokenizer, exercises(material, draw, QUESTIONS, mix)) for _ in range(PEOPLE)]
        loss = loss_of(model, collate(rows))
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        if step % 50 == 0 or step == steps:
            sys.stderr.write(f"step {step} of {steps}: loss {loss.item():.3f}\n")


class Row(NamedTuple):
    """Several exercises about one person in one row: what their prompts share stands first, once."""

    ids: list[int]
    branch: list[int]
    """0 for the shared start, else the number of the exercise; one does not see another."""
    position: list[int]
    """Counted on from the shared start in every exercise, as if it stood alone."""
    reply: list[bool]


class Batch(NamedTuple):
    """The fields of `Row` as tensors (rows, tokens)."""

    ids: torch.Tensor
    branch: torch.Tensor
    position: torch.Tensor
    reply: torch.Tensor


def make_row(tokenizer: PreTrainedTokenizerFast, made: Sequence[Exercise]) -> Row:
    """Return the row of `made`, whose prompts begin alike."""
    prompts = [list(tokenizer(f"{USER}{one.messages[0].content}{END}{ASSISTANT}")["input_ids"]) for one in made]
    replies = [list(tokenizer(one.reply + END)["input_ids"]) for one in made]
    shared = _shared(prompts)
    row = Row(prompts[0][:shared], [0] * shared, list(range(shared)), [False] * shared)
    for number, (prompt_ids, reply_ids) in enumerate(zip(prompts, replies, strict=True), start=1):
        rest = prompt_ids[shared:]
        row.ids.extend(rest + reply_ids)
        row.branch.extend([number] * (len(rest) + len(reply_ids)))
        row.position.extend(range(shared, shared + len(rest) + len(reply_ids)))
        row.reply.extend([False] * len(rest) + [True] * len(reply_ids))
    return row


def _shared(prompts: Sequence[Sequence[int]]) -> int:
    """Return how many tokens all prompts begin with alike."""
    for place, tokens in enumerate(zip(*prompts, strict=False)):
        if len(set(tokens)) > 1:
            return place
    return min(map(len, prompts))


def collate(rows: Sequence[Row]) -> Batch:
    """Return tensors of shape (rows, longest), padded on the right with a branch of its own (-1)."""
    width = max(len(row.ids) for row in rows)
    fields = (
        [[*getattr(row, name), *[fill] * (width - len(row.ids))] for row in rows]
        for name, fill in (("ids", 0), ("branch", -1), ("position", 0), ("reply", False))
    )
    return Batch(*(torch.tensor(field) for field in fields))


def loss_of(model: LlamaForCausalLM, batch: Batch) -> torch.Tensor:
    """Return the mean cross-entropy over the tokens of all replies."""
    query, key = batch.branch.unsqueeze(2), batch.branch.unsqueeze(1)
    seen = ((query == key) | (key == 0)) & torch.ones_like(query == key).tril()
    mask = torch.zeros(seen.shape).masked_fill(~seen, torch.finfo(torch.float32).min).unsqueeze(1)
    hidden = model.model(input_ids=batch.ids, attention_mask=mask, position_ids=batch.position, use_cache=False)[0]
    # The first token of every reply is predicted where its own prompt ends: the place before it in the row.
    logits = model.lm_head(hidden[:, :-1][batch.reply[:, 1:]])
    return torch.nn.functional.cross_entropy(logits, batch.ids[:, 1:][batch.reply[:, 1:]])


if __name__ == "__main__":
    raise SystemExit(main())
