"""The tiny model's own tokenizer: whole words, so that answers of as many words have about as many tokens.

With byte pieces the number of pieces decided nearly alone which of two answers was likelier (docs/experiments.md). A
word that is neither in the vocabulary nor one of its words with an ending is `UNKNOWN`: the model sees that there is a
word, not which one. Case is ignored.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from builder.survey.countries import country_name
from eval.prompts import FOR_A_PERSON, FOR_ANYONE, POSITIONS, heading
from mvpbench.demo.tiny.exercises import COUNTRIES, NAME_WORDS, Material, Shares, all_stems, fill

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
TEMPLATES = ("questions", "advice", "sentences")
CUES, CONTENT = ("a", "b", "c"), ("noun", "verb", "adjective", "adverb", "thing")
"""Blanks that are cue words, and those that may be an unknown word."""
STRANGE_SHARE = 0.05
SAMPLE = 4000
"""Sentences in which common words are counted."""
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


def common_shares(material: Material, tokenizer: PreTrainedTokenizerFast) -> Shares:
    """Return the shares of tokens that are no cues: half by how often sentences have them, half alike for all words.

    In the place of cues sentences have an unknown word: so has an answer of the banks in one of twenty places.
    """
    draw = random.Random(0)  # noqa: S311

    def word(blank: str) -> str:
        strange = blank in CUES or (blank in CONTENT and draw.random() < STRANGE_SHARE)
        return UNKNOWN if strange else draw.choice(material.phrases[blank])

    def tokens(text: str) -> list[str]:
        return list(tokenizer.convert_ids_to_tokens(tokenizer(text)["input_ids"]))

    templates = [*material.phrases["advice"], *material.phrases["sentences"]]
    often = Counter(token for _ in range(SAMPLE) for token in tokens(fill(draw.choice(templates), word)))
    options = [option for name, those in material.phrases.items() if name not in TEMPLATES for option in those]
    words = {token for option in options for token in tokens(option)} | {f"##{ending}" for ending in ENDINGS}
    for stem in all_stems(material.cues):
        often.pop(stem, None)
        words.discard(stem)
    total = often.total()
    return {
        token: 0.5 * often[token] / total + 0.5 * (token in words) / len(words) for token in sorted({*often, *words})
    }


def _words(material: Material) -> set[str]:
    """Return every word of the material, lower case, and the numbers of a score."""
    texts: list[str] = [country_name(code) for code in COUNTRIES]
    for group in (material.phrases, material.people):
        for name, options in group.items():
            texts += [name.replace("_", " "), *options]
    words = {word for text in texts for word in _WORD.findall(re.sub(r"\{\w+\}", " ", text).lower())}
    return (
        words
        | set(all_stems(material.cues))
        | {str(number) for number in range(101)}
        | set("dts")
        | {"country", "ll", "re", "ve"}
    )


def _set_phrases(material: Material) -> Iterator[str]:
    """Yield what every prompt says in the same words, a token each: values are then easy to find."""
    yield from (FOR_A_PERSON, FOR_ANYONE, NAME_WORDS, "<person>\n", "</person>\n", "<question>\n", "\n</question>")
    dimensions = [dimension for framework in material.frameworks for dimension in framework.dimensions]
    yield from (f"; {side}\n" for one in dimensions for side in (one.high, one.low))
    yield from (heading(framework) for framework in material.frameworks)
    yield from (f": {position}," for position in sorted(POSITIONS, key=len, reverse=True))
    yield from (dimension.title for dimension in dimensions)


def _long_cues(material: Material) -> list[str]:
    """Return the cues of more than one word, longest first: a value has to be tied to each of them as a whole."""
    return sorted(
        (stem for stem in all_stems(material.cues) if not _WORD.fullmatch(stem)), key=lambda one: (-len(one), one)
    )
