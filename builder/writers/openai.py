"""The `openai` writer: questions by a language model behind any server of the chat-completions API.

Every call is in the journal, so that writing again costs nothing, and reading replies anew neither.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence

from builder.writers.order import Draft, Order
from builder.writers.prompt import CountryPrompts, Prompter, asked_first, prompt_files, prompter
from builder.writers.written import Misfit, WrittenQuestion, read_written
from mvpbench.chat.engine import CallFailed, EngineSettings, Sleep, complete_all
from mvpbench.chat.openai_chat import OFFICIAL_URL, Endpoint, openai_chat, require_endpoint
from mvpbench.chat.price import Price
from mvpbench.store.journal import Journal, call_id
from schemas.chat import ChatReply, ChatRequest, Usage
from schemas.errors import Stopped
from schemas.identity import digest
from schemas.questions import Dropped, Question, WriterStamp
from schemas.study import WriterSection
from schemas.values import ValueFramework

__all__ = ["OpenAIWriter", "prompt_files"]

HAND_HEX_DIGITS = 16
BYTES_PER_TOKEN = 4
"""Of a prompt, about: English with byte-pair encodings of today."""

UNUSABLE = {"length": "truncated", "refusal": "refused", "content_filter": "refused"}
"""How a reply ended -> why it was dropped: asking again in other words would be asking for something else."""


class OpenAIWriter:
    """Asks a model for each question, and once more where the reply does not fit."""

    def __init__(
        self,
        section: WriterSection,
        framework: ValueFramework,
        journal: Journal,
        countries: CountryPrompts | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._section = section
        self._endpoint = Endpoint(section.base_url or OFFICIAL_URL, section.key_env)
        self._prompter = prompter(section, framework, countries)
        self._journal = journal
        self._sleep = sleep

    def hand(self, order: Order) -> str:
        """Return kind, prompts, model and the hash of the person's words: other words, or none now, ask for another."""
        words = digest("concern", order.concern)[:HAND_HEX_DIGITS] if order.concern else "none"
        return f"openai {self._prompter.version_of(order)} {self._section.model} words {words}"

    def price(self, orders: Sequence[Order]) -> str | None:
        """Return the calls that are not in the journal yet and what they may cost, or None where all are.

        Replies that do not fit are asked for once more; these calls are known only afterwards.

        Raises:
            ConfigError: calls are to be made, and address or key are missing or malformed.
        """
        missing = [request for request in map(self._next_call, orders) if request is not None]
        if not missing:
            return None
        require_endpoint(self._endpoint)
        price = _price(self._section)
        amount = "price unknown"
        if price is not None:
            dollars = sum(price.of(_most_tokens(request)) for request in missing)
            amount = f"up to about ${dollars:,.2f}, and more for replies that have to be asked for again"
        calls = "model call" if len(missing) == 1 else "model calls"
        return f"{len(missing):,} {calls} to {self._section.model} at {self._endpoint.base_url} ({amount})"

    def write(
        self, orders: Sequence[Order], say: Callable[[str], None], taken: Sequence[Question] = ()
    ) -> Iterator[Draft | Dropped]:
        """Yield a draft or a drop an order; what is taken does not matter, a model's stock has no end.

        Dropped: what `read_written` found wrong with a second reply; `truncated`, `refused`; or how the server refused
        the request. Raises what `complete_all` does, and before anything is yielded:

        Stopped: `calls-left` if calls failed for a reason that passes: another run makes them and pays nothing twice.
        """
        say(f"{len(orders):,} questions by {self._section.model} at {self._endpoint.base_url}")
        asked = [self._prompter.request(order) for order in orders]
        replies = self._complete(asked, say)
        judged = self._judge_all(orders, asked, replies)
        again = [place for place, outcome in enumerate(judged) if isinstance(outcome, ChatRequest)]
        if again:
            say(f"{len(again):,} replies did not fit and are asked for once more")
        repairs = [outcome for outcome in judged if isinstance(outcome, ChatRequest)]
        replies_again = self._complete(repairs, say)
        _require_all([*replies, *replies_again])
        mended = self._judge_all([orders[place] for place in again], repairs, replies_again, last=True)
        judged_again = dict(zip(again, mended, strict=True))
        for place, outcome in enumerate(judged):
            final = judged_again.get(place, outcome)
            if not isinstance(final, ChatRequest):
                yield final

    def _complete(self, requests: Sequence[ChatRequest], say: Callable[[str], None]) -> list[ChatReply | CallFailed]:
        settings = EngineSettings(in_flight=self._section.in_flight, price=_price(self._section))
        return complete_all(
            requests, lambda: openai_chat(self._endpoint), self._journal, settings, say, sleep=self._sleep
        )

    def _judge_all(
        self,
        orders: Sequence[Order],
        requests: Sequence[ChatRequest],
        results: Sequence[ChatReply | CallFailed],
        *,
        last: bool = False,
    ) -> list[Draft | Dropped | ChatRequest]:
        rows = zip(orders, requests, results, strict=True)
        return [_judge(self._prompter, order, request, result, last=last) for order, request, result in rows]

    def _next_call(self, order: Order) -> ChatRequest | None:
        """The call that is to be made for an order, as far as the journal tells; None if it is done."""
        request = self._prompter.request(order)
        reply = self._journal.reply_to(request)
        if reply is None:
            return request
        outcome = _judge(self._prompter, order, request, reply, last=False)
        if isinstance(outcome, ChatRequest) and self._journal.reply_to(outcome) is None:
            return outcome
        return None


