"""A stage: what stands in a scene, rear to front, and the picture that a look at it gives.

Knows the parts only as things that lay themselves over a canvas.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vidbuild.runners.local.camera import View
from vidbuild.runners.local.colour import U8, U16, Palette, Planes
from vidbuild.runners.local.sheet import Canvas, Sheet

_BLOCK = 48  # rows that are enlarged at a time, few enough for a processor's cache


class Part(Protocol):
    """Something on a stage."""

    def lay(self, canvas: Canvas, seconds: float, view: View) -> None:
        """Draw over the canvas what stands there at this time."""


class Scene(Protocol):
    """Something that gives a picture for each time and look."""

    def draw(self, seconds: float, view: View) -> Planes:
        """Return the picture as Y, U and V."""


@dataclass(frozen=True)
class Sketch:
    """What a scene is drawn from."""

    size: tuple[int, int]
    reach: tuple[int, int]
    palette: Palette
    words: frozenset[str]
    rng: np.random.Generator

    @property
    def unit(self) -> int:
        """Return the picture's shorter side, which things are measured by."""
        return min(self.size)

    def near_middle(self, depth: float, spread: float) -> float:
        """Choose where across a subject at this depth stands, at most `spread` of the width off the middle.

        No move of the camera takes its middle out of the picture's middle third, which narrower pictures are cut from.
        """
        most = max(0.0, min(spread * self.size[0], self.size[0] / 6 - self.reach[0] * depth))
        return self.size[0] / 2 + float(self.rng.uniform(-most, most))

    def margin(self, depth: float) -> tuple[int, int]:
        """Return how far past the picture a thing at this depth has to reach, in even pixels."""
        across, up = (2 * ceil((reach * depth + 3) / 2) for reach in self.reach)
        return across, up


class Stage:
    """Parts over one another; the first covers the whole picture."""

    def __init__(self, size: tuple[int, int], parts: Sequence[Part]) -> None:
        self._canvas = Canvas(size)
        self._parts = parts

    def draw(self, seconds: float, view: View) -> Planes:
        """Return the picture as Y, U and V."""
        floors = [self._canvas.size[1]]
        for part in reversed(self._parts):
            floor = part.covers_from(self._canvas.size, seconds, view) if isinstance(part, Sheet) else floors[-1]
            floors.append(min(floor, floors[-1]))
        for part, floor in zip(self._parts, reversed(floors[:-1]), strict=True):
            self._canvas.floor = floor
            part.lay(self._canvas, seconds, view)
        y, u, v = (plane.astype(np.uint8) for plane in self._canvas.planes)
        return (y, u, v) if view.zoom == 1.0 else enlarged((y, u, v), view.zoom)


def enlarged(planes: Planes, zoom: float) -> Planes:
    """Return the middle of the planes, enlarged to their size."""
    y, u, v = (_enlarged(plane, zoom) for plane in planes)
    return y, u, v


def _enlarged(plane: U8, zoom: float) -> U8:
    height, width = plane.shape
    columns, right = _between(width, zoom)
    rows, lower = _between(height, zoom)
    left, upper, lower = np.uint16(256) - right, np.uint16(256) - lower[:, None], lower[:, None]
    after, under = np.minimum(columns + 1, width - 1), np.minimum(rows + 1, height - 1)
    half = np.uint16(128)
    out = np.empty_like(plane)
    for top in range(0, height, _BLOCK):
        part = slice(top, top + _BLOCK)
        line = plane[rows[part]] * upper[part]
        line += plane[under[part]] * lower[part]
        line += half
        line >>= 8
        one, other = line.take(columns, axis=1), line.take(after, axis=1)
        one *= left
        other *= right
        one += other
        one += half
        np.right_shift(one, 8, out=out[part], casting="unsafe")
    return out


def _between(length: int, zoom: float) -> tuple[NDArray[np.intp], U16]:
    """Return which sample of a line each one of the enlarged line lies after, and how far, in 1/256."""
    place = np.rint(((np.arange(length) + 0.5 - length / 2) / zoom + length / 2 - 0.5) * 256).astype(np.intp)
    place = np.clip(place, 0, (length - 1) * 256)
    return place >> 8, (place & 255).astype(np.uint16)
