"""A pool's slots: the most urgent goes first, and the pool may change its size while it is in use."""

from __future__ import annotations

import asyncio

import pytest

from vidbuild.slots import Slots
from vidbuild.testing.clock import run_virtual


async def wanting(slots: Slots, seen: list[str], name: str, priority: float, for_s: float = 1) -> None:
    async with slots.taken(priority):
        seen.append(name)
        await asyncio.sleep(for_s)


async def _most_urgent() -> list[str]:
    slots, seen = Slots(1), list[str]()
    async with asyncio.TaskGroup() as group:
        for name, priority in [("holds", 0), ("low", 1), ("high", 9), ("also high", 9)]:
            group.create_task(wanting(slots, seen, name, priority))
    return seen


def test_the_most_urgent_goes_first_then_who_came_first() -> None:
    """Who holds a slot keeps it."""
    assert run_virtual(_most_urgent()) == ["holds", "high", "also high", "low"]


def test_a_pool_that_grows_lets_in_who_waits() -> None:
    """As many as there is room for, at once."""

    async def grows() -> list[str]:
        slots, seen = Slots(1), list[str]()
        tasks = [asyncio.create_task(wanting(slots, seen, str(number), -number, 100)) for number in range(5)]
        await asyncio.sleep(1)
        slots.resize(3)
        await asyncio.sleep(1)
        for task in tasks:
            task.cancel()
        return seen

    assert run_virtual(grows()) == ["0", "1", "2"]


def test_a_pool_that_shrinks_puts_nobody_out() -> None:
    """Slots that are given back stay empty until fewer are held than the new size; 0 lets nobody in."""

    async def shrinks() -> tuple[int, int, list[str]]:
        slots, seen = Slots(2), list[str]()
        tasks = [asyncio.create_task(wanting(slots, seen, str(number), -number, number + 1)) for number in range(3)]
        await asyncio.sleep(0)
        slots.resize(0)
        held = slots.held
        await asyncio.sleep(10)
        waits = slots.queued
        slots.resize(1)
        await asyncio.gather(*tasks)
        return held, waits, seen

    assert run_virtual(shrinks()) == (2, 1, ["0", "1", "2"])


def test_a_cancelled_wait_holds_nothing() -> None:
    """Neither one that was still waiting, nor one that was let in at that very moment."""

    async def cancels() -> tuple[int, int, float | None]:
        slots, seen = Slots(1), list[str]()
        first = asyncio.create_task(wanting(slots, seen, "first", 0, 5))
        await asyncio.sleep(0)
        second, third = (asyncio.create_task(wanting(slots, seen, name, 0, 5)) for name in ("second", "third"))
        await asyncio.sleep(1)
        third.cancel()
        await first
        second.cancel()
        await asyncio.gather(second, third, return_exceptions=True)
        return slots.held, slots.queued, slots.foremost

    assert run_virtual(cancels()) == (0, 0, None)


def test_a_slot_can_be_held_for_what_runs_already() -> None:
    """Over the pool's size too; the next one waits for its end."""

    async def holds() -> float:
        slots = Slots(1)
        slots.take_at_once()
        slots.take_at_once()
        asyncio.get_running_loop().call_later(3, slots.give_back)
        asyncio.get_running_loop().call_later(7, slots.give_back)
        async with slots.taken(0):
            return asyncio.get_running_loop().time()

    assert run_virtual(holds()) == 7


def test_who_lets_in_may_close_the_door_behind_each() -> None:
    """`entered` is called before the next one is looked at."""

    async def closes() -> int:
        slots = Slots(5, lambda: slots.resize(0))
        tasks = [asyncio.create_task(wanting(slots, [], "x", 0, 100)) for _ in range(3)]
        await asyncio.sleep(1)
        held = slots.held
        for task in tasks:
            task.cancel()
        return held

    assert run_virtual(closes()) == 1


def test_a_pool_has_at_least_one_slot() -> None:
    """None would wait for ever."""
    with pytest.raises(ValueError, match="BUG"):
        Slots(0)
