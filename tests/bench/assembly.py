"""One cut of ten clips for three outputs: by hand-written ffmpeg, by vidbuild, and by vidbuild after one change.

Same clips, same x264 settings; then the judge looks at every frame of both.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import measure
from measure import Cost
from place import Place, add_profiles, settle
from table import Row, at_most

from vidbuild.runners.ffmpeg import find
from vidbuild.testing import clips
from vidbuild.testing.clips import Clip
from vidbuild.testing.judge import judge
from vidbuild.testing.reference import Laid, expect

RATE = Fraction(24)
FRAMES = 144
COUNT = 10
SIZES = {"wide": (1920, 1080), "tall": (1080, 1920), "flat": (1080, 1080)}
MODES = {"wide": "crop", "tall": "crop", "flat": "blur"}
EDGE = 240
CHANGED = 4

FRAMED = {
    "wide": "[cut]null[v]",
    "tall": "[cut]crop=608:1080,scale=1080:1920,setsar=1[v]",
    "flat": "[cut]split[a][b];[a]crop=1080:1080,scale=134:134,gblur=sigma=5:steps=2,eq=brightness=-0.06,"
    "scale=1080:1080:flags=bilinear,setsar=1[back];[b]scale=1080:608,setsar=1[front];"
    "[back][front]overlay=x=(W-w)/2:y=(H-h)/2[v]",
}
"""What an expert would write: crop before scale, blur a small copy, frame the cut once, default threads."""


def shots() -> list[Clip]:
    """Name the ten clips and the one that replaces another."""
    return [Clip(number, (1920, 1080), RATE, FRAMES, grain=10, codec=clips.CAMERA) for number in range(1, COUNT + 2)]


def make_clips(folder: Path, ffmpeg: Path) -> list[Path]:
    """Make the clips that are not there yet, two at a time."""
    folder.mkdir(parents=True, exist_ok=True)

    def made(clip: Clip) -> Path:
        path = folder / f"clip{clip.shot:02}.mp4"
        if not path.exists():
            clips.make(clip, folder / f"new-{path.name}", ffmpeg).rename(path)
        return path

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(made, shots()))


def by_hand(paths: list[Path], folder: Path, ffmpeg: Path, environ: dict[str, str]) -> Cost:
    """Write the three files with one filter graph each, in turn; the sound is encoded once and then copied."""
    folder.mkdir()
    total = Cost(0, 0, 0)
    for name, framed in FRAMED.items():
        first = name == "wide"
        inputs = [part for path in paths for part in ("-i", str(path))]
        pads = "".join(f"[{index}:v]" + f"[{index}:a]" * first for index in range(len(paths)))
        joined = f"{pads}concat=n={len(paths)}:v=1:a={int(first)}[cut]{'[a0]' * first}"
        sound = ["-map", "[a0]", "-c:a", "aac", "-b:a", "192k"]
        if not first:
            inputs += ["-i", str(folder / "wide.mp4")]
            sound = ["-map", f"{len(paths)}:a", "-c:a", "copy"]
        argv = [
            str(ffmpeg), "-y", "-v", "error", *inputs, "-filter_complex", f"{joined};{framed}", "-map", "[v]", *sound,
            "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-profile:v", "high", "-g", "48",
            "-pix_fmt", "yuv420p", "-movflags", "+faststart", str(folder / f"{name}.mp4"),
        ]  # fmt: skip
        total += measure.run(argv, folder, environ)
    return total


def write_project(place: Place, paths: list[Path]) -> None:
    """Write the project of the same cut, its clips linked beside it."""
    add_profiles(place, SIZES)
    lines = ["vidbuild: 1", "name: bench", "fps: 24", "shots:"]
    for index, path in enumerate(paths):
        link = place.project / path.name
        if not link.exists():
            os.link(path, link)
        lines.append(f"  - {{id: shot_{index:02}, file: {path.name}}}")
    lines += ["outputs:", *(f"  - {{platform: {name}, reframe: {mode}}}" for name, mode in MODES.items())]
    (place.project / "project.yaml").write_text("\n".join(lines) + "\n")


def judged(folder: Path, cut: list[Clip], edge: int, ffmpeg: Path) -> list[str]:
    """Judge the three files of a folder; give all that is wrong."""
    told = []
    for name, size in SIZES.items():
        laid = [Laid(clip, FRAMES, mode=MODES[name]) for clip in cut]
        report = judge(folder / f"{name}.mp4", expect(laid, RATE, RATE, size, edge), ffmpeg)
        told += [f"{name}: {flaw}" for flaw in report.flaws()]
    return told


def bench(folder: Path, source: Path, kept: Path | None, rounds: int) -> tuple[list[Row], list[str]]:
    """Measure all four ways, so often in turn, and judge; give the rows and what the judge found."""
    ffmpeg = find(os.environ)
    paths = make_clips(kept or folder / "clips", ffmpeg)
    costs: dict[str, list[Cost]] = {"hand": [], "cold": [], "change": [], "null": []}
    for number in range(rounds):
        place = Place(folder / f"round{number}", source)
        hand = place.folder / "hand"
        write_project(place, paths[:COUNT])
        build = place.command("build", "--jobs", "2", "--json")
        settle()
        costs["hand"].append(by_hand(paths[:COUNT], hand, ffmpeg, dict(place.environ)))
        costs["cold"].append(measure.run(build, place.project, place.environ))
        if number == 0:
            found = [f"by hand, {flaw}" for flaw in judged(hand, shots()[:COUNT], 0, ffmpeg)]
            found += [f"vidbuild, {flaw}" for flaw in judged(place.project / "build", shots()[:COUNT], EDGE, ffmpeg)]
        changed = [*paths[:CHANGED], paths[COUNT], *paths[CHANGED + 1 : COUNT]]
        write_project(place, changed)
        settle()
        costs["change"].append(measure.run(build, place.project, place.environ))
        if number == 0:
            cut = [*shots()[:CHANGED], shots()[COUNT], *shots()[CHANGED + 1 : COUNT]]
            found += [f"changed, {flaw}" for flaw in judged(place.project / "build", cut, EDGE, ffmpeg)]
        costs["null"].append(measure.median(build, place.project, place.environ))
    rates = [path.stat().st_size * 8 / 6e6 for path in paths]
    return _rows(costs, rates, found), found


def _rows(costs: dict[str, list[Cost]], rates: list[float], found: list[str]) -> list[Row]:
    middle = {name: sorted(runs, key=lambda cost: cost.cpu)[len(runs) // 2] for name, runs in costs.items()}
    hand, cold, change, null = (middle[name] for name in ("hand", "cold", "change", "null"))
    rows = [Row("clips", f"10 x 6 s, 1920x1080, 24 fps, {min(rates):.1f} to {max(rates):.1f} Mbit/s")]
    told = {"hand": "ffmpeg by hand", "cold": "vidbuild cold", "change": "one shot changed", "null": "nothing changed"}
    for name, what in told.items():
        cost = middle[name]
        spread = ", ".join(f"{run.cpu:.2f}" for run in costs[name])
        rows.append(Row(what, f"{spread} s of CPU, {cost.wall:.1f} s wall, peak {cost.peak_mb:.0f} MB"))
    return [
        *rows,
        at_most("cold, by ffmpeg by hand", cold.cpu / hand.cpu, 1.05, "x"),
        at_most("one changed shot, by ffmpeg by hand", change.cpu / hand.cpu, 0.15, "x"),
        Row("nothing changed, by ffmpeg by hand", f"{null.cpu / hand.cpu:.4f} x"),
        at_most("peak memory, cold", cold.peak_mb, 700, "MB", 0),
        Row("the judge, nine files", "; ".join(found) or "no flaw, sound 0 samples off", "no flaw", not found),
    ]
