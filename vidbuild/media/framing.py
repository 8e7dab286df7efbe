"""How a picture becomes a piece of a deliverable: how its windows in time meet a frame, and how it fades.

Every graph here holds for any input: odd sizes, other rates, anamorphic pixels, pictures a frame short.
It counts frames, never seconds, and scales with bit-exact flags.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from math import gcd
from typing import Any

import ffmpeg

from vidbuild.media import ass, ffargs, graphs, looks, moving, reading, windows
from vidbuild.media.graphs import graph_of, picture
from vidbuild.media.looks import Layer, Looks
from vidbuild.media.reading import ALIKE, Unlike
from vidbuild.media.windows import Clock, Window, period
from vidbuild.words.rationaltime import decimal_text, rate_text, seconds_text

SCALE = ffargs.ACCURATE
MARKED = {False: "yuv420p", True: "yuv444p"}
"""The pixels that marks are drawn in: of a moving picture, and of a still."""
_BT709 = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709", "range": "tv"}


MIDDLE = (Fraction(1, 2), Fraction(1, 2))


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture size and how another aspect is fitted into it.

    Args:
        mode: `crop` (cover, cut about the focus), `pad` (fit on black), `blur` (fit on its own blurred cover).
        focus: fractions of the picture from its top left.
        matrix: the colour matrix of the source, `auto` where the source says it.
        unlike: what else its pictures need before they can be shown.
    """

    width: int
    height: int
    mode: str = "crop"
    focus: tuple[Fraction, Fraction] = MIDDLE
    matrix: str = "auto"
    unlike: Unlike = ALIKE


@dataclass(frozen=True, slots=True)
class Fade:
    """A fade of a view's pictures from or to black: the N-th is (N + first) / length on its way.

    Args:
        way: `in` from black, `out` to black.
    """

    way: str
    first: Fraction
    length: Fraction

    @property
    def clock(self) -> str:
        """Where a picture stands on the fade's own clock, in parts of the whole way, for a graph: a comma is escaped.

        `fade` takes a time before 0 for one within.
        """
        over = self.first.denominator * self.length.numerator
        each = _FADE * self.first.denominator * self.length.denominator
        begun = _FADE * self.first.numerator * self.length.denominator
        by = gcd(over, each, begun)
        return rf"max(0\,floor((N*{each // by}{begun // by:+d})/{over // by}))"


_FADE = 65536
"""Parts of a fade's way, which is how finely ffmpeg's `fade` weighs: one tick of its clock is one of them."""


Sourced = tuple[Frame, Fraction, tuple[Clock, ...], bool, Looks]
"""What says how a source's own pictures are made, marks and all."""
Shape = tuple[Frame, Fraction, tuple[Clock, ...], bool, Looks, Looks, tuple[str, ...], tuple[str, ...], bool, bool]
"""What a view's graph is made from; the numbers of its window are filled in afterwards."""


@dataclass(frozen=True, slots=True)
class View:
    """What is seen of a source in a frame: moving picture, or a still that is held.

    Args:
        window: of the source; of a still its frames and rate alone count.
        marks: what is drawn in the source's picture, before it is fitted into the frame.
        layers: what is drawn over it in the frame.
        text: what is written over them.
        fades: laid over each other, over all else that is seen.
        gaze: how it moves over the source; `None` where it stands still.
        more: further windows of the source, seen one behind the other.
    """

    slot: str
    window: Window
    frame: Frame
    is_still: bool = False
    fades: tuple[Fade, ...] = ()
    gaze: moving.Gaze | None = None
    marks: tuple[Layer, ...] = ()
    layers: tuple[Layer, ...] = ()
    text: ass.Drawn | None = None
    more: tuple[Window, ...] = ()

    @property
    def all(self) -> tuple[Window, ...]:
        """All that is seen of the source, in order."""
        return (self.window, *self.more)

    @property
    def frames(self) -> int:
        """How many pictures are seen."""
        return sum(window.frames for window in self.all)

    @property
    def is_held(self) -> bool:
        """Whether one picture of a still is all that is made of it before its layers."""
        return self.is_still and looks.held(self.marks) is not None

    @property
    def drawn(self) -> tuple[Layer, ...]:
        """Its marks, as they are drawn."""
        return (looks.held(self.marks) if self.is_still else None) or self.marks

    @property
    def shape(self) -> Shape:
        """What its graph is made from."""
        drawn = looks.of(self.marks), looks.of(self.layers)
        ways = tuple(fade.way for fade in self.fades)
        frame, clocks = self.frame, tuple(window.clock for window in self.all)
        if self.turn is not None:
            frame, clocks = replace(frame, matrix="bt709", unlike=ALIKE), ()
        files, is_moved = self.text.files if self.text else (), self.gaze is not None
        return frame, self.window.rate, clocks, self.is_still, *drawn, files, ways, is_moved, self.is_held

    @property
    def turn(self) -> Window | None:
        """The round that is made first, where it is seen again and again, so that memory doesn't grow with it."""
        return None if self.is_still else windows.turn(self.all)


