"""What is measured of finished videos: ffmpeg decodes and draws, numpy looks and listens. Facts, never a verdict.

Long films don't fill the memory: pictures and samples are read from files as they are looked at.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from vidbuild.media import hearing, screening, seeing
from vidbuild.runners import wave
from vidbuild.runners.base import Workspace
from vidbuild.runners.frame_list import listed
from vidbuild.runners.loudness import read
from vidbuild.runners.measuring import decimal, spans
from vidbuild.runners.probing import opened
from vidbuild.words.rationaltime import SAMPLE_RATE, half_up

Run = Callable[[Sequence[str]], Awaitable[None]]
"""Runs an argv with slots in a workspace."""

_CODECS = {"hevc": "h265", "libdav1d": "av1", "libaom-av1": "av1", "libvpx-vp9": "vp9"}
_TIMED = re.compile(r"(\d+):(\d\d):(\d\d)[.,](\d{3}) --> (\d+):(\d\d):(\d\d)[.,](\d{3})")
_QUIETEST = 1e-6


async def measured(params: Mapping[str, Any], workspace: Workspace, run: Run) -> dict[str, Any]:
    """Measure what an action's kind says."""
    if params["kind"] == "captions":
        return await asyncio.to_thread(captions, params, workspace)
    return await (film if params["kind"] == "film" else lettering)(params, workspace, run)


async def film(params: Mapping[str, Any], workspace: Workspace, run: Run) -> dict[str, Any]:
    """Measure a finished file."""
    facts: dict[str, Any] = {"kind": "film"}
    if "picture" in params:
        await run(params["picture"])
        facts |= await asyncio.to_thread(_seen, params, workspace)
    await run(params["sound"])
    facts["sound"] = await asyncio.to_thread(_heard, params, workspace)
    return facts


def _seen(params: Mapping[str, Any], workspace: Workspace) -> dict[str, Any]:
    track, (columns, rows) = listed(workspace.folder / "frames.txt")["video"], params["grid"]
    grey = np.memmap(workspace.folder / "grey.raw", np.uint8, "r").reshape(-1, rows, columns)
    times = track.times[: len(grey)] + track.times[-1:]
    return {
        "codec": _codec(workspace.inputs["take"]),
        "width": half_up(track.width * track.pixel),
        "height": track.height,
        "frames": len(track.starts),
        "seconds": decimal(track.seconds),
        "rate": decimal(len(track.starts) / track.seconds if track.seconds else Fraction(0)),
        "black": spans(seeing.black(grey, times, params["seen"])),
        "frozen": spans(seeing.frozen(grey, times, params["seen"])),
    }


def _heard(params: Mapping[str, Any], workspace: Workspace) -> dict[str, Any]:
    raw = workspace.folder / "sound.raw"
    samples = np.memmap(raw, "<i2", "r").reshape(-1, 2) if raw.stat().st_size else np.zeros((0, 2), "<i2")
    heard = read(workspace.folder / "loudness.txt")
    peak = 20 * math.log10(heard.peak) if heard.peak > _QUIETEST else None
    return {
        "seconds": decimal(Fraction(len(samples), SAMPLE_RATE)),
        "silent": spans(hearing.silences(samples, params["heard"])),
        "loudness_lufs": None if heard.lufs is None else decimal(Fraction(heard.lufs), 1),
        "true_peak_db": None if peak is None else decimal(Fraction(peak), 1),
    }


def _codec(path: Path) -> str:
    with opened(path) as container:
        name = str(container.streams.video[0].codec_context.name)
    return _CODECS.get(name, name)


def captions(params: Mapping[str, Any], workspace: Workspace) -> dict[str, Any]:
    """Lay each set of captions against what is heard of the lines."""
    said, grace = params["spoken"], params["spoken"]["grace"]
    voices = [(voice, wave.opened_wav(workspace.inputs[voice["from"]])) for voice in params["voices"]]
    spoken = wave.spoken(voices, said)
    tracks = {}
    for name, files in params["tracks"].items():
        shown = hearing.joined([span for file in files for span in _shown(file, params, workspace)], 2 * grace)
        bare = [part for span in spoken for part in _bare(span, shown, grace)]
        covered = sum(last - first for first, last in spoken) - sum(last - first for first, last in bare)
        tracks[name] = {"covered_s": _seconds(covered), "bare": [[_seconds(at) for at in span] for span in bare]}
    return {"kind": "captions", "spoken_s": _seconds(sum(last - first for first, last in spoken)), "tracks": tracks}


