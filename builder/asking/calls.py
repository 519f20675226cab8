"""Who is asked, at what price, and what is said of calls before and after they are made."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from mvpbench.chat.budget import Budget
from mvpbench.chat.endpoint import OFFICIAL_URL, Endpoint
from mvpbench.chat.engine import CallFailed, Engine, EngineSettings, OpenModel, Say, Sleep
from mvpbench.chat.limit import Limit
from mvpbench.chat.price import Price, price_for
from mvpbench.store.journal import Journal
from schemas.errors import Stopped
from schemas.study import ReaderSection, WriterSection

Section = TypeVar("Section", bound=ReaderSection | WriterSection)


@dataclass(frozen=True)
class Calls(Generic[Section]):
    """What it takes to ask."""

    section: Section
    open_model: OpenModel
    journal: Journal
    say: Say
    sleep: Sleep = asyncio.sleep
    budget: Budget | None = None
    limit: Limit | None = None
    """Of its server; None for one of its own."""

    def engine(self) -> Engine:
        """Return what makes the calls."""
        settings = EngineSettings(in_flight=self.section.in_flight, price=seat(self.section)[1])
        return Engine(
            self.open_model,
            self.journal,
            settings,
            self.say,
            budget=self.budget,
            limit=self.limit,
            sleep=self.sleep,
        )


class Limits:
    """A limit for each server, whoever sits there: what one model's calls taught holds for the next one's.

    It starts at the most that any of the models asked for may have in flight.
    """

    def __init__(self, *sections: ReaderSection | WriterSection | None) -> None:
        most: dict[str, int] = {}
        for section in sections:
            if section is not None:
                most[_server(section)] = max(most.get(_server(section), 0), section.in_flight)
        self._limits = {server: Limit(in_flight) for server, in_flight in most.items()}

    def of(self, section: ReaderSection | WriterSection) -> Limit:
        """Return the limit of the section's server, one of those given."""
        return self._limits[_server(section)]


def _server(section: ReaderSection | WriterSection) -> str:
    return seat(section)[0].base_url.rstrip("/")


def seat(section: ReaderSection | WriterSection) -> tuple[Endpoint, Price | None]:
    """Return where a model sits and what it takes."""
    endpoint = Endpoint(section.base_url or OFFICIAL_URL, section.key_env)
    return endpoint, price_for(section, endpoint.base_url)


def calls_in_words(count: int, section: ReaderSection | WriterSection, amount: str) -> str:
    """Return for whoever is to agree how many calls go where, for how much."""
    calls = "model call" if count == 1 else "model calls"
    return f"{count:,} {calls} to {section.model} at {seat(section)[0].base_url} ({amount})"


def require_all(ended: Sequence[object], whom: str, expected: str) -> None:
    """Refuse to go on where calls to `whom` failed for a reason that passes. Raises Stopped `calls-left`.

    Another run makes them, and pays nothing twice.
    """
    left = [one for one in ended if isinstance(one, CallFailed) and one.retry]
    if left:
        raise Stopped(
            "calls-left",
            f"calls to {whom}",
            found=f"{len(left):,} of {len(ended):,} left that failed for now, the last by {left[-1].kind}: "
            f"{left[-1].detail}",
            expected=expected,
            way_out="replies so far are kept: run the same command again to make the calls that are left",
        )
