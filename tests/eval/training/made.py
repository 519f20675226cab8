"""A model small enough to train in a test, with one token a word."""

from pathlib import Path

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

WORDS = (
    "<pad>",
    "<user>",
    "<assistant>",
    "<end>",
    "<unknown>",
    "warm",
    "cold",
    "say",
    "day",
    "night",
    "yes",
    "no",
    "please",
)
TEMPLATE = (
    "{% for m in messages %}{{ '<' + m['role'] + '> ' + m['content'] + ' <end> ' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<assistant> ' }}{% endif %}"
)


def made_model(folder: Path, context: int = 32) -> Path:
    """Save a random Llama of some ten thousand parameters into `folder`, and return it."""
    tokenizer = Tokenizer(WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="<unknown>"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="<end>",
        unk_token="<unknown>",
        additional_special_tokens=["<user>", "<assistant>"],
        chat_template=TEMPLATE,
        model_max_length=context,
        clean_up_tokenization_spaces=False,
    ).save_pretrained(folder)
    with torch.random.fork_rng():
        torch.manual_seed(20_240_101)
        config = LlamaConfig(
            vocab_size=len(WORDS),
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=48,
            max_position_embeddings=context,
            # Untied and wide: a tied random model says its last token again and again.
            tie_word_embeddings=False,
            initializer_range=0.2,
            bos_token_id=None,
            pad_token_id=WORDS.index("<pad>"),
            eos_token_id=WORDS.index("<end>"),
        )
        LlamaForCausalLM(config).save_pretrained(folder)
    return folder
