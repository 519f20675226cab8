"""A model asked about many things at once, and once more about those to which its reply does not fit.

A reply is read once: what is asked for a thing, and what a reply to it comes to, never change. Only whether there is
one by now is looked up, for all of them together.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from builder.asking.calls import Calls
from mvpbench.chat.engine import CallFailed, Engine
from mvpbench.store.journal import Journal
from schemas.chat import ChatReply, ChatRequest

LOOKED_UP = 1000
"""Replies at a time: they are dropped once read."""

MOST_ATTEMPTS = 15
"""That fail, over all runs, before a call is given up though the server replies to others: three runs of the engine."""
MOST_IN_SILENCE = 30
"""Where nothing was replied to since the first of them: more likely the server is at fault than what it is asked."""
COUNTED = frozenset({"timeout", "connection-lost", "server-error"})
"""Failures that can lie in what is asked; a limit on rates or a server that is not there does not."""
NO_REPLY = "no-reply"
"""The kind of a call that is given up."""

Thing = TypeVar("Thing", bound=Hashable)
Said = TypeVar("Said")


class Reading(NamedTuple, Generic[Said]):
    """What a reply comes to."""

    said: Said
    """If it is the last."""
    repair: ChatRequest | None = None
    """What can be asked to get a better one."""


class _At(NamedTuple, Generic[Said]):
    """How far a thing is."""

    request: ChatRequest
    call: str
    is_repair: bool = False
    read: Reading[Said] | None = None
    """The reply, if there is one; the last, or it would be at the repair."""


class Rounds(Generic[Thing, Said]):
    """What a model is asked about, with what became of it; for one open journal.

    `request` makes the first request for a thing, `read` reads a reply to a request for it.
    """

    def __init__(
        self,
        journal: Journal,
        request: Callable[[Thing], ChatRequest],
        read: Callable[[Thing, ChatRequest, ChatReply], Reading[Said]],
    ) -> None:
        self._journal = journal
        self._request = request
        self._read = read
        self._at: dict[Thing, _At[Said]] = {}

    def requests(self, things: Iterable[Thing]) -> list[ChatRequest]:
        """Return the request for each that its outcome rests on, made or not, as far as the journal tells."""
        return [at.request for at in self._look(things)]

    def missing(self, things: Iterable[Thing]) -> list[ChatRequest]:
        """Return the calls that are to be made next, as far as the journal tells; each once."""
        waiting = {at.call: at.request for at in self._look(things) if at.read is None}
        given_up = self._given_up(waiting)
        return [request for call, request in waiting.items() if call not in given_up]

    def complete(self, things: Sequence[Thing], calls: Calls[Any]) -> list[Said | CallFailed]:
        """Return what became of each; `no-reply` where a call failed so often, over all runs, that it is given up.

        Raises what `Engine.complete` does.
        """
        engine = calls.engine()
        failed: dict[Thing, CallFailed] = {}
        self._look(things)
        for is_repair in (False, True):
            waiting = {thing: at for thing in things for at in [self._at[thing]] if at.read is None}
            asked = {thing: at for thing, at in waiting.items() if at.is_repair is is_repair}
            if asked and is_repair:
                calls.say(f"{len(asked):,} replies did not fit and are asked for once more")
            failed |= self._ask(asked, engine)
        return [self._outcome(thing, failed) for thing in things]

    def _ask(self, asked: Mapping[Thing, _At[Said]], engine: Engine) -> dict[Thing, CallFailed]:
        """Take down the replies; return what failed."""
        worn = self._given_up(at.call for at in asked.values())
        made = [(thing, at) for thing, at in asked.items() if at.call not in worn]
        ended = engine.complete([at.request for _, at in made])
        left: dict[Thing, CallFailed] = {}
        for (thing, at), result in zip(made, ended, strict=True):
            if isinstance(result, CallFailed):
                left[thing] = result
            else:
                self._at[thing] = self._after(thing, at, result)
        worn |= self._given_up(asked[thing].call for thing, call in left.items() if call.retry)
        return left | {thing: worn[at.call] for thing, at in asked.items() if at.call in worn}

    def _given_up(self, calls: Iterable[str]) -> dict[str, CallFailed]:
        replied = self._journal.newest_reply()
        found = {}
        for call, failures in self._journal.failures(calls).items():
            counted = [one for one in failures if one.failure in COUNTED]
            if len(counted) >= (MOST_ATTEMPTS if counted and counted[0].attempt < replied else MOST_IN_SILENCE):
                detail = f"the last failed by {counted[-1].failure}: {counted[-1].detail}"
                found[call] = CallFailed(kind=NO_REPLY, detail=detail, attempts=len(counted), retry=False)
        return found

    def _outcome(self, thing: Thing, failed: dict[Thing, CallFailed]) -> Said | CallFailed:
        read = self._at[thing].read
        return failed[thing] if read is None else read.said

    def _look(self, things: Iterable[Thing]) -> list[_At[Said]]:
        """Take down the replies that are in the journal by now; return how far each thing is."""
        order = list(things)
        for thing in order:
            if thing not in self._at:
                request = self._request(thing)
                self._at[thing] = _At(request, self._journal.id_of(request))
        found = [thing for thing in dict.fromkeys(order) if self._at[thing].read is None]
        while found:
            found = [
                thing for start in range(0, len(found), LOOKED_UP) for thing in self._take(found[start:][:LOOKED_UP])
            ]
        return [self._at[thing] for thing in order]

    def _take(self, things: Sequence[Thing]) -> list[Thing]:
        """Read replies from the journal; return the things that came to another request by that."""
        replies = self._journal.replies([self._at[thing].call for thing in things])
        further = []
        for thing in things:
            at = self._at[thing]
            if at.call in replies:
                self._at[thing] = self._after(thing, at, replies[at.call])
                further += [thing] if self._at[thing].read is None else []
        return further

    def _after(self, thing: Thing, at: _At[Said], reply: ChatReply) -> _At[Said]:
        read = self._read(thing, at.request, reply)
        if at.is_repair or read.repair is None:
            return at._replace(read=read)
        return _At(read.repair, self._journal.id_of(read.repair), is_repair=True)
