"""What x264's presets cost for how good they look: CPU, rate and VMAF of a few seconds of the job's clips.

Rows are to be compared with each other: the clips are compressed already, so no figure stands for itself.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import job
import measure
from place import Place
from table import Row

from vidbuild.media import ffargs
from vidbuild.runners.ffmpeg import find

SETTINGS = (
    ("ultrafast", 20), ("ultrafast", 23), ("superfast", 22), ("veryfast", 18), ("veryfast", 20), ("veryfast", 23),
    ("faster", 20), ("fast", 20), ("medium", 20),
)  # fmt: skip
SHOTS, FRAMES = (0, 3, 6), 48


def bench(folder: Path, source: Path, kept: Path | None) -> list[Row]:
    """Encode the same pictures with every setting, as a segment is encoded, and compare them with what they were."""
    ffmpeg = find(os.environ)
    made = job.ready(kept or folder / "clips", ffmpeg)
    place = Place(folder, source)
    clips = [made.clips[index] for index in SHOTS]
    rows = []
    for preset, crf in SETTINGS:
        cpu, size, seen = 0.0, 0, []
        for clip in clips:
            step = ffargs.segment(
                ["-i", str(clip)], "[0:v]null[v]", "[v]", ffargs.Encoder(preset, crf), job.RATE, FRAMES
            )
            argv = [part.replace("{out:video}", "piece.mp4") for part in step["argv"][1:]]
            cpu += measure.run([str(ffmpeg), "-y", *argv], folder, place.environ).cpu
            size += (folder / "piece.mp4").stat().st_size
            seen.append(_vmaf(ffmpeg, clip, folder, place))
        rate = size * 8 / (FRAMES / 24) / len(clips) / 1000
        told = f"{cpu:.2f} s of CPU, {rate:,.0f} kbit/s, VMAF {sum(seen) / len(seen):.2f}"
        rows.append(Row(f"{preset}, crf {crf}", told))
    return rows


def _vmaf(ffmpeg: Path, clip: Path, folder: Path, place: Place) -> float:
    both = (
        f"[1:v]trim=end_frame={FRAMES}[as_it_was];[0:v][as_it_was]libvmaf=n_subsample=3:log_fmt=json:log_path=vmaf.json"
    )
    argv = [str(ffmpeg), "-v", "error", "-i", "piece.mp4", "-i", str(clip), "-lavfi", both, "-f", "null", "-"]
    measure.run(argv, folder, place.environ)
    return float(json.loads((folder / "vmaf.json").read_text())["pooled_metrics"]["vmaf"]["mean"])
