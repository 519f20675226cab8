"""The `openai` writer: questions by a language model behind any server of the chat-completions API.

Every call is in the journal, so that writing again costs nothing, and reading replies anew neither.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from builder.checks import Problem
from builder.recipes import RULES
from builder.writers.estimate import QUESTION_BYTES, Asked, estimate, total
from builder.writers.fit import unfit
from builder.writers.order import Draft, Order
from builder.writers.prompt import CountryPrompts, Prompter, asked_first, prompt_files, prompter
from builder.writers.written import Misfit, WrittenQuestion, read_written, response_schema
from mvpbench.chat.budget import Budget
from mvpbench.chat.engine import CallFailed, Engine, EngineSettings, Sleep
from mvpbench.chat.openai_chat import OFFICIAL_URL, Endpoint, openai_chat, require_endpoint
from mvpbench.chat.price import in_dollars, price_for
from mvpbench.chat.tokens import most_tokens
from mvpbench.store.journal import Journal, Kind, call_id
from schemas.chat import ChatReply, ChatRequest
from schemas.errors import Stopped
from schemas.identity import digest
from schemas.questions import Dropped, Question, Recipe, WriterStamp
from schemas.results import EstimateResult
from schemas.study import WriterSection
from schemas.values import ValueFramework

__all__ = ["OpenAIWriter", "prompt_files"]

HAND_HEX_DIGITS = 16
PROBLEM_CHARACTERS = 500
"""Of what is wrong with a reply, in the request for a better one."""

UNUSABLE = {"length": "truncated", "refusal": "refused", "content_filter": "refused"}
"""How a reply ended -> why it was dropped: asking again in other words would be asking for something else."""


class OpenAIWriter:
    """Asks a model for each order, and once more where the reply does not fit."""

    def __init__(
        self,
        section: WriterSection,
        framework: ValueFramework,
        journal: Journal,
        countries: CountryPrompts | None = None,
        *,
        budget: Budget | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._section = section
        self.endpoint = Endpoint(section.base_url or OFFICIAL_URL, section.key_env)
        self._prompter = prompter(section, framework, countries)
        self.price = price_for(section, self.endpoint.base_url)
        self._journal = journal
        self._budget = budget
        self._sleep = sleep

    def hand(self, order: Order) -> str:
        """Return kind, prompts, model and the hash of the person's words: other words, or none now, ask for another."""
        words = digest("concern", order.concern)[:HAND_HEX_DIGITS] if order.concern else "none"
        return f"openai {self._prompter.version_of(order)} {self._section.model} words {words}"

    def cost(self, orders: Sequence[Order]) -> str | None:
        """Return the calls that are not in the journal yet and what they may cost, or None where all are.

        Raises:
            ConfigError: calls are to be made, and address or key are missing or malformed.
        """
        missing = self.next_calls(orders)
        if not missing:
            return None
        require_endpoint(self.endpoint)
        foreseen = self.estimate(orders)
        amount = "price unknown" if foreseen.usd is None else f"about {in_dollars(foreseen.usd)}"
        if self.price is not None:
            most = sum(self.price.of(most_tokens(request)) for request in missing)
            amount += f", at most {in_dollars(most)} and more for replies that have to be asked for again"
        calls = "model call" if len(missing) == 1 else "model calls"
        return f"{len(missing):,} {calls} to {self._section.model} at {self.endpoint.base_url} ({amount})"

    def estimate(self, orders: Sequence[Order]) -> EstimateResult:
        """Return what writing the orders is about to take, replies that will not fit included."""
        alike: dict[tuple[str, Recipe], list[Order]] = defaultdict(list)
        systems: dict[tuple[str, Recipe], set[str]] = defaultdict(set)
        for order in orders:
            alike[order.language, order.recipe].append(order)
            systems[order.language, order.recipe].add(self._prompter.request(order).messages[0].content)
        parts = []
        for (language, recipe), group in alike.items():
            rules = RULES[recipe]
            schema = response_schema(rules.questions)
            any_recipe = set().union(*(said for (spoken, _), said in systems.items() if spoken == language))
            kinds = [Kind(self._section.model or "", schema, said) for said in (systems[language, recipe], any_recipe)]
            asked = Asked(self.endpoint.base_url, self.price, rules.questions * QUESTION_BYTES, kinds)
            parts.append(estimate(self.next_calls(group), asked, self._journal))
        return total(parts)

    def next_calls(self, orders: Sequence[Order]) -> list[ChatRequest]:
        """Return the calls that are to be made next for the orders, as far as the journal tells; each once."""
        calls = (self._next_call(order) for order in orders)
        return list(dict.fromkeys(call for call in calls if call is not None))

    def write(
        self, orders: Sequence[Order], say: Callable[[str], None], taken: Sequence[Question] = ()
    ) -> Iterator[Draft | Dropped]:
        """Yield a draft or a drop for all that the orders serve; what is taken does not matter, a model has no stock.

        Dropped: what the checks found wrong with a second reply; `not-json`, `wrong-shape`, `truncated`, `refused`; or
        how the server refused the request. Raises what `Engine.complete` does, and before anything is yielded:

        Stopped: `calls-left` if calls failed for a reason that passes: another run makes them and pays nothing twice.
        """
        say(f"{len(orders):,} questions by {self._section.model} at {self.endpoint.base_url}")
        engine = self._engine(say)
        asked = [self._prompter.request(order) for order in orders]
        replies = engine.complete(asked)
        first = [
            _judge(self._prompter, order, request, reply)
            for order, request, reply in zip(orders, asked, replies, strict=True)
        ]
        repairs = {place: outcome.repair for place, outcome in enumerate(first) if outcome.repair is not None}
        if repairs:
            say(f"{len(repairs):,} replies did not fit and are asked for once more")
        again = dict(zip(repairs, engine.complete(list(repairs.values())), strict=True))
        _require_all([*replies, *again.values()])
        for place, outcome in enumerate(first):
            request = repairs.get(place)
            if request is None:
                yield from outcome.ended
            else:
                yield from _judge(self._prompter, orders[place], request, again[place]).ended

    def _engine(self, say: Callable[[str], None]) -> Engine:
        settings = EngineSettings(in_flight=self._section.in_flight, price=self.price)
        return Engine(
            lambda: openai_chat(self.endpoint), self._journal, settings, say, budget=self._budget, sleep=self._sleep
        )

    def _next_call(self, order: Order) -> ChatRequest | None:
        request = self._prompter.request(order)
        reply = self._journal.reply_to(request)
        if reply is None:
            return request
        repair = _judge(self._prompter, order, request, reply).repair
        return repair if repair is not None and self._journal.reply_to(repair) is None else None


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


