"""Time that passes at once: an event loop on a virtual clock, so that code that sleeps can be tested in full.

Whatever asks the loop for the time (`asyncio.sleep`, `asyncio.timeout`, `loop.time`) lives on it; `time.monotonic`
doesn't. Threads started through the loop, and I/O that is ready, come first and take no time on it. Where sockets are
waited for, a hurried clock, which goes faster, does better.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Made = TypeVar("Made")
_STUCK_S = 1.0


class Stuck(Exception):
    """Nothing can ever happen any more: every task waits for what nobody will do."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to the next thing that is due.

    Args:
        patience_s: so long, in real seconds, sockets are listened to before time moves on; for code that talks to
            another thread or process, which then takes no time either.
    """

    def __init__(self, patience_s: float = 0.0):
        self._now = 0.0
        self._threads = 0
        super().__init__(_Jumping(self, patience_s))

    def time(self) -> float:
        """Give the virtual time in seconds; it starts at 0."""
        return self._now

    @property
    def has_threads(self) -> bool:
        """Whether a thread that was started through the loop still works."""
        return self._threads > 0

    def jump(self, seconds: float) -> None:
        """Let so much time pass."""
        self._now += seconds

    def run_in_executor(  # type: ignore[override] # the stub's is generic over the arguments
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Run in a thread; the clock stands still until it is done."""
        future = super().run_in_executor(executor, func, *args)
        self._threads += 1
        future.add_done_callback(self._is_back)
        return future

    async def shutdown_default_executor(self, *args: Any) -> None:
        """Wait for the threads' end, which takes no time either."""
        self._threads += 1
        try:
            await super().shutdown_default_executor(*args)
        finally:
            self._threads -= 1

    def _is_back(self, _: asyncio.Future[Any]) -> None:
        self._threads -= 1


class _Jumping(selectors.DefaultSelector):
    """A selector that, where nothing is ready, lets time pass instead of waiting."""

    def __init__(self, loop: VirtualLoop, patience_s: float):
        super().__init__()
        self._loop = loop
        self._patience_s = patience_s

    def select(self, timeout: float | None = None) -> Any:
        if timeout is not None and timeout <= 0:
            return super().select(0)
        if self._loop.has_threads:
            return super().select(None)
        ready = super().select(self._patience_s if timeout is not None else max(self._patience_s, _STUCK_S))
        if ready:
            return ready
        if timeout is None:
            raise Stuck("nothing is due, and no thread or socket has anything to say")
        self._loop.jump(timeout)
        return ready


def run_virtual(coroutine: Coroutine[Any, Any, Made], patience_s: float = 0.0) -> Made:
    """Run a coroutine to its end on a virtual clock that starts at 0.

    Raises:
        Stuck: every task waits for what nobody will do.
    """
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(patience_s)) as runner:
        return runner.run(coroutine)


HURRY = 10
"""A hurried second takes a tenth of a real one, where nothing else is said."""


class HurriedLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock goes so much faster: for code that waits for real servers, and backs off by seconds."""

    def __init__(self, hurry: int = HURRY):
        self._hurry = hurry
        super().__init__(_Hurried(hurry))

    def time(self) -> float:
        """Give the hurried time in seconds."""
        return super().time() * self._hurry


class _Hurried(selectors.DefaultSelector):
    """A selector that waits for a part of the time."""

    def __init__(self, hurry: int):
        super().__init__()
        self._part = 1 / hurry

    def select(self, timeout: float | None = None) -> Any:
        return super().select(timeout if timeout is None else timeout * self._part)


def run_hurried(coroutine: Coroutine[Any, Any, Made], hurry: int = HURRY) -> Made:
    """Run a coroutine to its end on a clock that goes faster."""
    with asyncio.Runner(loop_factory=lambda: HurriedLoop(hurry)) as runner:
        return runner.run(coroutine)
