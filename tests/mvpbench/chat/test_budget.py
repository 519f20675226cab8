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


def test_a_round_begins_with_nothing_held_by_one_that_was_broken_off() -> None:
    """Each round in a loop of its own; in the first one nobody lets go, and somebody waits."""
    budget = Budget(1.0)

    async def broken_off() -> None:
        budget.enter()
        await budget.hold(0.8)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(budget.hold(0.8), 0.01)

    async def spend() -> float:
        budget.enter()
        await budget.hold(0.8)
        waiting = asyncio.create_task(budget.hold(0.7))
        await asyncio.sleep(0)
        assert not waiting.done()
        budget.settle(0.8, 0.2)
        await waiting
        budget.settle(0.7, 0.5)
        return budget.spent

    asyncio.run(broken_off())
    assert asyncio.run(spend()) == pytest.approx(0.7)


@given(
    most=st.integers(1, 2000),
    calls=st.lists(st.tuples(st.integers(1, 200), st.floats(0, 1)), min_size=1, max_size=30),
    in_flight=st.integers(1, 8),
)
def test_the_bound_holds_and_a_call_is_refused_only_where_it_no_longer_fits(
    most: int, calls: list[tuple[int, float]], in_flight: int
) -> None:
    """`calls` are what is held and which share of it, rounded down, the call costs: whole numbers add up exactly."""
    costs = [(held, int(held * share)) for held, share in calls]
    refused: list[int] = []

    async def spend() -> float:
        budget, left = Budget(most), iter(costs)
        budget.enter()

        async def work() -> None:
            for held, cost in left:
                try:
                    await budget.hold(held)
                except Stopped:
                    refused.append(held)
                    return
                assert budget.spent + held <= most
                await asyncio.sleep(0)
                budget.settle(held, cost)

        await asyncio.gather(*(work() for _ in range(in_flight)))
        return budget.spent

    spent = asyncio.run(spend())
    assert spent <= most
    if refused:
        assert spent + refused[0] > most
    else:
        assert spent == sum(cost for _, cost in costs)
    if sum(held for held, _ in costs) <= most:
        assert refused == []
