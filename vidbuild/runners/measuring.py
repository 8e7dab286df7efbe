"""The runner of `Measure`: ffmpeg lists and shrinks the pictures and decodes the sound, numpy looks and listens.

It writes facts as JSON with exact decimals as text, the same bytes for the same take. It gives no verdict.
"""

from __future__ import annotations

import asyncio
import json
import wave
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from vidbuild.runners import process
from vidbuild.runners.base import Workspace
from vidbuild.runners.frame_list import Track, listed
from vidbuild.runners.steps import filled
from vidbuild.words.action import BoundAction, Conduct
from vidbuild.words.errors import ActionFailed
from vidbuild.words.rationaltime import SAMPLE_RATE, decimal_text, half_up

_FULL = 32_768


class MeasuringRunner:
    """Measures takes and finished videos with one ffmpeg binary."""

    def __init__(self, ffmpeg: Path):
        self._ffmpeg = ffmpeg

    async def run(self, action: BoundAction, conduct: Conduct, workspace: Workspace) -> Mapping[str, Any]:
        if action.params["kind"] in ("film", "captions", "lettering"):
            from vidbuild.runners import screening

            facts = await screening.measured(action.params, workspace, partial(self._ffmpeg_step, workspace=workspace))
        else:
            facts = await self._take(action.params, workspace)
        text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
        workspace.outputs["facts"].write_text(text + "\n")
        return {}

    async def _take(self, params: Mapping[str, Any], workspace: Workspace) -> dict[str, Any]:
        facts: dict[str, Any] = {"kind": params["kind"]}
        has_sound = "picture" not in params
        if "picture" in params:
            await self._ffmpeg_step(params["picture"], workspace)
            tracks = listed(workspace.folder / "frames.txt")
            has_sound = "audio" in tracks
            facts |= await asyncio.to_thread(_seen, tracks["video"], workspace.folder, params)
        if params["kind"] != "picture":
            facts["has_sound"] = has_sound
        if has_sound:
            await self._ffmpeg_step(params["sound"], workspace)
            facts["sound"] = await asyncio.to_thread(_heard, workspace.folder, params["heard"])
        return facts

    async def _ffmpeg_step(self, written: Sequence[str], workspace: Workspace) -> None:
        argv = [str(self._ffmpeg), "-y", *(filled(part, workspace) for part in written[1:])]
        ended = await process.run(argv, workspace.folder)
        if ended.code:
            raise ActionFailed("ffmpeg could not measure it", {"exit code": str(ended.code)}, log=ended.log)


def _seen(track: Track, folder: Path, params: Mapping[str, Any]) -> dict[str, Any]:
    """Measure pictures: their number, size, and what happens in them."""
    import numpy as np

    from vidbuild.media import seeing

    seen, (columns, rows) = params["seen"], params["grid"]
    grey = np.fromfile(folder / "grey.raw", np.uint8).reshape(-1, rows, columns)
    size = {"width": half_up(track.width * track.pixel), "height": track.height}
    levels = {"brightness": decimal(Fraction(int(grey.sum(dtype=np.int64)), 255 * grey.size))}
    if params["kind"] == "picture":
        is_black = bool(seeing.black(grey[:1], [Fraction(0), Fraction(1)], seen))
        return {**size, **levels, "is_uniform": seeing.is_uniform(grey[0], seen), "is_black": is_black}
    times = track.times[: len(grey)] + track.times[-1:]
    return {
        **size,
        **levels,
        "frames": len(track.starts),
        "seconds": decimal(track.seconds),
        "rate": decimal(len(track.starts) / track.seconds if track.seconds else Fraction(0)),
        "black": spans(seeing.black(grey, times, seen)),
        "frozen": spans(seeing.frozen(grey, times, seen)),
        "cuts": [decimal(time) for time in seeing.cuts(grey, times, seen)],
    }


def _heard(folder: Path, heard: Mapping[str, Any]) -> dict[str, Any]:
    """Measure a sound: its length, loudness, silences and clipping."""
    import numpy as np

    from vidbuild.media import hearing

    with wave.open(str(folder / "sound.wav")) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").reshape(-1, sound.getnchannels())
    return {
        "seconds": decimal(Fraction(len(samples), SAMPLE_RATE)),
        "silent": spans(hearing.silences(samples, heard)),
        "loudness_lufs": _loudness(folder / "loudness.txt"),
        "peak": decimal(Fraction(hearing.peak(samples), _FULL)),
        "clipped": decimal(Fraction(hearing.clipped(samples), max(1, samples.size)), 6),
    }


def _loudness(path: Path) -> str | None:
    """Give the integrated loudness in LUFS; `None` for silence and for a moment of sound."""
    from vidbuild.runners.loudness import read

    lufs = read(path).lufs if path.exists() else None
    return None if lufs is None else decimal(Fraction(str(lufs)), 1)


def spans(found: Sequence[tuple[Fraction, Fraction]]) -> list[list[str]]:
    """Write spans of seconds."""
    return [[decimal(start), decimal(end)] for start, end in found]


def decimal(value: Fraction, places: int = 3) -> str:
    """Write a number in its shortest decimal form of so many places."""
    text = decimal_text(value, places)
    return text.rstrip("0").rstrip(".") or "0"
