"""What writing will take, before a call is made: calls, tokens and price.

Where the journal holds replies of the same model to the same kind of request, tokens come from these; else from what
the prompts ask for. A preview of twenty questions is such replies, and the calls are not wasted.
"""

from collections.abc import Sequence
from typing import NamedTuple

from mvpbench.chat.price import Price
from mvpbench.chat.tokens import BYTES_PER_TOKEN, prompt_tokens
from mvpbench.store.journal import Journal
from schemas.chat import ChatRequest, Usage
from schemas.results import EstimateResult

NOTHING_LEFT = "nothing is left to be asked"
ENOUGH_REPLIES = 10
LOOKED_AT = 2000
"""Replies, the newest."""
TWICE_ASKED = 0.05
"""Share of replies taken not to fit where nothing is known of the model."""
QUESTION_BYTES = 790
"""Of one written question, about, in English: the prompt asks for a topic of three words, one to three sentences and
two answers of 30 to 60 words, 125 words in all of 5.8 letters with the space, and 65 bytes of JSON around them."""


class _Seen(NamedTuple):
    """What earlier replies took."""

    replies: int
    prompt_ratio: float
    """Tokens that the server counted over those that we do."""
    completion: float
    """Tokens of a reply."""
    again: float
    """Share of requests asked for once more."""
    longer: float
    """Tokens of the prompt of such a request over those of a first one, by our count."""


def estimate(calls: Sequence[ChatRequest], questions: int, journal: Journal, price: Price | None) -> EstimateResult:
    """Return what `calls`, each for so many `questions`, will take, those for replies that do not fit included."""
    if not calls:
        return EstimateResult(calls=0, prompt_tokens=0, completion_tokens=0, usd=0.0, basis=NOTHING_LEFT)
    seen, basis = _seen(calls[0], questions, journal)
    first = sum(1 for call in calls if not _is_repair(call))
    again = seen.again * first
    counted = sum(map(prompt_tokens, calls))
    usage = Usage(
        prompt_tokens=round(seen.prompt_ratio * counted * (1 + again / len(calls) * seen.longer)),
        completion_tokens=round(seen.completion * (len(calls) + again)),
    )
    return EstimateResult(
        calls=round(len(calls) + again),
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        usd=None if price is None else price.of(usage),
        basis=basis,
    )


def total(parts: Sequence[EstimateResult]) -> EstimateResult:
    """Return the sum of several; its price is unknown where one of theirs is."""
    known = [part.usd for part in parts if part.usd is not None]
    return EstimateResult(
        calls=sum(part.calls for part in parts),
        prompt_tokens=sum(part.prompt_tokens for part in parts),
        completion_tokens=sum(part.completion_tokens for part in parts),
        usd=sum(known) if len(known) == len(parts) else None,
        basis="; ".join(dict.fromkeys(part.basis for part in parts if part.calls)) or NOTHING_LEFT,
    )


def _seen(like: ChatRequest, questions: int, journal: Journal) -> tuple[_Seen, str]:
    replied = [
        (request, usage)
        for request, usage in journal.replied(LOOKED_AT)
        if (request.model, request.response_schema) == (like.model, like.response_schema)
    ]
    firsts = [row for row in replied if not _is_repair(row[0])]
    repairs = [row for row in replied if _is_repair(row[0])]
    if len(firsts) < ENOUGH_REPLIES:
        completion = questions * QUESTION_BYTES / BYTES_PER_TOKEN
        basis = f"what the prompts ask for, as there are fewer than {ENOUGH_REPLIES} replies of this model yet"
        return _Seen(0, 1.0, completion, TWICE_ASKED, 1.5), basis
    ours = sum(prompt_tokens(request) for request, _ in replied)
    mean_first = sum(prompt_tokens(request) for request, _ in firsts) / len(firsts)
    mean_again = sum(prompt_tokens(request) for request, _ in repairs) / len(repairs) if repairs else mean_first
    return (
        _Seen(
            replies=len(replied),
            prompt_ratio=sum(usage.prompt_tokens for _, usage in replied) / ours,
            completion=sum(usage.completion_tokens for _, usage in replied) / len(replied),
            again=len(repairs) / len(firsts),
            longer=mean_again / mean_first,
        ),
        f"{len(replied):,} replies of this model to requests of this kind",
    )


def _is_repair(request: ChatRequest) -> bool:
    """Whether the model is shown an earlier reply of its own."""
    return any(message.role == "assistant" for message in request.messages)