def segment(view: View, encoder: ffargs.Encoder, drawn: ass.Drawn | None = None) -> ffargs.Step:
    """Encode a view as a piece.

    Args:
        drawn: the text that is drawn over it, its fades too.
    """
    graph, label = _segment(view.shape, drawn.files if drawn else ())
    graph = clocked(filled(graph, view), drawn)
    return fed(ffargs.segment(opened(view), graph, label, encoder, view.window.rate, view.frames), view)


def turns(*views: View) -> list[ffargs.Step]:
    """Make the rounds of views that are seen again and again: their pictures as they are, but as BT.709."""
    made = []
    for view in views:
        if (turn := view.turn) is not None:
            graph, label = _turning(turn.rate, turn.clock, view.frame.matrix, view.frame.unlike)
            argv = windows.opened(view.slot, turn), windows.entered(graph, turn), label, turn.frames
            made.append(ffargs.kept(*argv, f"{view.slot}.mov"))
    return made


def fed(step: ffargs.Step, *views: View, over: tuple[Layer, ...] = ()) -> ffargs.Step:
    """Give a step with what feeds it: pictures of moving windows, which are drawn between pixels by its runner."""
    feeds = {view.slot: feed(view, view.gaze) for view in views if view.gaze is not None}
    for layer in (*(layer for view in views for layer in view.layers), *over):
        feeds |= layer.feed
    return {**step, "feeds": feeds} if feeds else step


def still(slot: str, at: Window | None, matrix: str, light: str = "") -> tuple[ffargs.Step, ...]:
    """Take the first picture of a window, or a whole still, upright in square pixels at its own size, as PNG."""
    if at is None:
        graph, label = _squared(None, matrix, light=light)
        return ffargs.still(ffargs.read(slot), graph, label)
    graph, label = _squared(at.rate, matrix, at.clock, light)
    return ffargs.still(windows.opened(slot, at), windows.entered(graph, at), label)


def shrunk(slot: str, window: Window, matrix: str, is_still: bool, grid: tuple[int, int]) -> ffargs.Argv:
    """Send a window's pictures, shrunk to a grid of cells."""
    graph, label = _shrunk(window.rate, window.clock, matrix, is_still, grid)
    if is_still:
        return ffargs.sent(ffargs.read(slot), graph, label, 1)
    return ffargs.sent(windows.opened(slot, window), windows.entered(graph, window), label, window.frames)


def poster(slot: str, index: int, size: tuple[int, int] | None = None) -> ffargs.Step:
    """Take the picture with this index of a finished piece, at its own size or at another."""
    stream = picture(slot).filter("trim", start_frame=index, end_frame=index + 1)
    scaled = {"w": size[0], "h": size[1]} if size else {}
    stream = stream.filter("scale", **scaled, out_range="full", flags=SCALE).filter("format", "yuvj420p")
    return ffargs.poster(ffargs.read(slot), *graph_of(stream))


def seen(shape: Shape, side: str = "") -> Any:
    """Give a view's pictures, on a clock that counts from 0.

    Args:
        side: stands before the words that `filled` fills in, where a graph holds two views.
    """
    frame, rate, _, _, _, layers, files, fades, is_moved, is_held = shape
    if is_moved:
        stream = _drawn(frame, side)
    else:
        stream, frame = _sourced(shape[:5], is_held, side)
        stream = _fitted(stream, frame).filter("setparams", **_BT709)
        stream = stream.filter("loop", loop=f"{side}COUNT", size=1) if is_held else stream
    if layers:
        stream = looks.overlaid(stream.filter("settb", period(rate)).filter("setpts", "N"), layers, f"{side}L")
    stream = lettered(stream, rate, files, f"{side}TEXT")
    for number, way in enumerate(fades):
        stream = faded(stream, way, f"{side}FADE{number}")
    return stream.filter("settb", period(rate)).filter("setpts", "N")


def faded(stream: Any, way: str, clock: str, colour: str = "black") -> Any:
    """Let pictures come out of a colour or go to it; `clock` is the word that a fade's clock is put in for."""
    stream = stream.filter("settb", f"1/{_FADE}").filter("setpts", clock)
    more = {} if colour == "black" else {"color": colour}
    return stream.filter("fade", type=way, start_time=0, duration=1, **more)