def _shown(file: Mapping[str, Any], params: Mapping[str, Any], workspace: Workspace) -> Iterable[hearing.Span]:
    """Say when a file of captions shows something, in samples of the film."""
    text = workspace.inputs[file["from"]].read_text(encoding="utf-8")
    if "clock" not in file:
        for found in _TIMED.finditer(text):
            numbers = [int(part) for part in found.groups()]
            start, end = (((h * 60 + m) * 60 + s) * 1000 + ms for h, m, s, ms in (numbers[:4], numbers[4:]))
            yield start * SAMPLE_RATE // 1000, end * SAMPLE_RATE // 1000
        return
    second = SAMPLE_RATE / Fraction(params["rate"])
    for each in screening.shown(text.splitlines()):
        first, last = max(0, each.first - file["clock"]), min(file["frames"], each.last - file["clock"])
        if first < last:
            yield half_up((file["at"] + first) * second), half_up((file["at"] + last) * second)


def _bare(span: hearing.Span, shown: Sequence[hearing.Span], grace: int) -> list[hearing.Span]:
    """Give what of a spoken span no caption covers."""
    left, at = [], span[0]
    for first, last in shown:
        left.append((at, min(span[1], first - grace)))
        at = max(at, last + grace)
    return [(first, last) for first, last in [*left, (at, span[1])] if first < last]


async def lettering(params: Mapping[str, Any], workspace: Workspace, run: Run) -> dict[str, Any]:
    """Look at the letters of a piece: how they stand out, how large they are, how near to the edges.

    Where they lie libass says once more, in white on black; what they look like there, the piece itself.
    """
    frames, said = params["frames"], params["letters"]
    files = [
        _File(file["name"], file["clock"], file.get("lines") or _lines(workspace.inputs[file["from"]]))
        for file in params["files"]
    ]
    shown = screening.middles([(file.clock, file.shown) for file in files], frames)
    middles = [moment for moment, _ in shown]
    at = screening.chosen(middles, said["moments"])
    _lay_fonts(workspace)
    found = []
    for first in range(0, len(at), said["at_once"]):
        found += await _seen_at(at[first : first + said["at_once"]], files, params, workspace, run)
    texts = [{"at": moment, "text": text.text, "size": _part(text.size, params)} for moment, text in shown]
    return {"kind": "lettering", "texts": texts, "left_out": len(set(middles)) - len(at), "moments": found}


async def _seen_at(
    at: Sequence[int], files: Sequence[_File], params: Mapping[str, Any], workspace: Workspace, run: Run
) -> list[dict[str, Any]]:
    """Look at letters at some moments."""
    folder = workspace.folder
    picked = "+".join(f"eq(n\\,{moment})" for moment in at)
    await run([part.replace("PICKED", picked) for part in params["picture"]])
    for role, is_bare in (("letters", True), ("ink", False)):
        chain = []
        for file in files:
            text = "\n".join(screening.drawn(file.lines, is_bare))
            (folder / f"{role}-{file.name}").write_text(text + "\n", encoding="utf-8")
            chain += [f"setpts={_times(at, file.clock)}", f"ass=filename={role}-{file.name}:fontsdir=fonts"]
        words = {"COUNT": str(len(at)), "DRAWN.raw": f"{role}.raw", "DRAWN": ",".join(chain)}
        await run([_filled(part, words) for part in params["drawn"]])
    return await asyncio.to_thread(_looked_at, params, folder, files, at)


@dataclass(frozen=True)
class _File:
    """A file of text: the number of the piece's first picture on its clock, and its lines."""

    name: str
    clock: int
    lines: Sequence[str]

    @cached_property
    def shown(self) -> list[screening.Shown]:
        return screening.shown(self.lines)


