"""Worlds for the schedule: ten shots at a vendor that takes its time, each attempt's latency drawn beforehand.

The job of facts/assembly.md, section 4: 10 shots, a chain of 3 listed last (7 > 8 > 9), latencies log-normal with 90 in
100 between 60 s and 180 s, one attempt in ten fails at its end and is shot again, 5 jobs at once. Every policy
meets the same worlds. A crew is whatever makes the whole job; it is run on the virtual clock.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vidbuild.runners.vendor.cadence import NORMAL_95, Cadence, Latencies, Latency, Wait, usual_s
from vidbuild.runners.vendor.pace import Limits, Pace
from vidbuild.slots import Slots
from vidbuild.testing.clock import run_virtual

SHOTS = range(10)
CHAIN = {8: 7, 9: 8}
"""Which shot begins with the last frame of which."""
LIMIT = 5
LAW = Latency((math.log(60) + math.log(180)) / 2, (math.log(180) - math.log(60)) / 2 / NORMAL_95)
USUAL_S = 104.0
"""Half of the jobs take longer."""
FAILS = 0.1
_INSTANT_S = 1e-6


@dataclass(frozen=True)
class World:
    """What each attempt at each shot will take, in seconds, and whether it fails at its end."""

    attempts: Mapping[int, Sequence[tuple[float, bool]]]


def world(seed: int) -> World:
    """Draw a world; the same one for the same seed."""
    drawn = random.Random(f"world {seed}")
    return World(
        {shot: [(LAW.quantile_s(drawn.gauss(0, 1)), drawn.random() < FAILS) for _ in range(12)] for shot in SHOTS}
    )


@dataclass
class Vendor:
    """The vendor of a world: it takes jobs, up to its limit, and says how they stand when it is asked."""

    world: World
    limit: int = LIMIT
    polls: int = 0
    submits: int = 0
    turned_away: int = 0
    jobs: list[tuple[float, bool]] = field(default_factory=list)
    made: dict[int, int] = field(default_factory=dict)

    def submit(self, shot: int) -> int | None:
        """Take a job and give its number, or `None` for a 429."""
        now = _now()
        if sum(end > now + _INSTANT_S for end, _ in self.jobs) >= self.limit:
            self.turned_away += 1
            return None
        seconds, fails = self.world.attempts[shot][self.made.get(shot, 0)]
        self.made[shot] = self.made.get(shot, 0) + 1
        self.submits += 1
        self.jobs.append((now + seconds, fails))
        return len(self.jobs) - 1

    def look(self, job: int) -> str:
        """Say how a job stands: `running`, `failed`, `done`. One poll."""
        self.polls += 1
        end, fails = self.jobs[job]
        return "running" if _now() + _INSTANT_S < end else "failed" if fails else "done"


Crew = Callable[[Vendor], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Ran:
    """How a build went: wall seconds on the virtual clock, polls, attempts."""

    wall_s: float
    polls: int
    attempts: int


def ran(crew: Crew, world: World) -> Ran:
    """Let a crew make the whole job in a world."""
    vendor = Vendor(world)

    async def build() -> float:
        await crew(vendor)
        return _now()

    return Ran(run_virtual(build()), vendor.polls, vendor.submits)


def urgency(shot: int) -> float:
    """Give the longest remaining path of a shot, in seconds as they are expected."""
    return USUAL_S + max((urgency(follower) for follower, source in CHAIN.items() if source == shot), default=0.0)


def is_awaited(shot: int) -> bool:
    """Say whether another shot waits for this one."""
    return shot in CHAIN.values()


async def all_shots(make: Callable[[int], Awaitable[None]]) -> None:
    """Make every shot as soon as what it begins with is there."""
    tasks: dict[int, asyncio.Task[None]] = {}

    async def one(shot: int) -> None:
        if shot in CHAIN:
            await tasks[CHAIN[shot]]
        await make(shot)

    for shot in SHOTS:
        tasks[shot] = asyncio.create_task(one(shot))
    await asyncio.gather(*tasks.values())


def perfect(world: World, rank: Callable[[int], float] | None = None) -> Ran:
    """Build with the end of each job known at once, as if the vendor called; the longest remaining path goes first.

    Args:
        rank: who goes first instead: the lowest, then who came first.
    """
    rank = rank or (lambda shot: -urgency(shot))
    order = itertools.count()
    now, tries, running = 0.0, dict.fromkeys(SHOTS, 0), list[tuple[float, int, bool]]()
    ready = [(rank(shot), next(order), shot) for shot in SHOTS if shot not in CHAIN]
    heapq.heapify(ready)
    while ready or running:
        while ready and len(running) < LIMIT:
            _, _, shot = heapq.heappop(ready)
            seconds, fails = world.attempts[shot][tries[shot]]
            tries[shot] += 1
            heapq.heappush(running, (now + seconds, shot, fails))
        now, ended, failed = heapq.heappop(running)
        for shot in [ended] if failed else [follower for follower, source in CHAIN.items() if source == ended]:
            heapq.heappush(ready, (rank(shot), next(order), shot))
    return Ran(now, sum(tries.values()), sum(tries.values()))


def usual(vendor: Vendor) -> Coroutine[Any, Any, None]:
    """Poll every 8 s in the first minute, then every 15 s, and take the shots as they are listed."""
    slots = Slots(vendor.limit)

    async def make(shot: int) -> None:
        state = "failed"
        while state != "done":
            async with slots.taken(-shot):
                job = vendor.submit(shot)
                assert job is not None
                since, state = _now(), "running"
                while state == "running":
                    await asyncio.sleep(usual_s(_now() - since))
                    state = vendor.look(job)

    return all_shots(make)


def learning(latencies: Latencies, cadence: Cadence = Cadence()) -> Crew:  # noqa: B008 - a frozen value
    """Work as vidbuild does: `Cadence`, `Pace` and `Latencies`, the longest remaining path first."""

    async def crew(vendor: Vendor) -> None:
        pace = Pace("vendor", Limits(LIMIT), random.Random(0))

        async def make(shot: int) -> None:
            while not await attempt(shot):
                pass

        async def attempt(shot: int) -> bool:
            async with pace.turn(urgency(shot), is_awaited(shot), USUAL_S) as turn:
                await turn.may_submit()
                while (job := vendor.submit(shot)) is None:
                    turn.busy()
                    await turn.may_submit()
                turn.accepted()
                since, state, age_s = _now(), "running", 0.0
                while state == "running":
                    before_s = age_s
                    latency = latencies.of("model")
                    alpha = cadence.alpha(latency, is_awaited(shot), turn.slack_s)
                    await asyncio.sleep(cadence.wait_s(latency, age_s, alpha))
                    await pace.may_poll()
                    age_s = _now() - since
                    state = vendor.look(job)
                latencies.saw("model", Wait(before_s, age_s) if state == "done" else Wait(before_s))
                return state == "done"

        await all_shots(make)

    return crew


def practised(builds: int = 4) -> Latencies:
    """Give what is known after some builds."""
    latencies = Latencies()
    for seed in range(builds):
        ran(learning(latencies), world(1_000_000 + seed))
    return latencies


def _now() -> float:
    return asyncio.get_running_loop().time()
