"""What it costs to start: `--version`, `--help`, and the help of a command."""

from __future__ import annotations

import sys
from pathlib import Path

import measure
from place import Place
from table import Row, at_most


def bench(folder: Path, source: Path) -> list[Row]:
    """Start eleven times each; give medians."""
    place = Place(folder, source)
    bare = measure.median([sys.executable, "-c", "pass"], place.project, place.environ, 11)
    rows = [Row("python alone", f"{bare.cpu:.3f} s of CPU")]
    for words in (("--version",), ("--help",), ("build", "--help")):
        cost = measure.median(place.command(*words), place.project, place.environ, 11)
        rows.append(at_most(f"`vidbuild {' '.join(words)}`", cost.cpu, 0.1))
    return rows
