"""Greedy replies, and which of two answers a reply is nearest to: by shared words, with no model as judge."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

import torch

from eval.local import LocalModel
from schemas.chat import Message

Chosen = Literal["expected", "other", "neither"]

MARGIN = 0.05
"""Difference in F1 below which a reply counts as near neither: about one word in twenty."""

STOP_WORDS = frozenset(
    (
        "a", "about", "also", "an", "and", "are", "as", "at", "be", "because", "but", "by", "can", "do", "for", "from",
        "has", "have", "i", "if", "in", "is", "it", "its", "may", "more", "most", "my", "no", "not", "of", "on", "or",
        "our", "so", "some", "than", "that", "the", "their", "them", "then", "there", "they", "this", "to", "was", "we",
        "what", "when", "which", "who", "will", "with", "would", "you", "your",
    )
)  # fmt: skip
"""English words that tell nothing even where one answer alone has them. Other languages go without such a list."""

_WORD = re.compile(r"\w+(?:['’]\w+)*")


def replies(
    local: LocalModel, prompts: Sequence[tuple[Message, ...]], max_tokens: int = 160, batch: int = 16
) -> list[str]:
    """Return the greedy reply to each prompt, in order; cut after `max_tokens` tokens if the model does not end it.

    Empty where the prompt leaves no room for a single token. The longest prompts go first, `batch` at a time.
    """
    ids = [local.prompt_ids(messages) for messages in prompts]
    order = sorted(range(len(ids)), key=lambda index: (-len(ids[index]), index))
    texts = [""] * len(ids)
    fitting = [index for index in order if len(ids[index]) < local.context]
    for start in range(0, len(fitting), batch):
        places = fitting[start : start + batch]
        found = _generate(local, [ids[place] for place in places], max_tokens)
        for place, text in zip(places, found, strict=True):
            texts[place] = text
    return texts


def nearest(reply: str, expected: str, other: str) -> Chosen:
    """Return which answer `reply` shares more with, or `neither`.

    Words that both answers contain are left out, as they tell nothing, and `STOP_WORDS`; on what is left, the F1 of the
    reply's words with each answer's words (bags, casefolded) is compared, and the larger must lead by `MARGIN`. A rule
    on words: it sees neither negation nor paraphrase, and nearly nothing in a script without spaces.
    """
    ours, theirs = _words(expected), _words(other)
    both = (ours.keys() & theirs.keys()) | STOP_WORDS
    said = _words(reply)
    lead = _f1(said, ours, both) - _f1(said, theirs, both)
    if abs(lead) < MARGIN:
        return "neither"
    return "expected" if lead > 0 else "other"


@torch.inference_mode()
def _generate(local: LocalModel, prompts: Sequence[list[int]], max_tokens: int) -> list[str]:
    """Generate for one batch, padded on the left."""
    width = max(len(prompt) for prompt in prompts)
    device = local.model.device
    ids = torch.tensor([[local.pad] * (width - len(prompt)) + prompt for prompt in prompts], device=device)
    seen = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=device)
    model: Any = local.model
    made = model.generate(
        input_ids=ids,
        attention_mask=seen,
        do_sample=False,
        num_beams=1,
        temperature=None,
        top_p=None,
        top_k=None,
        repetition_penalty=1.0,
        max_new_tokens=min(max_tokens, local.context - width),
        pad_token_id=local.pad,
    )
    return [str(text).strip() for text in local.tokenizer.batch_decode(made[:, width:], skip_special_tokens=True)]


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.casefold()))


def _f1(said: Counter[str], answer: Counter[str], without: frozenset[str] | set[str]) -> float:
    """Return 2 * shared / (words said + words of the answer), words in `without` apart; 0 where nothing is left."""
    said = Counter({word: count for word, count in said.items() if word not in without})
    answer = Counter({word: count for word, count in answer.items() if word not in without})
    total = said.total() + answer.total()
    return 2 * (said & answer).total() / total if total else 0.0
