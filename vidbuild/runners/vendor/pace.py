"""How fast one provider is worked: how many jobs at once, how many requests a minute, when to hold back, when to stop.

Limits are the provider's own where its file says them, and learned from its 429s: fewer jobs after one, slowly more
again. It knows no job, no request and no price; its clock is the running loop's, its jitter is handed in.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import random
from collections import deque
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from vidbuild.slots import Slots
from vidbuild.words.errors import VendorFailed

CONCURRENT = 5
"""Jobs at once where a provider's file says nothing."""
FAILURES = 5
REFUSALS = 5
"""After so many in a row nothing more is bought there in this build."""
SETTLE_S = 0.1
"""Those who come to an empty queue wait so long for who comes with them, so that the most urgent is first."""
FOLLOWER_S = 10.0
"""The slot of a job that others wait for is kept so long for the first that comes after it: a chain's next shot, or
the same shot again. To wait for the next slot would cost a chain more."""
FIRST_BACK_OFF_S = 1.0
LONGEST_BACK_OFF_S = 60.0
LONGEST_RETRY_AFTER_S = 900.0
"""A vendor that asks for more is asked again after this."""
_MINUTE_S = 60.0
_BURST_S = 3.0
_SOONEST_S = 0.5
_LONG_S = 2.0
_SPREAD = 0.3
"""Jobs take about so much more or less than expected."""
_FEWEST = 6.0
_SHORTEST_S = 5.0
"""The pace of requests is told from no shorter time."""


@dataclass(frozen=True)
class Limits:
    """What a provider allows: jobs at once, requests a minute (`None`: as many as it takes)."""

    concurrent: int = CONCURRENT
    per_minute: float | None = None


def told(limits: Mapping[str, Any]) -> Limits:
    """Read a provider's `limits`."""
    per_minute = limits.get("per_minute")
    return Limits(max(1, int(limits.get("concurrent") or CONCURRENT)), float(per_minute) if per_minute else None)


