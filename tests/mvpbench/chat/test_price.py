"""What calls cost, and the lists of known prices."""

import datetime

import pytest

from mvpbench.chat.endpoint import OFFICIAL_URL
from mvpbench.chat.price import Price, known_price, price_lists
from schemas.address import is_address
from schemas.chat import Usage


def test_a_price_is_per_million_tokens_of_each_kind() -> None:
    usage = Usage(prompt_tokens=2_000_000, completion_tokens=500_000)
    assert Price(prompt=3.0, completion=10.0).of(usage) == 2 * 3.0 + 0.5 * 10.0


@pytest.mark.parametrize(("share", "expected"), [(0.5, 5.5), (0.25, 2.75), (None, 11.0)])
def test_a_batch_costs_its_share(share: float | None, expected: float) -> None:
    usage = Usage(prompt_tokens=2_000_000, completion_tokens=500_000)
    assert Price(prompt=3.0, completion=10.0, batch_share=share).of_batched(usage) == expected


def test_every_price_says_when_and_where_it_was_read() -> None:
    today = datetime.datetime.now(datetime.UTC).date()
    for prices in price_lists().values():
        assert all(is_address(url) and not url.endswith("/") for url in prices.base_urls)
        assert prices.batch_share is None or 0 < prices.batch_share <= 1
        for price in prices.models.values():
            assert is_address(price.source)
            assert datetime.date(2026, 1, 1) <= price.as_of <= today
            assert 0 < price.prompt <= price.completion


def test_no_name_has_two_prices() -> None:
    for prices in price_lists().values():
        names = [name for model, price in prices.models.items() for name in (model, *price.snapshots)]
        assert len(names) == len(set(names))


def test_a_price_is_known_by_the_exact_name_or_a_snapshot_at_the_providers_own_address() -> None:
    price = Price(prompt=2.5, completion=10.0, batch_share=0.5)
    for url in (OFFICIAL_URL, f"{OFFICIAL_URL}/"):
        assert known_price("gpt-4o", url) == known_price("gpt-4o-2024-08-06", url) == price
    assert known_price("gpt-4o-2024-05-13", OFFICIAL_URL) is None
    assert known_price("gpt-4", OFFICIAL_URL) is None
    assert known_price("gpt-4o", "https://api.deepseek.com") is None
    assert known_price("gpt-4o", "http://127.0.0.1:8000/v1") is None


def test_a_provider_without_this_batch_api_has_no_share() -> None:
    price = known_price("deepseek-flash", "https://api.deepseek.com/v1")
    assert price is not None
    assert price.batch_share is None
