"""A bound on what is spent: by hand, and for any costs and any order in which calls end."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvpbench.chat.budget import Budget
from schemas.errors import ConfigError, Stopped


def test_without_a_bound_everything_fits_and_is_counted() -> None:
    async def spend() -> float:
        budget = Budget()
        await budget.hold(1e9)
        budget.settle(1e9, 5.0)
        return budget.spent

    assert asyncio.run(spend()) == 5.0


def test_a_call_that_cannot_fit_is_refused_at_once() -> None:
    with pytest.raises(Stopped) as caught:
        asyncio.run(Budget(1.0).hold(1.5))
    assert (caught.value.report.code, caught.value.exit_code) == ("budget-spent", 75)


def test_a_call_waits_for_one_that_may_cost_less_than_was_held() -> None:
    async def spend() -> list[str]:
        budget, told = Budget(1.0), []
        await budget.hold(0.8)

        async def second() -> None:
            await budget.hold(0.8)
            told.append("second")

        task = asyncio.create_task(second())
        await asyncio.sleep(0)
        told.append("first ends")
        budget.settle(0.8, 0.1)
        await task
        return told

    assert asyncio.run(spend()) == ["first ends", "second"]


def test_once_a_call_is_refused_no_smaller_one_begins() -> None:
    """It would be cancelled with the rest, and paid: of a dollar 0.85 are spent, 0.1 would fit and 0.8 does not."""

    async def spend() -> list[object]:
        budget = Budget(1.0)
        await budget.hold(0.95)
        waiting = [asyncio.create_task(budget.hold(usd)) for usd in (0.8, 0.1)]
        await asyncio.sleep(0)
        budget.settle(0.95, 0.85)
        return list(await asyncio.gather(*waiting, return_exceptions=True))

    assert [type(ended) for ended in asyncio.run(spend())] == [Stopped, Stopped]


def test_a_bound_needs_a_price() -> None:
    Budget(1.0).require_price(known=True, model="m")
    Budget().require_price(known=False, model="m")
    with pytest.raises(ConfigError, match="no price for the model 'm'"):
        Budget(1.0).require_price(known=False, model="m")


@given(
    most=st.floats(0.01, 20),
    calls=st.lists(st.tuples(st.floats(0.001, 2), st.floats(0, 1)), min_size=1, max_size=30),
    in_flight=st.integers(1, 8),
)
def test_the_bound_holds_where_no_call_costs_more_than_was_held(
    most: float, calls: list[tuple[float, float]], in_flight: int
) -> None:
    """`calls` are what is held and which share of it the call costs."""

    async def spend() -> float:
        budget, left = Budget(most), iter(calls)

        async def work() -> None:
            for held, share in left:
                await budget.hold(held)
                await asyncio.sleep(0)
                budget.settle(held, held * share)

        await asyncio.gather(*(work() for _ in range(in_flight)), return_exceptions=True)
        return budget.spent

    assert asyncio.run(spend()) <= most * (1 + 1e-9)
