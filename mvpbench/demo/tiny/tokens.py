"""The tiny model's own tokenizer: whole words, so that answers of as many words have about as many tokens.

With byte pieces the number of pieces decided nearly alone which of two answers was likelier (docs/experiments.md). A
word that is neither in the vocabulary nor one of its words with an ending is `UNKNOWN`: the model sees that there is a
word, not which one. Case is ignored.
"""

import re
from collections.abc import Iterator

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from builder.survey.countries import country_name
from eval.prompts import FOR_A_PERSON, FOR_ANYONE, POSITIONS, heading
from mvpbench.demo.tiny.exercises import COUNTRIES, Material

PAD, USER, ASSISTANT, END, UNKNOWN = "<|pad|>", "<|user|>", "<|assistant|>", "<|end|>", "<|unknown|>"
SPECIAL = (PAD, USER, ASSISTANT, END, UNKNOWN)
ENDINGS = (
    *("s", "es", "e", "ed", "d", "ing", "ly", "er", "ers", "r", "y", "ied", "ies"),
    *("t", "al", "ful", "ness", "ment", "ation"),
)
CHAT_TEMPLATE = (
    "{% for m in messages %}"
    "{{ ('<|user|>' if m['role'] == 'user' else '<|assistant|>') + m['content'] + '<|end|>' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
_WORD = re.compile(r"[^\W_]+")


def make_tokenizer(material: Material, context: int) -> PreTrainedTokenizerFast:
    """Return the tokenizer for what exercises are made of; nothing in it is drawn or learned."""
    pieces = [*SPECIAL, *".,;:?!'\"-()/&+", *sorted(_words(material)), *(f"##{ending}" for ending in ENDINGS)]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##", cleanup=True)
    tokenizer.add_special_tokens([AddedToken(text, normalized=False) for text in SPECIAL])
    tokenizer.add_tokens([AddedToken(text, normalized=False) for text in _set_phrases(material)])
    tokenizer.add_tokens([AddedToken(text, normalized=True, lstrip=True) for text in _long_cues(material)])
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=END,
        unk_token=UNKNOWN,
        chat_template=CHAT_TEMPLATE,
        model_max_length=context,
        clean_up_tokenization_spaces=False,
    )


def _words(material: Material) -> set[str]:
    """Return every word of the material, lower case, and the numbers of a score."""
    texts: list[str] = [country_name(code) for code in COUNTRIES]
    for group in (material.phrases, material.people):
        for name, options in group.items():
            texts += [name.replace("_", " "), *options]
    words = {word for text in texts for word in _WORD.findall(re.sub(r"\{\w+\}", " ", text).lower())}
    return (
        words
        | set(material.stems)
        | {str(number) for number in range(101)}
        | set("dts")
        | {"country", "ll", "re", "ve"}
    )


def _set_phrases(material: Material) -> Iterator[str]:
    """Yield what every prompt says in the same words, a token each: values are then easy to find."""
    yield from (FOR_A_PERSON, FOR_ANYONE, "<person>\n", "</person>\n", "<question>\n", "\n</question>")
    dimensions = [dimension for framework in material.frameworks for dimension in framework.dimensions]
    yield from (f"; {side}\n" for one in dimensions for side in (one.high, one.low))
    yield from (heading(framework) for framework in material.frameworks)
    yield from (f": {position}," for position in sorted(POSITIONS, key=len, reverse=True))
    yield from (dimension.title for dimension in dimensions)


def _long_cues(material: Material) -> list[str]:
    """Return the cues of more than one word, longest first: a value has to be tied to each of them as a whole."""
    return sorted((stem for stem in material.stems if not _WORD.fullmatch(stem)), key=lambda one: (-len(one), one))