def _sourced(shape: Sourced, is_held: bool, side: str = "") -> tuple[Any, Frame]:
    """Give a source's own pictures, unlike ones made alike, with their marks; and the frame they are fitted into."""
    frame, rate, clocks, is_still, marks = shape
    stream = picture(f"{side}still").filter("trim", end_frame=1) if is_still else windows.shown(clocks, rate, side)
    stream, matrix = reading.plain(stream, frame.matrix, frame.unlike)
    frame = replace(frame, matrix=matrix, unlike=ALIKE)
    if not marks:
        return stream, frame
    return _marked(stream, frame, shape, is_held, side), replace(frame, matrix="bt709")


@cache
def _turning(rate: Fraction, clock: Clock, matrix: str, unlike: Unlike) -> tuple[str, str]:
    stream, matrix = reading.plain(windows.shown((clock,), rate, ""), matrix, unlike)
    return graph_of(_converted(stream, matrix, MARKED[False]))


def _marked(stream: Any, frame: Frame, shape: Sourced, is_held: bool, side: str = "") -> Any:
    """Draw in a source's own picture, as BT.709 in the broadcast range at its own size; of a still in all chroma."""
    _, rate, _, is_still, marks = shape
    stream = _converted(stream, frame.matrix, MARKED[is_still])
    stream = stream.filter("loop", loop=f"{side}COUNT", size=1) if is_still and not is_held else stream
    return looks.overlaid(stream.filter("settb", period(rate)).filter("setpts", "N"), marks, f"{side}M")


def _converted(stream: Any, matrix: str, pixels: str) -> Any:
    """Give pictures at their own size as BT.709 in the broadcast range."""
    return stream.filter("scale", **_colours(matrix), flags=SCALE).filter("format", pixels)


def _colours(matrix: str) -> dict[str, str]:
    """Say what `scale` makes of a source's colours: BT.709 in the broadcast range."""
    return {"in_color_matrix": matrix, "out_color_matrix": "bt709", "out_range": "tv"}


def lettered(stream: Any, rate: Fraction, files: tuple[str, ...], clock: str = "CLOCK") -> Any:
    """Draw the text of files over pictures; they count from 0 again behind it.

    Args:
        clock: the word that the number of the first picture on the text's clock is put in for.
    """
    if not files:
        return stream
    stream = stream.filter("settb", ass.CLOCK).filter("setpts", f"N+{clock}")
    for file in files:
        stream = stream.filter("ass", filename=file, fontsdir=ass.FONTS)
    return stream.filter("settb", period(rate)).filter("setpts", "N")


def clocked(graph: str, drawn: ass.Drawn | None) -> str:
    """Put the number of the first picture on the text's clock into a graph."""
    return graph if drawn is None else graphs.filled(graph, {"CLOCK": drawn.clock})


def opened(view: View) -> ffargs.Argv:
    """Read a view's input from where its window can be entered; a still on a frame clock."""
    rate = view.window.rate
    if view.gaze is not None:
        own = ffargs.fed(view.slot)
    elif view.is_still:
        own = ["-framerate", rate_text(rate), *ffargs.read(view.slot)]
    else:
        own = _entries(view)
    return [*own, *looks.read(view.layers, rate)]


def filled(graph: str, view: View, side: str = "") -> str:
    """Put the numbers of a view's window, layers and fades into its graph."""
    graph = looks.numbered(looks.numbered(graph, view.drawn, f"{side}M"), view.layers, f"{side}L")
    words = {f"FADE{number}": fade.clock for number, fade in enumerate(view.fades)}
    graph = graphs.filled(graph, words | ({"TEXT": str(view.text.clock)} if view.text else {}), side)
    if view.gaze is not None:
        return graph
    if view.is_still:
        return graphs.filled(graph, {"COUNT": view.window.frames - 1}, side)
    return _windowed(graph, view, side)


def _entries(view: View) -> ffargs.Argv:
    """Read a view's input once for each of its windows; of a loop the round that was made of it."""
    if view.turn is not None:
        return ffargs.again(f"{view.slot}.mov", len(view.all))
    return [word for window in view.all for word in windows.opened(view.slot, window)]


def _windowed(graph: str, view: View, side: str = "") -> str:
    if (turn := view.turn) is not None:
        return windows.turned(graph, view.all, turn.frames, side)
    for window, name in zip(view.all, windows.sides(len(view.all), side), strict=True):
        graph = windows.entered(graph, window, name)
    return graph


def feed(view: View, gaze: moving.Gaze) -> dict[str, Any]:
    """Say how the pictures of a moving window are made: what decodes the source, and where the window lies."""
    window, frame = view.window, view.frame
    far = decimal_text(gaze.move.scale if gaze.move else Fraction(1))
    is_held = view.is_held
    graph, label = _working(view.shape[:5], is_held)
    graph = looks.numbered(graphs.filled(graph, {"FAR": far, "COUNT": window.frames - 1}), view.drawn, "M")
    graph = graph if view.is_still else _windowed(graph, view)
    source = ffargs.read(view.slot) if view.is_still else _entries(view)
    told = {
        "argv": ffargs.sent(source, graph, label, 1 if is_held else view.frames),
        "frames": view.frames,
        "rate": rate_text(window.rate),
        "size": [frame.width, frame.height],
        "mode": frame.mode,
        "focus": [seconds_text(part) for part in frame.focus],
        **gaze.record,
    }
    return told | ({"still": True} if is_held else {})


