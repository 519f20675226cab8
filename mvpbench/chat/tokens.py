"""How many tokens a request may take: the most, to hold back money for it."""

from schemas.chat import ChatRequest, Usage

BYTES_PER_TOKEN = 4
"""Of English with byte-pair encodings of today, about; of most other scripts in UTF-8 too, as their letters take two or
three bytes and a token of them holds fewer."""


def prompt_tokens(request: ChatRequest) -> int:
    """Return how many tokens the prompt takes, about: UTF-8 bytes of messages and schema over `BYTES_PER_TOKEN`."""
    size = sum(len(message.content.encode()) for message in request.messages) + len(request.response_schema or "")
    return -(-size // BYTES_PER_TOKEN)


def most_tokens(request: ChatRequest) -> Usage:
    """Return the prompt, about, with the longest reply that is allowed."""
    return Usage(prompt_tokens=prompt_tokens(request), completion_tokens=request.max_tokens)
