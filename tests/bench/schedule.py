# ruff: noqa: E402 - the source tree must be found before its modules are
"""The schedule, side by side: a ten-shot job in simulated worlds, by perfect polling, as vidbuild does, as is usual.

`make schedule` runs it. What a world is stands in tests/schedule/worlds.py; `vidbuild itself` is the real plan, engine,
buyer and driver (tests/schedule/whole_builds.py), the rest is simulated; time is virtual, so a few minutes do.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean, median, quantiles

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "schedule")]

import whole_builds
from worlds import Ran, World, learning, perfect, practised, ran, usual, world

from vidbuild.runners.vendor.cadence import Cadence, Latencies, recalled

COLUMNS = "| policy | mean s | median s | p95 s | mean / perfect | polls per build | polls per attempt | goal |"


@dataclass(frozen=True)
class Goal:
    """How much longer than at best a build may take, and how many polls an attempt may cost."""

    over: float
    polls: float | None = None

    def __str__(self) -> str:
        return f"{self.over:.0%} over" + (f", {self.polls:g} polls an attempt" if self.polls else "")

    def holds(self, over: float, polls: float) -> bool:
        """Say whether it is kept."""
        return over <= self.over and (self.polls is None or polls <= self.polls)


NO_HISTORY, HISTORY = Goal(0.04, 12), Goal(0.02)
Policy = Callable[[World], Ran]


def policies(folder: Path) -> Mapping[str, tuple[Policy, Goal | str]]:
    """Name what is compared: how a world is built, and its goal."""
    told_usual = Cadence(is_learned=False)
    history = practised().record()
    (folder / "project").mkdir()
    plan, builds = whole_builds.planned(folder / "project"), itertools.count()
    known = whole_builds.practised(plan, folder / "practice").record()

    def itself(latencies: Latencies, one: World, cadence: Cadence = Cadence()) -> Ran:  # noqa: B008 - a frozen value
        return ran(whole_builds.building(plan, folder / f"world-{next(builds)}", latencies, cadence), one)

    return {
        "perfect polling, longest path first": (perfect, ""),
        "perfect polling, index order": (partial(perfect, rank=float), ""),
        "usual cadence (8 s, then 15 s), index order": (partial(ran, usual), "36 % over, 9.5 polls [measured before]"),
        "usual cadence, longest path first": (lambda one: ran(learning(Latencies(), told_usual), one), ""),
        "simulated, no history": (lambda one: ran(learning(Latencies()), one), NO_HISTORY),
        "simulated, after four builds": (lambda one: ran(learning(recalled(history)), one), HISTORY),
        "vidbuild itself, usual cadence": (lambda one: itself(Latencies(), one, told_usual), ""),
        "vidbuild itself, no history": (lambda one: itself(Latencies(), one), NO_HISTORY),
        "vidbuild itself, after four builds": (lambda one: itself(recalled(known), one), HISTORY),
    }


def row(name: str, builds: list[Ran], best_s: float, goal: Goal | str) -> tuple[str, bool]:
    """Write one policy's figures as a row of the table, and say whether its goal is kept."""
    walls = [build.wall_s for build in builds]
    polls, attempts = (sum(getattr(build, what) for build in builds) for what in ("polls", "attempts"))
    holds = not isinstance(goal, Goal) or goal.holds(mean(walls) / best_s - 1, polls / attempts)
    figures = [
        f"{mean(walls):.0f}",
        f"{median(walls):.0f}",
        f"{quantiles(walls, n=20)[-1]:.0f}",
        f"{mean(walls) / best_s:.3f}",
        f"{polls / len(builds):.0f}",
        f"{polls / attempts:.1f}",
    ]
    return f"| {' | '.join([name, *figures, str(goal) + ('' if holds else ' **missed**')])} |", holds


def main() -> int:
    """Print the table; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=200, help="so many worlds, the same for every policy")
    worlds = [world(seed) for seed in range(parser.parse_args().worlds)]
    best_s = mean(perfect(one).wall_s for one in worlds)
    print(f"## Ten shots, a chain of three listed last, five at once: {len(worlds)} worlds\n\n{COLUMNS}\n{'|---' * 8}|")
    missed = False
    with whole_builds.light_folder() as folder:
        for name, (build, goal) in policies(folder).items():
            line, holds = row(name, [build(one) for one in worlds], best_s, goal)
            missed = missed or not holds
            print(line, flush=True)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