class _Judged(NamedTuple):
    ended: list[Draft | Dropped]
    """A draft or a drop for everything that the order serves, if this reply is the last."""
    repair: ChatRequest | None = None
    """What can be asked to get a better one."""


def _judge(prompter: Prompter, order: Order, request: ChatRequest, result: ChatReply | CallFailed) -> _Judged:
    if isinstance(result, CallFailed):
        return _Judged(_all_dropped(order, result.kind, f"after {result.attempts} attempts: {result.detail}"))
    if result.finish_reason in UNUSABLE:
        return _Judged(_all_dropped(order, UNUSABLE[result.finish_reason], f"finish reason {result.finish_reason}"))
    written = read_written(result.text, order.rules.questions)
    if isinstance(written, Misfit):
        repair = prompter.repair(order, request, result, written.problem)
        return _Judged(_all_dropped(order, written.reason, written.problem), repair)
    taboo = prompter.taboo(order)
    wrong = [unfit(order, question, taboo) for question in written]
    stamp = WriterStamp(
        writer="openai", version=prompter.version_of(order), model=result.model, call_id=call_id(request)
    )
    ended: list[Draft | Dropped] = []
    for serves, question, problems in zip(order.serves(), written, wrong, strict=True):
        ended.append(_dropped(serves, *problems[0]) if problems else _draft(order, serves, question, stamp))
    if not any(wrong):
        return _Judged(ended)
    return _Judged(ended, prompter.repair(order, request, result, _in_words(wrong)))


def _in_words(wrong: Sequence[Sequence[Problem]]) -> str:
    if len(wrong) == 1:
        return "; ".join(problem.problem for problem in wrong[0])[:PROBLEM_CHARACTERS]
    return "; ".join(
        f"question {number}: {problem.problem}" for number, problems in enumerate(wrong, 1) for problem in problems
    )[:PROBLEM_CHARACTERS]


def _draft(order: Order, serves: str, written: WrittenQuestion, stamp: WriterStamp) -> Draft:
    first, second = asked_first(order)
    texts = {first: written.answer_1, second: written.answer_2}
    return Draft(
        serves=serves,
        topic=written.topic,
        text=written.question,
        answers={side: texts[side] for side in order.sides},
        stamp=stamp,
    )


def _all_dropped(order: Order, reason: str, detail: str) -> list[Draft | Dropped]:
    return [_dropped(serves, reason, detail) for serves in order.serves()]


def _dropped(subject: str, reason: str, detail: str) -> Dropped:
    return Dropped(stage="generate", subject=subject, reason=reason, detail=detail)
