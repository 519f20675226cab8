"""How many tokens a request may take: the most, to hold back money for it."""

from schemas.chat import ChatRequest, Usage

BYTES_PER_TOKEN = 4
"""Of English with byte-pair encodings of today, about: to foresee with. Rare scripts take up to a token a byte."""
TEMPLATE_TOKENS = 16
"""Allowed for what a chat template puts around a message, and before the reply."""


def most_tokens(request: ChatRequest) -> Usage:
    """Return as many tokens as the prompt has UTF-8 bytes, schema included, with the longest reply that is allowed.

    A token of a byte-level encoding, or of one that falls back to bytes, is a byte at least. So a server counts no more
    unless its template adds more than is allowed for it, such as a long system prompt of its own, or unless it does not
    keep to `max_tokens`.
    """
    texts = [*(message.content for message in request.messages), request.response_schema or ""]
    around = TEMPLATE_TOKENS * (len(request.messages) + 1)
    return Usage(prompt_tokens=sum(len(text.encode()) for text in texts) + around, completion_tokens=request.max_tokens)
