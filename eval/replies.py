"""Greedy replies of a local model."""

from collections.abc import Sequence
from typing import Any

import torch

from eval.local import LocalModel
from schemas.chat import Message


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
