# ruff: noqa: E402 - the source tree must be found before its modules are
"""The schedule, side by side: a ten-shot job in simulated worlds, by perfect polling, as vidbuild does, as is usual.

`make schedule` runs it. What a world is stands in tests/schedule/worlds.py; time is virtual, so a minute does.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import mean, median, quantiles

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "schedule")]

from worlds import Ran, World, learning, perfect, practised, ran, usual, world

from vidbuild.runners.vendor.cadence import Cadence, Latencies, recalled

COLUMNS = "| policy | mean s | median s | p95 s | mean / perfect | polls per build | polls per attempt | goal |"


def policies() -> dict[str, tuple[Callable[[World], Ran], str]]:
    """Name what is compared: how a world is built, and its goal."""
    history = practised().record()
    told_usual = Cadence(is_learned=False)
    return {
        "perfect polling, longest path first": (perfect, ""),
        "perfect polling, index order": (partial(perfect, rank=float), ""),
        "usual cadence (8 s, then 15 s), index order": (partial(ran, usual), "36 % over, 9.5 polls [measured before]"),
        "usual cadence, longest path first": (lambda one: ran(learning(Latencies(), told_usual), one), ""),
        "vidbuild, no history": (lambda one: ran(learning(Latencies()), one), "4 % over, 12 polls an attempt"),
        "vidbuild, after four builds": (lambda one: ran(learning(recalled(history)), one), "2 % over"),
    }


def row(name: str, builds: list[Ran], best_s: float, goal: str) -> str:
    """Write one policy's figures as a row of the table."""
    walls = [build.wall_s for build in builds]
    polls, attempts = (sum(getattr(build, what) for build in builds) for what in ("polls", "attempts"))
    figures = [
        f"{mean(walls):.0f}",
        f"{median(walls):.0f}",
        f"{quantiles(walls, n=20)[-1]:.0f}",
        f"{mean(walls) / best_s:.3f}",
        f"{polls / len(builds):.0f}",
        f"{polls / attempts:.1f}",
    ]
    return f"| {' | '.join([name, *figures, goal])} |"


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=1000, help="so many worlds, the same for every policy")
    worlds = [world(seed) for seed in range(parser.parse_args().worlds)]
    best_s = mean(perfect(one).wall_s for one in worlds)
    print(f"## Ten shots, a chain of three listed last, five at once: {len(worlds)} worlds\n\n{COLUMNS}\n{'|---' * 8}|")
    for name, (build, goal) in policies().items():
        print(row(name, [build(one) for one in worlds], best_s, goal), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
