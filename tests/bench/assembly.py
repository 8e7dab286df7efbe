"""The job's cost: by hand-written ffmpeg, by other tools, by vidbuild, and by vidbuild after one change of each kind.

The judge looks at every frame of what ffmpeg and vidbuild made; loudness and the sound's place are measured.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import by_hand
import by_vidbuild
import job
import measure
import numpy as np
import peers
from job import Job
from measure import Cost
from place import Place, settle
from table import Row, at_most

from vidbuild.runners.ffmpeg import find
from vidbuild.testing.judge import judge
from vidbuild.testing.reference import expect

EDGE = 240
CHANGED = 5
"""A shot that comes in by a dissolve."""

HAND = "hand"
OTHER_SAID = (*job.SAID[:6], "The cut is put together from what is there.", *job.SAID[7:])
_METER = (("I", "LUFS"), ("Peak", "dBFS"))

CHANGES: Mapping[str, dict[str, Any]] = {
    "one caption": {"said": OTHER_SAID},
    "one shot with a dissolve": {"changed": CHANGED},
    "a music gain": {"music_db": job.MUSIC_DB - 2},
    "one platform's bitrate": {"crf": 23},
}

Costs = Mapping[str, Cost]


class _Judged:
    """What is wrong with finished files, and how loud they are."""

    def __init__(self, made: Job, ffmpeg: Path):
        self._made, self._ffmpeg = made, ffmpeg
        self._files, self._flaws = 0, list[str]()
        self._levels: dict[str, tuple[float, float]] = {}

    def look(self, videos: Path, what: str, version: by_vidbuild.Version = by_vidbuild.FIRST) -> None:
        """Judge the three files of a folder."""
        self._files += len(job.SIZES)
        self._flaws += [f"{what}, {flaw}" for flaw in _flaws(videos, self._made, version, self._ffmpeg)]
        self._levels[what] = _loudness(videos / "wide.mp4", self._ffmpeg)

    @property
    def rows(self) -> list[Row]:
        """Give what was found; loudness is held to its goal where vidbuild made it."""
        told = "; ".join(self._flaws) or "no flaw, sound 0 samples off"
        return [
            Row(f"the judge, {self._files} files", told, "no flaw", not self._flaws),
            *(
                Row(
                    f"loudness, {what}",
                    f"{lufs} LUFS, {peak} dBTP",
                    "-14.0 +- 0.3 LUFS, at most -1 dBTP",
                    None if what == HAND else abs(lufs + 14) <= 0.3 and peak <= -1,
                )
                for what, (lufs, peak) in self._levels.items()
            ),
        ]


def bench(folder: Path, source: Path, kept: Path | None, rounds: int) -> list[Row]:
    """Measure everything so often in turn, and judge the first round's files."""
    ffmpeg = find(os.environ)
    made = job.ready(kept or folder / "clips", ffmpeg)
    judged = _Judged(made, ffmpeg)
    hands: list[Cost] = []
    ours: list[dict[str, Cost]] = []
    beside: list[Row] = []
    for number in range(rounds):
        place = Place(folder / f"round{number}", source)
        by_vidbuild.write(place, made)
        by = by_hand.build(made, place.folder / HAND, ffmpeg, place.environ)
        hands.append(_sum(by))
        ours.append(_changes(place, made, judged if number == 0 else None))
        if number == 0:
            judged.look(place.folder / HAND, HAND)
            beside = _peers(made, place, by)
    return [*_rows(made, hands, ours), *beside, *judged.rows]


def bench_long(folder: Path, source: Path, kept: Path | None) -> list[Row]:
    """Build ten such minutes in a row, then change one caption."""
    made = job.ready(kept or folder / "clips", find(os.environ), minutes=10)
    place = Place(folder / "long", source)
    costs = []
    for version in (by_vidbuild.FIRST, replace(by_vidbuild.FIRST, said=OTHER_SAID)):
        build = by_vidbuild.write(place, made, version)
        settle()
        costs.append(measure.run(build, place.project, place.environ))
    cold, caption = costs
    return [
        _told("vidbuild, from nothing", [cold]),
        at_most("its peak memory", cold.peak_mb, 700, "MB", 0),
        at_most(f"one caption, by a full build ({caption.cpu:.1f} s of CPU)", caption.cpu / cold.cpu, 0.02, "x"),
        at_most("peak memory, one caption", caption.peak_mb, 700, "MB", 0),
    ]


