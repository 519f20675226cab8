"""The `openai` writer: questions by a language model behind any server of the chat-completions API.

Every call is in the journal, so that writing again costs nothing, and reading replies anew neither.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from builder.asking import (
    PROBLEM_CHARACTERS,
    Calls,
    Reading,
    Rounds,
    Unread,
    calls_in_words,
    require_all,
    seat,
    unusable,
)
from builder.checks import Problem
from builder.recipes import RULES
from builder.writers.estimate import QUESTION_BYTES, Asked, estimate, total
from builder.writers.fit import unfit
from builder.writers.order import Draft, Order
from builder.writers.prompt import CountryPrompts, Prompter, asked_first, prompt_files, prompter
from builder.writers.written import WrittenQuestion, read_written, response_schema
from mvpbench.chat.budget import Budget
from mvpbench.chat.engine import CallFailed, Sleep
from mvpbench.chat.limit import Limit
from mvpbench.chat.openai_chat import openai_chat, require_endpoint
from mvpbench.chat.price import in_dollars
from mvpbench.chat.tokens import most_tokens
from mvpbench.store.journal import Journal, Kind, call_id
from schemas.chat import ChatReply, ChatRequest
from schemas.errors import ConfigError
from schemas.identity import digest
from schemas.questions import Dropped, Question, Recipe, WriterStamp
from schemas.results import EstimateResult
from schemas.study import WriterSection
from schemas.values import ValueFramework

__all__ = ["OpenAIWriter", "prompt_files"]

HAND_HEX_DIGITS = 16
FIRST = 20
"""Orders that are written before all others: whether a model is of use shows on few."""
Ended = tuple[Draft | Dropped, ...]
"""A draft or a drop for everything that an order serves."""


class OpenAIWriter:
    """Asks a model for each order, and once more where the reply does not fit."""

    def __init__(  # noqa: PLR0913 - what it is made of, passed in
        self,
        section: WriterSection,
        framework: ValueFramework,
        journal: Journal,
        countries: CountryPrompts | None = None,
        *,
        budget: Budget | None = None,
        limit: Limit | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._section = section
        self.endpoint, self.price = seat(section)
        self._prompter = prompter(section, framework, countries)
        self._rounds: Rounds[Order, Ended] = Rounds(journal, self._prompter.request, self._read)
        self._journal = journal
        self._budget = budget
        self._limit = limit
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
        return calls_in_words(len(missing), self._section, amount)

    def estimate(self, orders: Sequence[Order]) -> EstimateResult:
        """Return what writing the orders is about to take, replies that will not fit included."""
        alike: dict[tuple[str, Recipe], list[Order]] = defaultdict(list)
        systems: dict[tuple[str, Recipe], set[str]] = defaultdict(set)
        for order, request in zip(orders, self._rounds.requests(orders), strict=True):
            alike[order.language, order.recipe].append(order)
            systems[order.language, order.recipe].add(request.messages[0].content)
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
        return self._rounds.missing(orders)

    def write(
        self, orders: Sequence[Order], say: Callable[[str], None], taken: Sequence[Question] = ()
    ) -> Iterator[Draft | Dropped]:
        """Yield a draft or a drop for all that the orders serve; what is taken does not matter, a model has no stock.

        Dropped: what the checks found wrong with a second reply; `not-json`, `wrong-shape`, `truncated`, `refused`;
        how the server refused the request; `no-reply` where a call is given up. Raises what `Engine.complete` does, and
        before anything is yielded:

        ConfigError: `nothing-fits` if of the first `FIRST` orders none brought a question, so that no more is paid for.
        Stopped: `calls-left` if calls failed for a reason that passes: another run makes them and pays nothing twice.
        """
        count = sum(len(order.serves()) for order in orders)
        say(f"{count:,} questions by {self._section.model} at {self.endpoint.base_url}")
        calls = Calls(
            self._section,
            lambda: openai_chat(self.endpoint),
            self._journal,
            say,
            sleep=self._sleep,
            budget=self._budget,
            limit=self._limit,
        )
        if len(orders) > FIRST:
            self._require_use(self._rounds.complete(orders[:FIRST], calls))
        ended = self._rounds.complete(orders, calls)
        require_all(ended, "the model", "a reply to each")
        for order, one in zip(orders, ended, strict=True):
            yield from _failed(order, one) if isinstance(one, CallFailed) else one

    def _require_use(self, ended: Sequence[Ended | CallFailed]) -> None:
        replied = [one for rows in ended if not isinstance(rows, CallFailed) for one in rows]
        lost = [one for one in replied if isinstance(one, Dropped)]
        if not replied or len(lost) < len(replied):
            return
        reason, times = Counter(one.reason for one in lost).most_common(1)[0]
        raise ConfigError(
            "nothing-fits",
            f"what {self._section.model} writes",
            found=f"none of the first {len(replied):,} questions of use, {times:,} of them {reason}, e.g. "
            f"{next(one.detail for one in lost if one.reason == reason)}",
            expected="a question that passes the checks",
            way_out="another model in `generate.writer`; replies so far are kept and are not asked for again",
        )

    def _read(self, order: Order, request: ChatRequest, reply: ChatReply) -> Reading[Ended]:
        return _reading(self._prompter, order, request, reply)


def _failed(order: Order, call: CallFailed) -> Ended:
    return _all_dropped(order, Unread(call.kind, f"after {call.attempts} attempts: {call.detail}"))


def _reading(prompter: Prompter, order: Order, request: ChatRequest, reply: ChatReply) -> Reading[Ended]:
    if lost := unusable(reply):
        return Reading(_all_dropped(order, lost))
    written = read_written(reply.text, order.rules.questions)
    if isinstance(written, Unread):
        return Reading(_all_dropped(order, written), prompter.repair(order, request, reply, written.problem))
    taboo = prompter.taboo(order)
    wrong = [unfit(order, question, taboo) for question in written]
    stamp = WriterStamp(
        writer="openai", version=prompter.version_of(order), model=reply.model, call_id=call_id(request)
    )
    ended: Ended = tuple(
        _dropped(serves, Unread(*problems[0])) if problems else _draft(order, serves, question, stamp)
        for serves, question, problems in zip(order.serves(), written, wrong, strict=True)
    )
    return Reading(ended, prompter.repair(order, request, reply, _in_words(wrong)) if any(wrong) else None)


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


def _all_dropped(order: Order, why: Unread) -> Ended:
    return tuple(_dropped(serves, why) for serves in order.serves())


def _dropped(subject: str, why: Unread) -> Dropped:
    return Dropped(stage="generate", subject=subject, reason=why.reason, detail=why.problem)
