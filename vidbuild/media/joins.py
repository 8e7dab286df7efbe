"""Transitions: the window in which one shot gives way to the next, made of both sources and encoded by itself.

In a window of N pictures the next shot weighs 1/(N+1), 2/(N+1), ... N/(N+1): no picture shows one side alone.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

import ffmpeg

from vidbuild.media import ass, ffargs, framing, graphs, looks, windows
from vidbuild.media.framing import Shape, View
from vidbuild.media.graphs import graph_of
from vidbuild.words.rationaltime import decimal_text

WAYS = ("left", "right", "up", "down")
KINDS = {
    "fade": "fade",
    "dissolve": "fade",
    **{f"wipe-{way}": f"wipe{way}" for way in WAYS},
    **{f"slide-{way}": f"cover{way}" for way in WAYS},
    **{f"push-{way}": f"slide{way}" for way in WAYS},
}
"""What ffmpeg's `xfade` calls each kind: its `dissolve` is noise, its `slide` pushes, its `cover` slides over."""

DIPS = {"fade-to-black": "black", "fade-to-white": "white"}
"""Kinds that go through a colour. `xfade` is there after a fifth of the way, and takes the rest to come back."""


def join(
    kind: str,
    before: View,
    after: View,
    encoder: ffargs.Encoder,
    drawn: ass.Drawn | None = None,
    layers: tuple[looks.Layer, ...] = (),
) -> ffargs.Step:
    """Encode the window between two shots; both sides are as long as the window.

    Args:
        drawn: the text over both shots; a shot's own is in its view.
        layers: those that lie over both shots, and so over the blended picture: they don't move with it.
    """
    window, over, files = after.window, looks.of(layers), drawn.files if drawn else ()
    if kind in DIPS:
        graph, label = _dipped(DIPS[kind], before.shape, after.shape, over, files)
    else:
        graph, label = _blended(KINDS[kind], before.shape, after.shape, over, files)
    words = {
        "PAST": decimal_text((after.frames + 1) / window.rate, 6),
        "AHEAD": decimal_text(-1 / window.rate, 6),
        "WHOLE": after.frames,
        "HALF": after.frames // 2,
        **{f"DIP_{way.upper()}": fade.clock for way, fade in _halves(after.frames).items()},
    }
    inputs = [*framing.opened(before), *framing.opened(after), *looks.read(layers, window.rate)]
    graph = looks.numbered(graphs.filled(graph, words), layers, "O")
    graph = framing.filled(framing.filled(graph, before, "A_"), after, "B_")
    step = ffargs.segment(inputs, framing.clocked(graph, drawn), label, encoder, window.rate, after.frames)
    return framing.fed(step, before, after, over=layers)


def rise(kind: str, after: View, encoder: ffargs.Encoder, drawn: ass.Drawn | None = None) -> ffargs.Step:
    """Encode the first pictures of a film as they come out of black, or of white; `drawn` as in `framing.segment`."""
    graph, label = _risen(DIPS.get(kind, "black"), after.shape, drawn.files if drawn else ())
    graph = framing.filled(graphs.filled(graph, {"WHOLE": after.frames + 1}), after, "B_")
    inputs = framing.opened(after)
    step = ffargs.segment(inputs, framing.clocked(graph, drawn), label, encoder, after.window.rate, after.frames)
    return framing.fed(step, after)


@cache
def _blended(
    transition: str, before: Shape, after: Shape, over: looks.Looks, files: tuple[str, ...]
) -> tuple[str, str]:
    """Blend in full chroma, which is how `xfade` works anyway; it asks for one picture behind each side's end."""
    sides = []
    for shape, name in ((before, "A_"), (after, "B_")):
        stream = framing.seen(shape, name).filter("tpad", stop=1, stop_mode="clone")
        sides.append(_converted(stream, "yuv444p"))
    mixed = ffmpeg.filter(sides, "xfade", transition=transition, duration="PAST", offset="AHEAD")
    mixed = _converted(mixed.filter("trim", end_frame="WHOLE"), "yuv420p")
    if over:
        mixed = _counted(mixed, after)
    return graph_of(framing.lettered(looks.overlaid(mixed, over, "O"), after[1], files))


@cache
def _dipped(colour: str, before: Shape, after: Shape, over: looks.Looks, files: tuple[str, ...]) -> tuple[str, str]:
    """Let the first half of the window go to a colour, and the other half come out of it."""
    parts = []
    for shape, name, way, cut in (
        (before, "A_", "out", {"end_frame": "HALF"}),
        (after, "B_", "in", {"start_frame": "HALF"}),
    ):
        stream = framing.seen(shape, name).filter("trim", **cut)
        parts.append(framing.faded(stream, way, f"DIP_{way.upper()}", colour))
    mixed = _counted(ffmpeg.concat(*parts), after)
    return graph_of(framing.lettered(looks.overlaid(mixed, over, "O"), after[1], files))


def _halves(frames: int) -> dict[str, framing.Fade]:
    """Give the fades of a dip: the k-th of N pictures is |1 - 2k/(N+1)| of a shot."""
    length = Fraction(frames + 1, 2)
    return {"out": framing.Fade("out", Fraction(1), length), "in": framing.Fade("in", frames // 2 + 1 - length, length)}


@cache
def _risen(colour: str, after: Shape, files: tuple[str, ...]) -> tuple[str, str]:
    stream = framing.seen(after, "B_")
    stream = stream.filter("fade", type="in", start_frame=0, nb_frames="WHOLE", color=colour)
    return graph_of(framing.lettered(stream, after[1], files))


def _counted(stream: Any, shape: Shape) -> Any:
    """Put pictures on a clock that counts them."""
    return stream.filter("settb", windows.period(shape[1])).filter("setpts", "N")


def _converted(stream: Any, pixels: str) -> Any:
    return stream.filter("scale", flags=framing.SCALE).filter("format", pixels)
