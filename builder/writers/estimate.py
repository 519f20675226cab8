"""What calls will take, before one is made: calls, tokens and price.

Where the journal holds replies of the same model to the same kind of request, tokens come from these; else from what
the prompts ask for. A preview of twenty questions is such replies, and the calls are not wasted. A language is a kind
of its own: a token is fewer bytes in one than in another.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from builder.writers.written import WrittenQuestion
from mvpbench.chat.endpoint import OFFICIAL_URL
from mvpbench.chat.price import Price
from mvpbench.chat.tokens import BYTES_PER_TOKEN
from mvpbench.store.journal import Journal, Kind
from schemas.chat import ChatRequest, Usage
from schemas.results import EstimateResult

NOTHING_LEFT = "nothing is left to be asked"
ENOUGH_REPLIES = 10
LOOKED_AT = 2000
"""Replies of a kind, the newest."""
TWICE_ASKED = 0.03
"""Share of replies taken not to fit where nothing is known of the model: a few in a hundred."""
BYTES_PER_WORD = 5.3
"""Of English, with the space after it: what the questions and answers of the template writer's bank come to."""
TOPIC_BYTES = round(2.5 * BYTES_PER_WORD)
"""The prompts ask for two or three words, ..."""
TEXT_BYTES = round(26 * BYTES_PER_WORD)
"""... one to three sentences, which are 26 words in the bank, ..."""
ANSWER_BYTES = round(45 * BYTES_PER_WORD)
"""... and 30 to 60 words an answer."""
QUESTION_BYTES = (
    len(json.dumps(dict.fromkeys(WrittenQuestion.model_fields, ""))) + TOPIC_BYTES + TEXT_BYTES + 2 * ANSWER_BYTES
)
"""Of one written question, with the JSON around its texts."""


class Asked(NamedTuple):
    """Who is asked, and for how much."""

    base_url: str
    price: Price | None
    reply_bytes: float
    """Of a reply as the prompt asks for it."""
    kinds: Sequence[Kind]
    """What earlier requests must be like to tell of these: the first of which there are enough replies."""


class _Seen(NamedTuple):
    """What earlier replies took."""

    prompt_ratio: float
    """Tokens that the server counted over those that we do."""
    completion: float
    """Tokens of a reply."""
    again: float
    """Share of requests asked for once more."""
    longer: float
    """Tokens of the prompt of such a request over those of a first one, by our count."""


def estimate(calls: Sequence[ChatRequest], asked: Asked, journal: Journal) -> EstimateResult:
    """Return what `calls`, all of one kind, will take, those for replies that do not fit included."""
    if not calls:
        return EstimateResult(calls=0, prompt_tokens=0, completion_tokens=0, usd=0.0, basis=NOTHING_LEFT)
    repairs = sum(map(_is_repair, calls))
    seen, basis = _seen(repairs, asked, journal)
    again = seen.again * (len(calls) - repairs)
    counted = sum(_prompt_tokens(call, asked.base_url) for call in calls)
    usage = Usage(
        prompt_tokens=round(seen.prompt_ratio * counted * (1 + again / len(calls) * seen.longer)),
        completion_tokens=round(seen.completion * (len(calls) + again)),
    )
    return EstimateResult(
        calls=round(len(calls) + again),
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        usd=None if asked.price is None else asked.price.of(usage),
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


def _seen(waiting: int, asked: Asked, journal: Journal) -> tuple[_Seen, str]:
    """Return what is known of such calls; `waiting` repairs are known to be needed, and not made yet."""
    for kind in asked.kinds:
        replied = journal.replied(kind, LOOKED_AT)
        if sum(not _is_repair(request) for request, _ in replied) >= ENOUGH_REPLIES:
            return _told(replied, waiting, asked.base_url), "earlier replies of this model to requests of this kind"
    basis = f"what the prompts ask for, as there are fewer than {ENOUGH_REPLIES} replies of this model to such yet"
    return _Seen(1.0, asked.reply_bytes / BYTES_PER_TOKEN, TWICE_ASKED, 1.5), basis


def _told(replied: Sequence[tuple[ChatRequest, Usage]], waiting: int, base_url: str) -> _Seen:
    firsts = [_prompt_tokens(request, base_url) for request, _ in replied if not _is_repair(request)]
    repairs = [_prompt_tokens(request, base_url) for request, _ in replied if _is_repair(request)]
    mean_first = sum(firsts) / len(firsts)
    mean_again = sum(repairs) / len(repairs) if repairs else mean_first
    return _Seen(
        prompt_ratio=sum(usage.prompt_tokens for _, usage in replied) / sum((*firsts, *repairs)),
        completion=sum(usage.completion_tokens for _, usage in replied) / len(replied),
        again=min((len(repairs) + waiting) / len(firsts), 1.0),
        longer=mean_again / mean_first,
    )


def _prompt_tokens(request: ChatRequest, base_url: str) -> int:
    """Return how many tokens the prompt is likely to be counted for: `most_tokens` holds back more.

    The official server shows the model the schema of the reply, without what only the grammar needs; others bind the
    reply to the grammar alone.
    """
    size = sum(len(message.content.encode()) for message in request.messages)
    if request.response_schema is not None and base_url.rstrip("/") == OFFICIAL_URL:
        size += len(json.dumps(_shown(json.loads(request.response_schema))))
    return -(-size // BYTES_PER_TOKEN)


def _shown(schema: object) -> object:
    """Return a schema as the official server counts it, by openai/openai-cookbook, issue 2140."""
    match schema:
        case dict():
            return {key: _shown(schema[key]) for key in schema if key not in {"required", "additionalProperties"}}
        case list():
            return [_shown(part) for part in schema]
        case _:
            return schema


def _is_repair(request: ChatRequest) -> bool:
    """Whether the model is shown an earlier reply of its own."""
    return any(message.role == "assistant" for message in request.messages)
