"""Layers: pictures over a picture, and marks in it (a frame around something, a region made unreadable).

Layers are drawn over the fitted picture, in the output's own pixels. Marks are drawn in the source's picture before it
is fitted, so that they stay on what they mark, however it is cropped, padded or moved. What all pieces of a layer have
in common is its look, whose graph is built once. It knows no shots and no names of places.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import ffmpeg

from vidbuild.media import ffargs, framing, graphs, windows
from vidbuild.media.graphs import picture
from vidbuild.media.looks import Look
from vidbuild.media.text import Area
from vidbuild.media.windows import Window
from vidbuild.words.rationaltime import decimal_text, half_up, rate_text

Region = tuple[Fraction, Fraction, Fraction, Fraction]
"""Left, top, width and height, as parts of a picture."""

PIXELS = {is_still: pixels.removesuffix("p") for is_still, pixels in framing.MARKED.items()}
"""The chroma that marks are drawn in, in the picture of a video and of a still."""
CORNER = "0.12"
"""How far a rounded corner goes, as a part of the short side."""
BAND = 4_000_000
"""Pixels of a large still with clear parts that are worked on at once: mixing takes about 20 bytes for each."""
_OVER = {"alpha": "straight", "eof_action": "pass"}


@dataclass(frozen=True, slots=True)
class Fades:
    """How a layer comes and goes, counted in its own pictures.

    Args:
        before: how many lie before those that are seen, and are made because a fade counts from them.
        into, away: how long the fades are; 0 where nothing is seen of one.
        leaves: the picture, counted with those before, with which the fade-out begins.
    """

    before: int = 0
    into: int = 0
    away: int = 0
    leaves: int = 0

    @property
    def ways(self) -> tuple[str, ...]:
        """Which are seen."""
        return tuple(way for way, length in (("in", self.into), ("out", self.away)) if length)


def fades(first: int, frames: int, length: int, into: int, away: int) -> Fades:
    """Say what is seen of a layer's fades in `frames` of its `length` pictures, from `first` on.

    The k-th of a fade's N pictures shows k/(N+1) of the layer, as in transitions: none is lost.
    """
    into, away = min(into, length), min(away, length)
    has_in, has_out = first < into, away > 0 and first + frames > length - away
    before = first if has_in else max(0, first - (length - away)) if has_out else 0
    leaves = length - away - (first - before)
    return Fades(before, into if has_in else 0, away if has_out else 0, leaves if has_out else 0)


@dataclass(frozen=True, slots=True)
class Seen:
    """A look in a piece: `frames` of its pictures from the piece's picture `at` on.

    Args:
        slot: the input that it is made from; marks have none.
        window: of a video, with the pictures that lie before those that are seen.
        moved: how many pictures of a slide lie before the piece; `moves`: how many it has.
        view: what is seen of the input, where a window moves over it.
    """

    look: Look
    at: int
    frames: int
    whole: int
    slot: str | None = None
    fades: Fades = Fades()
    window: Window | None = None
    moved: int = 0
    moves: int = 0
    view: framing.View | None = None

    @property
    def held(self) -> Seen | None:
        """What is drawn in one picture that is held: of marks that are seen all the time and don't fade."""
        if self.slot is not None or self.frames < self.whole or self.fades.ways:
            return None
        return replace(self, frames=1, whole=1)

    @property
    def feed(self) -> Mapping[str, Any]:
        """What feeds its input, where a window moves over it."""
        if self.view is None or self.view.gaze is None:
            return {}
        return {self.view.slot: framing.feed(self.view, self.view.gaze)}

    def opened(self, rate: Fraction) -> ffargs.Argv:
        """Read its input; a still on a frame clock."""
        if self.slot is None:
            return []
        if self.view is not None:
            return ffargs.fed(self.slot)
        if self.window is None:
            return ["-framerate", rate_text(rate), *ffargs.read(self.slot)]
        return windows.opened(self.slot, self.window)

    def filled(self, graph: str, word: str) -> str:
        """Put its numbers into a graph."""
        numbers = {
            "COUNT": self.fades.before + self.frames - 1,
            "AT": self.at,
            "UNTIL": self.at + self.frames - 1,
            "ALL": self.whole,
            "SKIP": self.fades.before + 1,
            "INTO": self.fades.into + 1,
            "AWAY": self.fades.away + 1,
            "LEAVES": self.fades.leaves,
            "MOVED": self.moved,
            "MOVES": self.moves,
        }
        graph = graphs.filled(graph, numbers, word)
        return graph if self.window is None or self.view is not None else windows.entered(graph, self.window, word)


