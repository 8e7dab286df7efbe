"""Slots of the pools: how many actions of a pool run at once, and who of those that wait goes first.

It knows priorities as numbers only. A slot is held around a run, never while waiting for inputs.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import AsyncIterator


class Slots:
    """A counted pool that serves the longest remaining path first."""

    def __init__(self, size: int):
        if size < 1:
            raise ValueError("BUG: a pool has at least one slot")
        self._free = size
        self._order = itertools.count()
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []

    @contextlib.asynccontextmanager
    async def taken(self, priority: float) -> AsyncIterator[None]:
        """Hold a slot; of those that wait, the highest priority comes first, then who came first."""
        if self._free and not self._waiting:
            self._free -= 1
        else:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (-priority, next(self._order), turn))
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._pass_on()
                raise
        try:
            yield
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
