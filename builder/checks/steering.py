"""Text from a survey that tries to instruct a model."""

import re
from functools import cache, lru_cache

from builder.checks.phrases import Phrases
from builder.checks.text import READ_CHARACTERS, read
from builder.checks.words import listed, words_of

# Tags and roles of prompts and of chat templates.
_TAGS = re.compile(
    r"</?\s?(?:system|user|assistant|human|concern|instructions?|prompt|data|context|im_start|im_end)\b[^<>]{0,100}>"
    r"|<\|[a-z_]{2,40}\|>|<<sys>>|\[/?(?:inst|system|assistant)\]"
    r"|^[ \t#*]{0,8}(?:system|assistant|user|human)[ \t*]{0,4}:|\#\#\#[ ]?(?:instruction|system|response|task)"
    r"|\{[\"']role[\"']|[\"']role[\"']\s?:|end of (?:prompt|instructions|concern|data)|begin system",
    re.IGNORECASE | re.MULTILINE,
)


@lru_cache(maxsize=64)  # a record's three questions follow one another
def steers(words: str) -> bool:
    """Say whether `words` seem to instruct a model, in any of the languages that have word lists.

    For a flag beside the text, never a reason to leave a person out: people also write about instructions.
    """
    texts = (words[:READ_CHARACTERS], read(words).text)
    return any(_TAGS.search(text) for text in texts) or _steering().within(words)


@cache
def _steering() -> Phrases:
    return Phrases(entry for language in listed() for entry in words_of(language).steering)
