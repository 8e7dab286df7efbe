"""Time that passes at once: what sleeps, times out and is due lives on it, in order; nothing else moves it."""

from __future__ import annotations

import asyncio
import time

import pytest

from vidbuild.testing.clock import Stuck, run_virtual


def now() -> float:
    return asyncio.get_running_loop().time()


def test_hours_pass_at_once() -> None:
    """A sleep ends at its time, exactly, and takes none."""

    async def sleeps() -> float:
        await asyncio.sleep(7200)
        return now()

    started = time.monotonic()
    assert run_virtual(sleeps()) == 7200
    assert time.monotonic() - started < 1


def test_things_happen_in_the_order_of_their_times() -> None:
    """Whoever is due first runs first, at the time that was asked for."""
    seen = []

    async def ticks(name: str, every_s: float) -> None:
        for _ in range(3):
            await asyncio.sleep(every_s)
            seen.append((name, now()))

    async def both() -> None:
        await asyncio.gather(ticks("a", 2), ticks("b", 3))

    run_virtual(both())
    assert seen == [("a", 2), ("b", 3), ("a", 4), ("b", 6), ("a", 6), ("b", 9)]


def test_a_time_out_comes_when_it_is_due() -> None:
    """`asyncio.timeout` lives on the loop's clock."""

    async def waits() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await asyncio.Event().wait()
        return now()

    assert run_virtual(waits()) == 30


def test_work_in_threads_takes_no_time() -> None:
    """The clock stands still until a thread is done, though others are due."""

    async def works() -> tuple[float, bool]:
        nap = asyncio.create_task(asyncio.sleep(1000))
        await asyncio.to_thread(time.sleep, 0.05)
        worked = now(), nap.done()
        nap.cancel()
        return worked

    assert run_virtual(works()) == (0, False)


def test_a_loopback_server_in_the_same_loop_answers_in_no_time() -> None:
    """What is ready comes before what is due."""

    async def talks() -> tuple[bytes, float]:
        server = await asyncio.start_server(lambda reader, writer: writer.write(b"hello"), "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            async with asyncio.timeout(5):
                said = await reader.readexactly(5)
            writer.close()
        return said, now()

    assert run_virtual(talks(), patience_s=0.02) == (b"hello", 0)


def test_a_program_that_waits_for_nothing_is_told_so() -> None:
    """A deadlock is an error, not a hang."""

    async def waits() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Stuck):
        run_virtual(waits())
