"""What calls cost: from the prices in the configuration, or those known of a provider."""

import datetime
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from pydantic import Field

from schemas.chat import Usage
from schemas.record import Record
from schemas.study import ReaderSection, WriterSection

MILLION = 1_000_000
PRICES = Path(__file__).with_name("prices.yaml")


class Price(Record):
    """Of a model, in US dollars per million tokens."""

    prompt: float
    completion: float
    batch_share: float | None = 0.5
    """Of the price that is paid for a call in a batch; None where the provider has no Batch API."""

    def of(self, usage: Usage) -> float:
        """Return what `usage` costs, in US dollars."""
        return (usage.prompt_tokens * self.prompt + usage.completion_tokens * self.completion) / MILLION

    def of_batched(self, usage: Usage) -> float:
        """Return what `usage` costs in a batch, in US dollars."""
        return self.of(usage) * (1.0 if self.batch_share is None else self.batch_share)


def in_dollars(usd: float) -> str:
    """Return an amount for people: `$12.30`, and `$0.0123` below a dollar."""
    return f"${usd:,.2f}" if usd >= 1 or usd == 0 else f"${usd:.4f}"


class ModelPrice(Record):
    """Of a model, in US dollars per million tokens, as a page gave it on a day."""

    prompt: float = Field(ge=0)
    completion: float = Field(ge=0)
    as_of: datetime.date
    source: str
    """Address of the page."""
    snapshots: tuple[str, ...] = ()
    """Other names of the same price: the model as it was on a day."""


class PriceList(Record):
    """Prices of a provider."""

    base_urls: tuple[str, ...]
    """The provider's own; the same model elsewhere has another price."""
    batch_share: float | None
    models: dict[str, ModelPrice] = Field(min_length=1)


def known_price(model: str, base_url: str) -> Price | None:
    """Return the price of a model at its provider's own address, or None where the lists do not say."""
    for prices in price_lists().values():
        if base_url.rstrip("/") in prices.base_urls:
            for name, found in prices.models.items():
                if model == name or model in found.snapshots:
                    return Price(prompt=found.prompt, completion=found.completion, batch_share=prices.batch_share)
    return None


def price_for(section: WriterSection | ReaderSection, base_url: str) -> Price | None:
    """Return the price that the configuration says, else the one known of its model at `base_url`."""
    prompt, completion = section.price_per_million_prompt_tokens, section.price_per_million_completion_tokens
    if prompt is None or completion is None:
        return known_price(section.model or "", base_url)
    return Price(prompt=prompt, completion=completion)


@cache
def price_lists() -> Mapping[str, PriceList]:
    """Return the known prices by provider."""
    said = yaml.safe_load(PRICES.read_text(encoding="utf-8"))
    return {provider: PriceList.model_validate(prices) for provider, prices in said.items()}