def _looked_at(
    params: Mapping[str, Any], folder: Path, files: Sequence[_File], at: Sequence[int]
) -> list[dict[str, Any]]:
    """Look at each moment; one with nothing drawn is left out, be it ever so faint."""
    width, height = params["size"]
    letters, ink = (
        np.memmap(folder / f"{role}.raw", np.uint8, "r").reshape(-1, height, width) for role in ("letters", "ink")
    )
    pictures = np.memmap(folder / "picture.raw", np.uint8, "r").reshape(-1, height, width, 3)
    found = []
    for place, moment in enumerate(at):
        texts = [text for file in files for text in file.shown if text.first <= moment + file.clock < text.last]
        most = int(ink[place].max())
        if not texts or not most:
            continue
        rows, columns = (np.flatnonzero(ink[place].max(axis=axis) > min(128, most // 2)) for axis in (1, 0))
        room = [rows[0] / height, 1 - (columns[-1] + 1) / width, 1 - (rows[-1] + 1) / height, columns[0] / width]
        contrast = _contrast(letters[place], pictures[place], params["letters"])
        found.append(
            {
                "at": moment,
                "text": " / ".join(dict.fromkeys(text.text for text in texts)),
                "room": [decimal(Fraction(float(part)), 4) for part in room],
                "contrast": None if contrast is None else decimal(Fraction(contrast), 2),
            }
        )
    return found


def _part(size: int, params: Mapping[str, Any]) -> str:
    """Give a size as a part of the picture's short side."""
    return decimal(Fraction(size, min(params["size"])), 4)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _lay_fonts(workspace: Workspace) -> None:
    folder = workspace.folder / "fonts"
    folder.mkdir()
    for slot, path in workspace.inputs.items():
        if slot.startswith("font"):
            (folder / slot).symlink_to(path)


def _times(moments: Sequence[int], clock: int) -> str:
    """Write the clock of chosen pictures: the n-th picture's own number on it."""
    text = str(moments[-1] + clock)
    for number in reversed(range(len(moments) - 1)):
        text = f"if(eq(N\\,{number})\\,{moments[number] + clock}\\,{text})"
    return text


def _filled(part: str, words: Mapping[str, str]) -> str:
    for word, text in words.items():
        part = part.replace(word, text)
    return part


def _contrast(letters: Any, picture: Any, said: Mapping[str, int]) -> float | None:
    """Give the least contrast of letters and what is right beside them, tile by tile; `None` where none is solid."""
    height, width = letters.shape
    ring, tile = (
        max(1, half_up(Fraction(min(height, width), said["ring"]))),
        max(8, min(height, width) // said["tiles"]),
    )
    rows, columns = (np.flatnonzero(letters.max(axis=axis) > said["clear"]) for axis in (1, 0))
    if not len(rows):
        return None
    top, left = max(0, rows[0] - ring - 2), max(0, columns[0] - ring - 2)
    box = (slice(top, rows[-1] + ring + 3), slice(left, columns[-1] + ring + 3))
    letters, light = letters[box], _luminance(picture[box])
    solid, covered = letters >= said["solid"], letters > said["clear"]
    near = _grown(covered, ring + 1) & ~_grown(covered, 1)
    least: float | None = None
    for row in range(0, letters.shape[0], tile):
        for column in range(0, letters.shape[1], tile):
            part = (slice(row, row + tile), slice(column, column + tile))
            inner, around = light[part][solid[part]], light[part][near[part]]
            if min(len(inner), len(around)) < said["least"]:
                continue
            one, other = float(np.median(inner)), float(np.median(around))
            found = (max(one, other) + 0.05) / (min(one, other) + 0.05)
            least = found if least is None else min(least, found)
    return least


def _luminance(picture: Any) -> Any:
    """Give the relative luminance of sRGB pixels, 0 to 1 (WCAG)."""
    part = picture / 255.0
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def _grown(mask: Any, by: int) -> Any:
    """Give all pixels at most so many steps beside those of a mask."""
    for _ in range(by):
        wide = np.pad(mask, 1)
        mask = mask | wide[:-2, 1:-1] | wide[2:, 1:-1] | wide[1:-1, :-2] | wide[1:-1, 2:]
    return mask


def _seconds(samples: int) -> str:
    return decimal(Fraction(int(samples), SAMPLE_RATE))