@dataclass(frozen=True, slots=True)
class PictureLook:
    """A still or a video over the picture.

    Args:
        width, height: the most that it may take, even.
        covers: whether it is cut to fill just these, or held in them whole.
        left, top: where it comes to lie, in overlay's words: `w`, `h` are its size.
        has_alpha: whether some of it may be clear.
        fades: which are seen.
        slide: to which side it moves as it comes; empty where that isn't seen.
        is_moved: whether a window moves over it: what comes in has its size already.
        block: how many pixels of a large still with clear parts become one first, along each side.
        bands: in how many parts that is done, one below the other.
    """

    rate: Fraction
    width: int
    height: int
    covers: bool
    left: str
    top: str
    matrix: str = "auto"
    is_still: bool = True
    is_late: bool = False
    has_alpha: bool = True
    shape: str = "rect"
    opacity: Fraction = Fraction(1)
    fades: tuple[str, ...] = ()
    slide: str = ""
    is_moved: bool = False
    block: int = 1
    bands: int = 1

    def of(self, width: int, height: int) -> PictureLook:
        """Give the look of a still of this size: large ones are shrunk first, to no less than twice what is shown."""
        nearest = min if self.covers else max
        block = int(nearest(Fraction(width, self.width), Fraction(height, self.height)) / 2)
        if not (self.is_still and self.has_alpha) or self.is_moved or block < 2 or width * height <= BAND:
            return self
        least = -(-width * height // BAND)
        bands = min(range(least, 2 * least), key=lambda number: (height // block % number, number))
        return replace(self, block=block, bands=bands)

    def over(self, stream: Any, word: str) -> Any:
        """Draw it over pictures."""
        layer = picture(word)
        if self.is_moved:
            layer = self._shaped(layer, word)
        elif self.is_still:
            layer = self._shaped(layer.filter("trim", end_frame=1), word).filter("loop", loop=f"{word}COUNT", size=1)
        else:
            clock = (self.is_late, False, False)
            layer = self._shaped(windows.clocked(layer, self.rate, clock, word), word)
        x, y = self._place(word)
        both = [stream, _timed(layer, self.rate, self.fades, word)]
        return ffmpeg.filter(
            both, "overlay", x=x, y=y, eval="frame" if self.slide else "init", format="yuv420", **_OVER
        )

    def _place(self, word: str) -> tuple[str, str]:
        """Give where its top left is; on its way it is ever slower, and the picture after the last of it stands."""
        left = f"pow(1-clip((n+{word}MOVED)/{word}MOVES,0,1),3)"
        ways = {
            "left": (f"{self.left}+(W-({self.left}))*{left}", self.top),
            "right": (f"{self.left}-(({self.left})+w)*{left}", self.top),
            "up": (self.left, f"{self.top}+(H-({self.top}))*{left}"),
            "down": (self.left, f"{self.top}-(({self.top})+h)*{left}"),
        }
        return ways.get(self.slide, (self.left, self.top))

    def _shaped(self, layer: Any, word: str) -> Any:
        """Fit it into its size; its shape, its opacity and what is clear of it become alpha."""
        is_masked = self.shape != "rect" or self.opacity != 1
        if self.is_moved:
            colour, alpha = _yuv(layer, "bt709"), None
        elif not self.has_alpha:
            colour, alpha = _yuv(self._fitted(layer), self.matrix), None
        else:
            colour, alpha = self._unmixed(layer)
        if is_masked:
            colour, first = _twice(colour)
            mask = _masked(first, _inside(self.shape), self.opacity)
            if self.is_moved or not self.is_still:
                mask = mask.filter("loop", loop=f"{word}COUNT", size=1)
                mask = mask.filter("settb", windows.period(self.rate)).filter("setpts", "N")
            alpha = mask if alpha is None else ffmpeg.filter([alpha, mask], "blend", all_mode="multiply")
        return colour if alpha is None else ffmpeg.filter([colour, alpha], "alphamerge")

    def _unmixed(self, layer: Any) -> tuple[Any, Any]:
        """Scale what is partly clear: mixed with its alpha, lest colours of clear pixels come in.

        What is clear takes the colour of what is near it, since four pixels share their chroma. In 16 bits, where
        mixing and its undoing lose nothing.
        """
        how = {"in_color_matrix": self.matrix, "flags": framing.SCALE}
        if self.block > 1:
            mixed = self._blocks(layer, how).filter("scale", flags=framing.SCALE).filter("format", "gbrap16le")
        else:
            mixed = layer.filter("scale", **how).filter("format", "gbrap16le").filter("premultiply", inplace=1)
        mixed = self._fitted(mixed)
        near, own = _twice(mixed)
        near = _bytes(near.filter("gblur", sigma=2).filter("unpremultiply", inplace=1), "gbrp")
        own, alpha = _twice(_bytes(own.filter("unpremultiply", inplace=1), "gbrap"))
        colour = ffmpeg.filter([near, own], "overlay", format="gbrp", **_OVER)
        return _yuv(colour, "auto"), alpha.filter("alphaextract")

    def _blocks(self, layer: Any, how: Mapping[str, str]) -> Any:
        """Mix a large still with its alpha and make each block of pixels one, a band of whole blocks after the other.

        In 8 bits, since that many pixels become one; what is less than a block in each band is cut off at the edges.
        """
        block, bands = self.block, self.bands
        high = f"floor(ih/{block * bands})*{block}"
        layer = layer.filter("loop", loop=bands - 1, size=1).filter("settb", "1/25").filter("setpts", "N")
        layer = layer.filter(
            "crop", w=f"floor(iw/{block})*{block}", h=high, x="(iw-ow)/2", y=f"(ih-oh*{bands})/2+n*oh", exact=1
        )
        layer = layer.filter("scale", **how).filter("format", "gbrap").filter("premultiply", inplace=1)
        area = how["flags"].replace("bicubic", "area")
        return layer.filter("scale", w=f"iw/{block}", h=f"ih/{block}", flags=area).filter("tile", layout=f"1x{bands}")

    def _fitted(self, layer: Any) -> Any:
        """Scale to square pixels, cut to its size or held in it."""
        w, h = self.width, self.height
        if self.covers:
            wide, high = f"max(1,min(iw,round(ih*{w}/{h}/sar)))", f"max(1,min(ih,round(iw*sar*{h}/{w})))"
            layer = layer.filter("crop", wide, high)
            return layer.filter("scale", w=w, h=h, flags=framing.SCALE).filter("setsar", 1)
        wide, high = f"max(2,min({w},round({h}*dar/2)*2))", f"max(2,min({h},round({w}/dar/2)*2))"
        return layer.filter("scale", w=wide, h=high, flags=framing.SCALE).filter("setsar", 1)


@dataclass(frozen=True, slots=True)
class BoxLook:
    """A frame around a region of a source's picture.

    Args:
        width: its line's, as a part of the picture's width; the line lies inside of the region.
        colour: `#rrggbb`, or with alpha `#rrggbbaa`.
        pixels: the chroma that marks are drawn in: `yuv420` or `yuv444`.
    """

    rate: Fraction
    region: Region
    colour: str
    width: Fraction
    shape: str = "rect"
    opacity: Fraction = Fraction(1)
    fades: tuple[str, ...] = ()
    pixels: str = "yuv420"

    def over(self, stream: Any, word: str) -> Any:
        """Draw it over pictures."""
        stream, first = _twice(stream)
        luma, blue, red, alpha = _ycc(self.colour)
        line = f"max(2,W*{decimal_text(self.width / self.region[2])})"
        ring = f"{_inside(self.shape)};ld(2)*clip({line}+0.5-ld(3),0,1)*{decimal_text(255 * alpha * self.opacity)}"
        layer = _region(first.filter("trim", end_frame=1), self.region).filter("format", f"yuva{self.pixels[3:]}p")
        layer = layer.filter("geq", lum=luma, cb=blue, cr=red, a=ring).filter("loop", loop=f"{word}COUNT", size=1)
        return _replaced(stream, _timed(layer, self.rate, self.fades, word), self.region, self.pixels)


@dataclass(frozen=True, slots=True)
class BlurLook:
    """A region of a source's picture made unreadable: three passes of a box nearly as wide as its short side."""

    rate: Fraction
    region: Region
    shape: str = "rect"
    pixels: str = "yuv420"

    def over(self, stream: Any, word: str) -> Any:
        """Draw it over pictures; where it isn't seen nothing is worked out."""
        stream, part = _twice(stream)
        enable = f"between(n,{word}AT,{word}UNTIL)"
        part = _region(part, self.region).filter(
            "boxblur", lr="min(w,h)*0.45", lp=3, cr="min(cw,ch)*0.45", cp=3, enable=enable
        )
        if self.shape != "rect":
            part, first = _twice(part)
            mask = _masked(first, _inside(self.shape), Fraction(1)).filter("loop", loop=f"{word}ALL", size=1)
            mask = mask.filter("settb", windows.period(self.rate)).filter("setpts", "N")
            part = ffmpeg.filter([part, mask], "alphamerge")
        return _replaced(stream, part, self.region, self.pixels, enable=enable)


def framed(region: Region, source: tuple[int, int], frame: framing.Frame) -> Area:
    """Say where a region of a source's picture comes to lie in a frame that stands still; it may reach out of it."""
    (w, h), (wide, high) = source, (frame.width, frame.height)
    nearest = max if frame.mode == "crop" else min
    part = nearest(Fraction(wide, w), Fraction(high, h))
    left, top = (wide - w * part) / 2, (high - h * part) / 2
    if frame.mode == "crop":
        left = -min(max(w * part * frame.focus[0] - Fraction(wide, 2), Fraction(0)), w * part - wide)
        top = -min(max(h * part * frame.focus[1] - Fraction(high, 2), Fraction(0)), h * part - high)
    x, y, across, down = region
    edges = (left + x * w * part, top + y * h * part, left + (x + across) * w * part, top + (y + down) * h * part)
    return Area(*(half_up(edge) for edge in edges))


def evenly(low: int, high: int) -> tuple[int, int]:
    """Give the even places inside of two: chroma is shared by two pixels."""
    return -(-low // 2) * 2, high // 2 * 2


def _twice(stream: Any) -> tuple[Any, Any]:
    both = stream.filter_multi_output("split")
    return both[0], both[1]


def _timed(layer: Any, rate: Fraction, ways: tuple[str, ...], word: str) -> Any:
    """Fade a layer, and put it on the clock of the pictures that it lies over."""
    if ways:
        layer = layer.filter("format", "yuva420p").filter("tpad", start=1, start_mode="clone")
    if "in" in ways:
        layer = layer.filter("fade", type="in", start_frame=0, nb_frames=f"{word}INTO", alpha=1)
    if "out" in ways:
        layer = layer.filter("fade", type="out", start_frame=f"{word}LEAVES", nb_frames=f"{word}AWAY", alpha=1)
    if ways:
        layer = layer.filter("trim", start_frame=f"{word}SKIP")
    return layer.filter("settb", windows.period(rate)).filter("setpts", f"N+{word}AT")


def _region(stream: Any, region: Region) -> Any:
    """Cut a region out of pictures, at even places."""
    x, y, w, h = _edges(region, "iw", "ih")
    return stream.filter("crop", w=f"max(2,{w})", h=f"max(2,{h})", x=x, y=y)


def _replaced(stream: Any, part: Any, region: Region, pixels: str, **more: str) -> Any:
    """Lay a region where it was cut out."""
    x, y, _, _ = _edges(region, "W", "H")
    x, y = f"min({x},W-w)", f"min({y},H-h)"
    return ffmpeg.filter([stream, part], "overlay", x=x, y=y, eval="init", format=pixels, **_OVER, **more)


def _edges(region: Region, width: str, height: str) -> tuple[str, str, str, str]:
    """Give a region's left, top, width and height as expressions of a picture's size; it covers all that is asked."""

    def even(way: str, side: str, part: Fraction) -> str:
        rounded = {"floor": "+0.001", "ceil": "-0.001"}[way]  # of the part as it is written
        return f"2*{way}({side}*{decimal_text(part)}/2{rounded})"

    x, y, w, h = region
    left, top = even("floor", width, x), even("floor", height, y)
    right, bottom = even("ceil", width, x + w), even("ceil", height, y + h)
    return left, top, f"min({width},{right})-{left}", f"min({height},{bottom})-{top}"


def _masked(first: Any, inside: str, opacity: Fraction) -> Any:
    """Draw a shape as alpha, once; of the stream only the size is used."""
    first = first.filter("trim", end_frame=1).filter("format", "gray")
    return first.filter("geq", lum=f"{inside};ld(2)*{decimal_text(255 * opacity)}")


def _inside(shape: str) -> str:
    """Say how far in a shape a pixel is: `ld(3)` in pixels from its edge, `ld(2)` as a part of the pixel.

    The distance to an ellipse is exact near its edge, which is where it counts.
    """
    if shape == "circle":
        across = "st(0,(X+0.5-W/2)*2/W);st(1,(Y+0.5-H/2)*2/H)"
        deep = "(1-ld(0)*ld(0)-ld(1)*ld(1))/max(0.000001,4*hypot(ld(0)/W,ld(1)/H))"
        return f"{across};st(3,{deep});st(2,clip(ld(3)+0.5,0,1))"
    corner = f"{CORNER}*min(W,H)" if shape == "rounded" else "0"
    across = f"st(4,{corner});st(0,abs(X+0.5-W/2)-W/2+ld(4));st(1,abs(Y+0.5-H/2)-H/2+ld(4))"
    deep = "ld(4)-hypot(max(ld(0),0),max(ld(1),0))-min(max(ld(0),ld(1)),0)"
    return f"{across};st(3,{deep});st(2,clip(ld(3)+0.5,0,1))"


def _bytes(stream: Any, pixels: str) -> Any:
    """Give pictures in 8 bits, rounded."""
    return stream.filter("scale", sws_dither="none", flags=framing.SCALE).filter("format", pixels)


def _yuv(stream: Any, matrix: str) -> Any:
    """Give pictures as BT.709 in the broadcast range."""
    how = {"in_color_matrix": matrix, "out_color_matrix": "bt709", "out_range": "tv", "flags": framing.SCALE}
    return stream.filter("scale", **how).filter("format", "yuv420p")


def _ycc(colour: str) -> tuple[int, int, int, Fraction]:
    """Give a colour's luma and chroma as BT.709 in the broadcast range, and its alpha from 0 to 1."""
    red, green, blue = (Fraction(int(colour[at : at + 2], 16), 255) for at in (1, 3, 5))
    luma = Fraction(2126, 10000) * red + Fraction(7152, 10000) * green + Fraction(722, 10000) * blue
    chroma = (128 + 224 * (blue - luma) / Fraction(18556, 10000), 128 + 224 * (red - luma) / Fraction(15748, 10000))
    alpha = Fraction(int(colour[7:9], 16), 255) if len(colour) == 9 else Fraction(1)
    return half_up(16 + 219 * luma), half_up(chroma[0]), half_up(chroma[1]), alpha