class Pace:
    """One provider's, shared by all of its jobs.

    Args:
        chance: gives numbers in [0, 1) for the jitter of back-offs.
        settle_s: so long those who come first wait for who is more urgent.
    """

    def __init__(self, provider: str, limits: Limits, chance: random.Random, settle_s: float = SETTLE_S):
        self._provider = provider
        self._limits = limits
        self._chance = chance
        self._size = float(limits.concurrent)
        self._slots = Slots(limits.concurrent, self._let_in)
        self._purchases = _Rate(limits.per_minute)
        self._requests = _Rate(limits.per_minute)
        self._submits = _Gate()
        self._polls = _Gate()
        self._door = asyncio.Lock()
        self._settle_s = settle_s
        self._settled_at = -math.inf
        self._kept: list[float] = []
        self._turns: set[Turn] = set()
        self._longest: tuple[float, float] | None = None
        self._half = self._known = self._size
        self._timer: asyncio.TimerHandle | None = None
        self._failures = self._refusals = 0
        self._stopped: VendorFailed | None = None

    @property
    def queued(self) -> int:
        """How many jobs wait to be submitted."""
        return self._slots.queued

    @property
    def running(self) -> int:
        """How many jobs are out, or being submitted."""
        return self._slots.held

    @property
    def concurrent(self) -> int:
        """How many jobs may be out at once, as far as is known."""
        return int(self._size)

    @contextlib.asynccontextmanager
    async def turn(self, priority: float, is_awaited: bool = False, expected_s: float = 0.0) -> AsyncIterator[Turn]:
        """Open a job's turn, from before its submit until it has ended; the slot it holds then is given back.

        Args:
            priority: the longest remaining path in seconds, this job included; the highest goes first.
            is_awaited: whether another job can come forward only now. Its slot is then kept a little for that one,
                unless who waits is more urgent.
            expected_s: how much of the path this job is.
        """
        turn = Turn(self, priority)
        self._turns.add(turn)
        self._longest = None
        try:
            yield turn
        finally:
            self._turns.discard(turn)
            self._longest = None
            next_one = self._slots.foremost
            if is_awaited and turn._holds and next_one is not None and next_one <= priority - expected_s:
                self._kept.append(_now() + FOLLOWER_S)
            turn.give_back()

    async def may_poll(self) -> None:
        """Wait until a request that buys nothing may be sent; who came first goes first, and submits go before."""
        async with self._door:
            while (wait_s := max(self._polls.until, self._requests.free_at) - _now()) > 0:
                await asyncio.sleep(wait_s)
            self._requests.take(_now())

    def busy_poll(self, retry_after_s: float | None = None) -> None:
        """A request that buys nothing met a 429: all requests together are too many, so all of them hold back."""
        if not self._polls.is_closed(_now()):
            self._requests.slower(_now())
        self._polls.close(_now(), retry_after_s, self._chance)
        self._submits.close(_now(), retry_after_s, self._chance)
        self._refresh()

    def fine(self) -> None:
        """A poll was answered."""
        if not self._polls.is_closed(_now()):
            self._polls.calm()
            self._requests.faster()

    def made(self) -> None:
        """A job ended well: what went wrong before it is forgiven."""
        self._failures = self._refusals = 0

    def failed(self) -> None:
        """The vendor failed: a job did, or a submit met an error of the vendor's own."""
        self._failures += 1
        if self._failures >= FAILURES:
            self._stop(f"{FAILURES} jobs in a row failed at {self._provider}, so nothing more is bought there")

    def refused(self) -> None:
        """The vendor refused what was asked."""
        self._refusals += 1
        if self._refusals >= REFUSALS:
            self._stop(f"{self._provider} refused {REFUSALS} jobs in a row, so nothing more is bought there")

    def _stop(self, sentence: str) -> None:
        hint = "see what it said of them, then build again"
        self._stopped = VendorFailed(sentence, hint=hint)
        self._refresh()

    async def _enter(self, priority: float) -> None:
        if not self._slots.queued:
            self._settled_at = _now() + self._settle_s
        self._refresh()
        if self._kept:
            self._kept.pop()
            asyncio.get_running_loop().call_soon(self._refresh)
        await self._slots.take(priority)

    def _go_on(self) -> None:
        """Raise where nothing more is bought."""
        if self._stopped is not None:
            raise VendorFailed(self._stopped.sentence, hint=self._stopped.hint)

    def _longest_s(self, now: float) -> float:
        """Give the longest remaining path of all jobs that are out or wait; found anew when they are others.

        Of many that are about as long, the last is expected to end later than each of them.
        """
        if self._longest is None:
            waiting = max((turn.priority for turn in self._turns if turn._due is None), default=-math.inf)
            out = [(turn._due, turn.priority) for turn in self._turns if turn._due is not None]
            self._longest = _last(out), waiting
        due, waiting = self._longest
        return max(due - now, waiting)

    def _let_in(self) -> None:
        """Somebody was let in: that is a request, and it may be the last for now."""
        self._requests.take(_now())
        self._purchases.take(_now())
        if self._purchases.free_at > _now():
            self._refresh()

    def _leave(self) -> None:
        self._refresh()
        self._slots.give_back()

    def _busy(self, turn: Turn, retry_after_s: float | None) -> None:
        """A submit met a 429: let nobody in for a while, then fewer.

        As many as the vendor has taken stay; of the rest, half. The 429s of one storm count once. Where nothing is
        out, it isn't the number of jobs that was too much, and what was known of it stands.
        """
        if not self._submits.is_closed(_now()):
            self._half = self._size / 2
        self._submits.close(_now(), retry_after_s, self._chance)
        turn.give_back()
        self._size = max(1.0, min(self._size, max(self._slots.held, self._half)))
        if out := sum(turn._is_out(_now()) for turn in self._turns):
            self._known = max(out, self._half)

    def _accepted(self) -> None:
        """A submit was taken: one more at once is tried, each time up to what is known to go, beyond it when as many
        were taken as there are slots."""
        if not self._submits.is_closed(_now()):
            self._submits.calm()
            more = 1.0 if self._size + 1 <= self._known else 1 / self._size
            self._size = min(float(self._limits.concurrent), self._size + more)
            self._refresh()

    def _refresh(self) -> None:
        """Let in as many as may come, and look again when more may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._kept = [until for until in self._kept if until > _now()]
        opens = max(self._submits.until, self._purchases.free_at, self._settled_at)
        if self._stopped is not None:
            self._slots.resize(self._slots.held + self._slots.queued)
        elif opens <= _now():
            self._slots.resize(max(0, int(self._size) - len(self._kept)))
            opens = min(self._kept, default=0.0)
        else:
            self._slots.resize(0)
        if opens > _now():
            self._timer = asyncio.get_running_loop().call_at(opens, self._refresh)


class Turn:
    """One job's turn at a provider."""

    def __init__(self, pace: Pace, priority: float):
        self._pace = pace
        self.priority = priority
        self._holds = False
        self._entered_at = -math.inf
        self._due: float | None = None
        """When the path that begins with this job is expected to end; unknown before it is out."""

    async def may_submit(self) -> None:
        """Wait until this job may be submitted; of those that wait, the longest remaining path comes first.

        Raises:
            VendorFailed: nothing more is bought there in this build.
        """
        self._pace._go_on()
        if not self._holds:
            await self._pace._enter(self.priority)
            self._holds = True
            self._entered_at = _now()
            self._pace._go_on()

    def resume(self, age_s: float = 0.0) -> None:
        """Count a job that runs there already, since so many seconds."""
        if not self._holds:
            self._pace._slots.take_at_once()
            self._holds = True
        self._due = _now() + self.priority - age_s
        self._pace._longest = None

    def busy(self, retry_after_s: float | None = None) -> None:
        """The submit met a 429: no failure; `may_submit` again."""
        self._pace._busy(self, retry_after_s)

    def accepted(self) -> None:
        """The submit was taken."""
        self._due = _now() + self.priority
        self._pace._longest = None
        self._pace._accepted()

    @property
    def slack_s(self) -> float:
        """By how much the longest remaining path of all jobs here is longer than this one's, as it is expected."""
        now = _now()
        return self._pace._longest_s(now) - (self.priority if self._due is None else self._due - now)

    def _is_out(self, now: float) -> bool:
        """Say whether the vendor works at it: it was taken, or its submit, answered when all is done, is out long."""
        return self._holds and (self._due is not None or now - self._entered_at > _LONG_S)

    def give_back(self) -> None:
        """Let the next one in; when the turn ends this has happened."""
        if self._holds:
            self._holds = False
            self._pace._leave()


