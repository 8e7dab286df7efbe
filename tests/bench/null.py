"""A build of many short generated shots in three outputs, and what it costs to see that nothing changed.

make and ninja look at as many targets beside it, where they are installed.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import measure
from place import Place, add_profiles, settle
from table import Row, at_most

SIZES = {"wide": (64, 36), "tall": (36, 64), "flat": (48, 48)}


def write_project(place: Place, count: int) -> None:
    """Write a project of so many generated shots of 6 frames."""
    add_profiles(place, SIZES)
    lines = ["vidbuild: 1", "name: many", "fps: 24", "shots:"]
    lines += [
        f"  - {{id: s{index:05}, duration_s: 0.25, model: kling-3, prompt: hills number {index} in the rain}}"
        for index in range(count)
    ]
    lines += ["outputs:", "  - wide", "  - tall", "  - {platform: flat, reframe: blur}"]
    (place.project / "project.yaml").write_text("\n".join(lines) + "\n")


def bench(folder: Path, source: Path, count: int) -> list[Row]:
    """Build once, then five times with nothing changed."""
    place = Place(folder, source)
    write_project(place, count)
    settle()
    build = place.command("build", "--draft", "--jobs", "2", "--json")
    cold = measure.run(build, place.project, place.environ)
    null = measure.median(build, place.project, place.environ)
    actions = int(json.loads(null.output.splitlines()[-1])["hits"])
    goal = 0.15 if count <= 1000 else 0.25
    rows = [
        Row(f"{count:,} shots, {actions:,} actions: cold", f"{cold.cpu:.1f} s of CPU, peak {cold.peak_mb:.0f} MB"),
        at_most(f"{count:,} shots, {actions:,} actions: nothing changed", null.cpu, goal),
        Row("its peak memory", f"{null.peak_mb:.0f} MB"),
    ]
    project = place.project / "project.yaml"
    project.write_text(project.read_text().replace("number 7 in", "number seven in"))
    changed = measure.run(build, place.project, place.environ)
    rows.append(Row(f"{count:,} shots: one prompt changed", f"{changed.cpu:.2f} s of CPU"))
    return rows + [
        _beside(name, Place(folder / name, source), actions) for name in ("make", "ninja") if shutil.which(name)
    ]


def _beside(name: str, place: Place, targets: int) -> Row:
    """Measure another tool's null build of as many targets."""
    folder = place.project
    names = [f"t{index}" for index in range(targets)]
    (folder / "source").touch()
    if name == "make":
        rules = "".join(f"{target}: source\n\ttouch {target}\n" for target in names)
        (folder / "Makefile").write_text(f"all: {' '.join(names)}\n.PHONY: all\n{rules}")
    else:
        rules = "".join(f"build {target}: touch source\n" for target in names)
        (folder / "build.ninja").write_text(f"rule touch\n  command = touch $out\n{rules}")
    measure.run([name, "-j2"], folder, place.environ)
    null = measure.median([name, "-j2"], folder, place.environ)
    return Row(f"{name}, {targets:,} targets: nothing changed", f"{null.cpu:.3f} s of CPU")
