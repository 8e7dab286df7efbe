"""Slots of the pools: how many actions of a pool run at once, and who of those that wait goes first.

It knows priorities as numbers only. A slot is held around a run, never while waiting for inputs. Its size may change
while it is in use; who holds a slot keeps it.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import AsyncIterator, Callable


class Slots:
    """A counted pool that serves the longest remaining path first.

    Args:
        size: how many may hold a slot at once, at least 1; `resize` may set 0, which lets nobody in until it grows.
        entered: called each time somebody is let in, before the next one is; it may resize.
    """

    def __init__(self, size: int, entered: Callable[[], None] | None = None):
        if size < 1:
            raise ValueError("BUG: a pool has at least one slot")
        self._size = size
        self._entered = entered
        self._order = itertools.count()
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self.held = 0
        self.queued = 0

    @property
    def foremost(self) -> float | None:
        """The priority of who comes in next; `None` where nobody waits."""
        while self._waiting and self._waiting[0][2].done():
            heapq.heappop(self._waiting)
        return -self._waiting[0][0] if self._waiting else None

    def resize(self, size: int) -> None:
        """Let so many hold a slot at once; nobody is put out, and who waits comes in as far as there is room."""
        self._size = size
        self._admit()

    @contextlib.asynccontextmanager
    async def taken(self, priority: float) -> AsyncIterator[None]:
        """Hold a slot; of those that wait, the highest priority comes first, then who came first."""
        await self.take(priority)
        try:
            yield
        finally:
            self.give_back()

    async def take(self, priority: float) -> None:
        """Wait for a slot and hold it until `give_back`; a cancelled wait holds none."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (-priority, next(self._order), turn))
        self._admit()
        self.queued += 1
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give_back()
            raise
        finally:
            self.queued -= 1

    def take_at_once(self) -> None:
        """Hold a slot without waiting, even where none is free: for what runs already."""
        self.held += 1

    def give_back(self) -> None:
        """Give a held slot to whoever waits first."""
        self.held -= 1
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self.held < self._size:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                self.held += 1
                turn.set_result(None)
                if self._entered:
                    self._entered()
