"""How much may be spent: a call is not sent unless what it can cost at most still fits.

What calls in flight can cost at most is held back until they end. So the sum is exceeded only where the server counts
more tokens than `most_tokens` says, and by what was in flight; or where the price is another one.
"""

import asyncio

from schemas.errors import ConfigError, Stopped


class Budget:
    """`most` US dollars for all rounds of one run; None for no bound."""

    def __init__(self, most: float | None = None) -> None:
        self.most = most
        self.spent = 0.0
        self._held = 0.0
        self._holders = 0
        self._is_over = False
        """A smaller call that would still fit must not begin, to be cancelled with the rest."""
        self._changed: asyncio.Event | None = None

    def require_price(self, *, known: bool, model: str) -> None:
        """Refuse a bound that nothing can be held against. Raises ConfigError `price-unknown`."""
        if self.most is not None and not known:
            raise ConfigError(
                "price-unknown",
                "--max-usd",
                found=f"no price for the model {model!r}",
                expected="a price to count with",
                way_out="write price_per_million_prompt_tokens and price_per_million_completion_tokens beside `model`",
            )

    def enter(self) -> None:
        """Begin a round in the running event loop: nothing of an earlier one is in flight or waits."""
        self._held, self._holders, self._changed = 0.0, 0, None

    async def hold(self, usd: float) -> None:
        """Wait until `usd` more fits; hold it back. Raises Stopped `budget-spent` where no call that ends can help."""
        while self.most is not None and (self._is_over or self.spent + self._held + usd > self.most):
            if self._holders == 0:
                self._is_over = True
                raise Stopped(
                    "budget-spent",
                    "--max-usd",
                    found=f"${self.spent:,.4f} of ${self.most:,.4f} spent in this run, and the next call may cost "
                    f"${usd:,.4f}",
                    way_out="replies so far are kept: run the same command again with more, or without the bound",
                )
            self._changed = self._changed or asyncio.Event()
            await self._changed.wait()
        self._held += usd
        self._holders += 1

    def settle(self, held: float, usd: float) -> None:
        """Let go what was held back for a call that cost `usd`."""
        self._holders -= 1
        self._held = self._held - held if self._holders else 0.0
        self.spent += usd
        if self._changed is not None:
            self._changed.set()
            self._changed = None
