"""What goes wrong, and when: by the number of a request, or by a mix that is the same in every run."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from schemas.identity import uniform
from schemas.record import Record

MOST_IN_A_ROW = 2
"""Transport faults of a mix for one body: with three attempts every request gets through."""


class Fault(StrEnum):
    """What the server does instead of replying well."""

    RATE_LIMITED = "rate-limited"
    """429, asking to wait (`retry_after_s`)."""
    RATE_LIMITED_BARE = "rate-limited-bare"
    """429, not saying for how long."""
    SERVER_ERROR = "server-error"
    """500."""
    CONNECTION_LOST = "connection-lost"
    """What was asked is done; half of the body, then the connection is gone."""
    LOST_REPLY = "lost-reply"
    """What was asked is done; the connection is gone before the first byte."""
    SLOW = "slow"
    """Answers well, `slow_s` later than it would."""
    HANG = "hang"
    """Nothing is done and nothing comes, until the server ends."""
    NOT_JSON = "not-json"
    """200 with a body that is no JSON."""
    TRUNCATED = "truncated"
    """The reply breaks off, `finish_reason` is `length`."""
    WRONG_SCHEMA = "wrong-schema"
    """JSON, but not what was asked for."""
    REFUSAL = "refusal"
    """The model declines in the field that the API has for it."""
    USAGE_MISSING = "usage-missing"
    """Answers well, without `usage`."""
    INVALID_CONTENT = "invalid-content"
    """The content is plain text though a schema was asked for; well if none was."""
    EXPIRED = "expired"
    """The batch that this request creates ends `expired`, with `expired_share` of its lines done."""


CONTENT_FAULTS = (
    Fault.NOT_JSON,
    Fault.TRUNCATED,
    Fault.WRONG_SCHEMA,
    Fault.REFUSAL,
    Fault.USAGE_MISSING,
    Fault.INVALID_CONTENT,
)
"""They come in a chat completion that was paid."""
TRANSPORT_FAULTS = (
    Fault.RATE_LIMITED,
    Fault.RATE_LIMITED_BARE,
    Fault.SERVER_ERROR,
    Fault.CONNECTION_LOST,
    Fault.LOST_REPLY,
    Fault.SLOW,
)
"""They pass: the same request may get through later."""


class FaultMix(Record):
    """Faults of chat completions, drawn by hash: the same bodies meet the same faults in every run and in any order.

    A content fault belongs to a body: asking again brings it again, in a batch too. A transport fault belongs to one
    coming of a body and may stand beside a content fault; every third coming has none.
    """

    rates: Mapping[Fault, float]
    """Kind -> share, of the bodies for content faults, of their first two comings for transport faults."""
    seed: int = 0

    @model_validator(mode="after")
    def _possible(self) -> Self:
        for kind, rate in self.rates.items():
            if kind not in CONTENT_FAULTS + TRANSPORT_FAULTS:
                raise PydanticCustomError("unmixable", "{kind} cannot be in a mix", {"kind": kind.value})
            if not 0 <= rate <= 1:
                told = {"kind": kind.value, "rate": rate}
                raise PydanticCustomError("no-rate", "the rate of {kind} is {rate}, not between 0 and 1", told)
        total = sum(self.rates.values())
        # Ten rates of 0.1 add up to a little less or more than 1.
        if round(total, 9) > 1:
            raise PydanticCustomError("rates-above-one", "the rates add up to {total}, more than 1", {"total": total})
        return self

    def content_fault(self, key: str) -> Fault | None:
        """Return what is wrong with every reply to the body of this key."""
        return self._drawn(CONTENT_FAULTS, uniform("content fault", self.seed, key))

    def transport_fault(self, key: str, coming: int) -> Fault | None:
        """Return what happens to the body of this key when it comes for the `coming`-th time, from 1."""
        if coming % (MOST_IN_A_ROW + 1) == 0:
            return None
        return self._drawn(TRANSPORT_FAULTS, uniform("transport fault", self.seed, key, coming))

    def _drawn(self, kinds: tuple[Fault, ...], drawn: float) -> Fault | None:
        for kind in kinds:
            drawn -= self.rates.get(kind, 0.0)
            if drawn < 0:
                return kind
        return None


class Planned(NamedTuple):
    """What is to go wrong with one request."""

    transport: Fault | None = None
    """How it fares on the way; `hang` and `expired` too."""
    content: Fault | None = None
    """What is wrong with a chat completion."""

    @classmethod
    def of(cls, fault: Fault) -> Self:
        """Return the plan of one fault alone."""
        return cls(content=fault) if fault in CONTENT_FAULTS else cls(transport=fault)
