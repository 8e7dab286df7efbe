"""What `plan` costs with nothing cached: generated shots, and own files whose digests and probes are remembered."""

from __future__ import annotations

import os
import struct
import subprocess
from pathlib import Path

import measure
from measure import Cost
from place import Place, add_profiles
from table import Row, at_most

from vidbuild.runners.ffmpeg import find
from vidbuild.testing import clips
from vidbuild.testing.clips import Clip

SIZES = {"wide": (320, 180), "tall": (180, 320), "flat": (180, 180)}


def write_project(place: Place, count: int, filmed: bool) -> None:
    """Write a project of so many shots, generated or each of a file of its own."""
    add_profiles(place, SIZES)
    clip = (place.folder / "clip.mp4").read_bytes() if filmed else b""
    lines = ["vidbuild: 1", "name: many", "fps: 24", "shots:"]
    for index in range(count):
        if filmed:
            file = place.project / "footage" / f"{index:05}.mp4"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(clip + struct.pack(">I4sI", 12, b"free", index))
            lines.append(f"  - {{id: s{index:05}, file: footage/{index:05}.mp4, duration_s: 0.25}}")
        else:
            lines.append(f"  - {{id: s{index:05}, duration_s: 6, model: kling-3, prompt: hills number {index}}}")
    lines += ["outputs:", "  - wide", "  - tall", "  - {platform: flat, reframe: blur}"]
    (place.project / "project.yaml").write_text("\n".join(lines) + "\n")


def bench(folder: Path, source: Path) -> list[Row]:
    """Plan 1,000 and 10,000 shots of both kinds."""
    rows = []
    for filmed in (False, True):
        kind = "own files" if filmed else "generated shots"
        small, large = (
            _planned(Place(folder / f"{kind.split()[0]}{count}", source), count, filmed) for count in (1000, 10_000)
        )
        rows += [
            at_most(f"plan of 1,000 {kind} in three outputs", small.cpu, 3),
            at_most("its peak memory", small.peak_mb, 300, "MB", 0),
            Row(f"plan of 10,000 {kind} in three outputs", f"{large.cpu:.2f} s of CPU, peak {large.peak_mb:.0f} MB"),
            at_most("ten times the shots cost", large.cpu / small.cpu, 11, "x", 1),
        ]
    return rows


def _planned(place: Place, count: int, filmed: bool) -> Cost:
    """Plan once to have own files remembered, change the text, and measure the next plan."""
    place.folder.mkdir(parents=True)
    if filmed:
        clips.make(Clip(1, (64, 36)), place.folder / "clip.mp4", find(os.environ))
    write_project(place, count, filmed)
    plan = place.command("plan", "--draft", "--json")
    if filmed:
        subprocess.run(plan, cwd=place.project, env=dict(place.environ), stdout=subprocess.DEVNULL, check=True)
        project = place.project / "project.yaml"
        project.write_text(project.read_text() + "# read anew\n")
    return measure.run(plan, place.project, place.environ)