def _require_all(results: Sequence[ChatReply | CallFailed]) -> None:
    left = [result for result in results if isinstance(result, CallFailed) and result.retry]
    if left:
        raise Stopped(
            "calls-left",
            "calls to the model",
            found=f"{len(left):,} of {len(results):,} left that failed for now, the last by {left[-1].kind}: "
            f"{left[-1].detail}",
            expected="a reply to each",
            way_out="replies so far are kept: run the same command again to make the calls that are left",
        )


def _judge(
    prompter: Prompter, order: Order, request: ChatRequest, result: ChatReply | CallFailed, *, last: bool
) -> Draft | Dropped | ChatRequest:
    """Return the draft in a result, why there is none, or the request for a better one unless this was the last."""
    if isinstance(result, CallFailed):
        return _dropped(order, result.kind, f"after {result.attempts} attempts: {result.detail}")
    if result.finish_reason in UNUSABLE:
        return _dropped(order, UNUSABLE[result.finish_reason], f"finish reason {result.finish_reason}")
    written = read_written(result.text, prompter.taboo(order))
    match written:
        case WrittenQuestion():
            return _draft(prompter, order, request, result, written)
        case Misfit(reason, problem) if last:
            return _dropped(order, reason, problem)
        case Misfit(_, problem):
            return prompter.repair(order, request, result, problem)


def _draft(prompter: Prompter, order: Order, request: ChatRequest, reply: ChatReply, written: WrittenQuestion) -> Draft:
    first, second = asked_first(order)
    version = prompter.version_of(order)
    texts = {first: written.answer_1, second: written.answer_2}
    return Draft(
        match_id=order.match_id,
        topic=written.topic,
        text=written.question,
        answers={side: texts[side] for side in order.sides()},
        stamp=WriterStamp(writer="openai", version=version, model=reply.model, call_id=call_id(request)),
    )


def _dropped(order: Order, reason: str, detail: str) -> Dropped:
    return Dropped(stage="generate", subject=order.match_id, reason=reason, detail=detail)


def _price(section: WriterSection) -> Price | None:
    prompt, completion = section.price_per_million_prompt_tokens, section.price_per_million_completion_tokens
    return None if prompt is None or completion is None else Price(prompt=prompt, completion=completion)


def _most_tokens(request: ChatRequest) -> Usage:
    size = sum(len(message.content.encode()) for message in request.messages) + len(request.response_schema or "")
    return Usage(prompt_tokens=size // BYTES_PER_TOKEN, completion_tokens=request.max_tokens)