def _changes(place: Place, made: Job, judged: _Judged | None) -> dict[str, Cost]:
    """Build, then change one thing after the other."""
    version = by_vidbuild.FIRST
    versions = {"cold": version}
    for what, change in CHANGES.items():
        version = versions[what] = replace(version, **change)
    costs = {}
    for what, version in versions.items():
        build = by_vidbuild.write(place, made, version)
        settle()
        costs[what] = measure.run(build, place.project, place.environ)
        if judged is not None and what in ("cold", list(versions)[-1]):
            judged.look(place.project / "build", what, version)
    costs["nothing"] = measure.median(build, place.project, place.environ)
    return costs


def _rows(made: Job, hands: list[Cost], ours: list[dict[str, Cost]]) -> list[Row]:
    hand = _middle(hands)
    cost = {what: _middle([each[what] for each in ours]) for what in ours[0]}
    rates = sorted(path.stat().st_size * 8 / 6.5e6 for path in set(made.clips))
    cold = cost["cold"]
    rows = [
        Row("clips", f"10 x 6.5 s, 1920x1080, 24 fps, {rates[0]:.1f} to {rates[-1]:.1f} Mbit/s"),
        _told("ffmpeg by hand, a process an output", hands),
        _told("vidbuild, from nothing", [each["cold"] for each in ours]),
        at_most("vidbuild by ffmpeg", cold.cpu / hand.cpu, 1.05, "x"),
        at_most("its peak memory", cold.peak_mb, 700, "MB", 0),
    ]
    goals = {"one caption": 0.12, "one shot with a dissolve": 0.15, "a music gain": 0.05}
    for what in (*CHANGES, "nothing"):
        part = cost[what].cpu / cold.cpu
        told = f"{what} changed, by a full build ({cost[what].cpu:.2f} s of CPU)"
        rows.append(at_most(told, part, goals[what], "x") if what in goals else Row(told, f"{part:.4f} x"))
    return rows


def _peers(made: Job, place: Place, by: Costs) -> list[Row]:
    """Measure other tools beside the same outputs by hand."""
    rows = []
    sound = place.folder / HAND / "sound.m4a"
    for name, make in (("MoviePy", peers.moviepy), ("MLT (melt)", peers.melt), ("editly", peers.editly)):
        costs = make(made, sound, place.folder / name, place.environ)
        if isinstance(costs, str):
            rows.append(Row(name, costs))
            continue
        whole, hand = _sum(costs), sum(by[output].cpu for output in costs)
        outputs = "three outputs" if len(costs) == len(job.SIZES) else "the wide output alone"
        told = f"{whole.cpu:.1f} s of CPU, peak {whole.peak_mb:.0f} MB; {whole.cpu / hand:.2f} x ffmpeg's"
        rows.append(Row(f"{name}, {outputs}, sound given", told))
    return rows


def _flaws(videos: Path, made: Job, version: by_vidbuild.Version, ffmpeg: Path) -> list[str]:
    """Judge three files; give all that is wrong. The sound may be as loud as it likes, here."""
    told = []
    heard, sound = job.recorded(videos / "wide.mp4"), made.heard(version.music_db)
    sound *= np.sqrt(np.mean(np.square(heard)) / np.mean(np.square(sound)))
    for name, size in job.SIZES.items():
        expected = expect(made.laid(name, version.changed), job.RATE, job.RATE, size, EDGE, sound)
        told += [f"{name}: {flaw}" for flaw in judge(videos / f"{name}.mp4", expected, ffmpeg).flaws()]
    return told


def _loudness(video: Path, ffmpeg: Path) -> tuple[float, float]:
    """Give integrated loudness in LUFS and true peak in dBTP, as ffmpeg's meter tells people."""
    argv = [ffmpeg, "-nostats", "-i", video, "-af", "ebur128=framelog=quiet:peak=true", "-f", "null", "-"]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stderr
    loud, peak = (float(re.findall(rf"{name}: +(-?[\d.]+) {unit}", said)[-1]) for name, unit in _METER)
    return loud, peak


def _told(what: str, costs: list[Cost]) -> Row:
    middle = _middle(costs)
    spread = ", ".join(f"{cost.cpu:.1f}" for cost in costs)
    return Row(what, f"{spread} s of CPU, {middle.wall:.1f} s wall, peak {middle.peak_mb:.0f} MB")


def _middle(costs: list[Cost]) -> Cost:
    return sorted(costs, key=lambda cost: cost.cpu)[len(costs) // 2]


def _sum(costs: Costs) -> Cost:
    return sum(costs.values(), Cost(0, 0, 0))
