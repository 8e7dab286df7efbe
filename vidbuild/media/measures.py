"""What is measured of a take, and how: the `Measure` action, its argv, what counts as black, still, a cut, silent.
Beside it the pictures of a take that a judge is shown.

The numbers here say what is *detected*; what a take must be, and so every verdict, is `checks`. A change of either argv
or numbers measures takes again, which is free.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vidbuild.media import ffargs
from vidbuild.media.framing import SCALE
from vidbuild.words.action import BoundAction
from vidbuild.words.digest import Digest

MOVING = ("footage", "avatar", "lipsync")
"""Kinds of asks that moving pictures answer."""

REVISION = 1
"""Bumped whenever the same take may come to be measured otherwise with the same numbers."""

GRID = (160, 90)
"""Columns and rows of cells: each is the mean of the pixels in it, so that grain and ringing are evened out."""

SEEN: Mapping[str, int] = {
    "black_level": 16,
    "black_cells": 28,
    "black_least_ms": 80,
    "frozen_levels": 2,
    "frozen_cells": 4,
    "frozen_least_ms": 1000,
    "cut_levels": 10,
    "cut_times_percent": 250,
    "cut_around": 8,
    "cut_blocks_percent": 60,
    "cut_alike_percent": 40,
    "cut_contrast": 6,
    "uniform_levels": 2,
}
"""What is seen, in levels of 0 to 255 and in cells.

    black: all but `black_cells` cells are at most `black_level`.
    frozen: against the first picture of the span, at most `frozen_cells` cells differ by more than `frozen_levels`.
    cut: between two pictures the mean difference is at least `cut_levels`, and `cut_times_percent` of the greatest
        within `cut_around` pictures; `cut_blocks_percent` of all blocks changed; however one is shifted against the
        other, and against those that follow, they are no more alike than `cut_alike_percent`; neither is flat.
"""

HEARD: Mapping[str, int] = {"silent_db": -60, "silent_least_ms": 500, "block_ms": 50}
"""What is heard: silent are blocks whose root mean square lies below `silent_db` of full scale."""

_FACTS = {"facts": "application/json"}
_SHRUNK = f"scale={GRID[0]}:{GRID[1]}:flags=area+accurate_rnd+full_chroma_int+bitexact:out_range=full,format=gray"
_LAYOUT = "aformat=channel_layouts=mono|stereo"
_FRAME_WIDTH = 768
_LIST = ("-fps_mode", "passthrough", "-f", "framecrc", "frames.txt")


def measure_action(take: Digest, kind: str, ffmpeg_identity: str) -> BoundAction:
    """Measure a take.

    Args:
        kind: of the ask: `footage`, `avatar`, `lipsync`, `picture`, `music`, `speech`, `effect`.
    """
    kind = "footage" if kind in MOVING else kind
    params: dict[str, Any] = {"kind": kind}
    if kind in ("footage", "picture"):
        params |= {"seen": SEEN, "grid": list(GRID), "picture": shrunk(still=kind == "picture")}
    if kind != "picture":
        params |= {"heard": HEARD, "sound": _sound()}
    return BoundAction("Measure", params, {"take": take}, _FACTS, f"{ffmpeg_identity} measure@{REVISION}")


def frames_action(take: Digest, ffmpeg_identity: str, count: int = 6) -> BoundAction:
    """Take evenly spaced pictures of a take: `frame0` on, PNG by our own writer, upright, at most 768 wide.

    They are inputs of paid keys: equal pictures are equal bytes. A take with fewer pictures shows some again.
    """
    outputs = {f"frame{number}": "image/png" for number in range(count)}
    listing = [*ffargs.QUIET, *ffargs.read("take"), "-map", "0:v:0", "-c:v", "wrapped_avframe", *_LIST]
    shape = (
        f"scale=w=min({_FRAME_WIDTH}\\,max(2\\,round(ih*dar))):h=max(2\\,round(ow/dar)):out_range=full:flags={SCALE}"
    )
    graph = f"[0:v:0]select=PICKED,{shape},setsar=1,format=rgb24[s]"
    picking = [
        *ffargs.QUIET, *ffargs.read("take"), "-filter_complex", graph, "-map", "[s]",
        "-fps_mode", "passthrough", "-c:v", "pam", "-f", "image2", "picked%d.pam",
    ]  # fmt: skip
    sample = {"revision": 1, "from": "frames.txt", "to": list(outputs), "argv": picking, "made": "picked%d.pam"}
    params = {"steps": [{"argv": listing}, {"sample": sample}]}
    return BoundAction("Frame", params, {"take": take}, outputs, ffmpeg_identity)


def shrunk(still: bool) -> ffargs.Argv:
    """List every picture with its time, and shrink it to a grid of grey cells; list the sound's frames, if any."""
    graph = f"[0:v:0]{'trim=end_frame=1,' if still else ''}split[a][b];[b]{_SHRUNK}[c]"
    sound = [] if still else ["-map", "0:a:0?", "-c:a", "pcm_s16le"]
    return [
        *ffargs.QUIET, *ffargs.read("take"), "-filter_complex", graph,
        "-map", "[a]", "-c:v", "wrapped_avframe", *sound, *_LIST,
        "-map", "[c]", "-fps_mode", "passthrough", "-c:v", "rawvideo", "-f", "rawvideo", "grey.raw",
    ]  # fmt: skip


def _sound() -> ffargs.Argv:
    """Write the sound as PCM, and its loudness (EBU R 128) as it adds up."""
    loudness = "ebur128=metadata=1:framelog=quiet,ametadata=mode=print:key=lavfi.r128.I:file=loudness.txt"
    return [
        *ffargs.QUIET, *ffargs.read("take"), "-map", "0:a:0", "-af", f"aresample=48000,{loudness},{_LAYOUT}",
        "-c:a", "pcm_s16le", "-f", "wav", "sound.wav",
    ]  # fmt: skip
