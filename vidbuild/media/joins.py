"""Transitions: the window in which one shot gives way to the next, made of both sources and encoded by itself.

In a window of N pictures the next shot weighs 1/(N+1), 2/(N+1), ... N/(N+1): no picture shows one side alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import ffmpeg

from vidbuild.media import ass, ffargs, framing
from vidbuild.media.framing import Frame, Window
from vidbuild.media.graphs import graph_of
from vidbuild.words.rationaltime import decimal_text

WAYS = ("left", "right", "up", "down")
KINDS = {
    "fade": "fade",
    "dissolve": "fade",
    "fade-to-black": "fadeblack",
    "fade-to-white": "fadewhite",
    **{f"wipe-{way}": f"wipe{way}" for way in WAYS},
    **{f"slide-{way}": f"cover{way}" for way in WAYS},
    **{f"push-{way}": f"slide{way}" for way in WAYS},
}
"""What ffmpeg's `xfade` calls each kind: its `dissolve` is noise, its `slide` pushes, its `cover` slides over."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one side of a window shows: moving picture, or a still that is held.

    Args:
        window: of the source; of a still its frames and rate alone count.
    """

    slot: str
    window: Window
    frame: Frame
    is_still: bool = False


def join(kind: str, before: Side, after: Side, encoder: ffargs.Encoder, drawn: ass.Drawn | None = None) -> ffargs.Step:
    """Encode the window between two shots; both sides are as long as the window. `drawn` as in `framing.segment`."""
    window = after.window
    graph, label = _blended(KINDS[kind], _shape(before), _shape(after), drawn.files if drawn else ())
    words = {
        "PAST": decimal_text((window.frames + 1) / window.rate, 6),
        "AHEAD": decimal_text(-1 / window.rate, 6),
        "WHOLE": str(window.frames),
    }
    for word, value in words.items():
        graph = graph.replace(word, value)
    inputs = [*_read(before), *_read(after)]
    graph = _filled(_filled(graph, before, "A_"), after, "B_")
    return ffargs.segment(inputs, framing.clocked(graph, drawn), label, encoder, window.rate, window.frames)


def rise(kind: str, after: Side, encoder: ffargs.Encoder, drawn: ass.Drawn | None = None) -> ffargs.Step:
    """Encode the first pictures of a film as they come out of black, or of white; `drawn` as in `framing.segment`."""
    window = after.window
    graph, label = _risen("white" if kind == "fade-to-white" else "black", _shape(after), drawn.files if drawn else ())
    graph = _filled(graph.replace("WHOLE", str(window.frames + 1)), after, "B_")
    return ffargs.segment(_read(after), framing.clocked(graph, drawn), label, encoder, window.rate, window.frames)


_Shape = tuple[Frame, Any, bool, bool]


def _shape(side: Side) -> _Shape:
    return side.frame, side.window.rate, bool(side.window.late), side.is_still


@cache
def _blended(transition: str, before: _Shape, after: _Shape, files: tuple[str, ...]) -> tuple[str, str]:
    """Blend in full chroma, which is how `xfade` works anyway; it asks for one picture behind each side's end."""
    sides = []
    for shape, name in ((before, "A_"), (after, "B_")):
        stream = _stream(shape, name).filter("tpad", stop=1, stop_mode="clone")
        sides.append(_converted(stream, "yuv444p"))
    mixed = ffmpeg.filter(sides, "xfade", transition=transition, duration="PAST", offset="AHEAD")
    mixed = _converted(mixed.filter("trim", end_frame="WHOLE"), "yuv420p")
    return graph_of(framing.lettered(mixed, after[1], files))


@cache
def _risen(colour: str, after: _Shape, files: tuple[str, ...]) -> tuple[str, str]:
    stream = _stream(after, "B_")
    stream = stream.filter("fade", type="in", start_frame=0, nb_frames="WHOLE", color=colour)
    return graph_of(framing.lettered(stream, after[1], files))


def _stream(shape: _Shape, name: str) -> Any:
    frame, rate, late, is_still = shape
    return framing.held(frame, rate, name) if is_still else framing.moving(frame, rate, late, name)


def _converted(stream: Any, pixels: str) -> Any:
    return stream.filter("scale", flags=framing.SCALE).filter("format", pixels)


def _read(side: Side) -> ffargs.Argv:
    if side.is_still:
        return framing.read_still(side.slot, side.window.rate)
    return framing.read(side.slot, side.window)


def _filled(graph: str, side: Side, name: str) -> str:
    if side.is_still:
        return graph.replace(f"{name}COUNT", str(side.window.frames - 1))
    return framing.entered(graph, side.window, name)
