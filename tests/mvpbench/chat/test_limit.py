"""Additive increase and multiplicative decrease, by hand."""

import asyncio

from mvpbench.chat.limit import Limit


def test_it_starts_at_what_is_allowed_and_never_grows_beyond() -> None:
    limit = Limit(8)
    for _ in range(100):
        limit.went_well()
    assert limit.allowed == 8


def test_it_halves_once_for_all_calls_of_one_era_and_again_in_the_next() -> None:
    async def congested() -> list[int]:
        limit = Limit(16)
        limit.enter()
        async with limit.place() as first, limit.place() as same:
            limit.too_much(first)
            once = limit.allowed
            limit.too_much(same)
            twice = limit.allowed
        async with limit.place() as later:
            limit.too_much(later)
        return [once, twice, limit.allowed]

    assert asyncio.run(congested()) == [8, 8, 4]


def test_it_grows_by_one_after_as_many_good_replies_as_it_is() -> None:
    """At 4: a quarter for the first reply, then 1 / 4.25 and so on; the fifth reply passes 5."""
    limit = Limit(16)

    async def congested() -> None:
        limit.enter()
        for _ in range(2):
            async with limit.place() as era:
                limit.too_much(era)

    asyncio.run(congested())
    grown = []
    for _ in range(5):
        limit.went_well()
        grown.append(limit.allowed)
    assert grown == [4, 4, 4, 4, 5]


def test_it_never_falls_below_one() -> None:
    async def congested() -> int:
        limit = Limit(2)
        limit.enter()
        for _ in range(5):
            async with limit.place() as era:
                limit.too_much(era)
        return limit.allowed

    assert asyncio.run(congested()) == 1


def test_nobody_takes_a_place_during_a_pause_and_all_do_after_it() -> None:
    async def paused() -> list[str]:
        limit, told = Limit(4), []
        limit.enter()

        async def send(name: str) -> None:
            async with limit.place():
                told.append(name)

        async with limit.pause():
            sending = [asyncio.create_task(send(name)) for name in "ab"]
            for _ in range(5):
                await asyncio.sleep(0)
            told.append("pause over")
        await asyncio.gather(*sending)
        return told

    assert asyncio.run(paused()) == ["pause over", "a", "b"]


def test_whoever_waits_is_called_as_soon_as_there_is_a_place_be_it_by_growth() -> None:
    """Two of four places are left after the decrease, and forty good replies bring both back."""

    async def grown() -> list[int]:
        limit, most, inside = Limit(4), 0, 0
        limit.enter()
        async with limit.place() as era:
            limit.too_much(era)

        async def send() -> None:
            nonlocal most, inside
            async with limit.place():
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0.001)
                inside -= 1
            limit.went_well()

        at_first = limit.allowed
        await asyncio.gather(*(send() for _ in range(40)))
        return [at_first, most]

    assert asyncio.run(grown()) == [2, 4]
