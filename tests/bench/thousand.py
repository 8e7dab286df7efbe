# ruff: noqa: E402 - the source tree must be found before its modules are
"""A thousand jobs out at once at a loopback vendor: the memory of the build that waits for them, its share of a core.

The real command in a process of its own, over HTTP; the vendor is another process. Linux: it reads /proc.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from table import Row, at_most, markdown

from vidbuild.testing.vendors.plain import own_files

MOOD = "keyed"
MEGABYTES, SHARE = 200.0, 0.20
_PATIENCE_S = 300.0


def bench(folder: Path, jobs: int, watch_s: float) -> list[Row]:
    """Let a build submit so many jobs that don't end, and watch it wait; stop it afterwards."""
    with vendors(folder / "vendors") as environ:
        project = _project(folder / "project", jobs)
        argv = [sys.executable, "-m", "vidbuild", "build", str(project), "--yes", "--max-cost", "1000000"]
        log = (folder / "build.log").open("w")
        started = time.monotonic()
        build = subprocess.Popen(argv, cwd=ROOT, env={**os.environ, **environ, "VIDBUILD_STORE": str(folder / "store")},
                                 stdout=log, stderr=log)  # fmt: skip
        try:
            _until(lambda: _bought(folder / "vendors") >= jobs, build, folder / "build.log")
            submitted_s = time.monotonic() - started
            asked = _polls(folder / "vendors")
            busy_s, since = _cpu_s(build.pid), time.monotonic()
            time.sleep(watch_s)
            share = (_cpu_s(build.pid) - busy_s) / (time.monotonic() - since)
            peak = _peak_megabytes(build.pid)
            polls = _polls(folder / "vendors") - asked
        finally:
            build.send_signal(signal.SIGINT)
            stopped = time.monotonic()
            code = build.wait(60)
    return [
        at_most(f"memory, at most, with {jobs} jobs out", peak, MEGABYTES, "MB", 0),
        at_most("share of one core while it waits", share, SHARE, "", 3),
        Row("polls a minute of all jobs", f"{polls / watch_s * 60:.0f}"),
        Row("until all are out", f"{submitted_s:.0f} s"),
        at_most("from ^C to its end", time.monotonic() - stopped, 5, "s", 1),
        Row("exit code", str(code), "130", code == 130),
    ]


@contextmanager
def vendors(folder: Path) -> Iterator[dict[str, str]]:
    """Run the vendors; their jobs take an hour."""
    argv = [sys.executable, "-m", "vidbuild.testing.vendors", "--folder", str(folder), "--latency-s", "3600"]
    process = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(20)


def _project(folder: Path, jobs: int) -> Path:
    """Write a project of so many shots, made by a vendor of its own that takes all of them at once."""
    folder.mkdir()
    model = ""
    for path in own_files(folder, MOOD):
        text = re.sub(r"concurrent: \d+", f"concurrent: {jobs}", path.read_text())
        path.write_text(re.sub(r"latency_s: .*", "latency_s: [90, 240]", text))
        told = yaml.safe_load(text)
        model = told["name"] if told.get("kind") == "footage" else model
    shots = [{"id": f"shot-{number}", "duration_s": 2, "prompt": f"a wave, number {number}"} for number in range(jobs)]
    project = {
        "vidbuild": 1,
        "name": "thousand",
        "aspect": "16:9",
        "model": model,
        "shots": shots,
        "outputs": ["youtube"],
    }
    (folder / "project.yaml").write_text(yaml.safe_dump(project, sort_keys=False))
    return folder / "project.yaml"


def _bought(folder: Path) -> int:
    return sum(len(path.read_text().splitlines()) for path in folder.glob("ledger*"))


def _polls(folder: Path) -> int:
    return sum(path.read_text().count('"poll"') for path in folder.glob("requests*"))


def _until(holds: object, build: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until something holds; a build that ends before is an error."""
    assert callable(holds)
    ends = time.monotonic() + _PATIENCE_S
    while not holds():
        if build.poll() is not None or time.monotonic() > ends:
            sys.exit(f"the build ended or got stuck before all jobs were out:\n{log.read_text()[-3000:]}")
        time.sleep(0.5)


def _cpu_s(pid: int) -> float:
    """Give the seconds of CPU that a process has had, and those of its children that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def _peak_megabytes(pid: int) -> float:
    """Give the most memory that a process held at once."""
    rows = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(rows["VmHWM"].split()[0]) / 1024


def main() -> int:
    """Measure, print the table; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="so many jobs")
    parser.add_argument("--watch-s", type=float, default=60.0, help="watch the waiting build for so long")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vidbuild-thousand-") as name:
        rows = bench(Path(name), told.count, told.watch_s)
    print(markdown(f"{told.count} jobs out at once at a loopback vendor", rows))
    return int(any(row.holds is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
