"""The job as an expert writes it for ffmpeg: the mix once, then one process and one filter graph for each output."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import job
import measure
from job import Job
from measure import Cost

FRAMED = {
    "wide": "[cut]null[framed]",
    "tall": "[cut]crop=608:1080,scale=1080:1920,setsar=1[framed]",
    "flat": "[cut]split[a][b];[a]crop=1080:1080,scale=134:134,gblur=sigma=5:steps=2,eq=brightness=-0.06,"
    "scale=1080:1080:flags=bilinear,setsar=1[back];[b]scale=1080:608,setsar=1[front];"
    "[back][front]overlay=x=(W-w)/2:y=(H-h)/2[framed]",
}
"""Crop before scale, blur a small copy, frame the cut once."""

PEAK = "-1.3dB"
FONTS = Path(__file__).resolve().parents[2] / "vidbuild" / "fonts"


def build(made: Job, folder: Path, ffmpeg: Path, environ: Mapping[str, str]) -> dict[str, Cost]:
    """Write the sound and the three files; give what each cost."""
    folder.mkdir()
    costs = {"sound": sound(made, folder, ffmpeg, environ)}
    for name in job.SIZES:
        (folder / f"{name}.ass").write_text(_written(made, job.SIZES[name]))
        inputs = [part for path in made.clips for part in ("-i", str(path))]
        graph = f"{_cut(made)};{FRAMED[name]};[framed]ass={name}.ass:fontsdir={FONTS},format=yuv420p[v]"
        argv = [
            str(ffmpeg), "-y", "-v", "error", *inputs, "-i", "sound.m4a", "-filter_complex", graph, "-map", "[v]",
            "-map", f"{len(made.clips)}:a", "-c:a", "copy", "-c:v", "libx264", "-preset", "veryfast", "-crf", "20",
            "-profile:v", "high", "-g", "48", "-movflags", "+faststart", f"{name}.mp4",
        ]  # fmt: skip
        costs[name] = measure.run(argv, folder, environ)
    return costs


def sound(made: Job, folder: Path, ffmpeg: Path, environ: Mapping[str, str]) -> Cost:
    """Mix, measure, and encode at -14 LUFS."""
    inputs = [part for path in (*made.lines, made.music) for part in ("-i", str(path))]
    at = [int((start / job.RATE + job.SAID_AT) * 1000) for start in made.starts]
    laid = "".join(f"[{index}:a]adelay={when}:all=1[l{index}];" for index, when in enumerate(at))
    lines = "".join(f"[l{index}]" for index in range(len(at)))
    graph = (
        f"{laid}{lines}amix=inputs={len(at)}:normalize=0,apad=whole_dur={made.seconds},asplit[voice][key];"
        f"[{len(at)}:a]atrim=end={made.seconds},volume={job.MUSIC_DB}dB[music];"
        "[music][key]sidechaincompress=threshold=0.01:ratio=6:attack=20:release=400[under];"
        f"[voice][under]amix=inputs=2:normalize=0,atrim=end={made.seconds}[mix]"
    )
    start = [str(ffmpeg), "-y", "-v", "error"]
    cost = measure.run([*start, *inputs, "-filter_complex", graph, "-map", "[mix]", "mix.wav"], folder, environ)
    argv = [str(ffmpeg), "-nostats", "-i", "mix.wav", "-af", "ebur128=framelog=quiet", "-f", "null", "-"]
    cost += measure.run(["bash", "-c", '"$@" 2> measured.txt', "measured", *argv], folder, environ)
    loud = re.findall(r"I:\s+(-[\d.]+) LUFS", (folder / "measured.txt").read_text())[-1]
    level = f"volume={float(-14 - Fraction(loud)):.1f}dB,alimiter=limit={PEAK}:level=0:latency=1"
    return cost + measure.run(
        [*start, "-i", "mix.wav", "-af", level, "-ar", "48000", "-c:a", "aac", "-b:a", "192k", "sound.m4a"],
        folder, environ,
    )  # fmt: skip


def _cut(made: Job) -> str:
    """Give the graph of the cut: every shot on its clock, dissolves, all in a row."""
    chains, row = [], []
    for index, frames in enumerate(made.frames):
        chains.append(f"[{index}:v]fps=24,trim=end_frame={frames},setpts=N/(24*TB),settb=1/24[s{index}]")
    index = 0
    while index < len(made.clips):
        if index + 1 < len(made.clips) and job.lead(index + 1):
            offset = float((made.frames[index] - job.OVER) / job.RATE)
            chains.append(f"[s{index}]tpad=stop=1:stop_mode=clone[p{index}]")
            chains.append(
                f"[p{index}][s{index + 1}]xfade=transition=fade:duration=0.5:offset={offset},format=yuv420p[x{index}]"
            )
            row.append(f"[x{index}]")
            index += 2
        else:
            row.append(f"[s{index}]")
            index += 1
    return ";".join([*chains, f"{''.join(row)}concat=n={len(row)},settb=1/24,setpts=N[cut]"])


def _written(made: Job, size: tuple[int, int]) -> str:
    """Write lower thirds and captions as one ASS file."""
    width, height = size
    small = min(size)
    title, said = round(small * 0.05), round(small * 0.05)
    style = "&H00FFFFFF,&H000000FF,&H80000000,&H80000000,-1,0,0,0,100,100,0,0"
    lines = [
        "[Script Info]", "ScriptType: v4.00+", f"PlayResX: {width}", f"PlayResY: {height}", "", "[V4+ Styles]",
        "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic,"
        " Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL,"
        " MarginR, MarginV, Encoding",
        f"Style: title,Vidbuild Sans,{title},{style},3,6,0,1,{width // 15},{width // 15},{height // 4},-1",
        f"Style: said,Vidbuild Sans,{said},{style},1,3,0,2,{width // 12},{width // 12},{height // 10},-1",
        "", "[Events]", "Format: Layer, Start, End, Style, Text",
    ]  # fmt: skip
    for name, shown in zip(("title", "said"), job.texts(made), strict=True):
        effect = r"{\fad(200,200)}" if name == "title" else ""
        lines += [f"Dialogue: 0,{_clock(start)},{_clock(end)},{name},{effect}{text}" for text, start, end in shown]
    return "\n".join(lines) + "\n"


def _clock(seconds: Fraction) -> str:
    hundredths = int(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    return f"{minutes // 60}:{minutes % 60:02}:{rest // 100:02}.{rest % 100:02}"