@cache
def _working(shape: Sourced, is_held: bool) -> tuple[str, str]:
    """Give whole pictures in square pixels, as BT.709, no larger than what the nearest window shows pixel by pixel."""
    stream, frame = _sourced(shape, is_held)
    nearest = "max" if frame.mode == "crop" else "min"
    part = f"min(1,FAR*{nearest}({frame.width}/iw/sar,{frame.height}/ih))"
    wide, high = (f"max(2,2*round({side}*{part}/2))" for side in ("iw*sar", "ih"))
    return graph_of(_scaled(stream, wide, high, frame.matrix))


@cache
def _shrunk(rate: Fraction, clock: Clock, matrix: str, is_still: bool, grid: tuple[int, int]) -> tuple[str, str]:
    stream = picture("clip").filter("trim", end_frame=1) if is_still else windows.shown((clock,), rate, "")
    return graph_of(_scaled(stream, str(grid[0]), str(grid[1]), matrix))


def _drawn(frame: Frame, side: str) -> Any:
    """Give the pictures of a moving window; they fill the frame, or are held in it."""
    stream = picture(f"{side}moved").filter("setparams", **_BT709)
    if frame.mode == "crop":
        return stream
    return _fitted(stream, replace(frame, matrix="bt709")).filter("setparams", **_BT709)


@cache
def _segment(shape: Shape, files: tuple[str, ...]) -> tuple[str, str]:
    return graph_of(lettered(seen(shape), shape[1], files))


@cache
def _squared(
    rate: Fraction | None, matrix: str, clock: Clock = (False, False, False), light: str = ""
) -> tuple[str, str]:
    stream = picture("clip")
    stream = windows.clocked(stream, rate, clock) if rate else stream.filter("trim", end_frame=1)
    stream, matrix = reading.plain(stream, matrix, Unlike(light=light))
    stream = stream.filter(
        "scale", w="max(2,round(ih*dar))", h="ih", in_color_matrix=matrix, out_range="full", flags=SCALE
    )
    return graph_of(stream.filter("setsar", 1).filter("format", "rgba"))


def _fitted(stream: Any, frame: Frame) -> Any:
    """Fit a picture into a frame, as BT.709 in the broadcast range."""
    if frame.mode == "crop":
        return _covered(stream, frame)
    if frame.mode == "pad":
        return _padded(stream, frame)
    both = stream.filter_multi_output("split")
    small = Frame(_eighth(frame.width), _eighth(frame.height), "crop", frame.focus, frame.matrix)
    back = _covered(both[0], small).filter("gblur", sigma=5, steps=2).filter("eq", brightness=-0.06)
    back = back.filter("scale", w=frame.width, h=frame.height, flags="bilinear+accurate_rnd+bitexact")
    front = _held_in(both[1], frame)
    return ffmpeg.filter([back.filter("setsar", 1), front], "overlay", x="(W-w)/2", y="(H-h)/2", format="yuv420")


def _covered(stream: Any, frame: Frame) -> Any:
    """Cut the frame's aspect out of a picture about the focus, then scale: fewer pixels than the other way round."""
    w, h = frame.width, frame.height
    x, y = (decimal_text(part) for part in frame.focus)
    stream = stream.filter(
        "crop",
        f"2*min(floor(iw/2),round(ih*{w}/{h}/sar/2))",
        f"2*min(floor(ih/2),round(iw*sar*{h}/{w}/2))",
        x=f"clip(iw*{x}-ow/2,0,iw-ow)",
        y=f"clip(ih*{y}-oh/2,0,ih-oh)",
    )
    return _scaled(stream, str(w), str(h), frame.matrix)


def _padded(stream: Any, frame: Frame) -> Any:
    return _held_in(stream, frame).filter("pad", frame.width, frame.height, "(ow-iw)/2", "(oh-ih)/2")


def _held_in(stream: Any, frame: Frame) -> Any:
    """Scale a picture until it is just held in the frame."""
    w, h = frame.width, frame.height
    return _scaled(stream, f"min({w},round({h}*dar/2)*2)", f"min({h},round({w}/dar/2)*2)", frame.matrix)


def _scaled(stream: Any, width: str, height: str, matrix: str) -> Any:
    """Scale to square pixels, as BT.709 in the broadcast range."""
    scaled = stream.filter("scale", w=width, h=height, **_colours(matrix), flags=SCALE)
    return scaled.filter("setsar", 1).filter("format", "yuv420p")


def _eighth(length: int) -> int:
    return max(16, length // 16 * 2)