class _Gate:
    """Closed for a while after a 429; longer each time in a row."""

    def __init__(self) -> None:
        self.until = -math.inf
        self._strikes = 0

    def is_closed(self, now: float) -> bool:
        return now < self.until

    def calm(self) -> None:
        self._strikes = 0

    def close(self, now: float, retry_after_s: float | None, chance: random.Random) -> None:
        """Close it as long as the vendor says, else longer each time, up to half of it by chance."""
        if not self.is_closed(now):
            self._strikes += 1
        elif retry_after_s is None:
            return
        if retry_after_s is not None and retry_after_s >= _SOONEST_S:
            wait_s = min(retry_after_s, LONGEST_RETRY_AFTER_S) + chance.random() * _SOONEST_S
        else:
            wait_s = min(FIRST_BACK_OFF_S * 2 ** min(self._strikes - 1, 10), LONGEST_BACK_OFF_S)
            wait_s *= 1 - chance.random() / 2
        self.until = max(self.until, now + wait_s)


class _Rate:
    """So many requests a minute, evenly but for a short burst; without a limit, until one is learned."""

    def __init__(self, per_minute: float | None):
        self._told = per_minute
        self._per_minute = per_minute
        self._due = -math.inf
        self._last_minute: deque[float] = deque()

    @property
    def free_at(self) -> float:
        """When the next request may be sent."""
        if self._per_minute is None:
            return -math.inf
        return self._due - max(0.0, _BURST_S - _MINUTE_S / self._per_minute)

    def take(self, now: float) -> None:
        """Count a request that is sent."""
        self._last_minute.append(now)
        while self._last_minute[0] < now - _MINUTE_S:
            self._last_minute.popleft()
        if self._per_minute is not None:
            self._due = max(self._due, now) + _MINUTE_S / self._per_minute

    def slower(self, now: float) -> None:
        """Too many: two thirds of the pace of the last minute, or of what there was of it, are to be enough."""
        while self._last_minute and self._last_minute[0] < now - _MINUTE_S:
            self._last_minute.popleft()
        passed_s = max(now - self._last_minute[0], _SHORTEST_S) if self._last_minute else _MINUTE_S
        found = max(_FEWEST, len(self._last_minute) * _MINUTE_S / passed_s * 2 / 3)
        self._per_minute = min(found, self._per_minute or math.inf)

    def faster(self) -> None:
        """A request was answered: a hundredth more."""
        if self._per_minute is not None and self._per_minute != self._told:
            self._per_minute = min(self._per_minute * 1.01, self._told or math.inf)


def _last(out: Collection[tuple[float, float]]) -> float:
    """Say when the last of jobs is expected to end, of (when each is, and how long it was to take)."""
    if not out:
        return -math.inf
    latest, priority = max(out)
    spread = _SPREAD * priority
    crowd = sum(1 for due, _ in out if due >= latest - spread)
    return latest + spread * math.sqrt(2 * math.log(crowd))


def _now() -> float:
    return asyncio.get_running_loop().time()
