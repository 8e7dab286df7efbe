"""What running a command costs: CPU of its whole process tree, wall time, peak memory of the tree.

CPU seconds are user and system time of the process and of all that it waited for (`wait4`); memory is the sum of
proportional set sizes, sampled from /proc. It knows nothing of what runs.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

EVERY_S, AT_FIRST_S = 0.1, 0.01
"""How often memory is sampled, and how often in the first second: most short runs end in it."""


@dataclass(frozen=True)
class Cost:
    """What a run cost, and what it printed."""

    cpu: float
    wall: float
    peak_mb: float
    output: str = ""

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.cpu + other.cpu, self.wall + other.wall, max(self.peak_mb, other.peak_mb))


def run(argv: Sequence[str | Path], folder: Path, environ: Mapping[str, str], ends: Sequence[int] = (0,)) -> Cost:
    """Run a command to its end; one that ends otherwise than it should is an error with what it said."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.monotonic()
        process = subprocess.Popen(
            [str(part) for part in argv], cwd=folder, env=dict(environ), stdin=subprocess.DEVNULL,
            stdout=output, stderr=errors,
        )  # fmt: skip
        done, peak = threading.Event(), [0.0]
        watcher = threading.Thread(target=_watch, args=(process.pid, done, peak))
        watcher.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        done.set()
        watcher.join()
        process.returncode = code = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if code not in ends:
            raise RuntimeError(f"{argv} ended with {code}:\n{errors.read().decode(errors='replace')[-4000:]}")
        return Cost(used.ru_utime + used.ru_stime, wall, peak[0], output.read().decode(errors="replace"))


def median(argv: Sequence[str | Path], folder: Path, environ: Mapping[str, str], times: int = 5) -> Cost:
    """Run a command several times and give the run of median CPU."""
    costs = [run(argv, folder, environ) for _ in range(times)]
    middle = statistics.median_low([cost.cpu for cost in costs])
    return next(cost for cost in costs if cost.cpu == middle)


def _watch(root: int, done: threading.Event, peak: list[float]) -> None:
    """Sample a tree's memory until it is done."""
    started = time.monotonic()
    while not done.wait(AT_FIRST_S if time.monotonic() - started < 1 else EVERY_S):
        peak[0] = max(peak[0], sum(_megabytes(pid) for pid in _tree(root)))


def _tree(root: int) -> list[int]:
    """List a process and its descendants."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                parent = int(Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            children.setdefault(parent, []).append(int(entry))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def _megabytes(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
